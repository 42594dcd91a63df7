"""How many statements a page sends, and how long the database takes over them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tenon import settings
from tenon.app import create_app
from tenon.db import Database
from tools.bench.load import Question

TIMES: Final = 4


@dataclass(slots=True)
class Sent:
    """What one page sent.

    Attributes:
        statements: the SQL, in order.
        seconds: that each took, the way there and back included.
    """

    statements: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


@contextmanager
def watched(engine: Engine) -> Iterator[Sent]:
    """Yield a record of every statement that the engine sends meanwhile."""
    sent = Sent()
    begun: list[float] = []

    def before(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.statements.append(statement)
        begun.append(time.perf_counter())

    def after(*_all: Any) -> None:
        sent.seconds.append(time.perf_counter() - begun.pop())

    sa.event.listen(engine, "before_cursor_execute", before)
    sa.event.listen(engine, "after_cursor_execute", after)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", before)
        sa.event.remove(engine, "after_cursor_execute", after)


def statements_of(
    environment: Mapping[str, str], kinds: Mapping[str, Sequence[Question]]
) -> dict[str, Sent]:
    """Ask the first question of each kind of a site in this process; return the quickest time."""
    config = settings.load(dict(environment))
    found = {}
    with Database(config.database_url) as database:
        client = create_app(config, database).test_client(use_cookies=False)
        for name, questions in kinds.items():
            headers = {"Cookie": questions[0].cookie}
            tried = []
            for _ in range(TIMES):
                with watched(database.engine) as sent:
                    client.get(questions[0].path, headers=headers)
                tried.append(sent)
            found[name] = min(tried, key=lambda sent: sum(sent.seconds))
    return found

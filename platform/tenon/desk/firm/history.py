"""A firm's whole history in one line: each kind of thing that happened is a source.

Every source asks its own room's predicate, so that nobody reads here what they could not read
there; an unnamed need is not named by standing on its firm's page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.desk.firm import sources
from tenon.desk.firm.sources import Asked

COUNTED = 1_000
"""A kind's number is exact up to here."""

MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened.

    Attributes:
        at: when.
        kind: of the source; ``labels.HISTORY`` says what it is called.
        code: what happened, a code that ``labels.happened`` puts into words.
        title: of what it happened to; empty where the words say all.
        path: where more of it stands; empty where nothing more is.
        text: what somebody wrote, shown as it is.
        who: whose doing it was, where that is told.
    """

    at: datetime
    kind: str
    code: str
    title: str = ""
    path: str = ""
    text: str = ""
    who: str = ""


SOURCES: Mapping[str, tuple[Callable[[Asked], sa.Select[Any]], str]] = {
    "listing": (sources.listing_steps, "/listings/{}"),
    "review": (sources.reviews, "/listings/{}/history"),
    "introduction": (sources.introductions, "/introductions/{}"),
    "message": (sources.messages, "/introductions/{}#thread"),
    "event": (sources.events, "/events/{}"),
    "meeting": (sources.meetings, "/events/meetings/{}"),
    "deal": (sources.deals, "/deals/{}"),
    "payment": (sources.payments, "/deals/{}/payments"),
    "visit": (sources.visits, "/routing/visits/{}"),
    "note": (sources.notes, "/desk/notes/{}"),
    "task": (sources.tasks, "/desk/tasks/{}"),
}
"""Kind -> its rows (columns at, code, ref, title, text, who, newest first), address of one."""


def history_of(
    session: Session,
    asked: Asked,
    *,
    kind: str | None = None,
    limit: int = 20,
    offset: int = 0,
) -> Sequence[Item]:
    """Return a page of what happened to a firm, the latest first; a statement a kind.

    ``kind`` narrows it to one source.
    """
    found: list[Item] = []
    for name, (select, path) in SOURCES.items():
        if kind is None or kind == name:
            rows = session.execute(select(asked).limit(offset + limit))
            found += [_item(row, name, path) for row in rows]
    found.sort(key=lambda item: item.at, reverse=True)
    return found[offset : offset + limit]


def counts_of(session: Session, asked: Asked) -> Mapping[str, int]:
    """Return kind -> how many things of it there are, at most COUNTED each; one statement."""
    counts = [
        sa.select(sa.func.count())
        .select_from(select(asked).order_by(None).limit(COUNTED).subquery())
        .scalar_subquery()
        for select, _path in SOURCES.values()
    ]
    row = session.execute(sa.select(*counts)).one()
    return dict(zip(SOURCES, row, strict=True))


def _item(row: sa.Row[Any], kind: str, path: str) -> Item:
    return Item(
        at=row.at,
        kind=kind,
        code=row.code,
        title=row.title or "",
        path=path.format(row.ref) if row.ref else "",
        text=row.text or "",
        who=row.who or "",
    )


__all__ = ["COUNTED", "MOST_PAGES", "SOURCES", "Asked", "Item", "counts_of", "history_of"]

"""Where the database allows one row only, the second of two who write at once is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Conflict


@contextmanager
def only_one(session: Session, code: str, *, kind: str) -> Iterator[None]:
    """Write what is added inside at once; raises Conflict where somebody was faster."""
    try:
        with session.begin_nested():
            yield
            session.flush()
    except sa.exc.IntegrityError as error:
        raise Conflict(code, kind=kind) from error

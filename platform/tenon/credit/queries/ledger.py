"""A person's own ledger, page by page, and its totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.credit.acts import ACTS
from tenon.credit.models import CreditEntry
from tenon.credit.queries.reading import people_and_houses
from tenon.credit.queries.standing import stands

_AT_A_TIME = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFilter:
    """What a ledger is narrowed to; empty means all.

    Attributes:
        acts: codes of acts.
        kinds: kinds of thing.
        since: from this moment on.
        before: up to this moment, without it.
    """

    acts: Sequence[str] = ()
    kinds: Sequence[str] = ()
    since: datetime | None = None
    before: datetime | None = None

    @property
    def active(self) -> int:
        """How many of the filters are in use."""
        return sum(map(bool, (self.acts, self.kinds, self.since or self.before)))

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """Yield the SQL conditions."""
        if self.acts:
            yield CreditEntry.act.in_(self.acts)
        if self.kinds:
            yield CreditEntry.thing_kind.in_(self.kinds)
        if self.since is not None:
            yield CreditEntry.at >= self.since
        if self.before is not None:
            yield CreditEntry.at < self.before


def own_entries(
    session: Session, user_id: int, wanted: LedgerFilter, *, limit: int, offset: int = 0
) -> tuple[Sequence[CreditEntry], int]:
    """Return lines that gave a person credit, newest first, and how many there are in all."""
    rows = _own(user_id, wanted)
    total = session.scalar(rows.with_only_columns(sa.func.count())) or 0
    found = session.scalars(
        rows.options(*people_and_houses())
        .order_by(CreditEntry.at.desc(), CreditEntry.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return found.all(), total


def parts_of(
    session: Session, user_id: int, wanted: LedgerFilter, *, limit: int
) -> Iterator[Sequence[CreditEntry]]:
    """Yield the same lines in parts, up to ``limit`` of them, for a file."""
    for offset in range(0, limit, _AT_A_TIME):
        part, _ = own_entries(
            session, user_id, wanted, limit=min(_AT_A_TIME, limit - offset), offset=offset
        )
        if part:
            yield part
        if len(part) < _AT_A_TIME:
            return


def totals(session: Session, user_id: int, wanted: LedgerFilter) -> dict[str, int]:
    """Return act -> how many of a person's lines stand, for every act."""
    rows = session.execute(
        _own(user_id, wanted)
        .with_only_columns(CreditEntry.act, sa.func.count())
        .where(stands())
        .group_by(CreditEntry.act)
    )
    found = {act: int(number) for act, number in rows}
    return {act: found.get(act, 0) for act in ACTS}


def has_entries(session: Session, user_id: int) -> bool:
    """Whether the ledger names a person at all; one look into an index."""
    wanted = sa.select(CreditEntry.id).where(CreditEntry.user_id == user_id).limit(1)
    return session.scalar(wanted) is not None


def _own(user_id: int, wanted: LedgerFilter) -> sa.Select[CreditEntry]:
    return sa.select(CreditEntry).where(
        CreditEntry.user_id == user_id, CreditEntry.says == "credit", *wanted.conditions()
    )

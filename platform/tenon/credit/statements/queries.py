"""Reads: a person's statements, one statement, and what a code that somebody typed leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.credit.statements import codes, permissions
from tenon.credit.statements.content import Period, disputed_now, standing_entries
from tenon.credit.statements.models import CreditStatement
from tenon.errors import NotFound


def statements_of(session: Session, user_id: int) -> Sequence[CreditStatement]:
    """Return a person's statements, newest first."""
    return session.scalars(
        sa.select(CreditStatement)
        .where(CreditStatement.user_id == user_id)
        .order_by(CreditStatement.id.desc())
    ).all()


def find(session: Session, public_id: str, *, by: Actor) -> CreditStatement:
    """Return a statement; raises NotFound, also for anybody but the person and operators."""
    found = session.scalar(sa.select(CreditStatement).where(CreditStatement.public_id == public_id))
    if found is None or not permissions.may_see(by, found):
        raise NotFound(kind="statement")
    return found


@dataclass(frozen=True, slots=True)
class Checked:
    """What anybody who has the code may learn.

    Attributes:
        statement: the row.
        changed: how many entries stand no longer, or stand since, for the same period.
        disputed: over how many of its entries a dispute is open now.
    """

    statement: CreditStatement
    changed: int
    disputed: int

    @property
    def name(self) -> str:
        """The person's name as on the paper; empty for one who was erased."""
        return self.statement.name

    @property
    def totals(self) -> Mapping[str, int]:
        """Act -> how many entries, as on the paper."""
        totals: Mapping[str, int] = self.statement.content["totals"]
        return totals


def check(session: Session, typed: str) -> Checked | None:
    """Return what a code leads to, or None.

    What is no code at all is looked for like any other, so that the answer and the time it takes
    tell nobody which codes could be.
    """
    found = session.scalar(
        sa.select(CreditStatement).where(CreditStatement.code == codes.read(typed)[:64])
    )
    return None if found is None else look_at(session, found)


def look_at(session: Session, statement: CreditStatement) -> Checked:
    """Return a statement beside what the ledger says now."""
    ids = [entry["id"] for entry in statement.content["entries"]]
    return Checked(
        statement=statement,
        changed=_changed(session, statement, ids),
        disputed=len(disputed_now(session, ids)),
    )


def _changed(session: Session, statement: CreditStatement, ids: Sequence[str]) -> int:
    """Count the entries that it lists and that stand no longer, and those that stand besides."""
    period = Period(statement.since, statement.until, ZoneInfo(statement.content["zone"]))
    now = {each.entry.public_id for each in standing_entries(session, statement.user_id, period)}
    return len(set(ids) ^ now)

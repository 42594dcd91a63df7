"""Which lines of the ledger stand: those that give credit and that no later line replaces."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tenon.credit.models import CreditEntry


def stands() -> sa.ColumnElement[bool]:
    """Return the condition, in SQL, that a row of ``CreditEntry`` stands."""
    later = aliased(CreditEntry)
    # Lines that replace are few: that they are no others lets the database read them at once.
    replaced = sa.exists().where(
        later.replaces_id == CreditEntry.id, later.replaces_id.is_not(None)
    )
    return sa.and_(CreditEntry.says == "credit", ~replaced)


def is_replaced(session: Session, entry: CreditEntry) -> bool:
    """Whether a later line replaces this one."""
    found = session.scalar(sa.select(CreditEntry.id).where(CreditEntry.replaces_id == entry.id))
    return found is not None


def does_stand(session: Session, entry: CreditEntry) -> bool:
    """Whether this line gives credit at present."""
    return entry.says == "credit" and not is_replaced(session, entry)


def entries_of_person(
    session: Session, *, thing: tuple[str, str], act: str, user_id: int
) -> Sequence[CreditEntry]:
    """Return the lines that gave a person credit for an act on a thing, oldest first."""
    return session.scalars(
        sa.select(CreditEntry)
        .where(
            CreditEntry.thing_kind == thing[0],
            CreditEntry.thing_id == thing[1],
            CreditEntry.act == act,
            CreditEntry.user_id == user_id,
            CreditEntry.says == "credit",
        )
        .order_by(CreditEntry.generation)
    ).all()


def anybody_credited(session: Session, *, thing: tuple[str, str], act: str) -> bool:
    """Whether the ledger says anything of an act on a thing, be it struck since."""
    return (
        session.scalar(
            sa.select(CreditEntry.id)
            .where(
                CreditEntry.thing_kind == thing[0],
                CreditEntry.thing_id == thing[1],
                CreditEntry.act == act,
            )
            .limit(1)
        )
        is not None
    )

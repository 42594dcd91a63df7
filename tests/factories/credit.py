"""Entries of the ledger for tests, made by the services; nothing happens that is not asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import SYSTEM, Actor
from tenon.credit.models import CreditDispute, CreditEntry
from tenon.credit.services import dispute, record_act

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def make_entry(
    session: Session,
    person: User,
    *,
    thing: tuple[str, str] = ("deal", "deal-1"),
    act: str = "closed",
    organisation_id: int | None = None,
    concerned: Collection[int] = (),
    by: Actor = SYSTEM,
    now: datetime = NOW,
) -> CreditEntry:
    """A line that credits a person with an act on a thing; flushed, chain and notice with it."""
    return record_act(
        session,
        thing=thing,
        act=act,
        person=person,
        organisation_id=organisation_id,
        concerned=concerned,
        by=by,
        now=now,
    )


def make_dispute(
    session: Session, entry: CreditEntry, *, by: Actor, now: datetime = NOW
) -> CreditDispute:
    """An open dispute by a person concerned, who says that they did it; flushed."""
    reason = "The minutes of the meeting name me."
    return dispute(session, entry, claim="mine", reason=reason, by=by, now=now)

"""Who is told what of the ledger. Facts name no person and no firm: only acts and titles.

A title is what the reader may know of the thing (``things``), so an anonymous firm stays unnamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of, operators
from tenon.credit import things, words
from tenon.credit.models import CreditDispute, CreditEntry
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.notices.services import notify

wording.register(
    {"credit_recorded": N_("You are credited with “%(title)s”: %(act)s.")},
    group="credit",
    heading=N_("Credit"),
    mail="digest",
    samples={"act": dict(words.ACTS["introduced"])},
)
wording.register(
    {
        "credit_disputed": N_("Your credit for “%(title)s” (%(act)s) is disputed."),
        "credit_to_settle": N_("A dispute over credit for “%(title)s” (%(act)s) is to be settled."),
        "credit_settled": N_(
            "The dispute over credit for “%(title)s” (%(act)s) is settled: %(outcome)s."
        ),
        "credit_dispute_withdrawn": N_(
            "The dispute over your credit for “%(title)s” (%(act)s) was withdrawn."
        ),
    },
    group="credit",
    samples={"act": dict(words.ACTS["introduced"]), "outcome": dict(words.OUTCOMES["amend"])},
)


def tell_recorded(session: Session, entry: CreditEntry, *, person: User, now: datetime) -> None:
    """Tell a person that the ledger credits them."""
    facts = _facts(session, entry, person)
    notify(session, user=person, kind="credit_recorded", facts=facts, path="/credit", now=now)


def tell_disputed(session: Session, dispute: CreditDispute, *, now: datetime) -> None:
    """Tell the person credited that their entry is disputed, and operators that it waits."""
    sides = {dispute.entry.user_id, dispute.raised_by_id}
    _tell(session, dispute, [_credited(session, dispute)], kind="credit_disputed", now=now)
    judges = [user for user in operators(session) if user.id not in sides]
    _tell(session, dispute, judges, kind="credit_to_settle", now=now)


def tell_settled(session: Session, dispute: CreditDispute, *, outcome: str, now: datetime) -> None:
    """Tell both sides how a dispute ended."""
    both = {user.id: user for user in (_credited(session, dispute), dispute.raised_by)}
    extra = {"outcome": dict(words.OUTCOMES[outcome])}
    _tell(session, dispute, both.values(), kind="credit_settled", now=now, extra=extra)


def tell_withdrawn(session: Session, dispute: CreditDispute, *, now: datetime) -> None:
    """Tell the person credited that nobody disputes their entry any longer."""
    credited = _credited(session, dispute)
    if credited.id != dispute.raised_by_id:
        _tell(session, dispute, [credited], kind="credit_dispute_withdrawn", now=now)


def _credited(session: Session, dispute: CreditDispute) -> User:
    return session.get_one(User, dispute.entry.user_id)


def _tell(
    session: Session,
    dispute: CreditDispute,
    people: Iterable[User],
    *,
    kind: str,
    now: datetime,
    extra: Mapping[str, Any] | None = None,
) -> None:
    path = f"/credit/disputes/{dispute.public_id}"
    for user in people:
        facts = {**_facts(session, dispute.entry, user), **(extra or {})}
        notify(session, user=user, kind=kind, facts=facts, path=path, now=now)


def _facts(session: Session, entry: CreditEntry, reader: User) -> dict[str, Any]:
    thing = (entry.thing_kind, entry.thing_id)
    found = things.describe(session, [thing], actor_of(reader)).get(thing)
    title = (
        dict(words.THINGS[entry.thing_kind])
        if found is None
        else {"zh": found.title_zh, "en": found.title_en}
    )
    return {"title": title, "act": dict(words.ACTS[entry.act])}

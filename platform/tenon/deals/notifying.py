"""Whom a deal's steps concern, and what they are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, User
from tenon.accounts.queries import administrators
from tenon.deals import forms
from tenon.deals.models import SIDES, Deal, DealMessage, TermVersion
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.notices.services import notify

_BROKER = {"zh": "技术经纪人", "en": "The technology broker"}
_SAMPLE = {"zh": "高温热泵许可", "en": "Licence of a high-temperature heat pump"}

wording.register(
    {
        "deal_opened": N_("A deal with %(organisation)s has begun: “%(deal)s”."),
        "deal_said": N_("%(speaker)s wrote to you in the deal “%(deal)s”."),
        "deal_terms_proposed": N_(
            "%(organisation)s proposes terms (version %(number)s) in the deal “%(deal)s”: please "
            "answer."
        ),
        "deal_terms_accepted": N_(
            "%(organisation)s has accepted your terms (version %(number)s) in the deal “%(deal)s”."
        ),
        "deal_terms_declined": N_(
            "%(organisation)s has declined your terms (version %(number)s) in the deal “%(deal)s”."
        ),
        "deal_moved": N_("The deal “%(deal)s” is now at: %(state)s."),
        "deal_to_sign": N_("The deal “%(deal)s” is ready to be signed."),
        "deal_idle": N_("The deal “%(deal)s” has not moved since %(since)s: how does it stand?"),
    },
    group="deals",
    heading=N_("Deals"),
    samples={
        "deal": _SAMPLE,
        "state": {"zh": "履行中", "en": "In force"},
        "speaker": _BROKER,
        "number": 2,
        "since": "2027-03-10",
    },
)


def tell(
    session: Session,
    deal: Deal,
    people: Iterable[User],
    kind: str,
    facts: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    path: str | None = None,
) -> None:
    """Tell people of something in a deal; ``facts`` need not name the deal itself."""
    for user in people:
        notify(
            session,
            user=user,
            kind=kind,
            facts={"deal": deal.title, **(facts or {})},
            path=path or f"/deals/{deal.public_id}",
            now=now,
        )


def side_people(session: Session, deal: Deal, side: str) -> list[User]:
    """Return whom a side's word goes to: the person in charge, else its administrators."""
    house = deal.side_organisation_id(side)
    person = session.scalars(
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            User.id == deal.side_user_id(side),
            User.active.is_(True),
            Membership.organisation_id == house,
            Membership.state == "active",
        )
    ).first()
    return [person] if person is not None else list(administrators(session, house))


def brokers(session: Session, deal: Deal) -> list[User]:
    """Return the broker who looks after the deal, if there is one."""
    found = None if deal.broker_id is None else session.get(User, deal.broker_id)
    return [found] if found is not None and found.active else []


def name_of(deal: Deal, side: str) -> dict[str, str]:
    """Return language -> the name of a side's organisation."""
    house = deal.side_organisation(side)
    return {"zh": house.name("zh"), "en": house.name("en")}


def other(side: str) -> str:
    """Return the other side."""
    return "buyer" if side == "seller" else "seller"


def tell_opened(session: Session, deal: Deal, *, opened_by: int | None, now: datetime) -> None:
    """Tell both sides and the broker, but whoever opened it."""
    for side in SIDES:
        people = [user for user in side_people(session, deal, side) if user.id != opened_by]
        tell(
            session,
            deal,
            people,
            "deal_opened",
            {"organisation": name_of(deal, other(side))},
            now=now,
        )
    people = [user for user in brokers(session, deal) if user.id != opened_by]
    facts = {"organisation": name_of(deal, "seller")}
    tell(session, deal, people, "deal_opened", facts, now=now)


def tell_terms(
    session: Session, deal: Deal, version: TermVersion, what: str, *, now: datetime
) -> None:
    """Tell of terms that were ``proposed``, ``accepted`` or ``declined``."""
    speaks = version.side if what == "proposed" else other(version.side)
    facts = {"organisation": name_of(deal, speaks), "number": version.number}
    people = side_people(session, deal, other(speaks))
    path = f"/deals/{deal.public_id}/terms"
    tell(session, deal, people, f"deal_terms_{what}", facts, now=now, path=path)


def tell_moved(session: Session, deal: Deal, *, before: str, after: str, now: datetime) -> None:
    """Tell both sides and the broker that the deal has come to another state."""
    form = forms.get(deal.form)
    if form.stage_of(after) in ("talks", "terms") and form.stage_of(before) in ("lead", "talks"):
        return  # the terms that were proposed tell it
    names = form.state_names(after)
    people = {user.id: user for side in SIDES for user in side_people(session, deal, side)} | {
        user.id: user for user in brokers(session, deal)
    }
    kind = "deal_to_sign" if form.stage_of(after) == "signing" else "deal_moved"
    facts = {"state": {"zh": names.zh, "en": names.en}}
    tell(session, deal, people.values(), kind, facts, now=now)


def tell_said(session: Session, deal: Deal, message: DealMessage, *, now: datetime) -> None:
    """Tell all who read the deal of a message, but the side or broker who wrote it."""
    speaker: Mapping[str, str] = _BROKER
    if message.speaker != "broker":
        speaker = name_of(deal, message.speaker)
    people = [
        user
        for side in SIDES
        if side != message.speaker
        for user in side_people(session, deal, side)
    ]
    if message.speaker != "broker":
        people += brokers(session, deal)
    tell(session, deal, people, "deal_said", {"speaker": speaker}, now=now)

"""Whom an introduction's steps concern, and what they are told; nobody learns a name too early."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, User
from tenon.accounts.queries import actor_of, administrators, operators
from tenon.introductions import permissions, reasons
from tenon.introductions.models import Introduction, IntroductionMessage
from tenon.introductions.stages import due
from tenon.introductions.states import NEXT_SIDE
from tenon.listings.models import Listing
from tenon.listings.queries import keepers
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import delivery, wording
from tenon.notices.services import notify

_UNNAMED = {"zh": "一家未具名的单位", "en": "An organisation that is not named"}
_BROKER = {"zh": "技术经纪人", "en": "The technology broker"}

wording.register(
    {
        "introduction_propose": N_(
            "A technology broker suggests that you look at “%(listing)s” and say whether it "
            "interests you."
        ),
        "introduction_express": N_(
            "%(organisation)s asks to be introduced, about “%(listing)s”: please check."
        ),
        "introduction_give_back": N_(
            "The broker asks you to write your request about “%(listing)s” more clearly."
        ),
        "introduction_refuse": N_(
            "Your request about “%(listing)s” was not passed on: %(reason)s. %(advice)s"
        ),
        "introduction_pass_on": N_(
            "%(organisation)s would like to be introduced to you, about “%(listing)s”."
        ),
        "introduction_ask_back": N_(
            "You are asked something before your request about “%(listing)s” is decided."
        ),
        "introduction_reply": N_(
            "%(organisation)s has answered your question, about “%(listing)s”."
        ),
        "introduction_decline": N_(
            "Your request about “%(listing)s” was declined: %(reason)s. %(advice)s"
        ),
        "introduction_turn_down": N_(
            "%(organisation)s passed on what you proposed, “%(listing)s”: %(reason)s."
        ),
        "introduction_accept": N_(
            "%(organisation)s and you are in contact now, about “%(listing)s”."
        ),
        "introduction_accept_seen": N_(
            "The introduction that you look after, about “%(listing)s”, was accepted."
        ),
        "introduction_nda": N_(
            "Please confirm the confidentiality agreement with %(organisation)s, about "
            "“%(listing)s”."
        ),
        "introduction_agree": N_(
            "Both sides have confirmed the confidentiality agreement, about “%(listing)s”."
        ),
        "introduction_forgo_nda": N_(
            "The confidentiality agreement about “%(listing)s” was not confirmed in time; you stay "
            "in contact without it."
        ),
        "introduction_withdraw": N_("The request about “%(listing)s” was withdrawn."),
        "introduction_void": N_(
            "The request about “%(listing)s” has ended: one of the listings is public no more."
        ),
        "introduction_lapse": N_(
            "The introduction about “%(listing)s” has lapsed: there was no answer in time."
        ),
        "introduction_end": N_("The introduction about “%(listing)s” was ended."),
        "introduction_remind": N_(
            "An introduction waits for you, about “%(listing)s”. It lapses on %(day)s."
        ),
        "introduction_escalate": N_(
            "An introduction about “%(listing)s” has waited since %(since)s and lapses on "
            "%(day)s: please ask those concerned."
        ),
    },
    group="introductions",
    heading=N_("Introductions"),
    samples={
        "advice": {"zh": "补充试验报告。", "en": "Add test reports."},
        "day": "2027-03-31",
        "since": "2027-03-10",
    },
)
wording.register(
    {"introduction_said": N_("%(speaker)s wrote to you, about “%(listing)s”.")},
    group="introductions",
    samples={"speaker": _BROKER},
)


@dataclass(frozen=True, slots=True)
class _Telling:
    """What one step tells each of those whom it concerns."""

    session: Session
    introduction: Introduction
    now: datetime

    def tell(
        self,
        people: Iterable[User],
        kind: str,
        *,
        about: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell people; ``about`` is the side that ``organisation`` names, as each may know it."""
        for user in people:
            known: dict[str, Any] = {"listing": _titles(self.introduction.listing), **(facts or {})}
            if about is not None:
                known["organisation"] = name_for(user, self.introduction, about)
            notify(
                self.session,
                user=user,
                kind=f"introduction_{kind}",
                facts=known,
                path=f"/introductions/{self.introduction.public_id}",
                now=self.now,
            )

    def side(self, side: str) -> list[User]:
        """Return whom a side's word goes to."""
        return speakers(self.session, self.introduction, side)

    def broker(self, *, else_operators: bool = False) -> list[User]:
        """Return the broker who looks after it; where there is none, nobody or the operators."""
        key = self.introduction.broker_id
        found = None if key is None else self.session.get(User, key)
        if found is not None and found.active:
            return [found]
        return list(operators(self.session)) if else_operators else []

    def proposer(self) -> list[User]:
        """Return the broker who proposed it, if any."""
        key = self.introduction.proposer_id
        found = None if key is None else self.session.get(User, key)
        return [found] if found is not None else []


def tell_step(session: Session, introduction: Introduction, step: str, *, now: datetime) -> None:
    """Tell those whom a step of an introduction concerns."""
    telling = _Telling(session, introduction, now)
    if step == "propose":
        telling.tell(telling.side("from"), "propose")
    elif step == "express":
        telling.tell(telling.broker(), "express", about="from")
    elif step == "give_back":
        telling.tell(telling.side("from"), "give_back")
    elif step == "pass_on":
        telling.tell(telling.side("to"), "pass_on", about="from")
    elif step == "ask_back":
        telling.tell(telling.side("from"), "ask_back")
    elif step == "reply":
        telling.tell(telling.side("to"), "reply", about="from")
    elif step in ("refuse", "decline"):
        telling.tell(telling.side("from"), step, facts=_reason(introduction))
    elif step == "turn_down":
        facts = {"reason": reasons.in_words(introduction.end_reason or "other")}
        telling.tell(telling.proposer(), "turn_down", about="from", facts=facts)
    elif step in ("accept", "accept_with_nda", "agree", "forgo_nda", "demand_nda"):
        _tell_opened(telling, step)
    else:
        _tell_ended(telling, step)


def _tell_opened(telling: _Telling, step: str) -> None:
    brokers = {user.id: user for user in (*telling.broker(), *telling.proposer())}
    if step in ("agree", "forgo_nda"):
        for side in ("from", "to"):
            telling.tell(telling.side(side), step)
        return
    if step != "demand_nda":
        telling.tell(brokers.values(), "accept_seen")
        telling.tell(telling.side("from"), "accept", about="to")
    if step != "accept":
        telling.tell(telling.side("from"), "nda", about="to")
        telling.tell(telling.side("to"), "nda", about="from")


def _tell_ended(telling: _Telling, step: str) -> None:
    """Tell of a withdrawal, a lapse, an end; the approached side only where it knew."""
    introduction = telling.introduction
    if step not in ("withdraw", "void", "lapse", "end"):
        return
    asked = introduction.interest is not None  # otherwise a broker takes back what they proposed
    sides = [] if step == "withdraw" and asked else ["from"]
    if introduction.passed_on_at is not None:
        sides.append("to")
    for side in sides:
        telling.tell(telling.side(side), step)
    if step != "end":
        telling.tell(telling.broker() or telling.proposer(), step)


def tell_due(
    session: Session, introduction: Introduction, *, step: str, stage: str, now: datetime
) -> None:
    """Remind those who are to act, or bring it before those above them."""
    if introduction.state != stage:
        return  # somebody acted meanwhile
    telling = _Telling(session, introduction, now)
    since = introduction.stage_since
    facts = {"day": _day(due(stage, "lapse", since))}
    waits = NEXT_SIDE[stage]
    if step == "remind":
        for side in ("from", "to") if waits == "both" else (waits,):
            people = telling.broker(else_operators=True) if side == "broker" else telling.side(side)
            telling.tell(people, "remind", facts=facts)
        return
    facts["since"] = _day(since)
    above = operators(session) if waits == "broker" else telling.broker(else_operators=True)
    telling.tell(above, "escalate", facts=facts)


def tell_said(session: Session, said: IntroductionMessage, *, now: datetime) -> None:
    """Tell those who may read a message, but for the side or broker who wrote it."""
    introduction = session.get_one(Introduction, said.introduction_id)
    telling = _Telling(session, introduction, now)
    for side in ("from", "to"):
        told = side == "from" or introduction.passed_on_at is not None
        if told and side != said.speaker and said.audience in ("all", side):
            for user in telling.side(side):
                speaker: Mapping[str, str] = _BROKER
                if said.speaker != "broker":
                    speaker = name_for(user, introduction, said.speaker)
                telling.tell([user], "said", facts={"speaker": speaker})
    if said.speaker != "broker":
        for user in telling.broker():
            speaker = name_for(user, introduction, said.speaker)
            telling.tell([user], "said", facts={"speaker": speaker})


def speakers(session: Session, introduction: Introduction, side: str) -> list[User]:
    """Return whom a side's word goes to.

    Who spoke for it while they belong to it, else those who look after its listing, else its
    administrators.
    """
    house = introduction.organisation_id(side)
    spoke = introduction.from_user_id if side == "from" else introduction.to_user_id
    person = session.scalars(
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            User.id == spoke,
            User.active.is_(True),
            Membership.organisation_id == house,
            Membership.state == "active",
        )
    ).first()
    if person is not None:
        return [person]
    brought = introduction.listing_of(side)
    return keepers(session, brought) if brought else list(administrators(session, house))


def name_for(user: User, introduction: Introduction, side: str) -> Mapping[str, str]:
    """Return language -> what a person may call the organisation on ``side``."""
    if not permissions.may_know_name(actor_of(user), introduction, side):
        return dict(_UNNAMED)
    own_from = side == "from"
    house = introduction.from_organisation if own_from else introduction.to_organisation
    return {"zh": house.name("zh"), "en": house.name("en")}


def _day(moment: datetime) -> str:
    """Return the day by the site's clock."""
    return f"{moment.astimezone(delivery.current().zone):%Y-%m-%d}"


def _titles(listing: Listing) -> dict[str, str]:
    return {code: listing.text(code).title for code in ("zh", "en")}


def _reason(introduction: Introduction) -> dict[str, Any]:
    code = introduction.end_reason or "other"
    return {"reason": reasons.in_words(code), "advice": reasons.advice(code)}

"""Scenes of an anonymous firm that asks or is asked, up to an answer: who may know its name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tenon.introductions import services
from tenon.introductions.models import Introduction
from tests.introductions.cast import (
    ADDRESS,
    NAMES,
    PERSON,
    SITE,
    Cast,
    express,
    make_cast,
    propose,
    take,
)

INSIDERS = {"from_member", "from_editor", "from_administrator", "broker_of_from", "operator"}
KEEPER = "proposer"
"""The anonymous need's own broker, who knows the name."""

TITLE = "求高温管道在线测温办法"
Work = Callable[[datetime], None]
"""Does what the background would do from a moment on."""


def secrets_of(cast: Cast) -> tuple[str, ...]:
    """Return what tells whose need it is."""
    return (*NAMES, cast.firm.public_id, ADDRESS, PERSON, "Nameless", SITE)


def _begin(session: Session, cast: Cast, side: str, now: datetime) -> Introduction:
    """The firm asks after a proposal, or is asked by the university."""
    if side == "from":
        it = propose(session, cast, now=now)
        take(session, it, "express", by=cast.actor("from_editor"), now=now)
        return it
    return express(
        session,
        cast,
        listing=cast.need,
        own_listing=cast.result,
        organisation_id=cast.university.id,
        by=cast.actor("to_editor"),
        now=now,
    )


def roles_of(side: str) -> dict[str, str]:
    """Return who asks, who answers, who checks."""
    firm, university = "from_editor", "to_editor"
    if side == "from":
        return {"asks": firm, "answers": university, "checks": "broker"}
    return {"asks": university, "answers": firm, "checks": KEEPER}


def _play(session: Session, it: Introduction, cast: Cast, side: str, now: datetime) -> None:
    """Everything that can be said and done before consent, until the other side is asked again."""
    who = {role: cast.actor(name) for role, name in roles_of(side).items()}
    take(session, it, "give_back", by=who["checks"], now=now)
    take(session, it, "express", by=who["asks"], now=now)
    take(session, it, "pass_on", by=who["checks"], now=now)
    take(session, it, "ask_back", by=who["answers"], now=now)
    take(session, it, "reply", by=who["asks"], now=now)
    for audience in ("all", "from", "to", "brokers"):
        by = who["checks"]
        services.write_message(session, it, text="请尽快答复。", audience=audience, by=by, now=now)
    for days in (6, 11):
        services.work_off_due(session, now=now + timedelta(days=days))


def _end(
    session: Session, it: Introduction, cast: Cast, side: str, end: str, now: datetime
) -> None:
    who = {role: cast.actor(name) for role, name in roles_of(side).items()}
    if end == "lapsed":
        services.work_off_due(session, now=now + timedelta(days=40))
    elif end == "void":
        services.void_all_of(session, cast.result.id, now=now)
    else:
        steps = {"declined": ("decline", "answers"), "withdrawn": ("withdraw", "asks")}
        step, role = steps[end]
        take(session, it, step, by=who[role], now=now)


def staged(session: Session, side: str, end: str, now: datetime) -> tuple[Cast, Introduction]:
    """Make the cast, the firm anonymous, and an introduction that came to ``end``."""
    cast = make_cast(session, need={"anonymous": True})
    cast.need.broker_id = cast.people[KEEPER].id
    if end == "turned_down":
        it = propose(session, cast, now=now)
        take(session, it, "turn_down", by=cast.actor("from_editor"), now=now)
        return cast, it
    it = _begin(session, cast, side, now)
    if end == "refused":
        take(session, it, "refuse", by=cast.actor(roles_of(side)["checks"]), now=now)
        return cast, it
    _play(session, it, cast, side, now)
    if end != "asked":
        _end(session, it, cast, side, end, now)
    return cast, it


SCENES = [
    ("from", "asked"),
    ("to", "asked"),
    ("from", "declined"),
    ("to", "declined"),
    ("from", "refused"),
    ("to", "withdrawn"),
    ("from", "lapsed"),
    ("to", "void"),
    ("from", "turned_down"),
]
"""Which side the firm is on, and what it comes to."""

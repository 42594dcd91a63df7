"""Introductions and their threads for tests, at any stage; nothing happens that is not asked for.

No history or outbox row is written: a test that wants those goes through the services.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.introductions.models import Introduction, IntroductionMessage, IntroductionNda
from tenon.introductions.services.asking import live_key
from tenon.introductions.stages import first_due
from tenon.introductions.states import LIVE_STATES, OPEN_STATES
from tenon.listings.models import Listing
from tests.factories.accounts import make_organisation
from tests.factories.listings import NOW, make_achievement, make_need

_BEFORE_PASSED_ON = ("proposed", "checking", "returned", "refused")


def make_introduction(
    session: Session,
    *,
    state: str = "asked",
    listing: Listing | None = None,
    own_listing: Listing | None = None,
    from_organisation: Organisation | None = None,
    from_user: User | None = None,
    to_user: User | None = None,
    broker: User | None = None,
    proposer: User | None = None,
    with_own: bool = False,
    now: datetime = NOW,
    **columns: Any,
) -> Introduction:
    """An introduction at ``state``, with the columns that this stage needs; flushed.

    Without ``listing`` it is about a public need of a new firm; ``with_own`` gives the interested
    side a public achievement of its own where it brings none. ``unnamed`` and anything else of the
    row may be given. A stage ``nda`` comes with an agreement that nobody has confirmed yet.
    """
    approached = listing or make_need(session, state="published")
    house = from_organisation
    if house is None:
        house = own_listing.organisation if own_listing else make_organisation(session)
    brought = own_listing
    if brought is None and with_own:
        kind = make_achievement if approached.side == "need" else make_need
        brought = kind(session, organisation=house, state="published")
    due_step, due_at = first_due(state, now)
    values = _columns(state, now) | {
        "state": state,
        "listing": approached,
        "own_listing": brought,
        "from_organisation_id": house.id,
        "to_organisation_id": approached.organisation_id,
        "from_user_id": None if from_user is None else from_user.id,
        "to_user_id": None if to_user is None else to_user.id,
        "broker_id": None if broker is None else broker.id,
        "proposer_id": None if proposer is None else proposer.id,
        "unnamed": brought is not None and brought.anonymous,
        "stage_since": now,
        "due_step": due_step,
        "due_at": due_at,
        "created_at": now,
    }
    if state in LIVE_STATES:
        own_id = None if brought is None else brought.id
        values["live_key"] = live_key(approached.id, own_id, house.id)
    made = Introduction(**values | columns)
    session.add(made)
    session.flush()
    if state == "nda":
        make_agreement(session, made, now=now)
    return made


def _columns(state: str, now: datetime) -> dict[str, Any]:
    """Answers, consents and moments that an introduction has at a stage."""
    if state == "proposed":
        return {}
    values: dict[str, Any] = {
        "interest": "你们的测温办法正是我们缺的，尤其是不停产更换。",
        "offer": "我们有三条蒸汽管线可供试用，另有两名工艺工程师。",
        "proposal": "先开一次视频会议，再在一条管线上试用三个月。",
        "from_consented_at": now,
    }
    if state not in _BEFORE_PASSED_ON:
        values["passed_on_at"] = now
    if state in (*OPEN_STATES, "ended"):
        values |= {"to_consented_at": now, "opened_at": now}
    if state in ("declined", "refused"):
        values["end_reason"] = "too_early"
    return values


def make_agreement(
    session: Session, introduction: Introduction, *, now: datetime = NOW, **columns: Any
) -> IntroductionNda:
    """The agreement of an introduction, confirmed by nobody unless told; flushed."""
    text = "保密协议\n\n甲乙双方约定如下。\n\nMutual confidentiality agreement\n"
    agreement = IntroductionNda(
        introduction_id=introduction.id,
        template="mutual-2026-1",
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        made_at=now,
        **columns,
    )
    session.add(agreement)
    session.flush()
    session.expire(introduction, ["nda"])
    return agreement


def make_message(
    session: Session,
    introduction: Introduction,
    *,
    speaker: str = "from",
    author: User | None = None,
    text: str = "你们的管线有多长？",
    kind: str = "message",
    audience: str = "all",
    at: datetime | None = None,
) -> IntroductionMessage:
    """A message of the thread; flushed."""
    said = IntroductionMessage(
        introduction_id=introduction.id,
        kind=kind,
        speaker=speaker,
        audience=audience,
        author_id=None if author is None else author.id,
        text=text,
        at=at or NOW + timedelta(minutes=1),
    )
    introduction.last_message_at = said.at
    session.add(said)
    session.flush()
    return said

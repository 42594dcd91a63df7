"""Introductions in which the broker is to act, or others are late; and messages not read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.days import today_of
from tenon.desk.today.parts import COUNTED, FIRST, Part, Row, Step, part
from tenon.introductions.queries.board import STAGES, Card, cards_of
from tenon.introductions.queries.board_filters import BoardFilter
from tenon.introductions.queries.board_lanes import LANES, places
from tenon.introductions.stages import due, patience
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

PATH = "/introductions/board"
_WHY = {
    "checking": N_("A request waits for your check."),
    "proposed": N_("The side that you suggested it to has not answered."),
    "returned": N_("The interested side was asked to write it better and has not."),
    "asked": N_("The side that was approached has not answered."),
    "asked_back": N_("A question waits for the interested side's reply."),
    "nda": N_("The confidentiality agreement waits for a confirmation."),
    "connected": N_("Both sides are in contact; nothing has come of it yet."),
}


def answers(session: Session, *, by: Actor, now: datetime, language: str) -> Part:
    """Return what the board's own filter of things to do holds; eight statements at most."""
    stages = [LANES[name] for name in STAGES]
    found = places(session, stages, BoardFilter(), by=by, now=now, limit=COUNTED)
    every = sorted(
        (place for lane in found.values() for place in lane), key=lambda place: place.moment
    )
    cards = cards_of(session, [place.key for place in every[:FIRST]], by=by, now=now)
    rows = [_row(card, language) for card in cards.values()]
    return part("answers", rows, PATH, number=len(every))


def _row(card: Card, language: str) -> Row:
    introduction = card.shown.introduction
    state = introduction.state
    path = f"/introductions/{introduction.public_id}"
    check = state == "checking"
    last = due(state, "lapse", introduction.stage_since) if state in patience() else None
    return Row(
        title=introduction.listing.text(language).title,
        path=path + ("/check" if check else ""),
        why=_WHY[state],
        since=introduction.stage_since,
        due=None if last is None else today_of(last),
        late=card.overdue,
        steps=(Step(N_("Check it"), f"{path}/check"),) if check else (Step(N_("Open"), path),),
    )

"""Each side says what came of a meeting; may change it; the ranking learns of it.

What comes late, from a phone that had no network, does not overwrite what was said later.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.models import Meeting, Outcome, Registration
from tenon.events.models.day import OUTCOMES
from tenon.events.results.permissions import own_side
from tenon.events.states import LIVE_MEETINGS, MEETING
from tenon.matches.services import record_outcome as tell_ranking

LONGEST_REMARK = 500
LONGEST_KEY = 60
MOST_STARS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one side says.

    Attributes:
        outcome: one of OUTCOMES.
        rating: 1 to 5 stars.
        remark: for oneself and the organiser.
        client_key: of the device: the same twice is one.
        at: when it was said on a device that had no network; now, where None. A moment to come
            counts as now.
    """

    outcome: str
    rating: int | None
    remark: str = ""
    client_key: str | None = None
    at: datetime | None = None

    def check(self) -> None:
        """Raise Invalid at ``outcome``, ``rating``, ``remark`` or ``client_key``."""
        faults: dict[str, str] = {}
        if not self.outcome:
            faults["outcome"] = "required"
        elif self.outcome not in OUTCOMES:
            faults["outcome"] = "unknown_code"
        if self.rating is None:
            faults["rating"] = "required"
        elif not 1 <= self.rating <= MOST_STARS:
            faults["rating"] = "out_of_range"
        if len(self.remark.strip()) > LONGEST_REMARK:
            faults["remark"] = "too_long"
        if self.client_key and len(self.client_key) > LONGEST_KEY:
            faults["client_key"] = "too_long"
        if faults:
            raise Invalid(faults)


def record_outcome(
    session: Session, meeting: Meeting, said: Said, *, by: Actor, now: datetime
) -> Outcome:
    """Write down what the actor's side says came of a meeting, anew or in place of before.

    Once both sides have said something, the meeting was held, whatever was marked.

    Raises Forbidden for who is not one of the two, Conflict ``not_begun`` before the meeting,
    ``called_off`` where there was none, ``already_taken`` for a key of something else, and Invalid.
    """
    own = own_side(by, meeting)
    if own is None:
        raise Forbidden("not_allowed")
    said.check()
    # One side at a time: of two at once each must see what the other said.
    session.refresh(meeting, ["state", "version", "missed_by"], with_for_update=True)
    _require_begun(meeting, now)
    found = _word(session, meeting, own)
    if said.client_key is not None and _is_elsewhere(session, said.client_key, found):
        raise Conflict("already_taken", kind="event_outcome")
    at = min(said.at or now, now)
    if found is not None and (_same(found, said) or at < found.changed_at):
        return found
    found = _write(session, meeting, own, found, said, at)
    history.record(
        session,
        chain=(MEETING.kind, meeting.public_id),
        kind="outcome",
        by=by,
        now=now,
        facts={"side": "a" if own.id == meeting.a_id else "b", "outcome": said.outcome},
    )
    words = session.scalars(sa.select(Outcome).where(Outcome.meeting_id == meeting.id)).all()
    if len(words) > 1 and meeting.state in MEETING.changes["hold"].sources:
        MEETING.move(meeting, "hold", by=by, now=now, along={"missed_by": None, "changed_at": now})
    _tell_ranking(session, meeting, words, now=now)
    return found


def _require_begun(meeting: Meeting, now: datetime) -> None:
    if meeting.state not in LIVE_MEETINGS:
        raise Conflict("called_off", kind="event_meeting")
    if meeting.slot.starts_at > now:
        raise Conflict("not_begun", kind="event_meeting")


def _word(session: Session, meeting: Meeting, own: Registration) -> Outcome | None:
    return session.scalars(
        sa.select(Outcome).where(
            Outcome.meeting_id == meeting.id, Outcome.registration_id == own.id
        )
    ).first()


def _is_elsewhere(session: Session, key: str, own: Outcome | None) -> bool:
    holder = session.scalar(sa.select(Outcome.id).where(Outcome.client_key == key))
    return holder is not None and (own is None or holder != own.id)


def _same(found: Outcome, said: Said) -> bool:
    """Whether nothing would change."""
    now = (said.outcome, said.rating, said.remark.strip())
    return (found.outcome, found.rating, found.remark) == now


def _write(
    session: Session,
    meeting: Meeting,
    own: Registration,
    found: Outcome | None,
    said: Said,
    at: datetime,
) -> Outcome:
    if found is None:
        found = Outcome(meeting_id=meeting.id, registration_id=own.id, at=at)
        session.add(found)
    found.outcome, found.rating = said.outcome, said.rating or 0
    found.remark, found.changed_at = said.remark.strip(), at
    found.client_key = said.client_key
    session.flush()
    return found


def _tell_ranking(
    session: Session, meeting: Meeting, words: Collection[Outcome], *, now: datetime
) -> None:
    """Let the ranking learn what came of the pair; noted once a meeting.

    That two met says for the pair only where one of them saw something in it. Signing is told by
    the deal itself.
    """
    need, achievement = meeting.need, meeting.achievement
    if need is None or achievement is None or all(each.outcome == "nothing" for each in words):
        return
    tell_ranking(
        session,
        need=need,
        achievement=achievement,
        kind="met",
        origin_kind="meeting",
        origin_id=meeting.id,
        now=now,
    )

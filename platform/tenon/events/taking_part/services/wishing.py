"""Wish to meet, rather not, take it back, accept, decline.

A wish is between two registrations; both rows are locked in one order, so that two who ask each
other in the same moment are seen to agree. "Rather not" is told to nobody.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.events.models import Event, Registration, Wish
from tenon.events.models.taking_part import DECLINE_REASONS, WISH_KINDS
from tenon.events.permissions import may_act_for
from tenon.events.taking_part.phases import require_requests
from tenon.events.taking_part.queries.may_meet import may_meet
from tenon.outbox import emit

WORDS_LIMIT = 500
KIND = "event_wish"
ASKING = ("must", "would")
LIVE = ("open", "accepted")


def wish(
    session: Session,
    from_: Registration,
    to: Registration,
    *,
    kind: str,
    message: str = "",
    listing_id: int | None = None,
    own_listing_id: int | None = None,
    score: int | None = None,
    suggested: bool = False,
    by: Actor,
    now: datetime,
) -> Wish:
    """Say that somebody must meet, would like to meet or would rather not meet another.

    Where the other asked first, both have agreed with that. Saying it again changes the kind.

    Raises:
        Forbidden: the actor does not answer for ``from_``.
        NotFound: the other does not take part in the same event.
        Conflict: the phase (``requests_over`` ...), ``part_not_confirmed``, ``may_not_meet``,
            ``too_many_wishes``, ``declined_already``.
        Invalid: at ``kind`` or ``message``.
    """
    event = _require(session, from_, by, now)
    _check_words(kind, message)
    _require_pair(session, event, from_, to)
    made = _between(session, from_, to)
    if made is not None and made.state == "declined" and kind in ASKING:
        raise Conflict("declined_already", kind=KIND)
    news = kind in ASKING and not _asks(made)
    if news:
        _require_room(session, event, from_)
    if made is None:
        made = Wish(event_id=event.id, from_id=from_.id, to_id=to.id, created_at=now)
        session.add(made)
    else:
        made.version += 1
    _set(made, kind, now)
    made.message = message or (made.message or "")
    made.listing_id, made.own_listing_id = listing_id, own_listing_id
    made.score, made.suggested = score, suggested
    session.flush()
    agreed = kind in ASKING and _agree(session, made, by=by, now=now)
    _note(session, made, "wish", by=by, now=now)
    if news and not agreed:
        emit(session, "events.wish_made", {"id": made.id}, now=now)
    return made


def withdraw(
    session: Session,
    it: Wish,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Take a wish back, whatever the other said. Raises Forbidden, Conflict."""
    _require(session, it.from_, by, now)
    _swap(session, it, LIVE, {"state": "withdrawn", "answered_at": None}, expected_version)
    _note(session, it, "withdraw", by=by, now=now)


def accept(
    session: Session,
    it: Wish,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Agree to a meeting, also after having declined it. Raises NotFound, Conflict."""
    _require_answers(session, it, by, now)
    values = {
        "state": "accepted",
        "answered_at": now,
        "decline_reason": None,
        "decline_remark": None,
    }
    _swap(session, it, ("open", "declined"), values, expected_version)
    _note(session, it, "accept", by=by, now=now)
    emit(session, "events.wish_answered", {"id": it.id}, now=now)


def decline(
    session: Session,
    it: Wish,
    *,
    reason: str,
    remark: str = "",
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Decline with a reason that the asker reads, also after having accepted.

    Raises NotFound, Conflict, Invalid at ``reason`` or ``remark``.
    """
    _require_answers(session, it, by, now)
    if reason not in DECLINE_REASONS:
        raise Invalid({"reason": "unknown_code" if reason else "required"})
    if reason == "other" and not remark:
        raise Invalid({"remark": "required"})
    if len(remark) > WORDS_LIMIT:
        raise Invalid({"remark": "too_long"})
    values = {
        "state": "declined",
        "answered_at": now,
        "decline_reason": reason,
        "decline_remark": remark or None,
    }
    _swap(session, it, LIVE, values, expected_version)
    _note(session, it, "decline", by=by, now=now)
    emit(session, "events.wish_answered", {"id": it.id}, now=now)


def find_wish(session: Session, public_id: str, *, by: Actor) -> Wish:
    """Return a wish to whoever answers for one of the two; "rather not" to its author's side.

    Raises NotFound for all others.
    """
    found = session.scalars(
        sa.select(Wish)
        .where(Wish.public_id == public_id)
        .options(joinedload(Wish.from_), joinedload(Wish.to))
    ).first()
    if found is None or not (_is_own(by, found.from_) or _may_answer(by, found)):
        raise NotFound(kind=KIND)
    return found


def end_wishes_of(session: Session, registration_id: int) -> None:
    """Take back every live wish to or from somebody who takes part no more."""
    session.execute(
        sa.update(Wish)
        .where(
            sa.or_(Wish.from_id == registration_id, Wish.to_id == registration_id),
            Wish.state.in_(LIVE),
        )
        .values(state="withdrawn", version=Wish.version + 1, answered_at=None)
        .execution_options(synchronize_session=False)
    )


def _is_own(by: Actor, registration: Registration) -> bool:
    """Whether the actor speaks for somebody; the organiser does not read a "rather not"."""
    own = by.user_id is not None and registration.user_id == by.user_id
    return own or by.at_least("editor", registration.organisation_id)


def _may_answer(by: Actor, it: Wish) -> bool:
    return it.kind in ASKING and it.state != "withdrawn" and may_act_for(by, it.to)


def _require(session: Session, from_: Registration, by: Actor, now: datetime) -> Event:
    if not may_act_for(by, from_):
        raise Forbidden(action="wish")
    event = session.get_one(Event, from_.event_id)
    require_requests(event, now)
    return event


def _require_answers(session: Session, it: Wish, by: Actor, now: datetime) -> None:
    if not _may_answer(by, it):
        raise NotFound(kind=KIND)
    require_requests(session.get_one(Event, it.event_id), now)
    if it.to.state != "confirmed" or it.from_.state != "confirmed":
        raise Conflict("part_not_confirmed", kind=KIND)


def _check_words(kind: str, message: str) -> None:
    if kind not in WISH_KINDS:
        raise Invalid({"kind": "unknown_code"})
    if len(message) > WORDS_LIMIT:
        raise Invalid({"message": "too_long"})


def _require_pair(session: Session, event: Event, from_: Registration, to: Registration) -> None:
    """Lock two, and check that both take part and may meet."""
    if to.event_id != from_.event_id:
        raise NotFound(kind="event_registration")
    _lock(session, from_, to)
    if from_.state != "confirmed":
        raise Conflict("part_not_confirmed", kind=KIND)
    if to.state != "confirmed":
        raise NotFound(kind="event_registration")
    if not may_meet(session, event, of=from_.id)(from_, to):
        raise Conflict("may_not_meet", kind=KIND)


def _lock(session: Session, *registrations: Registration) -> None:
    """Make others who wish of the same two wait, and read both anew."""
    keys = sorted(each.id for each in registrations)
    session.flush()
    for key in keys:
        session.execute(sa.select(Registration.id).where(Registration.id == key).with_for_update())
    for each in registrations:
        session.refresh(each, ["state", "version", "group_id", "organisation_id"])


def _between(session: Session, from_: Registration, to: Registration) -> Wish | None:
    return session.scalars(
        sa.select(Wish)
        .where(Wish.event_id == from_.event_id, Wish.from_id == from_.id, Wish.to_id == to.id)
        .execution_options(populate_existing=True)
    ).first()


def _asks(it: Wish | None) -> bool:
    return it is not None and it.kind in ASKING and it.state in LIVE


def _require_room(session: Session, event: Event, from_: Registration) -> None:
    if event.most_requests is None:
        return
    made = session.scalar(
        sa.select(sa.func.count(Wish.id)).where(
            Wish.from_id == from_.id, Wish.kind.in_(ASKING), Wish.state == "open"
        )
    )
    if (made or 0) >= event.most_requests:
        raise Conflict("too_many_wishes", kind=KIND, most=event.most_requests)


def _set(it: Wish, kind: str, now: datetime) -> None:
    """Set the kind; what was agreed stays agreed while it is still asked for."""
    stays = it.state == "accepted" and kind in ASKING
    if not stays:
        it.state, it.answered_at = "open", None
        it.decline_reason = it.decline_remark = None
        it.created_at = now
    it.kind = kind


def _agree(session: Session, it: Wish, *, by: Actor, now: datetime) -> bool:
    """Accept both wishes where the other side asked too; return whether it did."""
    theirs = session.scalars(
        sa.select(Wish)
        .where(
            Wish.event_id == it.event_id,
            Wish.from_id == it.to_id,
            Wish.to_id == it.from_id,
            Wish.kind.in_(ASKING),
            Wish.state.in_(LIVE),
        )
        .with_for_update()  # whoever takes it back waits, or was faster: then it is none
        .execution_options(populate_existing=True)
    ).first()
    if theirs is None:
        return False
    for each in (it, theirs):
        if each.state == "open":
            each.state, each.answered_at = "accepted", now
            each.version += 1
    session.flush()
    _note(session, theirs, "accept", by=by, now=now)
    emit(session, "events.wish_answered", {"id": theirs.id}, now=now)
    return True


def _swap(
    session: Session,
    it: Wish,
    sources: tuple[str, ...],
    values: dict[str, object],
    expected_version: int | None,
) -> None:
    """Change a wish if nobody else did since it was read, and its state allows it."""
    version = it.version if expected_version is None else expected_version
    result = session.execute(
        sa.update(Wish)
        .where(Wish.id == it.id, Wish.version == version, Wish.state.in_(sources))
        .values(version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind=KIND)
    session.refresh(it, ["version", *values])


def _note(session: Session, it: Wish, step: str, *, by: Actor, now: datetime) -> None:
    """Write history; of a "rather not" nothing is written, it is nobody else's business."""
    if it.kind in ASKING:
        facts = {"kind": it.kind, "state": it.state}
        history.record(session, chain=(KIND, it.public_id), kind=step, by=by, now=now, facts=facts)

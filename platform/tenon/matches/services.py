"""Verbs of the room: say what one's organisation thinks of a match, take it back, note outcomes.

Never commits. Every word enters the history of the listing it was said for.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.listings.models import Listing
from tenon.listings.permissions import is_public
from tenon.matches.models import (
    DECLINE_REASONS,
    FEEDBACK_KINDS,
    OUTCOME_KINDS,
    MatchFeedback,
    MatchOutcome,
)
from tenon.matches.notifying import tell_other_side
from tenon.matches.permissions import may_give_feedback

LONGEST_REMARK = 1_000


def give_feedback(
    session: Session,
    *,
    listing: Listing,
    other: Listing,
    kind: str,
    reason: str | None = None,
    remark: str = "",
    position: int | None = None,
    by: Actor,
    now: datetime,
    tell: bool = True,
) -> MatchFeedback:
    """Say for ``listing``'s organisation what it thinks of ``other``; replaces its earlier word.

    The other side is told, unless the same was said before.

    Args:
        session: writing.
        listing: public, of an organisation that the actor may write for.
        other: its public counterpart, of another organisation.
        kind: ``interested`` or ``declined``.
        reason: one of DECLINE_REASONS for ``declined``, None for ``interested``.
        remark: kept with the word; not sent on.
        position: where the match stood when it was judged, from 1.
        by: who says it.
        now: the moment.
        tell: whether the other side is told here.

    Raises:
        NotFound: ``other`` is not public, of the same side or of the same organisation.
        Forbidden: the actor may not speak for the organisation.
        Conflict: ``listing`` itself is not public (``not_public``).
        Invalid: an unknown kind or reason, or a decline without one.
    """
    _require(listing, other, by=by, now=now)
    _check(kind, reason, remark)
    word = _own_word(session, listing, other)
    said_before = word is not None and (word.kind, word.reason) == (kind, reason)
    if word is None:
        word = _new_word(listing, other)
        session.add(word)
    word.kind, word.reason, word.remark = kind, reason, remark or None
    word.user_id, word.at, word.own = by.user_id, now, other.organisation_id in by.memberships
    if position is not None:
        word.position = position
    _flush(session)
    if not said_before:
        facts = {"counterpart": other.public_id, "reason": reason}
        history.record(
            session,
            chain=("listing", listing.public_id),
            kind=f"match_{kind}",
            by=by,
            now=now,
            facts=facts,
        )
        if tell:
            tell_other_side(session, word=word, listing=listing, other=other, now=now)
    return word


def withdraw_feedback(
    session: Session, *, listing: Listing, other: Listing, by: Actor, now: datetime
) -> None:
    """Take back what the listing's organisation said of a pair; history keeps that it was said.

    Raises NotFound where it said nothing, Forbidden where the actor may not speak for it.
    """
    if not by.at_least("editor", listing.organisation_id):
        raise Forbidden(action="match_feedback")
    word = _own_word(session, listing, other)
    if word is None:
        raise NotFound
    session.delete(word)
    session.flush()
    history.record(
        session,
        chain=("listing", listing.public_id),
        kind="match_unsaid",
        by=by,
        now=now,
        facts={"counterpart": other.public_id},
    )


def record_outcome(
    session: Session,
    *,
    need: Listing,
    achievement: Listing,
    kind: str,
    origin_kind: str,
    origin_id: int,
    now: datetime,
    own: bool = False,
) -> MatchOutcome:
    """Note what came of a pair, so that the ranking learns from it; doing it twice changes nothing.

    For the rooms in which it happens: they know that it did, and whom to tell of it.

    Args:
        session: writing.
        need: of the pair.
        achievement: of the pair.
        kind: one of OUTCOME_KINDS.
        origin_kind: what it happened in: ``introduction``, ``meeting``, ``deal`` ...
        origin_id: its key.
        now: the moment.
        own: both sides are in one hand; kept, and not learned from. Two listings of one
            organisation are taken for that anyway.

    Raises:
        Invalid: an unknown kind, or the two are not a need and an achievement.
    """
    wrong = {} if kind in OUTCOME_KINDS else {"kind": "unknown_code"}
    if (need.side, achievement.side) != ("need", "achievement"):
        wrong["need"] = "wrong_side"
    if wrong:
        raise Invalid(wrong)
    told = {
        "need_id": need.id,
        "achievement_id": achievement.id,
        "kind": kind,
        "origin_kind": origin_kind,
        "origin_id": origin_id,
    }
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(
        dialect.insert(MatchOutcome)
        .values(**told, own=own or need.organisation_id == achievement.organisation_id, at=now)
        .on_conflict_do_nothing()
    )
    return session.scalars(sa.select(MatchOutcome).filter_by(**told)).one()


def _require(listing: Listing, other: Listing, *, by: Actor, now: datetime) -> None:
    if not by.at_least("editor", listing.organisation_id):
        raise Forbidden(action="match_feedback")
    if not may_give_feedback(by, listing, now):
        raise Conflict("not_public")
    if (
        other.side == listing.side
        or other.organisation_id == listing.organisation_id
        or not is_public(other, now)
    ):
        raise NotFound


def _check(kind: str, reason: str | None, remark: str) -> None:
    wrong: dict[str, str] = {}
    if kind not in FEEDBACK_KINDS:
        wrong["kind"] = "unknown_code"
    if kind == "declined" and not reason:
        wrong["reason"] = "required"
    elif (reason is not None and reason not in DECLINE_REASONS) or (
        kind == "interested" and reason
    ):
        wrong["reason"] = "unknown_code"
    if len(remark) > LONGEST_REMARK:
        wrong["remark"] = "too_long"
    if wrong:
        raise Invalid(wrong)


def _own_word(session: Session, listing: Listing, other: Listing) -> MatchFeedback | None:
    need, achievement = _pair(listing, other)
    return session.scalars(
        sa.select(MatchFeedback)
        .where(
            MatchFeedback.need_id == need.id,
            MatchFeedback.achievement_id == achievement.id,
            MatchFeedback.organisation_id == listing.organisation_id,
        )
        .with_for_update()
    ).first()


def _new_word(listing: Listing, other: Listing) -> MatchFeedback:
    need, achievement = _pair(listing, other)
    return MatchFeedback(
        need_id=need.id,
        achievement_id=achievement.id,
        side=listing.side,
        organisation_id=listing.organisation_id,
    )


def _pair(listing: Listing, other: Listing) -> tuple[Listing, Listing]:
    return (listing, other) if listing.side == "need" else (other, listing)


def _flush(session: Session) -> None:
    """Write the word; of two colleagues who speak at the same moment the second is told."""
    try:
        session.flush()
    except sa.exc.IntegrityError as error:
        raise Conflict("changed_meanwhile", kind="match_feedback") from error

"""The approached side: ask back, decline with a reason, accept and open by consent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.credit.services import record_act
from tenon.errors import Invalid
from tenon.introductions import permissions
from tenon.introductions.models import Introduction
from tenon.introductions.services.closing import close
from tenon.introductions.services.disclosure import open_tier
from tenon.introductions.services.moving import move, require_standing
from tenon.introductions.services.secrecy import draft_agreement, needs_agreement
from tenon.introductions.services.writing import say
from tenon.listings.models import Listing
from tenon.listings.permissions import is_public
from tenon.matches import services as matches
from tenon.matches.models import DECLINE_REASONS as MATCH_REASONS


def ask_back(
    session: Session,
    introduction: Introduction,
    *,
    text: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Ask the interested side something before deciding."""
    permissions.require(by, "ask_back", introduction)
    say(session, introduction, text=text, kind="question", speaker="to", by=by, now=now)
    along = {"to_user_id": by.user_id}
    move(introduction, "ask_back", by=by, now=now, along=along, expected_version=expected_version)


def decline(
    session: Session,
    introduction: Introduction,
    *,
    reason: str,
    remark: str = "",
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Decline with a categorised reason, which reaches the interested side as advice.

    Where both sides brought a listing, the word also counts for the ranking of matches.
    """
    close(
        session, introduction, "decline", reason=reason, remark=remark, by=by, now=now,
        along={"to_user_id": by.user_id}, expected_version=expected_version,
    )  # fmt: skip
    _tell_ranking(session, introduction, reason=reason, by=by, now=now)


def accept(
    session: Session,
    introduction: Introduction,
    *,
    consent: bool,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Accept: names, contacts and the introduction tier of both listings open to both sides.

    ``consent`` says that the actor's side agrees to that; the interested side did when it asked.
    Where one of the listings holds something for the NDA tier, the agreement is drafted, and
    that tier waits for both confirmations. The brokers who brought it about are credited, and the
    ranking learns of it.

    Raises Invalid at ``consent``, Conflict ``not_public`` where a listing has gone meanwhile,
    NotFound, Forbidden (also ``organisation_not_approved``, the interested side's),
    IllegalTransition, Conflict where somebody answered first.
    """
    permissions.require(by, "accept", introduction)
    if not consent:
        raise Invalid({"consent": "required"})
    require_standing(introduction, now=now)
    secret = needs_agreement(session, introduction)
    along: dict[str, Any] = {
        "to_user_id": by.user_id,
        "to_consented_at": now,
        "opened_at": now,
    }
    step = "accept_with_nda" if secret else "accept"
    move(introduction, step, by=by, now=now, along=along, expected_version=expected_version)
    open_tier(session, introduction, "introduction", now=now)
    if secret:
        draft_agreement(session, introduction, now=now)
    _note_contact(session, introduction, by=by, now=now)


def _note_contact(
    session: Session, introduction: Introduction, *, by: Actor, now: datetime
) -> None:
    """Credit the brokers, and let the ranking learn that the pair came into contact."""
    keys = {introduction.proposer_id, introduction.broker_id} - {None}
    brokers = session.scalars(
        sa.select(User).where(User.id.in_(keys), User.erased_at.is_(None)).order_by(User.id)
    )
    for broker in brokers:
        record_act(
            session,
            thing=("introduction", introduction.public_id),
            act="introduced",
            person=broker,
            concerned=[introduction.from_organisation_id, introduction.to_organisation_id],
            by=by,
            now=now,
            origin=("listing", introduction.listing.public_id),
        )
    pair = _pair(introduction)
    if pair is not None:
        matches.record_outcome(
            session,
            need=pair[0],
            achievement=pair[1],
            kind="introduced",
            origin_kind="introduction",
            origin_id=introduction.id,
            own=introduction.from_organisation_id in by.memberships,
            now=now,
        )


def _pair(introduction: Introduction) -> tuple[Listing, Listing] | None:
    """Return need and achievement, where both sides brought a listing."""
    own, other = introduction.own_listing, introduction.listing
    if own is None:
        return None
    return (own, other) if own.side == "need" else (other, own)


def _tell_ranking(
    session: Session, introduction: Introduction, *, reason: str, by: Actor, now: datetime
) -> None:
    own, other = introduction.own_listing, introduction.listing
    if own is None or reason not in MATCH_REASONS:
        return
    if introduction.unnamed and not own.anonymous:
        return  # a word on that listing, which bears its owner's name, would say who asked
    if is_public(own, now) and is_public(other, now):
        matches.give_feedback(
            session, listing=other, other=own, kind="declined", reason=reason, by=by, now=now,
            tell=False,
        )  # fmt: skip

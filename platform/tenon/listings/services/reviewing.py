"""A broker's judgement: four scores, an outcome within the thresholds, remarks for the author."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import IllegalTransition, Invalid
from tenon.listings import permissions
from tenon.listings.models import Listing, Review
from tenon.listings.rubric import CRITERIA, HIGHEST, Scores, rubric
from tenon.listings.services.crediting import credit_written
from tenon.listings.services.versions import expect_version, raise_version
from tenon.listings.states import LISTING, PUBLIC_STATES
from tenon.outbox import emit

REMARKS_LIMIT = 5000


def take(
    session: Session,
    listing: Listing,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Become the listing's broker before judging it; what was on hold is in review again.

    From then on an anonymous firm is known to this broker. A need that a broker writes up for its
    firm stays with that broker: whoever writes it cannot be the one who judges it.
    """
    permissions.require(by, "review", listing, now=now)
    expect_version(listing, expected_version)
    former = listing.broker_id
    if not listing.collected and former != by.user_id:
        listing.broker_id = by.user_id
        emit(session, "listings.taken", {"id": listing.id, "former": former}, now=now)
    if listing.state == "on_hold":
        LISTING.move(listing, "resume", by=by, now=now)
        return
    raise_version(session, listing)
    history.record(session, chain=("listing", listing.public_id), kind="take", by=by, now=now)


def review(
    session: Session,
    listing: Listing,
    *,
    scores: Scores,
    outcome: str,
    remarks: str,
    by: Actor,
    now: datetime,
    listing_days: int,
    expected_version: int | None = None,
) -> Review:
    """Judge the present text and take the listing where the outcome leads.

    Publishing starts a term of ``listing_days``; an edited public listing keeps its term. Raises
    Forbidden for one's own, Conflict where another broker was faster, and Invalid for scores out
    of range, an outcome that the thresholds do not allow, or a refusal without remarks.
    """
    permissions.require(by, "review", listing, now=now)
    expect_version(listing, expected_version)
    _check(scores, outcome, remarks)
    judged = Review(
        listing_id=listing.id,
        text_version=listing.text_version,
        reviewer_id=by.user_id,
        substance=scores.substance,
        clarity=scores.clarity,
        expectations=scores.expectations,
        wording=scores.wording,
        outcome=outcome,
        remarks=remarks,
        at=now,
    )
    session.add(judged)
    if listing.broker_id is None and not listing.collected:
        listing.broker_id = by.user_id
    listing.reviewed_version = listing.text_version
    facts = {
        "scores": list(scores.points),
        "text_version": listing.text_version,
        "edition": rubric().edition,
    }
    _settle(session, listing, outcome, facts, by=by, now=now, listing_days=listing_days)
    if outcome == "publish":
        credit_written(session, listing, by=by, now=now)
    return judged


def _settle(
    session: Session,
    listing: Listing,
    outcome: str,
    facts: dict[str, object],
    *,
    by: Actor,
    now: datetime,
    listing_days: int,
) -> None:
    public = listing.state in PUBLIC_STATES
    if outcome == "publish" and public:
        raise_version(session, listing)
        chain = ("listing", listing.public_id)
        history.record(session, chain=chain, kind="confirm", by=by, now=now, facts=facts)
        return
    if outcome == "hold" and listing.state == "on_hold":
        raise_version(session, listing)
        chain = ("listing", listing.public_id)
        history.record(session, chain=chain, kind="hold", by=by, now=now, facts=facts)
        return
    if outcome == "publish":
        listing.published_at = now
        listing.expires_at = now + timedelta(days=listing_days)
        listing.reminded_at = None
    LISTING.move(listing, outcome, by=by, now=now, facts=facts)


def _check(scores: Scores, outcome: str, remarks: str) -> None:
    faults = {
        name: "out_of_range"
        for name, points in zip(CRITERIA, scores.points, strict=True)
        if not 0 <= points <= HIGHEST
    }
    if not faults and outcome not in rubric().allowed(scores):
        faults["outcome"] = "against_thresholds"
    if outcome != "publish" and not remarks:
        faults["remarks"] = "required"
    if len(remarks) > REMARKS_LIMIT:
        faults["remarks"] = "too_long"
    if faults:
        raise Invalid(faults)


def start_matching(listing: Listing, *, by: Actor, now: datetime) -> None:
    """Note that a public listing is being matched: a counterpart was taken up.

    Later rooms call this; what is in matching already stays so. Permissions are theirs.
    """
    if listing.state == "in_matching":
        return
    if listing.state != "published":
        raise IllegalTransition(step="start_matching", state=listing.state, kind="listing")
    LISTING.move(listing, "start_matching", by=by, now=now)


def stop_matching(listing: Listing, *, by: Actor, now: datetime) -> None:
    """Note that no counterpart is being talked to any longer. Permissions are the caller's."""
    LISTING.move(listing, "stop_matching", by=by, now=now)

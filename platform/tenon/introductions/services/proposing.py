"""Many proposals at once, each by itself: made, or why not, and nothing half-done.

A rehearsal makes them and takes them back, to show what would be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import DomainError, Forbidden
from tenon.introductions import notifying
from tenon.introductions.services.asking import propose
from tenon.introductions.services.many import Outcome, Told, check_choice, told_at
from tenon.introductions.services.wording import check_text
from tenon.listings.models import Listing
from tenon.listings.permissions import may_know_owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One proposal of several.

    Attributes:
        key: what was chosen: the public id of the counterpart or of the organisation.
        listing: the one to take interest in.
        organisation_id: the side that gets the proposal and speaks first.
        own_listing: what that side brings, if anything.
    """

    key: str
    listing: Listing
    organisation_id: int
    own_listing: Listing | None = None


def propose_many(
    session: Session,
    proposals: Sequence[Proposal],
    *,
    note: str,
    by: Actor,
    now: datetime,
    rehearsal: bool = False,
) -> list[Outcome]:
    """Make proposals, each by itself; return each one's outcome, in their order.

    With ``rehearsal`` everything is taken back again and the outcome holds what would be told.
    Raises as ``act_on_many``, and Invalid at ``note``.
    """
    if not (by.broker or by.operator):
        raise Forbidden(action="propose")
    check_choice([each.key for each in proposals])
    check_text(note, "note")
    found = []
    for each in {each.key: each for each in proposals}.values():
        whole = session.begin_nested()
        try:
            found.append(_propose(session, each, note, by, now, rehearsal=rehearsal))
        finally:
            if rehearsal or not found or not found[-1].done:
                whole.rollback()
            else:
                whole.commit()
    return found


def _propose(
    session: Session, each: Proposal, note: str, by: Actor, now: datetime, *, rehearsal: bool
) -> Outcome:
    try:
        _require_known(each, by)
        with session.begin_nested():
            made = propose(
                session,
                listing=each.listing,
                organisation_id=each.organisation_id,
                own_listing=each.own_listing,
                note=note,
                origin=("broker" if each.own_listing is None else "match", None),
                by=by,
                now=now,
            )
            session.flush()
            told: tuple[Told, ...] = ()
            if rehearsal:
                notifying.tell_step(session, made, "propose", now=now)
                told = told_at(session, made, by=by, now=now)
    except DomainError as error:
        return Outcome(each.key, done=False, code=_why_not_proposed(each, error, by))
    return Outcome(each.key, done=True, introduction=None if rehearsal else made, told=told)


def _require_known(each: Proposal, by: Actor) -> None:
    """Raise Forbidden where the broker may not know whose one of the listings is.

    That a proposal to one's own house is refused would tell whose an anonymous need is, to whoever
    tried one organisation after the other.
    """
    for listing in (each.listing, each.own_listing):
        if listing is not None and not may_know_owner(by, listing):
            raise Forbidden("owner_secret", action="propose")


def _why_not_proposed(each: Proposal, error: DomainError, by: Actor) -> str:
    if error.code == "owner_secret":
        return error.code
    if each.organisation_id == each.listing.organisation_id:
        return "same_house"
    own = {each.organisation_id, each.listing.organisation_id} & set(by.memberships)
    return "own_house" if own else error.code

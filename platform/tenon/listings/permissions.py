"""Who may do what with a listing: one predicate an action, asked by services and templates alike.

``queries.visible_to`` says the same as ``may_see`` in SQL; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import object_session

from tenon.actors import Actor
from tenon.errors import Forbidden, IllegalTransition, NotFound
from tenon.listings.consents import has_agreed
from tenon.listings.models import TIERS, Expert, Listing, ListingVersion
from tenon.listings.states import EDITABLE_STATES, LISTING, PUBLIC_STATES
from tenon.network.queries.portfolio import keeper_of

UNSUBMITTED_STATES = ("draft", "approved")


def is_public(listing: Listing, now: datetime) -> bool:
    """Whether anybody at all may read the public tier."""
    return listing.state in PUBLIC_STATES and (
        listing.expires_at is None or listing.expires_at > now
    )


def belongs_to(actor: Actor, listing: Listing) -> bool:
    """Whether the actor is a member of the organisation that owns the listing."""
    return listing.organisation_id in actor.memberships


def may_see(actor: Actor, listing: Listing, now: datetime) -> bool:
    """Whether the actor may know of the listing and read its public tier."""
    return (
        is_public(listing, now)
        or belongs_to(actor, listing)
        or actor.operator
        or (actor.broker and _was_submitted(listing) and in_sight(actor, listing))
        or writes_up(actor, listing)
    )


def writes_up(actor: Actor, listing: Listing) -> bool:
    """Whether a broker writes this need up for its firm: one that a broker collected on a visit.

    Whoever has it in hand, and whoever looks after the firm now, does so.
    """
    if not actor.broker or actor.user_id is None or not listing.collected:
        return False
    if belongs_to(actor, listing):
        return False
    if listing.broker_id == actor.user_id:
        return True
    session = object_session(listing)
    return session is not None and keeper_of(session, listing.organisation_id) == actor.user_id


def in_sight(actor: Actor, listing: Listing) -> bool:
    """Whether the listing lies at a place of the network that a broker sees, or in their hands."""
    own = actor.user_id is not None and actor.user_id in (listing.broker_id, listing.author_id)
    return own or actor.covers(listing.station_id, listing.handling_station_id)


def _was_submitted(listing: Listing) -> bool:
    """Whether brokers have to do with it: handed to them once, and no draft now."""
    return listing.state not in UNSUBMITTED_STATES and (
        listing.submitted_at is not None or listing.published_at is not None
    )


def may_know_owner(actor: Actor, listing: Listing) -> bool:
    """Whether the actor may learn whose listing it is: an anonymous firm is its broker's secret."""
    return (
        not listing.anonymous
        or belongs_to(actor, listing)
        or actor.operator
        or (actor.broker and listing.broker_id == actor.user_id)
        or writes_up(actor, listing)
    )


def may_write(actor: Actor, organisation_id: int | None) -> bool:
    """Whether the actor may write listings for an organisation."""
    return actor.system or actor.at_least("editor", organisation_id)


def is_own(actor: Actor, listing: Listing) -> bool:
    """Whether reviewing would be reviewing oneself: the owner's people, whoever wrote it up."""
    return (
        belongs_to(actor, listing)
        or (actor.user_id is not None and listing.author_id == actor.user_id)
        or writes_up(actor, listing)
        or _wrote_before(actor, listing)
    )


def _wrote_before(actor: Actor, listing: Listing) -> bool:
    """Whether a broker wrote a version of a collected need that somebody else has in hand now."""
    session = object_session(listing)
    if session is None or not listing.collected or actor.user_id is None:
        return False
    wrote = sa.select(ListingVersion.number).where(
        ListingVersion.listing_id == listing.id, ListingVersion.author_id == actor.user_id
    )
    return session.scalar(wrote.limit(1)) is not None


def may_review(actor: Actor, listing: Listing) -> bool:
    """Whether the actor may judge the listing: a broker who has it in sight, or an operator.

    Never their own.
    """
    if actor.system or is_own(actor, listing):
        return False
    return actor.operator or (actor.broker and in_sight(actor, listing))


def awaits_review(listing: Listing) -> bool:
    """Whether there is something to judge: handed in, on hold, or public and edited since."""
    return listing.state in {"in_review", "on_hold"} or edited_since_review(listing)


def edited_since_review(listing: Listing) -> bool:
    """Whether the public reads words that no broker has looked at yet."""
    return (
        listing.state in PUBLIC_STATES
        and listing.text_version > 1
        and listing.reviewed_version < listing.text_version
    )


def may_grant(actor: Actor, listing: Listing) -> bool:
    """Whether the actor may open confidential tiers to others."""
    return (
        may_write(actor, listing.organisation_id)
        or actor.operator
        or (actor.broker and actor.user_id is not None and listing.broker_id == actor.user_id)
    )


def may_see_history(actor: Actor, listing: Listing, now: datetime) -> bool:
    """Whether the actor may read versions and what happened to the listing.

    A listing that is public everywhere has a past that is not: of brokers, only those read it who
    have the listing in sight.
    """
    if belongs_to(actor, listing) or actor.operator:
        return True
    handed_in = _was_submitted(listing) and may_see(actor, listing, now)
    return actor.broker and handed_in and in_sight(actor, listing)


def may_see_views(actor: Actor, listing: Listing) -> bool:
    """Whether the actor may read who looked at confidential detail: the owner, and operators."""
    return belongs_to(actor, listing) or actor.operator


def may_see_tier(
    actor: Actor, listing: Listing, tier: str, *, granted: Collection[str] = ()
) -> bool:
    """Whether the actor may read a tier of a listing that they may see.

    ``granted`` are the tiers open to the organisation that the actor acts for, as
    ``queries.granted_tiers`` reads them; a grant of a tier opens those below it.
    """
    if tier == "public" or belongs_to(actor, listing) or actor.operator:
        return True
    if tier == "signed_in" and actor.signed_in:
        return True
    level = TIERS.index(tier)
    return any(TIERS.index(held) >= level for held in granted) or writes_up(actor, listing)


def may_edit_expert(actor: Actor, expert: Expert) -> bool:
    """Whether the actor may change an expert's page: the person, their institution, operators."""
    return (
        actor.operator
        or (actor.user_id is not None and expert.user_id == actor.user_id)
        or actor.at_least("administrator", expert.organisation_id)
    )


def may_see_expert(actor: Actor, expert: Expert) -> bool:
    """Whether the actor may read an expert's page."""
    return expert.published or may_edit_expert(actor, expert)


def may_claim(actor: Actor, expert: Expert) -> bool:
    """Whether the actor may say that this page, which nobody holds yet, is about them."""
    return actor.signed_in and expert.user_id is None


def may_decide_claims(actor: Actor, expert: Expert) -> bool:
    """Whether the actor may decide whose page this is."""
    return actor.operator or actor.at_least("administrator", expert.organisation_id)


def _writer(actor: Actor, listing: Listing) -> bool:
    return may_write(actor, listing.organisation_id)


def _writer_or_broker(actor: Actor, listing: Listing) -> bool:
    return _writer(actor, listing) or writes_up(actor, listing)


def _may_hand_in(actor: Actor, listing: Listing) -> bool:
    """Its own people, or the broker who writes it up, with the firm's consent."""
    if _writer(actor, listing):
        return True
    session = object_session(listing)
    return session is not None and writes_up(actor, listing) and has_agreed(session, listing)


def _writer_or_operator(actor: Actor, listing: Listing) -> bool:
    return may_write(actor, listing.organisation_id) or actor.operator


def _institution(actor: Actor, listing: Listing) -> bool:
    """An achievement is released by an administrator of the organisation that owns it."""
    return listing.side == "achievement" and actor.at_least(
        "administrator", listing.organisation_id
    )


RIGHTS: Mapping[str, Callable[[Actor, Listing], bool]] = {
    "edit": _writer_or_broker,
    "submit": _may_hand_in,
    "approve": _institution,
    "review": may_review,
    "withdraw": _writer_or_operator,
    "conclude": _writer_or_operator,
    "renew": _writer,
    "reopen": _writer,
    "grant": may_grant,
}
"""Action -> who has the right to it, whatever state the listing is in."""


def _fits_state(action: str, listing: Listing) -> bool:
    if action == "edit":
        return listing.state in EDITABLE_STATES
    if action == "review":
        return awaits_review(listing)
    change = LISTING.changes.get(action)
    return change is None or listing.state in change.sources


def may(actor: Actor, action: str, listing: Listing) -> bool:
    """Whether the actor may do this to the listing now: what templates ask for their buttons."""
    return RIGHTS[action](actor, listing) and _fits_state(action, listing)


def require(actor: Actor, action: str, listing: Listing, *, now: datetime) -> None:
    """Check an action.

    Raises:
        NotFound: the actor may not know that the listing exists.
        Forbidden: the actor may see it and may not do this; ``own_review`` for one's own.
        IllegalTransition: they may, and the listing's state does not allow it now.
    """
    if not may_see(actor, listing, now):
        raise NotFound
    if not RIGHTS[action](actor, listing):
        if action == "review" and is_own(actor, listing) and (actor.broker or actor.operator):
            raise Forbidden("own_review")
        raise Forbidden(action=action)
    if not _fits_state(action, listing):
        raise IllegalTransition(step=action, state=listing.state, kind="listing")

"""Tell the people whom a listing concerns: its author, its institution, its broker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of, administrators, operators
from tenon.listings.models import Expert, ExpertClaim, Listing
from tenon.listings.permissions import writes_up
from tenon.listings.queries.keepers import keepers
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.network.queries.portfolio import keeper_of
from tenon.notices import wording
from tenon.notices.services import notify

wording.register(
    {
        "listing_handed_in": N_("“%(title)s” waits for your institution's approval."),
        "listing_approve": N_("Your institution has approved “%(title)s”."),
        "listing_publish": N_("“%(title)s” has been published."),
        "listing_hold": N_("“%(title)s” has been put on hold; see the reviewer's remarks."),
        "listing_return": N_("“%(title)s” came back for revision; see the reviewer's remarks."),
        "listing_reject": N_("“%(title)s” was not accepted; see the reviewer's remarks."),
        "listing_expire": N_("“%(title)s” has expired; you can renew it with one click."),
        "listing_expires_soon": N_("“%(title)s” expires soon; you can renew it with one click."),
        "listing_resubmitted": N_("“%(title)s” has been revised and waits for your review."),
        "expert_claimed": N_("%(person)s says that the page of %(expert)s is about them."),
        "expert_claim_approved": N_("The page of %(expert)s is yours now."),
        "expert_claim_refused": N_("Your claim to the page of %(expert)s was not approved."),
        "listing_taken": N_("Another broker looks after “%(title)s” from now on."),
        "listing_withdraw": N_("“%(title)s”, which you reviewed, has been withdrawn."),
    },
    group="listings",
    heading=N_("Achievements and needs"),
)


def titles(listing: Listing) -> Mapping[str, str]:
    """Return language -> title, as facts of a notice."""
    return {text.language: text.title for text in listing.texts}


def tell(
    session: Session,
    user: User,
    listing: Listing,
    *,
    kind: str,
    now: datetime,
    page: str | None = None,
) -> None:
    """Tell one person; ``page`` is a page below the listing's own."""
    path = f"/listings/{listing.public_id}" + (f"/{page}" if page else "")
    notify(session, user=user, kind=kind, facts={"title": titles(listing)}, path=path, now=now)


def tell_owner(
    session: Session, listing: Listing, *, kind: str, now: datetime, page: str | None = None
) -> None:
    """Tell the author; where none is left in the organisation, its administrators.

    A need that a broker collected is written up by brokers, who are told as well.
    """
    people = {user.id: user for user in keepers(session, listing)}
    people |= {user.id: user for user in _writing_up(session, listing)}
    for user in people.values():
        tell(session, user, listing, kind=kind, now=now, page=page)


def _writing_up(session: Session, listing: Listing) -> list[User]:
    if not listing.collected:
        return []
    keys = {listing.broker_id, keeper_of(session, listing.organisation_id)}
    found = [session.get(User, key) for key in keys if key is not None]
    return [user for user in found if user and user.active and writes_up(actor_of(user), listing)]


def tell_administrators(
    session: Session, listing: Listing, *, kind: str, now: datetime, page: str | None = None
) -> None:
    """Tell the administrators of the organisation that owns the listing."""
    for user in administrators(session, listing.organisation_id):
        tell(session, user, listing, kind=kind, now=now, page=page)


def tell_broker(session: Session, listing: Listing, *, kind: str, now: datetime) -> None:
    """Tell the listing's broker, if it has one."""
    broker = None if listing.broker_id is None else session.get(User, listing.broker_id)
    if broker is not None:
        tell(session, broker, listing, kind=kind, now=now, page="review")


def _names(expert: Expert) -> Mapping[str, str]:
    return {"zh": expert.name("zh"), "en": expert.name("en")}


def tell_deciders(session: Session, claim: ExpertClaim, *, now: datetime) -> None:
    """Tell the institution's administrators, or operators where it has none, of a claim."""
    person = session.get_one(User, claim.user_id)
    house = claim.expert.organisation_id
    deciders = administrators(session, house) if house is not None else ()
    facts = {"person": person.name, "expert": _names(claim.expert)}
    for user in deciders or operators(session):
        notify(
            session,
            user=user,
            kind="expert_claimed",
            facts=facts,
            path="/experts/claims",
            now=now,
            about=person,
        )


def tell_claimant(session: Session, claim: ExpertClaim, *, now: datetime) -> None:
    """Tell a person what became of their claim."""
    notify(
        session,
        user=session.get_one(User, claim.user_id),
        kind=f"expert_claim_{claim.state}",
        facts={"expert": _names(claim.expert)},
        path=f"/experts/{claim.expert.public_id}",
        now=now,
    )

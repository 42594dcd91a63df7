"""What the ledger of credit records of a listing's life, in the transaction in which it happens.

Collected: the author, when the listing first reaches brokers; of an import, whoever imported.
Written: everybody who wrote a version of the text that a broker put or left before the public,
or an earlier one that it grew from. An imported text was written elsewhere and credits nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload, selectinload

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.clock import utc_now
from tenon.credit import things
from tenon.credit.queries import anybody_credited
from tenon.credit.services import Act, record_act, record_first_acts
from tenon.credit.things import Described
from tenon.history import HistoryEntry
from tenon.listings import permissions
from tenon.listings.models import Listing, ListingVersion
from tenon.listings.queries.visibility import visible_to

KIND = "listing"


def credit_collected(session: Session, listing: Listing, *, by: Actor, now: datetime) -> None:
    """Credit the author with bringing the listing in; once for good, whoever submits it again."""
    thing = (KIND, listing.public_id)
    author = None if listing.author_id is None else session.get(User, listing.author_id)
    if author is None or author.erased_at is not None:
        return
    if anybody_credited(session, thing=thing, act="collected"):
        return
    _record(session, listing, act="collected", person=author, by=by, now=now)


def credit_written(session: Session, listing: Listing, *, by: Actor, now: datetime) -> None:
    """Credit those who wrote what is now before the public, each once."""
    for person in _writers(session, listing):
        _record(session, listing, act="written", person=person, by=by, now=now)


def credit_imported(
    session: Session,
    listings: Sequence[tuple[str, int]],
    *,
    by: Actor,
    now: datetime,
    organisation_id: int | None,
) -> None:
    """Credit whoever imported new listings with collecting them; nobody where the site did.

    ``listings`` holds (public id, key of the owner); ``organisation_id`` is whom the importer
    acted for.
    """
    person = None if by.user_id is None else session.get(User, by.user_id)
    if person is None:
        return
    acts = [
        Act(thing=(KIND, public_id), organisation_id=organisation_id, concerned=(owner,))
        for public_id, owner in listings
    ]
    record_first_acts(session, acts, act="collected", person=person, by=by, now=now)


def describe(session: Session, public_ids: Sequence[str], actor: Actor) -> dict[str, Described]:
    """Return titles of the listings that the actor may see, an anonymous firm's name withheld."""
    found = session.scalars(
        sa.select(Listing)
        .where(Listing.public_id.in_(public_ids), visible_to(actor, now=utc_now()))
        .options(lazyload("*"), selectinload(Listing.texts))
    )
    return {
        listing.public_id: Described(
            title_zh=listing.said("title", "zh")[0],
            title_en=listing.said("title", "en")[0],
            path=f"/listings/{listing.public_id}",
            withheld=(
                frozenset()
                if permissions.may_know_owner(actor, listing)
                else frozenset({listing.organisation_id})
            ),
        )
        for listing in found
    }


things.register(KIND, describe)


def _record(
    session: Session, listing: Listing, *, act: str, person: User, by: Actor, now: datetime
) -> None:
    record_act(
        session,
        thing=(KIND, listing.public_id),
        act=act,
        person=person,
        organisation_id=listing.organisation_id,
        concerned=[listing.organisation_id],
        by=by,
        now=now,
    )


def _writers(session: Session, listing: Listing) -> Sequence[User]:
    """Return the authors of the listing's versions, imported ones left out, first writers first."""
    imported = _imported_versions(session, listing)
    first = (
        sa.select(ListingVersion.author_id, sa.func.min(ListingVersion.number).label("first"))
        .where(
            ListingVersion.listing_id == listing.id,
            ListingVersion.number <= listing.text_version,
            ListingVersion.number.not_in(imported),
        )
        .group_by(ListingVersion.author_id)
        .subquery()
    )
    return session.scalars(
        sa.select(User)
        .join(first, first.c.author_id == User.id)
        .where(User.erased_at.is_(None))
        .order_by(first.c.first)
    ).all()


def _imported_versions(session: Session, listing: Listing) -> set[int]:
    """Return the numbers of versions that came from a file: history says which did."""
    told = session.scalars(
        sa.select(HistoryEntry.facts).where(
            HistoryEntry.chain_kind == KIND,
            HistoryEntry.chain_id == listing.public_id,
            HistoryEntry.kind == "import",
        )
    )
    return {int(facts["text_version"]) for facts in told}

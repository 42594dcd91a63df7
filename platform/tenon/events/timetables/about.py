"""What a meeting is about: the need of one side and the achievement of the other.

Never commits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.events.models import Event, Registration, RegistrationListing, Wish
from tenon.events.timetables.picture import pair_of
from tenon.listings.models import Listing

Pair = tuple[int, int]
Subject = Mapping[str, int | None]
SIDES = ("need", "achievement")


def subjects(session: Session, event: Event, pairs: Sequence[Pair]) -> Mapping[Pair, Subject]:
    """Return pair -> ``need_id`` and ``achievement_id``, where one brought each.

    What a wish is about goes first; else the first of what each came with.
    """
    if not pairs:
        return {}
    wanted = set(pairs)
    named = _named(session, event, wanted)
    brought = _brought(session, event)
    found = {}
    for pair in pairs:
        told = {name: named.get(pair, {}).get(name) for name in SIDES}
        if None in told.values():
            told = _completed(told, brought.get(pair[0], {}), brought.get(pair[1], {}))
        if None not in told.values():
            found[pair] = {f"{name}_id": told[name] for name in SIDES}
    return found


def _named(
    session: Session, event: Event, wanted: set[Pair]
) -> Mapping[Pair, Mapping[str, int | None]]:
    """Return pair -> side -> listing that a wish names."""
    found: dict[Pair, dict[str, int | None]] = defaultdict(dict)
    for column in (Wish.listing_id, Wish.own_listing_id):
        rows = session.execute(
            sa.select(Wish.from_id, Wish.to_id, Listing.id, Listing.side)
            .join(Listing, Listing.id == column)
            .where(Wish.event_id == event.id)
            .order_by(Wish.id)
        )
        for row in rows:
            pair = pair_of(row.from_id, row.to_id)
            if pair in wanted:
                found[pair].setdefault(row.side, row.id)
    return found


def _brought(session: Session, event: Event) -> Mapping[int, Mapping[str, int]]:
    """Return person -> side -> the first listing that they came with."""
    rows = session.execute(
        sa.select(RegistrationListing.registration_id, Listing.id, Listing.side)
        .join(Listing, Listing.id == RegistrationListing.listing_id)
        .join(Registration, Registration.id == RegistrationListing.registration_id)
        .where(Registration.event_id == event.id)
        .order_by(Listing.id)
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row.registration_id].setdefault(row.side, row.id)
    return found


def _completed(
    told: Mapping[str, int | None], first: Mapping[str, int], second: Mapping[str, int]
) -> dict[str, int | None]:
    """Fill in what was not named, so that one side brings the need and the other the result."""
    for one, other in ((first, second), (second, first)):
        found = {
            "need": told.get("need") or one.get("need"),
            "achievement": told.get("achievement") or other.get("achievement"),
        }
        if all(found.values()):
            return found
    return dict(told)

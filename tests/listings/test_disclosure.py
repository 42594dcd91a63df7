"""Confidential tiers: who may read them, grants with an end, the log of reading."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import VISITOR
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.listings import services
from tenon.listings.models import TIERS, Listing, ListingView
from tenon.listings.queries import granted_tiers, grants_of, open_tiers, views_of
from tests.factories.listings import make_achievement
from tests.listings.people import People, make_people


@pytest.fixture
def people(session: Session) -> People:
    return make_people(session)


@pytest.fixture
def listing(session: Session, people: People) -> Listing:
    return make_achievement(session, organisation=people.university, state="published")


@pytest.mark.parametrize(
    ("name", "tiers"),
    [
        ("reader", TIERS),
        ("operator", TIERS),
        ("engineer", TIERS[:2]),
        ("broker", TIERS[:2]),
        ("stranger", TIERS[:2]),
    ],
)
def test_open_tiers_by_role(
    session: Session, now: datetime, people: People, listing: Listing, name: str, tiers: object
) -> None:
    assert open_tiers(session, listing, to=people.actor(name), now=now) == tiers
    assert open_tiers(session, listing, to=VISITOR, now=now) == ("public",)


def test_grant_opens_the_tier_and_those_below_for_its_time(
    session: Session, now: datetime, people: People, listing: Listing
) -> None:
    services.grant_access(
        session,
        listing,
        organisation_id=people.firm.id,
        tier="introduction",
        reason="introduction",
        by=people.actor("researcher"),
        now=now,
        ends_at=now + timedelta(days=1),
        origin_kind="introduction",
        origin_id=7,
    )
    engineer = people.actor("engineer")
    assert open_tiers(session, listing, to=engineer, now=now) == TIERS[:3]
    assert granted_tiers(session, listing, to=people.actor("stranger"), now=now) == frozenset()
    later = now + timedelta(days=1)
    assert open_tiers(session, listing, to=engineer, now=later) == TIERS[:2]


def test_revoke_ends_a_grant_once(
    session: Session, now: datetime, people: People, listing: Listing
) -> None:
    by = people.actor("researcher")
    grant = services.grant_access(
        session, listing, organisation_id=people.firm.id, tier="nda", reason="nda", by=by, now=now
    )
    services.revoke_access(session, listing, grant_id=grant.id, by=by, now=now)
    services.revoke_access(session, listing, grant_id=grant.id, by=by, now=now + timedelta(days=1))
    assert grant.ends_at == now
    assert [each.id for each, _firm in grants_of(session, listing)] == [grant.id]
    other = make_achievement(session, organisation=people.university)
    with pytest.raises(NotFound):
        services.revoke_access(session, other, grant_id=grant.id, by=by, now=now)


@pytest.mark.parametrize("name", ["reader", "engineer", "broker", "stranger"])
def test_grant_is_the_owners_its_brokers_and_operators(
    session: Session, now: datetime, people: People, listing: Listing, name: str
) -> None:
    values = {"organisation_id": people.firm.id, "tier": "nda", "reason": "owner", "now": now}
    with pytest.raises(Forbidden):
        services.grant_access(session, listing, by=people.actor(name), **values)  # type: ignore[arg-type]  # mixed keywords
    listing.broker_id = people.broker.id
    services.grant_access(session, listing, by=people.actor("broker"), **values)  # type: ignore[arg-type]  # mixed keywords


def test_grant_refuses_what_makes_no_sense(
    session: Session, now: datetime, people: People, listing: Listing
) -> None:
    with pytest.raises(Invalid) as caught:
        services.grant_access(
            session,
            listing,
            organisation_id=people.university.id,
            tier="signed_in",
            reason="whim",
            by=people.actor("researcher"),
            now=now,
            ends_at=now,
        )
    assert caught.value.fields == {
        "tier": "unknown_code",
        "reason": "unknown_code",
        "organisation": "own_organisation",
        "ends_at": "in_the_past",
    }


def test_views_of_others_are_noted(
    session: Session, now: datetime, people: People, listing: Listing
) -> None:
    services.note_view(session, listing, tier="nda", by=people.actor("reader"), now=now)
    services.note_view(session, listing, tier="nda", by=people.actor("engineer"), now=now)
    services.note_view(session, listing, tier="nda", by=people.actor("operator"), now=now)
    with pytest.raises(Forbidden):
        services.note_view(session, listing, tier="nda", by=VISITOR, now=now)
    session.flush()
    assert session.scalar(sa.select(sa.func.count()).select_from(ListingView)) == 2
    seen = [
        (person.name, firm.id if firm else None)
        for _view, person, firm in views_of(session, listing)
    ]
    assert seen == [("Operator", None), ("Engineer", people.firm.id)]

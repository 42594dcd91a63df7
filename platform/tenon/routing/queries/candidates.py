"""Who could look after a need: the brokers of a place as the scoring wants them, few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Role, User, UserRole
from tenon.listings.models import Listing
from tenon.network.models import BrokerField, BrokerProfile, BrokerRegion, StationMember
from tenon.network.queries.people import away_on
from tenon.network.queries.portfolio import keeper_of
from tenon.routing.models import NeedCase
from tenon.routing.scoring import Candidate, Proposal, Sought, propose


def proposals(
    session: Session,
    listing: Listing,
    *,
    station_id: int,
    today: date,
    without: Collection[int] = (),
) -> list[Proposal]:
    """Return who of a place could look after a need, best first. Eight statements at most."""
    keeper = keeper_of(session, listing.organisation_id)
    people = staff(session, [station_id])
    found = candidates(session, people, today=today, keeper=keeper)
    return propose(sought(listing), found, without=without)


def sought(listing: Listing) -> Sought:
    """Return what is known of a need; its region is the need's own, else the firm's."""
    return Sought(
        frozenset((each.scheme, each.code) for each in listing.fields),
        listing.region or listing.organisation.region,
        listing.language,
    )


def staff(session: Session, station_ids: Collection[int]) -> Sequence[int]:
    """Return the keys of the brokers who work at any of these places and can sign in."""
    return session.scalars(
        sa.select(User.id)
        .join(StationMember, StationMember.user_id == User.id)
        .where(
            StationMember.station_id.in_(sorted(station_ids)),
            StationMember.ended_at.is_(None),
            _is_broker(),
        )
        .distinct()
        .order_by(User.id)
    ).all()


def _is_broker() -> sa.ColumnElement[bool]:
    """Return the condition that somebody can be given a broker's work."""
    holders = sa.select(UserRole.user_id).join(Role).where(Role.name == "broker")
    return sa.and_(User.active.is_(True), User.erased_at.is_(None), User.id.in_(holders))


def _brokers_among(session: Session, keys: Collection[int]) -> Sequence[int]:
    """Return those of these people who can be given a broker's work."""
    if not keys:
        return ()
    return session.scalars(sa.select(User.id).where(User.id.in_(keys), _is_broker())).all()


def candidates(
    session: Session, people: Sequence[int], *, today: date, keeper: int | None = None
) -> list[Candidate]:
    """Return what is known of these brokers, with the deputies of those who are away."""
    away = away_on(session, people, today)
    deputies = {each.deputy_id for each in away.values() if each.deputy_id is not None}
    more = _brokers_among(session, deputies - set(people))
    absent = set(away) | set(away_on(session, more, today))
    keys = [*people, *more]
    profiles = {
        each.user_id: each
        for each in session.scalars(sa.select(BrokerProfile).where(BrokerProfile.user_id.in_(keys)))
    }
    fields, regions, load = _fields(session, keys), _regions(session, keys), loads(session, keys)
    found = []
    for key in keys:
        profile = profiles.get(key)
        absence = away.get(key)
        found.append(
            Candidate(
                user_id=key,
                fields=frozenset(fields[key]),
                regions=frozenset(regions[key]),
                languages=frozenset(() if profile is None else profile.languages),
                open_needs=load.get(key, 0),
                most_needs=None if profile is None else profile.most_needs,
                keeper=key == keeper,
                away=key in absent,
                deputy_id=None if absence is None else absence.deputy_id,
                here=key not in more,
            )
        )
    return found


def _fields(session: Session, keys: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    row = BrokerField
    wanted = sa.select(row.user_id, row.scheme, row.code).where(row.user_id.in_(keys))
    for key, scheme, code in session.execute(wanted):
        found[key].append((scheme, code))
    return found


def _regions(session: Session, keys: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    row = BrokerRegion
    for key, region in session.execute(
        sa.select(row.user_id, row.region).where(row.user_id.in_(keys))
    ):
        found[key].append(region)
    return found


def loads(session: Session, keys: Collection[int]) -> dict[int, int]:
    """Return broker -> how many open needs they look after; those without one are left out."""
    rows = session.execute(
        sa.select(NeedCase.broker_id, sa.func.count())
        .where(NeedCase.broker_id.in_(keys), NeedCase.state == "open")
        .group_by(NeedCase.broker_id)
    )
    return {key: number for key, number in rows if key is not None}

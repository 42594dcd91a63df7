"""Reads of who works in the network: members of a place, brokers to choose, absences, deputies."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from tenon.accounts.models import Role, User, UserRole
from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.network.models import (
    Absence,
    BrokerField,
    BrokerProfile,
    BrokerRegion,
    Station,
    StationMember,
)
from tenon.network.queries.heads import headed_stations
from tenon.network.queries.portfolio import firm_counts

CHOICE_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody at a place, with how much they have.

    Attributes:
        member: their row there.
        firms: how many firms they look after, at whatever place.
        most_firms: their limit; None without one.
        away_until: the last day of an absence that covers today; None where they are here.
        deputy: who stands in meanwhile, if anybody.
    """

    member: StationMember
    firms: int
    most_firms: int | None
    away_until: date | None
    deputy: User | None


def staff_of(session: Session, station: Station, *, today: date) -> list[Staff]:
    """Return who works at a place now, heads first, then by name; four statements at most."""
    first = sa.case((StationMember.role == "head", 0), else_=1)
    members = session.scalars(
        sa.select(StationMember)
        .join(StationMember.user)
        .where(StationMember.station_id == station.id, StationMember.ended_at.is_(None))
        .options(joinedload(StationMember.user).options(*bare()))
        .order_by(first, User.name, StationMember.id)
    ).all()
    keys = [each.user_id for each in members]
    firms, away, most = (
        firm_counts(session, keys),
        away_on(session, keys, today),
        _limits(session, keys),
    )
    return [
        Staff(
            each,
            firms.get(each.user_id, 0),
            most.get(each.user_id),
            away[each.user_id].last_day if each.user_id in away else None,
            away[each.user_id].deputy if each.user_id in away else None,
        )
        for each in members
    ]


def _limits(session: Session, keys: Collection[int]) -> Mapping[int, int | None]:
    row = BrokerProfile
    found = session.execute(sa.select(row.user_id, row.most_firms).where(row.user_id.in_(keys)))
    return dict(found.all())


def find_member(session: Session, member_id: int) -> StationMember:
    """Return a member's row by key; raises NotFound."""
    found = session.get(StationMember, member_id)
    if found is None:
        raise NotFound(kind="member")
    return found


def places_of(session: Session, user_id: int) -> Sequence[StationMember]:
    """Return where somebody works now, the place of longest standing first."""
    return session.scalars(
        sa.select(StationMember)
        .where(StationMember.user_id == user_id, StationMember.ended_at.is_(None))
        .order_by(StationMember.since, StationMember.id)
    ).all()


def own_station(session: Session, user_id: int) -> int | None:
    """Return the key of the place where somebody has worked longest, or None."""
    found = places_of(session, user_id)
    return found[0].station_id if found else None


def brokers(session: Session, *, within: Collection[int] | None = None) -> Sequence[User]:
    """Return brokers who can sign in, by name, at most CHOICE_LIMIT.

    ``within``: only those who work at one of these places; None for all, at a place or not.
    """
    holders = sa.select(UserRole.user_id).join(Role).where(Role.name == "broker")
    wanted = sa.select(User).where(
        User.id.in_(holders), User.active.is_(True), User.erased_at.is_(None)
    )
    if within is not None:
        there = sa.select(StationMember.user_id).where(
            StationMember.station_id.in_(sorted(within)), StationMember.ended_at.is_(None)
        )
        wanted = wanted.where(User.id.in_(there))
    return session.scalars(
        wanted.options(*bare()).order_by(User.name, User.id).limit(CHOICE_LIMIT)
    ).all()


def brokers_of(session: Session, actor: Actor) -> Sequence[User]:
    """Return the brokers among whom the actor gives out work: all, or of the places they head."""
    return brokers(session, within=None if actor.operator else headed_stations(session, actor))


def is_broker(user: User) -> bool:
    """Whether somebody can be given a broker's work: holds the role and can sign in."""
    return (
        user.active and user.erased_at is None and any(role.name == "broker" for role in user.roles)
    )


def profile_of(session: Session, user_id: int) -> BrokerProfile | None:
    """Return what is known of a broker, or None where nobody wrote it yet."""
    return session.get(BrokerProfile, user_id)


def fields_of(session: Session, user_id: int) -> list[tuple[str, str]]:
    """Return the (scheme, code) of the fields that a broker knows, in order."""
    row = BrokerField
    found = session.execute(
        sa.select(row.scheme, row.code).where(row.user_id == user_id).order_by(row.scheme, row.code)
    )
    return [(scheme, code) for scheme, code in found]


def regions_of(session: Session, user_id: int) -> list[str]:
    """Return the codes of the regions that a broker serves, in order."""
    row = BrokerRegion
    return list(
        session.scalars(sa.select(row.region).where(row.user_id == user_id).order_by(row.region))
    )


def away_on(session: Session, user_ids: Collection[int], day: date) -> Mapping[int, Absence]:
    """Return who of these people is away on a day -> the absence, its deputy loaded."""
    if not user_ids:
        return {}
    rows = session.scalars(
        sa.select(Absence)
        .where(Absence.user_id.in_(user_ids), Absence.first_day <= day, Absence.last_day >= day)
        .options(joinedload(Absence.deputy).options(*bare()))
    )
    return {each.user_id: each for each in rows}


def stands_in_for(session: Session, deputy_id: int, day: date) -> frozenset[int]:
    """Return the keys of those for whom somebody stands in on a day."""
    return frozenset(session.scalars(stood_in_for(deputy_id, day)))


def stood_in_for(deputy_id: int, day: date) -> sa.Select[int]:
    """Select the keys of those for whom somebody stands in on a day."""
    return sa.select(Absence.user_id).where(
        Absence.deputy_id == deputy_id, Absence.first_day <= day, Absence.last_day >= day
    )


def absences_of(session: Session, user_ids: Collection[int], *, since: date) -> Sequence[Absence]:
    """Return absences of these people that are not over on ``since``, the next first."""
    return session.scalars(
        sa.select(Absence)
        .where(Absence.user_id.in_(user_ids), Absence.last_day >= since)
        .options(
            joinedload(Absence.user).options(*bare()),
            joinedload(Absence.deputy).options(*bare()),
        )
        .order_by(Absence.first_day, Absence.id)
        .limit(CHOICE_LIMIT)
    ).all()


def bare() -> tuple[_AbstractLoad, ...]:
    """Return options that load people without their roles and memberships, for lists."""
    return lazyload(User.roles), lazyload(User.memberships)

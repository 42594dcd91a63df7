"""What a page of figures is asked with: period, as-of day, place, region, field; kept in links.

A broker's figures are those of the places they see, whatever the address says; another place
does not exist for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.insight.measures import Scope
from tenon.insight.naming import closed_houses
from tenon.network.models import Station
from tenon.network.queries.tree import Branch, below, find_station, knows_inside, places
from tenon.taxonomy.queries import find

NAMES = ("first", "last", "as_of", "place", "region", "field", "institution", "broker")
ALL = "all"
_EARLIEST = date(2000, 1, 1)
_LATEST = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for.

    Attributes:
        scope: what counts.
        place: the place of the network whose subtree it is, if one was chosen.
        kept: the parameters as they stood in the address, for links.
    """

    scope: Scope
    place: Station | None
    kept: Mapping[str, str]


def asked(session: Session, *, by: Actor, today: date) -> Asked:
    """Read the request's parameters; the period is this year so far unless it says otherwise.

    Raises NotFound for a place out of sight, and for a region, field, house or person unknown.
    """
    kept = {name: request.args[name] for name in NAMES if request.args.get(name)}
    first = _day(kept, "first") or date(today.year, 1, 1)
    last = _day(kept, "last") or today
    if last < first:
        first, last = last, first
    place = _place(session, kept.get("place"), by)
    scope = Scope(
        first=first,
        last=last,
        as_of=_day(kept, "as_of"),
        region=_region(kept.get("region")),
        organisation_id=_house(session, kept.get("institution"), by),
        broker_id=_person(session, kept.get("broker")),
        field=_field(kept.get("field")),
        station_ids=_keys(session, place, by),
    )
    return Asked(scope, place, kept)


def _day(kept: Mapping[str, str], name: str) -> date | None:
    try:
        day = date.fromisoformat(kept.get(name, ""))
    except ValueError:
        return None
    return min(max(day, _EARLIEST), _LATEST)


def _place(session: Session, public_id: str | None, by: Actor) -> Station | None:
    if public_id is None:
        return None
    station = find_station(session, public_id)
    if not knows_inside(by, station):
        raise NotFound(kind="station")
    return station


def _keys(session: Session, place: Station | None, by: Actor) -> frozenset[int] | None:
    """Return the places that count: of the one chosen, else all that a broker sees."""
    if place is not None:
        return below(session, place.id)
    return None if by.operator else by.stations


def _region(code: str | None) -> str | None:
    if code is None or code == ALL:
        return None
    if find("region", code) is None:
        raise NotFound(kind="region")
    return code


def _field(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    scheme, _, code = text.partition(":")
    if scheme not in ("hitech", "ipc") or find(scheme, code) is None:
        raise NotFound(kind="field")
    return scheme, code


def _house(session: Session, public_id: str | None, by: Actor) -> int | None:
    """Return a house's key; of a firm only its members and operators ask for figures alone."""
    if public_id is None:
        return None
    wanted = sa.select(Organisation.id).where(Organisation.public_id == public_id)
    key = _known(session.scalar(wanted), "organisation")
    if key in closed_houses(session, [key], by):
        raise NotFound(kind="organisation")
    return key


def _person(session: Session, public_id: str | None) -> int | None:
    if public_id is None:
        return None
    return _known(session.scalar(sa.select(User.id).where(User.public_id == public_id)), "user")


def _known(key: int | None, kind: str) -> int:
    if key is None:
        raise NotFound(kind=kind)
    return key


def choosable(session: Session, by: Actor) -> Sequence[Branch]:
    """Return the places to choose among: of operators all, of brokers those that they see."""
    return places(session, within=None if by.operator else by.stations)


def placeless(by: Actor) -> bool:
    """Whether a broker works at no place, so that there are no figures to see."""
    return not by.operator and not by.stations


def narrowed(session: Session, scope: Scope, dimension: str, value: str, *, by: Actor) -> Scope:
    """Return a scope narrowed to one part of its break-down, as an address names the part.

    Raises NotFound for what is unknown, not to be singled out, or a place that lies outside.
    """
    if dimension == "region":
        return replace(scope, region=_region(value) or scope.region)
    if dimension == "field":
        return replace(scope, field=_field(value))
    if dimension == "institution":
        return replace(scope, organisation_id=_house(session, value, by))
    if dimension == "broker":
        return replace(scope, broker_id=_person(session, value))
    own = frozenset({find_station(session, value).id})
    if scope.station_ids is not None and not own <= scope.station_ids:
        raise NotFound(kind="station")
    return replace(scope, station_ids=own)

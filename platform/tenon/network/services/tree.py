"""The tree of places: add, describe, move, close. The one writer of ``StationAncestor``.

Moves and additions take turns (a lock on the whole tree), so that the flat tree always says what
the links to parents say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.history.services import lock
from tenon.network import recording
from tenon.network.models import LEVELS, Station, StationAncestor
from tenon.network.queries import heads
from tenon.taxonomy import catalogue

CODE_LIMIT, NAME_LIMIT, ADDRESS_LIMIT = 40, 200, 300
MOST_ANSWER_DAYS = 90
_TREE = ("network", "tree")


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is said of a place, but for where it lies.

    Attributes:
        code: its stable name in files, unique.
        name_zh, name_en: one of them at least.
        region: code of the region.
        address: one line.
        answer_days: working days within which a need is answered here, 1 to 90; None: as above.
        organisation_id: the host organisation's key.
    """

    code: str
    name_zh: str = ""
    name_en: str = ""
    region: str = ""
    address: str = ""
    answer_days: int | None = None
    organisation_id: int | None = None

    def columns(self) -> dict[str, object]:
        """Return what is kept, by column."""
        return {
            "code": self.code.strip(),
            "name_zh": self.name_zh.strip() or None,
            "name_en": self.name_en.strip() or None,
            "region": self.region or None,
            "address": self.address.strip() or None,
            "answer_days": self.answer_days,
            "organisation_id": self.organisation_id,
        }


def add_station(
    session: Session,
    details: Details,
    *,
    level: str,
    parent: Station | None,
    by: Actor,
    now: datetime,
) -> Station:
    """Add a place below another; a centre has none above it, and only operators add one.

    Raises NotFound, Forbidden, Invalid at the fields of ``Details``, ``level`` or ``parent``.
    """
    if parent is None:
        if not by.operator:
            raise Forbidden(action="manage_place")
    else:
        heads.require_manages(session, by, parent)
    lock(session, _TREE)
    errors = check(session, details) | place_errors(level, parent)
    if errors:
        raise Invalid(errors)
    station = Station(
        level=level, parent_id=None if parent is None else parent.id, created_at=now,
        **details.columns(),
    )  # fmt: skip
    session.add(station)
    session.flush()
    _link(session, station.id, None if parent is None else parent.id)
    facts = {"code": station.code, "level": level, "parent": parent.code if parent else None}
    recording.of_station(session, station, "added", facts, by=by, now=now)
    return station


def describe(
    session: Session,
    station: Station,
    details: Details,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> bool:
    """Change what is said of a place; return whether anything was.

    Its code is changed by operators alone, as files name places by it. Raises NotFound, Forbidden,
    Invalid, Conflict where somebody else changed it meanwhile or it is closed.
    """
    heads.require_manages(session, by, station)
    _require_open(station)
    if details.code.strip() != station.code and not by.operator:
        raise Invalid({"code": "code_is_settled"})
    errors = check(session, details, besides=station.id)
    if errors:
        raise Invalid(errors)
    columns = {k: v for k, v in details.columns().items() if getattr(station, k) != v}
    if not columns:
        return False
    _swap(session, station, expected_version, **columns)
    facts = {"changed": sorted(columns)}
    recording.of_station(session, station, "described", facts, by=by, now=now)
    return True


def move_station(
    session: Session,
    station: Station,
    parent: Station,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Hang a place, with all below it, under another; who moves it manages both places above.

    Raises NotFound, Forbidden, Invalid at ``parent`` (closed, no higher level, or below the place
    itself), Conflict.
    """
    heads.require_manages_above(session, by, station)
    heads.require_manages(session, by, parent)
    _require_open(station)
    lock(session, _TREE)
    errors = place_errors(station.level, parent)
    row = StationAncestor
    inside = sa.select(row.station_id).where(
        row.ancestor_id == station.id, row.station_id == parent.id
    )
    if not errors and session.scalar(inside) is not None:
        errors = {"parent": "below_itself"}
    if errors:
        raise Invalid(errors)
    if station.parent_id == parent.id:
        return
    before = station.parent
    _swap(session, station, expected_version, parent_id=parent.id)
    _unlink(session, station.id)
    _hang(session, station.id, parent.id)
    session.refresh(station, ["parent"])
    facts = {"from": before.code if before else None, "to": parent.code}
    recording.of_station(session, station, "moved", facts, by=by, now=now)


def close_row(session: Session, station: Station, *, expected_version: int | None) -> None:
    """Mark a place as closed; what lay there is the caller's business (``services.closing``)."""
    _swap(session, station, expected_version, state="closed")


def reopen(session: Session, station: Station, *, by: Actor, now: datetime) -> None:
    """Open a closed place again where it was; raises as ``move_station``."""
    heads.require_manages_above(session, by, station)
    if station.state != "closed":
        raise Conflict("changed_meanwhile", kind="station")
    if station.parent is not None and station.parent.state == "closed":
        raise Invalid({"parent": "closed"})
    _swap(session, station, None, state="active")
    recording.of_station(session, station, "reopened", {}, by=by, now=now)


def check(session: Session, details: Details, *, besides: int | None = None) -> dict[str, str]:
    """Return field -> what is wrong with it; ``besides`` is the place that bears the code now."""
    errors: dict[str, str] = {}
    code = details.code.strip()
    if not code:
        errors["code"] = "required"
    elif len(code) > CODE_LIMIT:
        errors["code"] = "too_long"
    else:
        taken = sa.select(Station.id).where(Station.code == code)
        if besides is not None:
            taken = taken.where(Station.id != besides)
        if session.scalar(taken) is not None:
            errors["code"] = "already_taken"
    return errors | _word_errors(session, details)


def _word_errors(session: Session, details: Details) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not details.name_zh.strip() and not details.name_en.strip():
        errors["name_zh"] = "required"
    for name, text, most in (
        ("name_zh", details.name_zh, NAME_LIMIT),
        ("name_en", details.name_en, NAME_LIMIT),
        ("address", details.address, ADDRESS_LIMIT),
    ):
        if len(text.strip()) > most:
            errors[name] = "too_long"
    if details.region and catalogue.find("region", details.region) is None:
        errors["region"] = "unknown_code"
    if details.answer_days is not None and not 1 <= details.answer_days <= MOST_ANSWER_DAYS:
        errors["answer_days"] = "out_of_range"
    if details.organisation_id is not None:
        house = session.get(Organisation, details.organisation_id)
        if house is None or house.state != "approved":
            errors["organisation"] = "unknown_code"
    return errors


def place_errors(level: str, parent: Station | None) -> dict[str, str]:
    """Return what is wrong with a place of that level below that parent: levels come in order."""
    if level not in LEVELS:
        return {"level": "unknown_code"}
    if parent is None:
        return {} if level == LEVELS[0] else {"parent": "required"}
    if level == LEVELS[0]:
        return {"parent": "centre_is_top"}
    if parent.state == "closed":
        return {"parent": "closed"}
    if LEVELS.index(parent.level) >= LEVELS.index(level):
        return {"parent": "level_not_above"}
    return {}


def _require_open(station: Station) -> None:
    if station.state == "closed":
        raise Conflict("place_closed", kind="station")


def _link(session: Session, station_id: int, parent_id: int | None) -> None:
    session.execute(
        sa.insert(StationAncestor).values(station_id=station_id, ancestor_id=station_id, distance=0)
    )
    if parent_id is not None:
        _hang(session, station_id, parent_id)


def _hang(session: Session, station_id: int, parent_id: int) -> None:
    """Give a place and all below it everything from ``parent_id`` upwards for ancestors."""
    lower, upper = sa.orm.aliased(StationAncestor), sa.orm.aliased(StationAncestor)
    rows = (
        sa.select(lower.station_id, upper.ancestor_id, lower.distance + upper.distance + 1)
        .select_from(lower)
        .join(upper, upper.station_id == parent_id)
        .where(lower.ancestor_id == station_id)
    )
    session.execute(
        sa.insert(StationAncestor).from_select(["station_id", "ancestor_id", "distance"], rows)
    )


def _unlink(session: Session, station_id: int) -> None:
    """Take from a place and all below it whatever lay above the place."""
    row, lower, upper = (
        StationAncestor,
        sa.orm.aliased(StationAncestor),
        sa.orm.aliased(StationAncestor),
    )
    inside = sa.select(lower.station_id).where(lower.ancestor_id == station_id)
    over = sa.select(upper.ancestor_id).where(upper.station_id == station_id, upper.distance > 0)
    session.execute(
        sa.delete(row)
        .where(row.station_id.in_(inside), row.ancestor_id.in_(over))
        .execution_options(synchronize_session=False)
    )


def _swap(
    session: Session, station: Station, expected_version: int | None, **columns: object
) -> None:
    """Change columns by comparing and swapping the version; raises Conflict."""
    if expected_version is not None and station.version != expected_version:
        raise Conflict("changed_meanwhile", kind="station")
    session.flush()
    result = session.execute(
        sa.update(Station)
        .where(Station.id == station.id, Station.version == station.version)
        .values(version=station.version + 1, **columns)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="station")
    session.refresh(station)

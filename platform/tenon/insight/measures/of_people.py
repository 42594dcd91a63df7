"""Brokers who brought something about in a period; who works in the network at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tenon.actors import Actor
from tenon.credit.models import CreditEntry
from tenon.insight.measures import things
from tenon.insight.measures.counting import (
    Condition,
    Counting,
    Source,
    known_until,
    steps_of,
)
from tenon.insight.measures.measure import Behind, Measure, Part, Row, Scope, Step, Value, register
from tenon.insight.measures.rolling import roll_up
from tenon.insight.measures.shared import local_day, place_of, stood
from tenon.insight.models import StaffRecord
from tenon.network.models import BrokerProfile, Station, StationMember


def _active() -> Source:
    line, member = aliased(CreditEntry), aliased(StationMember)
    works = sa.exists().where(
        member.user_id == line.user_id,
        member.since <= local_day(line.at),
        sa.or_(member.until.is_(None), member.until >= local_day(line.at)),
    )
    return Source(
        kind="person",
        start=lambda _: sa.inspect(line).selectable,
        key=line.user_id,
        at=line.at,
        distinct=True,
        where=lambda until: [*stood(line, until), works],
        columns={
            "institution": lambda _: line.organisation_id,
            "broker": lambda _: line.user_id,
            "station": lambda _: place_of(line.user_id, local_day(line.at)),
        },
    )


@dataclass(frozen=True, slots=True)
class HeadCount:
    """How many people are something on a day: each person once, wherever they work.

    The day is the last of the period or, where that is earlier, the as-of day.

    Attributes:
        role: of StationMember; None for any.
        certificate: of BrokerProfile, valid on the day; None where it does not matter.
    """

    role: str | None
    certificate: str | None = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """By what people can be told apart."""
        return ("region", "broker", "station")

    def value(self, session: Session, scope: Scope) -> Value:
        """Return how many there are at the end."""
        people = _people(scope)
        wanted = self._select(scope, people, sa.func.count(people.c.user_id.distinct()))
        return Value(session.scalar(wanted) or 0)

    def series(self, session: Session, scope: Scope, step: str) -> list[Step]:
        """Return how many there are at the end of each step; days to come show the present."""
        days = steps_of(scope.first, scope.last, step)
        if not days:
            return []
        people = _people(scope)
        columns = []
        for _, last in days:
            here = sa.and_(*self._on(people, _day(scope, last)))
            columns.append(sa.func.count(sa.case((here, people.c.user_id)).distinct()))
        found = session.execute(self._joined(scope, people, *columns)).one()
        return [
            Step(first, last, Value(int(number)))
            for (first, last), number in zip(days, found, strict=True)
        ]

    def by(self, session: Session, scope: Scope, dimension: str) -> list[Part]:
        """Return how many there are at each place or in each region, the most first."""
        people = _people(scope)
        columns: dict[str, Any] = {
            "region": Station.region,
            "broker": people.c.user_id,
            "station": people.c.station_id,
        }
        label = columns[dimension]
        number = sa.func.count(people.c.user_id.distinct())
        rows = session.execute(self._select(scope, people, label, number).group_by(label))
        found = {row[0]: Value(int(row[1])) for row in rows}
        parts = roll_up(found, dimension, scope, nothing=Value())
        return sorted(parts, key=lambda part: (-part.value.number, part.key or ""))

    def rows(self, session: Session, scope: Scope, by: Actor, offset: int, limit: int) -> Behind:
        """Return the people whom the reader may see: an operator all, a broker those in sight."""
        people = _people(scope)
        number = sa.func.count(people.c.user_id.distinct())
        every = session.scalar(self._select(scope, people, number)) or 0
        seen = things.visible("person", people.c.user_id, by)
        conditions = [] if seen is None else [seen]
        allowed = session.scalar(self._select(scope, people, number).where(*conditions)) or 0
        since = sa.func.min(people.c.since)
        page = session.execute(
            self._select(scope, people, people.c.user_id, since)
            .where(*conditions)
            .group_by(people.c.user_id)
            .order_by(since, people.c.user_id)
            .offset(offset)
            .limit(limit)
        ).all()
        named = things.named(session, "person", [key for key, _ in page])
        found = [
            Row("person", None, named[key].title_zh, named[key].title_en, day)
            for key, day in page
            if key in named
        ]
        return Behind(found, allowed, every - allowed)

    def _select(self, scope: Scope, people: Any, *columns: Any) -> sa.Select[Any]:
        return self._joined(scope, people, *columns).where(*self._on(people, _day(scope)))

    def _on(self, people: Any, day: date) -> list[Condition]:
        found = [people.c.since <= day, _open_on(people.c.until, day)]
        if self.certificate is not None:
            found.append(_open_on(people.c.certified_until, day))
        return found

    def _joined(self, scope: Scope, people: Any, *columns: Any) -> sa.Select[Any]:
        wanted = (
            sa.select(*columns).select_from(people).join(Station, Station.id == people.c.station_id)
        )
        if self.certificate is not None:
            wanted = wanted.where(people.c.certificate == self.certificate)
        if self.role is not None:
            wanted = wanted.where(people.c.role == self.role)
        if scope.region is not None:
            wanted = wanted.where(things.in_region(Station.region, scope.region))
        if scope.station_ids is not None:
            wanted = wanted.where(people.c.station_id.in_(sorted(scope.station_ids)))
        if scope.broker_id is not None:
            wanted = wanted.where(people.c.user_id == scope.broker_id)
        return wanted


_FACTS = ("user_id", "station_id", "role", "since", "until")


def _people(scope: Scope) -> sa.Subquery:
    """Return who worked where: as it stands, or as it was on record at the end of a day."""
    until = known_until(scope)
    if until is None:
        member, profile = StationMember, BrokerProfile
        return (
            sa.select(
                *(getattr(member, name) for name in _FACTS),
                profile.certificate,
                profile.certified_until,
            )
            .outerjoin(profile, profile.user_id == member.user_id)
            .subquery("people")
        )
    record, later = StaffRecord, aliased(StaffRecord)
    newer = sa.exists().where(
        later.member_id == record.member_id,
        later.sequence > record.sequence,
        later.recorded_at < until,
    )
    return (
        sa.select(
            *(getattr(record, name) for name in _FACTS), record.certificate, record.certified_until
        )
        .where(record.recorded_at < until, ~newer)
        .subquery("people")
    )


def _open_on(last: Any, day: date) -> Condition:
    return sa.or_(last.is_(None), last >= day)


def _day(scope: Scope, last: date | None = None) -> date:
    day = last or scope.last
    return day if scope.as_of is None else min(day, scope.as_of)


register(
    Measure(
        "brokers_active",
        "count",
        ("credit_entries", "station_members"),
        Counting(_active()),
        adds=False,
    )
)
for _code, _role in (("heads", "head"), ("brokers", "broker"), ("liaisons", "liaison")):
    register(Measure(_code, "count", ("station_members",), HeadCount(_role), adds=False))
for _certificate in ("broker", "manager", "liaison"):
    register(
        Measure(
            f"certified_{_certificate}s",
            "count",
            ("station_members", "broker_profiles", "staff_records"),
            HeadCount(None, _certificate),
            adds=False,
        )
    )

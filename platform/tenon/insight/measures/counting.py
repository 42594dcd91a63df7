"""Read a measure from one source of rows: the figure, its series, its parts, the things behind.

Each is one aggregate statement (things behind: three or four). A source says which columns hold
what; it knows no scope, and this module knows no table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.insight.measures import things
from tenon.insight.measures.measure import DIMENSIONS, Behind, Part, Row, Scope, Step, Value
from tenon.insight.measures.rolling import roll_up
from tenon.notices import delivery

Condition = sa.ColumnElement[bool]
Moment = datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a measure's rows come from.

    Attributes:
        kind: of the things behind it, as in ``things``.
        start: what to select from; given the dimensions that are asked for, so that a plain
            figure joins nothing it does not need.
        key: of the thing; counted once each where ``distinct``.
        at: the moment (or, if ``dated``, the day) that decides the period.
        where: more conditions, given the end of the as-of day, or None for now.
        columns: dimension -> the one value a row has; given the end of the as-of day.
        within: dimension -> how to narrow by it, where that is not equality with the column.
        currency, amount: where it is money; ``amount`` in minor units.
        hits: which rows count, where it is a share of all.
    """

    kind: str
    start: Callable[[frozenset[str]], sa.FromClause]
    key: Any
    at: Any
    columns: Mapping[str, Callable[[Moment], Any]]
    dated: bool = False
    distinct: bool = False
    where: Callable[[Moment], Sequence[Condition]] = lambda _: ()
    within: Mapping[str, Callable[[Any, Moment], Condition]] = field(default_factory=dict)
    currency: Any = None
    amount: Any = None
    hits: Callable[[Moment], Condition] | None = None


def start_of(day: date) -> datetime:
    """Return the first moment of a day by the site's clock."""
    return datetime.combine(day, time.min, tzinfo=delivery.current().zone)


def end_of(day: date) -> datetime:
    """Return the first moment after a day by the site's clock."""
    return start_of(day + timedelta(days=1))


def known_until(scope: Scope) -> Moment:
    """Return the moment before which a row had to be recorded, or None for all."""
    return None if scope.as_of is None else end_of(scope.as_of)


def steps_of(first: date, last: date, step: str) -> list[tuple[date, date]]:
    """Return the weeks (from Monday) or months of a period, the outer ones cut by it."""
    found = []
    while first <= last:
        if step == "week":
            after = first + timedelta(days=7 - first.weekday())
        else:
            after = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        found.append((first, min(last, after - timedelta(days=1))))
        first = after
    return found


@dataclass(frozen=True, slots=True)
class Counting:
    """The reading of a measure that counts, adds up or compares the rows of one source."""

    source: Source

    @property
    def dimensions(self) -> tuple[str, ...]:
        """By what the source's rows can be told apart."""
        return tuple(each for each in DIMENSIONS if each in self.source.columns)

    def value(self, session: Session, scope: Scope) -> Value:
        """Return the figure of the scope."""
        found = _folded(session.execute(self._select(scope)).all())
        return found.get(None, self._nothing())

    def series(self, session: Session, scope: Scope, step: str) -> list[Step]:
        """Return the figure of each step of the period, in one statement."""
        days = steps_of(scope.first, scope.last, step)
        if not days:
            return []
        marks = [(self._mark(last + timedelta(days=1)), at) for at, (_, last) in enumerate(days)]
        label = sa.case(*((self.source.at < mark, at) for mark, at in marks))
        found = _folded(session.execute(self._select(scope, label)).all())
        return [
            Step(first, last, found.get(at, self._nothing()))
            for at, (first, last) in enumerate(days)
        ]

    def by(self, session: Session, scope: Scope, dimension: str) -> list[Part]:
        """Return the figure by a dimension: regions and fields one level below the scope."""
        label = self.source.columns[dimension](known_until(scope))
        rows = session.execute(self._select(scope, label, also=dimension)).all()
        found = _folded(rows)
        parts = roll_up(found, dimension, scope, nothing=self._nothing())
        return sorted(
            parts, key=lambda part: (part.key is None, *_size(part.value), part.key or "")
        )

    def rows(self, session: Session, scope: Scope, by: Actor, offset: int, limit: int) -> Behind:
        """Return a page of the things, the latest first, as far as ``by`` may open them."""
        source = self.source
        conditions = self._conditions(scope)
        start = source.start(frozenset(scope.narrowed))
        counted = sa.func.count(source.key.distinct() if source.distinct else source.key)
        every = session.scalar(sa.select(counted).select_from(start).where(*conditions)) or 0
        seen = things.visible(source.kind, source.key, by)
        allowed = every
        if seen is not None:
            conditions.append(seen)
            wanted = sa.select(counted).select_from(start).where(*conditions)
            allowed = session.scalar(wanted) or 0
        page = session.execute(self._page(start, conditions, scope).offset(offset).limit(limit))
        rows = list(page.all())
        named = things.named(session, source.kind, [row.key for row in rows])
        return Behind(
            [self._row(row, named[row.key]) for row in rows if row.key in named],
            allowed,
            every - allowed,
        )

    def _page(
        self, start: sa.FromClause, conditions: list[Condition], scope: Scope
    ) -> sa.Select[Any]:
        source = self.source
        at = sa.func.max(source.at) if source.distinct else source.at
        columns = [source.key.label("key"), at.label("at")]
        money = source.currency is not None
        columns.append((source.currency if money else sa.null()).label("currency"))
        columns.append((source.amount if money else sa.null()).label("amount"))
        hits = None if source.hits is None else source.hits(known_until(scope))
        columns.append((sa.true() if hits is None else sa.case((hits, 1), else_=0)).label("hit"))
        wanted = sa.select(*columns).select_from(start).where(*conditions)
        if source.distinct:
            wanted = wanted.group_by(source.key)
        return wanted.order_by(at.desc(), source.key.desc())

    def _row(self, row: sa.Row[Any], name: things.Named) -> Row:
        day = row.at
        if isinstance(day, datetime):
            day = day.astimezone(delivery.current().zone).date()
        sums = {} if row.currency is None else {row.currency: int(row.amount or 0)}
        return Row(
            name.kind, name.public_id, name.title_zh, name.title_en, day, sums, bool(row.hit)
        )

    def _nothing(self) -> Value:
        return Value() if self.source.hits is None else Value(whole=0)

    def _mark(self, day: date) -> date | datetime:
        return day if self.source.dated else start_of(day)

    def _conditions(self, scope: Scope) -> list[Condition]:
        source, until = self.source, known_until(scope)
        found = [source.at >= self._mark(scope.first), *source.where(until)]
        found.append(source.at < self._mark(scope.last + timedelta(days=1)))
        if until is not None and not source.dated:
            found.append(source.at < until)
        wanted = {
            "region": scope.region,
            "institution": scope.organisation_id,
            "station": scope.station_ids,
            "broker": scope.broker_id,
            "field": scope.field,
        }
        for dimension, value in wanted.items():
            if value is not None:
                found.append(self._narrowed(dimension, value, until))
        return found

    def _narrowed(self, dimension: str, value: Any, until: Moment) -> Condition:
        own = self.source.within.get(dimension)
        if own is not None:
            return own(value, until)
        column: sa.ColumnElement[Any] = self.source.columns[dimension](until)
        if dimension == "region":
            return things.in_region(column, value)
        if dimension == "field":
            return things.in_field(column, value)
        return column.in_(sorted(value)) if dimension == "station" else column == value

    def _select(self, scope: Scope, label: Any = None, also: str = "") -> sa.Select[Any]:
        source, until = self.source, known_until(scope)
        start = source.start(frozenset({*scope.narrowed, also}))
        label = sa.null() if label is None else label
        one = sa.func.count(source.key.distinct() if source.distinct else source.key)
        currency = sa.null() if source.currency is None else source.currency
        amount = sa.null() if source.amount is None else sa.func.sum(source.amount)
        hit: Any = sa.null()
        part: Any = sa.null()
        if source.hits is not None:
            chosen = source.hits(until)
            hit = sa.func.sum(sa.case((chosen, 1), else_=0))
            if source.amount is not None:
                part = sa.func.sum(sa.case((chosen, source.amount), else_=0))
        inner = [label.label("label"), currency.label("currency"), one, amount, hit, part]
        wanted = sa.select(*inner).select_from(start).where(*self._conditions(scope))
        groups = [sa.text(str(place)) for place in self._groups(label)]
        return wanted.group_by(*groups) if groups else wanted

    def _groups(self, label: Any) -> Iterable[int]:
        if not isinstance(label, sa.sql.elements.Null):
            yield 1
        if self.source.currency is not None:
            yield 2


def _size(value: Value) -> tuple[int, ...]:
    return (-max(value.sums.values(), default=0), -(value.whole or value.number))


def _folded(rows: Sequence[sa.Row[Any]]) -> dict[Any, Value]:
    """Bring the rows of one label, one a currency, into one value."""
    found: dict[Any, Value] = {}
    for row in rows:
        label, currency, count, amount, hit, part = tuple(row)
        known = found.get(label, Value())
        share = hit is not None or known.whole is not None
        sums, wholes = dict(known.sums), dict(known.whole_sums)
        if currency is not None:
            sums[currency] = int((part if share else amount) or 0)
            if share:
                wholes[currency] = int(amount or 0)
        number = known.number + int((hit if share else count) or 0)
        whole = (known.whole or 0) + int(count) if share else None
        found[label] = Value(number, whole, sums, wholes)
    return found

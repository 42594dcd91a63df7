"""What a measure is: a figure in words, the rows behind it, and how it falls apart.

A measure is a function of the database and a ``Scope``. What was recorded after the end of the
scope's ``as_of`` day does not count, so that a figure of a past day can be computed again. Knows
no table; the sources beside it do. Words for pages stand in ``insight.labels``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Protocol

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import NotFound

UNITS = ("count", "money", "percent", "days")
DIMENSIONS = ("region", "field", "institution", "broker", "station")
STEPS = ("week", "month")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What counts.

    Attributes:
        first, last: days of the period by the site's clock, inclusive.
        as_of: as recorded at the end of this day; None: as recorded now.
        region: a division's code; those within it count in.
        organisation_id: only what is this house's.
        station_ids: only what came in at these places (a subtree, all its keys); None: everywhere.
        broker_id: only what this person brought about.
        field: scheme and code; those below it count in.
    """

    first: date
    last: date
    as_of: date | None = None
    region: str | None = None
    organisation_id: int | None = None
    station_ids: frozenset[int] | None = None
    broker_id: int | None = None
    field: tuple[str, str] | None = None

    def between(self, first: date, last: date) -> Scope:
        """Return the same scope over other days."""
        return replace(self, first=first, last=last)

    @property
    def narrowed(self) -> tuple[str, ...]:
        """The dimensions that the scope is narrowed by."""
        named = {
            "region": self.region,
            "field": self.field,
            "institution": self.organisation_id,
            "broker": self.broker_id,
            "station": self.station_ids,
        }
        return tuple(name for name, value in named.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Value:
    """A figure: a count, sums by currency, or a share of a whole.

    Attributes:
        number: how many.
        whole: of how many; None unless the measure is a share.
        sums: minor units by currency; different currencies are never added.
        whole_sums: what ``sums`` are shares of.
    """

    number: int = 0
    whole: int | None = None
    sums: Mapping[str, int] = field(default_factory=dict)
    whole_sums: Mapping[str, int] = field(default_factory=dict)

    @property
    def percent(self) -> Decimal | None:
        """The share by count, in percent; None where there is no whole."""
        return None if not self.whole else Decimal(self.number * 100) / self.whole

    def percent_of(self, currency: str) -> Decimal | None:
        """Return the share of one currency's sum, in percent; None where that is nothing."""
        whole = self.whole_sums.get(currency, 0)
        return None if not whole else Decimal(self.sums.get(currency, 0) * 100) / whole


@dataclass(frozen=True, slots=True)
class Step:
    """One week (from Monday) or month of a series; the outer ones may be cut by the period."""

    first: date
    last: date
    value: Value


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a break-down.

    Attributes:
        key: division's code, ``scheme:code``, or a row's key as text; None where it is not known.
        value: the figure of this part.
    """

    key: str | None
    value: Value


@dataclass(frozen=True, slots=True)
class Row:
    """One thing behind a figure.

    Attributes:
        kind: ``listing``, ``introduction``, ``event``, ``meeting``, ``deal`` or ``person``.
        public_id: for its address; None where it has no page.
        title_zh, title_en: what to show.
        day: when it counted.
        sums: what it adds, by currency, where the measure is money.
        counts: False for a thing that is only of the whole of a share.
    """

    kind: str
    public_id: str | None
    title_zh: str
    title_en: str
    day: date | None
    sums: Mapping[str, int] = field(default_factory=dict)
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Behind:
    """The things behind a figure that a reader may open, a page of them.

    Attributes:
        rows: this page.
        open: how many the reader may open in all.
        hidden: how many more there are.
    """

    rows: Sequence[Row]
    open: int
    hidden: int


class Reading(Protocol):
    """How a measure is read; few indexed statements each."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """By what it can be broken down and narrowed, of DIMENSIONS."""

    def value(self, session: Session, scope: Scope) -> Value:
        """Return the figure."""

    def series(self, session: Session, scope: Scope, step: str) -> list[Step]:
        """Return the figure of each week or month of the period."""

    def by(self, session: Session, scope: Scope, dimension: str) -> list[Part]:
        """Return the figure by a dimension, the largest first."""

    def rows(self, session: Session, scope: Scope, by: Actor, offset: int, limit: int) -> Behind:
        """Return the things behind the figure."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that targets and reports name by its code.

    Attributes:
        code: stable; words for it stand in ``insight.labels``.
        unit: of UNITS.
        tables: where it comes from, for the page.
        reading: how it is read.
        adds: whether parts of a period, or of the network, add up to the whole.
    """

    code: str
    unit: str
    tables: tuple[str, ...]
    reading: Reading
    adds: bool = True

    @property
    def dimensions(self) -> tuple[str, ...]:
        """By what it can be broken down and narrowed, of DIMENSIONS."""
        return self.reading.dimensions

    def fits(self, scope: Scope) -> bool:
        """Whether the measure knows all that the scope is narrowed by."""
        return set(scope.narrowed) <= set(self.dimensions)

    def count(self, session: Session, scope: Scope) -> Value:
        """Return the figure. Raises NotFound where the measure does not know the scope."""
        self._require(scope)
        return self.reading.value(session, scope)

    def series(self, session: Session, scope: Scope, step: str = "month") -> list[Step]:
        """Return the figure of each ``week`` or ``month`` of the period, empty ones included."""
        self._require(scope)
        return self.reading.series(session, scope, step)

    def by(self, session: Session, scope: Scope, dimension: str) -> list[Part]:
        """Return the figure by a dimension that the measure has, the largest first."""
        self._require(scope)
        if dimension not in self.dimensions:
            raise NotFound(kind="dimension")
        return self.reading.by(session, scope, dimension)

    def rows(
        self, session: Session, scope: Scope, by: Actor, offset: int = 0, limit: int = 50
    ) -> Behind:
        """Return a page of the things behind the figure, as far as ``by`` may open them."""
        self._require(scope)
        return self.reading.rows(session, scope, by, offset, limit)

    def _require(self, scope: Scope) -> None:
        if not self.fits(scope):
            raise NotFound(kind="measure")


_MEASURES: dict[str, Measure] = {}


def register(measure: Measure) -> Measure:
    """Add a measure. Raises ValueError for a code that is taken or a unit that is none."""
    if measure.code in _MEASURES or measure.unit not in UNITS:
        raise ValueError(f"measure {measure.code}: taken, or no unit")
    _MEASURES[measure.code] = measure
    return measure


def get(code: str) -> Measure:
    """Return a measure. Raises NotFound."""
    try:
        return _MEASURES[code]
    except KeyError:
        raise NotFound(kind="measure") from None


def every() -> tuple[Measure, ...]:
    """Return all measures in their order."""
    return tuple(_MEASURES.values())

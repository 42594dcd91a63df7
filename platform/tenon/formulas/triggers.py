"""When a trial turns into a paid licence: the earliest of the triggers that the terms name.

Pure; knows no deal. Readings are what was measured and sold, in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

KINDS = ("date", "metric", "sales", "first_sale")


@dataclass(frozen=True, slots=True)
class Metric:
    """An acceptance metric: met when a value is ``at_least`` or ``at_most`` the target."""

    direction: str
    target: Decimal

    def met(self, value: Decimal) -> bool:
        """Whether a measured value meets it."""
        return value >= self.target if self.direction == "at_least" else value <= self.target


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed; None and False where a trigger was not.

    Attributes:
        on: the date that converts.
        metric: the acceptance metric.
        sales: cumulative sales, minor units.
        first_sale: whether the first sale converts.
    """

    on: date | None = None
    metric: Metric | None = None
    sales: int | None = None
    first_sale: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured (``value``) or sold (``sold``, minor units) on a day."""

    on: date
    value: Decimal | None = None
    sold: int | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger that was met, and the day on which it was."""

    kind: str
    on: date


def met(terms: Terms, readings: Iterable[Reading], *, until: date) -> list[Trigger]:
    """Return every trigger met by the end of the day ``until``, the earliest first.

    Of several on one day the order of KINDS decides. Sales of one day count together.
    """
    known = sorted((each for each in readings if each.on <= until), key=lambda each: each.on)
    found = [
        _on_date(terms, until),
        _by_metric(terms, known),
        _by_sales(terms, known),
        _by_first_sale(terms, known),
    ]
    return sorted(
        (each for each in found if each is not None),
        key=lambda each: (each.on, KINDS.index(each.kind)),
    )


def earliest(terms: Terms, readings: Iterable[Reading], *, until: date) -> Trigger | None:
    """Return the trigger that wins, or None while none is met."""
    return next(iter(met(terms, readings, until=until)), None)


def _on_date(terms: Terms, until: date) -> Trigger | None:
    return Trigger("date", terms.on) if terms.on is not None and terms.on <= until else None


def _by_metric(terms: Terms, known: Sequence[Reading]) -> Trigger | None:
    if terms.metric is None:
        return None
    days = [each.on for each in known if each.value is not None and terms.metric.met(each.value)]
    return Trigger("metric", days[0]) if days else None


def _by_sales(terms: Terms, known: Sequence[Reading]) -> Trigger | None:
    if terms.sales is None:
        return None
    for each, total in zip(known, accumulate(each.sold or 0 for each in known), strict=True):
        if total >= terms.sales:
            return Trigger("sales", each.on)
    return None


def _by_first_sale(terms: Terms, known: Sequence[Reading]) -> Trigger | None:
    if not terms.first_sale:
        return None
    days = [each.on for each in known if (each.sold or 0) > 0]
    return Trigger("first_sale", days[0]) if days else None

"""A company's table computed from its recorded events; the one place where rows become states.

Struck events are left out. Order is by day, then by number, so that what is recorded late takes
its place in time. Knows no database beyond the rows that it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tenon.equity.models import EquityCompany, EquityEvent
from tenon.equity.writing import read_event
from tenon.formulas import equity as eq


@dataclass(frozen=True, slots=True)
class Stage:
    """A recorded event with what it changed."""

    event: EquityEvent
    step: eq.Step


@dataclass(frozen=True, slots=True)
class Course:
    """All that happened to a company, in order.

    Attributes:
        empty: the company before its founding.
        stages: its events, struck ones left out.
        struck: numbers of the events that later ones took out.
    """

    empty: eq.Company
    stages: tuple[Stage, ...]
    struck: frozenset[int]

    @property
    def now(self) -> eq.Company:
        """The company after its last event."""
        return self.stages[-1].step.after if self.stages else self.empty

    def on(self, day: date) -> eq.Company:
        """Return the company at the end of a day."""
        passed = [stage for stage in self.stages if stage.event.day <= day]
        return passed[-1].step.after if passed else self.empty

    def stage(self, number: int) -> Stage | None:
        """Return the stage of an event by its number, None where there is none or it is struck."""
        return next((each for each in self.stages if each.event.number == number), None)

    @property
    def price(self) -> Fraction | None:
        """The price a unit of the last round or founding, if any."""
        prices = [stage.step.price for stage in self.stages if stage.step.price is not None]
        return prices[-1] if prices else None


def empty_company(company: EquityCompany) -> eq.Company:
    """Return a company before its first event."""
    par = None if company.kind == "limited" else Fraction(company.par_minor)
    return eq.found(company.kind, company.currency, par)


def compute(company: EquityCompany, events: Sequence[EquityEvent]) -> Course:
    """Compute a company's course; raises ``equity.Impossible`` where its events do not fit."""
    struck = frozenset(each.facts["number"] for each in events if each.kind == "strike")
    live = [each for each in events if each.kind != "strike" and each.number not in struck]
    live.sort(key=lambda each: (each.day, each.number))
    empty = empty_company(company)
    read = [read_event(each.kind, each.day, each.facts) for each in live]
    steps = eq.course(empty, read)
    stages = (Stage(event, step) for event, step in zip(live, steps, strict=True))
    return Course(empty, tuple(stages), struck)

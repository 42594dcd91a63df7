"""Statements and standings as plain JSON and back, exact: a fraction is a text like ``21/400``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from tenon.formulas.royalty.steps import Standing, Step


def standing_to_json(standing: Standing) -> dict[str, Any]:
    """Return where a licence stands as plain JSON."""
    return {
        "until": None if standing.until is None else standing.until.isoformat(),
        "year": standing.year,
        "carried": standing.carried,
        "bases": [[str(rate), base] for rate, base in standing.bases],
        "running": standing.running,
        "closed": standing.closed,
        "maintenance_left": standing.maintenance_left,
        "upfront_left": standing.upfront_left,
        "overpaid": standing.overpaid,
    }


def standing_from_json(kept: Mapping[str, Any]) -> Standing:
    """Return where a licence stands; the opposite of :func:`standing_to_json`."""
    until = kept["until"]
    return Standing(
        until=None if until is None else date.fromisoformat(until),
        year=kept["year"],
        carried=kept["carried"],
        bases=tuple((Fraction(rate), base) for rate, base in kept["bases"]),
        running=kept["running"],
        closed=kept["closed"],
        maintenance_left=kept["maintenance_left"],
        upfront_left=kept["upfront_left"],
        overpaid=kept["overpaid"],
    )


def step_to_json(step: Step) -> dict[str, Any]:
    """Return a line of a statement as plain JSON."""
    return {
        "what": step.what,
        "base": step.base,
        "rate": None if step.rate is None else str(step.rate),
        "amount": None if step.amount is None else str(step.amount),
        "source": step.source,
        "full": None if step.full is None else str(step.full),
    }


def step_from_json(kept: Mapping[str, Any]) -> Step:
    """Return a line of a statement; the opposite of :func:`step_to_json`."""
    return Step(
        kept["what"],
        kept["base"],
        None if kept["rate"] is None else Fraction(kept["rate"]),
        None if kept["amount"] is None else Fraction(kept["amount"]),
        kept["source"],
        None if kept["full"] is None else Fraction(kept["full"]),
    )

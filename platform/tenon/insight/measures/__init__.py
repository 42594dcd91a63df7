"""Figures as of any day; importing the package registers them all, in the order of pages."""

from tenon.insight.measures import of_meetings as _meetings  # noqa: F401  # registers measures

from tenon.insight.measures import of_listings as _listings  # isort: skip  # noqa: F401
from tenon.insight.measures import of_contracts as _contracts  # isort: skip  # noqa: F401
from tenon.insight.measures import of_people as _people  # isort: skip  # noqa: F401
from tenon.insight.measures.measure import (
    Behind,
    Measure,
    Part,
    Row,
    Scope,
    Step,
    Value,
    every,
    get,
    register,
)
from tenon.insight.measures.rolling import plus

__all__ = [
    "Behind",
    "Measure",
    "Part",
    "Row",
    "Scope",
    "Step",
    "Value",
    "every",
    "get",
    "plus",
    "register",
]

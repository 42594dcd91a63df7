"""Royalties: tiers, minimum, stacking, caps, credits; every line of the sum is kept.

``statements(terms, uses)`` computes a licence from its first period on; ``state`` one more.
"""

from tenon.formulas.royalty.stating import (
    minimum_of,
    opening,
    rounded_half_up,
    state,
    statements,
)
from tenon.formulas.royalty.steps import Standing, Statement, Step
from tenon.formulas.royalty.terms import (
    Base,
    Minimum,
    Mode,
    Stacking,
    Terms,
    Tier,
    Use,
    Window,
    percent,
    reduced,
)
from tenon.formulas.royalty.units import once

__all__ = [
    "Base",
    "Minimum",
    "Mode",
    "Stacking",
    "Standing",
    "Statement",
    "Step",
    "Terms",
    "Tier",
    "Use",
    "Window",
    "minimum_of",
    "once",
    "opening",
    "percent",
    "reduced",
    "rounded_half_up",
    "state",
    "statements",
]

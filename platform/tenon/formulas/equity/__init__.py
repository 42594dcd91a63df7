"""Cap tables: who holds which part of a company, through every event that changes it.

Units are integers. In a joint-stock company a unit is a share; in a limited company, which has
registered capital and no shares, it is one fen of registered capital (domain-rules.md, section 5)
and the rest of a payment is capital reserve. Prices and percentages are exact fractions of minor
units; amounts are integer minor units of the company's one currency. Knows no database and not
what a deal is.
"""

from tenon.formulas.equity.articles import (
    appraisal_flaw,
    board_may_issue,
    has_preemption,
    preemptive_units,
    shortfall,
)
from tenon.formulas.equity.company import KINDS, Company, Impossible, found, shown_percentages
from tenon.formulas.equity.course import Step, apply, course
from tenon.formulas.equity.events import (
    Cash,
    Conversion,
    Event,
    Exercise,
    GrantClosed,
    GrantMade,
    Incorporation,
    Pool,
    PoolIssued,
    Repurchase,
    RightGranted,
    RightLapsed,
    Round,
    Split,
    Technology,
    Transfer,
)
from tenon.formulas.equity.grants import Grant
from tenon.formulas.equity.pricing import BASES, TIMINGS, Converting, PoolTerms, Price, price_round
from tenon.formulas.equity.rights import ADJUSTMENTS, Right, strike_at

__all__ = [
    "ADJUSTMENTS",
    "BASES",
    "KINDS",
    "TIMINGS",
    "Cash",
    "Company",
    "Conversion",
    "Converting",
    "Event",
    "Exercise",
    "Grant",
    "GrantClosed",
    "GrantMade",
    "Impossible",
    "Incorporation",
    "Pool",
    "PoolIssued",
    "PoolTerms",
    "Price",
    "Repurchase",
    "Right",
    "RightGranted",
    "RightLapsed",
    "Round",
    "Split",
    "Step",
    "Technology",
    "Transfer",
    "apply",
    "appraisal_flaw",
    "board_may_issue",
    "course",
    "found",
    "has_preemption",
    "preemptive_units",
    "price_round",
    "shortfall",
    "shown_percentages",
    "strike_at",
]

"""What the Company Law (in force from 1 July 2024) asks of contributions and increases, as sums.

Articles 48-50, 152 and 227 are those that domain-rules.md, section 5, names; it marks 227 as to be
verified, and so is what is said of 152 here: pages that show a result name the article.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from tenon.money import split


def appraisal_flaw(value: int, appraised: int | None) -> str | None:
    """Return what is wrong with taking technology for ``value`` (Company Law 48).

    ``missing`` without an appraisal, ``above`` or ``below`` where the value differs from it: the
    article wants the property neither over- nor undervalued. None where it agrees.
    """
    if appraised is None:
        return "missing"
    if value == appraised:
        return None
    return "above" if value > appraised else "below"


def shortfall(subscribed: int, actual: int) -> int:
    """Return what the contributor still owes where technology was worth less (Company Law 49, 50).

    The other founders answer for it jointly. Minor units, never below zero.
    """
    return max(0, subscribed - actual)


def has_preemption(kind: str, *, stated: bool | None = None) -> bool:
    """Whether holders have first call on an increase (Company Law 227).

    In a limited company yes unless all holders agreed otherwise (``stated`` False); in a
    joint-stock company only where the articles or the meeting say so (``stated`` True).
    """
    return kind == "limited" if stated is None else stated


def preemptive_units(
    new_units: int, holdings: Mapping[str, int], paid_in: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Return how much of an increase each holder may take up (Company Law 227).

    In proportion to what each has paid in (``paid_in``, minor units; where it is not given all is
    taken as paid), by largest remainder, so that the parts add up to the increase. Raises
    ValueError where nobody has paid anything.
    """
    weights = [(paid_in or holdings).get(holder, 0) for holder in holdings]
    return dict(zip(holdings, split(new_units, weights), strict=True))


def board_may_issue(*, issued_at_authorisation: int, issued_since: int, technology: bool) -> int:
    """Return how many shares an authorised board may still issue by itself (Company Law 152).

    Half of the shares issued when it was authorised, and none for a contribution that is not
    money, which the shareholders' meeting resolves. For joint-stock companies.
    """
    if technology:
        return 0
    return max(0, int(Fraction(issued_at_authorisation, 2)) - issued_since)

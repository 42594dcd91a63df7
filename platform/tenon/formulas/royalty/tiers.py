"""What a base earns by tiers, marginal or whole-rate, with reductions for royalties to others.

What was reported before in the same window is kept as bases by third-party rate, so that a new
whole rate re-rates each of them with the reduction that was its own.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from tenon.formulas.royalty.steps import Step
from tenon.formulas.royalty.terms import Terms, Tier, reduced

Bases = tuple[tuple[Fraction, int], ...]
"""(third-party rate, base) of what came before in the window, in the order of first use."""

EMPTY: Bases = ()


def total(bases: Bases) -> int:
    """Return the sum of the bases."""
    return sum(base for _, base in bases)


def with_more(bases: Bases, third_party: Fraction, base: int) -> Bases:
    """Return the bases with one more, added to what had the same third-party rate."""
    if not base:
        return bases
    found = dict(bases)
    found[third_party] = found.get(third_party, 0) + base
    return tuple(found.items())


def reached(tiers: tuple[Tier, ...], amount: int) -> Tier:
    """Return the tier that an amount has reached; a tier begins with its start."""
    return next(tier for tier in reversed(tiers) if tier.start <= max(amount, 0))


def marginal(
    terms: Terms, found: tuple[Tier, ...], before: int, base: int, third_party: Fraction
) -> list[Step]:
    """Return a step for each tier of ``found`` that the base, stacked upon ``before``, is in."""
    if len(found) == 1:
        return [_step(terms, found[0], base, third_party)]
    steps: list[Step] = []
    upto = before + base
    ends = [later.start for _, later in pairwise(found)]
    for tier, end in zip(found, [*ends, upto], strict=True):
        part = min(upto, end) - max(before, tier.start)
        if part > 0:
            steps.append(_step(terms, tier, part, third_party))
    return steps or [_step(terms, reached(found, before), 0, third_party)]


def _step(terms: Terms, tier: Tier, base: int, third_party: Fraction) -> Step:
    """Return the line of a base at a tier's rate, reduced for royalties to others."""
    rate = reduced(tier.rate, third_party, terms.stacking)
    return Step("tier", base, rate, base * rate, "tiers", tier.rate if rate != tier.rate else None)


def whole(terms: Terms, bases: Bases, base: int, third_party: Fraction) -> list[Step]:
    """Return the base at the rate reached and, where that is a new one, the earlier re-rated."""
    before = total(bases)
    old, new = reached(terms.tiers, before), reached(terms.tiers, before + base)
    steps = [_step(terms, new, base, third_party)]
    if before and old is not new:
        changes = [
            (
                earlier,
                reduced(new.rate, third, terms.stacking) - reduced(old.rate, third, terms.stacking),
            )
            for third, earlier in bases
        ]
        steps += [
            Step("rerated", earlier, change, earlier * change, "tiers")
            for earlier, change in changes
            if change
        ]
    return steps

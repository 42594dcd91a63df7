"""Who holds which part of the company under a form, and how it is diluted.

The company begins as one whole; every later holder's units are counted in that whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from tenon.formulas.simulation.inputs import PARTIES, Setting


@dataclass(frozen=True, slots=True)
class Stage:
    """The holders at one time.

    Attributes:
        name: ``start``, ``contribution``, ``round`` or ``exercise``.
        units: party -> units, the firm's own at the start being 1.
    """

    name: str
    units: Mapping[str, Fraction]

    @property
    def total(self) -> Fraction:
        """All units."""
        return sum(self.units.values(), Fraction(0))

    def part(self, party: str) -> Fraction:
        """Return a party's part of the company, as a part of one."""
        return self.units[party] / self.total

    def after(self, name: str, more: Mapping[str, Fraction]) -> Stage:
        """Return the next stage, in which some have received units."""
        return Stage(name, {party: self.units[party] + more.get(party, 0) for party in PARTIES})


def stages(form: str, setting: Setting, *, succeeds: bool = True) -> list[Stage]:
    """Return how the holders change under a form, from the start to the last issue of units.

    The exercise of a subscription is the last stage of its form and counts only where it is
    worth exercising, which the cash of the last year decides.
    """
    found = [Stage("start", {party: Fraction(party == "firm") for party in PARTIES})]
    if form == "equity" and setting.equity_share:
        units = setting.equity_share / (1 - setting.equity_share)
        found.append(found[-1].after("contribution", _shared(units, setting)))
    if succeeds and setting.round_amount:
        found.append(found[-1].after("round", _round(form, setting, found[-1].total)))
    if form == "subscription" and succeeds and setting.subscription_amount:
        units = setting.subscription_amount / setting.subscription_valuation
        found.append(found[-1].after("exercise", _shared(units, setting)))
    return found


def _shared(units: Fraction, setting: Setting) -> dict[str, Fraction]:
    team = units * setting.team_share
    return {"institution": units - team, "team": team}


def _round(form: str, setting: Setting, before: Fraction) -> dict[str, Fraction]:
    """Return what a round issues: the investor's units, and those the grant converts into."""
    price = setting.round_pre_money / before
    issued = {"investor": setting.round_amount / price}
    if form == "invest_then_equity" and setting.grant:
        at = price * (1 - setting.conversion_discount)
        if setting.conversion_cap:
            at = min(at, setting.conversion_cap / before)
        issued["public"] = setting.grant / at
    return issued

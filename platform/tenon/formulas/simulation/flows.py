"""The cash of each party in each year under one form, where the project succeeds or fails.

What is assumed, the same for all forms:

- Year 0 is the day of signing; launch, up-front sums, trial fee and grant fall there.
- Whether the project succeeds shows in year 1. If not, there are no sales and no round; the
  licensee pays what the contract asks for year 1 (minimum, annual fee) and ends it; a grant is
  closed without fault; shares are worth nothing.
- The institution's direct cost comes off its first receipts before the team's part is taken.
- Profit of a year is sales less cost less what the contract takes; a part of it is paid out to the
  holders, the rest stays with the firm.
- At the end the company is worth a multiple of the last year's operating profit, before what the
  contract takes, and its holders share that. A subscription is exercised then, where that gains.
- A grant that met no round by then is repaid, without interest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from tenon.formulas.simulation.holdings import Stage, stages
from tenon.formulas.simulation.inputs import PARTIES, Setting

Flow = list[Fraction]
"""Cash by year, from year 0; what a party receives is positive."""

_WITH_ROYALTY = ("licence", "subscription", "invest_then_equity")


@dataclass(frozen=True, slots=True)
class Cash:
    """One form's cash, exact, in minor units.

    Attributes:
        by_party: party -> cash by year from year 0.
        exercised: whether a subscription was worth exercising.
    """

    by_party: Mapping[str, Flow]
    exercised: bool


def operating(setting: Setting, *, succeeds: bool) -> Flow:
    """Return sales less cost of years 0 to the last."""
    if not succeeds:
        return [Fraction(0)] * (setting.years + 1)
    return [Fraction(0), *(sales * (1 - setting.cost_ratio) for sales in setting.sales())]


def worth_at_end(setting: Setting, *, succeeds: bool) -> Fraction:
    """Return what the company is worth after the last year; never negative."""
    return setting.exit_multiple * max(operating(setting, succeeds=succeeds)[-1], Fraction(0))


def project_cash(setting: Setting, *, succeeds: bool) -> Flow:
    """Return the cash that comes in from outside by year: the same under every form."""
    flow = operating(setting, succeeds=succeeds)
    flow[0] -= setting.launch + setting.transfer_cost
    flow[-1] += worth_at_end(setting, succeeds=succeeds)
    return flow


def payments(form: str, setting: Setting, *, succeeds: bool) -> Flow:
    """Return what the firm pays the institution by year under the contract."""
    flow = [Fraction(0)] * (setting.years + 1)
    last = setting.years if succeeds else 1
    if form == "assignment":
        flow[0] = setting.purchase_price
    elif form == "open_licence":
        flow[1 : last + 1] = [setting.annual_fee] * last
    elif form in _WITH_ROYALTY:
        flow[0] = setting.up_front if form != "subscription" else Fraction(0)
        _add_royalties(flow, setting, months=0, succeeds=succeeds)
    elif form == "pay_after_use":
        flow[0] = setting.trial_fee
        if succeeds:
            _add_conversion(flow, setting)
    return flow


def _add_royalties(flow: Flow, setting: Setting, *, months: int, succeeds: bool) -> None:
    """Add each year's royalty, the minimum at the least, for the time after ``months``."""
    sales = setting.sales() if succeeds else [Fraction(0)]
    for year, sold in enumerate(sales, 1):
        part = min(max(Fraction(12 * year - months, 12), Fraction(0)), Fraction(1))
        flow[year] += part * max(setting.royalty_rate * sold, setting.minimum)


def _add_conversion(flow: Flow, setting: Setting) -> None:
    """Add what a trial converts to, unless it outlasts the years looked at."""
    year = math.ceil(setting.trial_months / 12)
    if year > setting.years:
        return
    if setting.pay_mode == "buy_out":
        flow[year] += setting.buy_out
        return
    flow[year] += setting.conversion_fee
    _add_royalties(flow, setting, months=setting.trial_months, succeeds=True)


def cash_of(form: str, setting: Setting, *, succeeds: bool) -> Cash:
    """Return each party's cash by year under a form."""
    paid = payments(form, setting, succeeds=succeeds)
    flows: dict[str, Flow] = {party: [Fraction(0)] * (setting.years + 1) for party in PARTIES}
    flows["team"], flows["institution"] = _income_shared(paid, setting)
    held = stages(form, setting, succeeds=succeeds)
    exercised = held[-1].name == "exercise" and _gains(held[-1], setting)
    if held[-1].name == "exercise" and not exercised:
        held.pop()
    _add_dividends(flows, form, setting, paid, succeeds=succeeds)
    _add_finance(flows, form, setting, held, succeeds=succeeds)
    _add_end(flows, setting, held[-1], exercised=exercised, succeeds=succeeds)
    others = [flows[party] for party in PARTIES if party != "firm"]
    flows["firm"] = [
        whole - sum(parts)
        for whole, *parts in zip(project_cash(setting, succeeds=succeeds), *others, strict=True)
    ]
    return Cash(flows, exercised)


def _income_shared(paid: Flow, setting: Setting) -> tuple[Flow, Flow]:
    """Return the team's and the institution's cash of what the contract pays."""
    team: Flow = []
    received = had = Fraction(0)
    for amount in paid:
        received += amount
        due = setting.team_share * max(received - setting.transfer_cost, Fraction(0))
        team.append(due - had)
        had = due
    institution = [amount - part for amount, part in zip(paid, team, strict=True)]
    institution[0] -= setting.transfer_cost
    return team, institution


def _gains(after: Stage, setting: Setting) -> bool:
    """Whether the units subscribed for are worth more at the end than is paid for them."""
    amount = setting.subscription_amount
    worth = worth_at_end(setting, succeeds=True) + amount
    return (after.part("institution") + after.part("team")) * worth > amount


def _add_dividends(
    flows: dict[str, Flow], form: str, setting: Setting, paid: Flow, *, succeeds: bool
) -> None:
    """Add the holders' part of each year's profit; options not exercised yet get none."""
    if not setting.payout:
        return
    held = [each for each in stages(form, setting, succeeds=succeeds) if each.name != "exercise"]
    parts = {party: part for party in _OTHERS if (part := held[-1].part(party))}
    earned = operating(setting, succeeds=succeeds)
    for year in range(1, setting.years + 1):
        profit = max(earned[year] - paid[year], Fraction(0)) * setting.payout
        for party, part in parts.items():
            flows[party][year] += profit * part


_OTHERS = tuple(party for party in PARTIES if party != "firm")


def _add_finance(
    flows: dict[str, Flow], form: str, setting: Setting, held: list[Stage], *, succeeds: bool
) -> None:
    """Add what investors put in, and a grant's repayment."""
    if any(each.name == "round" for each in held):
        flows["investor"][1] -= setting.round_amount
    if form == "invest_then_equity":
        flows["public"][0] -= setting.grant
        if succeeds and not held[-1].units["public"]:
            flows["public"][-1] += setting.grant


def _add_end(
    flows: dict[str, Flow], setting: Setting, last: Stage, *, exercised: bool, succeeds: bool
) -> None:
    """Add what the holders get at the end, less what a subscription costs its holders."""
    amount = setting.subscription_amount if exercised else Fraction(0)
    worth = worth_at_end(setting, succeeds=succeeds) + amount
    for party in _OTHERS:
        flows[party][-1] += last.part(party) * worth
    flows["team"][-1] -= amount * setting.team_share
    flows["institution"][-1] -= amount * (1 - setting.team_share)

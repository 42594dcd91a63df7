"""What a simulation is made of: the market, the firm, the institution, and each form's terms."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from functools import lru_cache

PARTIES = ("institution", "team", "firm", "public", "investor")
"""``firm`` is the company and those who owned it at the start; ``public`` the public investor;
``investor`` whoever buys into the company in a market round."""

FORMS = (
    "assignment",
    "licence",
    "open_licence",
    "equity",
    "subscription",
    "pay_after_use",
    "invest_then_equity",
)
PAY_MODES = ("running", "buy_out")
MOST_YEARS = 20

_RATES = ("cost_ratio", "success", "team_share", "payout", "royalty_rate", "conversion_discount")
_NONE = Fraction(0)


@dataclass(frozen=True, slots=True)
class Setting:
    """All that is set, amounts in minor units, rates as parts of one; all forms share it.

    Attributes:
        years: how many years of sales are looked at, 1 to 20; year 0 is the day of signing.
        units: what is sold in the first year.
        price: of one unit.
        growth: of the units sold, a year; above -1.
        cost_ratio: the firm's cost as a part of its sales.
        launch: what the firm puts in before the first sale.
        discount_rate: a year; not negative.
        success: the chance that there are any sales at all.
        exit_multiple: the company's worth at the end, in operating profits of the last year.
        payout: the part of a year's profit that goes to the company's holders.
        round_amount: of a market round in year 1, after success; 0 for none.
        round_pre_money: the company's worth before that round, without a conversion of the grant.
        transfer_cost: what the deal itself costs the institution before it begins.
        team_share: of the institution's net income, and of its equity.
        purchase_price: assignment, paid at signing.
        up_front: licence, invest then equity: paid at signing.
        royalty_rate: of sales: licence, subscription, pay after use, invest then equity.
        minimum: royalty of a year at the least; the years of a trial pro rata.
        annual_fee: open licence, paid each year.
        equity_share: of the company after the contribution of the technology; below one.
        subscription_amount: the sum for which shares may be subscribed.
        subscription_valuation: the company's worth at which they may be.
        trial_months: of use before paying.
        trial_fee: paid at signing.
        pay_mode: what a trial converts to: ``running`` royalties after a conversion fee, or
            ``buy_out``.
        conversion_fee: paid at conversion to running royalties.
        buy_out: paid at conversion to a buy-out.
        grant: public money for the firm at signing.
        conversion_discount: off the round's price, when the grant converts; below one.
        conversion_cap: the highest worth of the company at which it converts; 0 for none.
    """

    years: int
    units: Fraction
    price: Fraction
    growth: Fraction = _NONE
    cost_ratio: Fraction = _NONE
    launch: Fraction = _NONE
    discount_rate: Fraction = _NONE
    success: Fraction = Fraction(1)
    exit_multiple: Fraction = _NONE
    payout: Fraction = _NONE
    round_amount: Fraction = _NONE
    round_pre_money: Fraction = _NONE
    transfer_cost: Fraction = _NONE
    team_share: Fraction = _NONE
    purchase_price: Fraction = _NONE
    up_front: Fraction = _NONE
    royalty_rate: Fraction = _NONE
    minimum: Fraction = _NONE
    annual_fee: Fraction = _NONE
    equity_share: Fraction = _NONE
    subscription_amount: Fraction = _NONE
    subscription_valuation: Fraction = _NONE
    trial_months: int = 0
    trial_fee: Fraction = _NONE
    pay_mode: str = "running"
    conversion_fee: Fraction = _NONE
    buy_out: Fraction = _NONE
    grant: Fraction = _NONE
    conversion_discount: Fraction = _NONE
    conversion_cap: Fraction = _NONE

    def __post_init__(self) -> None:
        """Refuse what cannot be; raises ValueError that names the input."""
        for name, right in self._checks().items():
            if not right:
                raise ValueError(name)

    def _checks(self) -> dict[str, bool]:
        """Return input -> whether it is within its range."""
        amounts = {
            field.name: getattr(self, field.name) >= 0
            for field in fields(self)
            if field.name not in ("growth", "pay_mode")
        }
        rates = {name: 0 <= getattr(self, name) <= 1 for name in _RATES}
        return {
            **amounts,
            **rates,
            "years": 1 <= self.years <= MOST_YEARS,
            "growth": self.growth > -1,
            "equity_share": 0 <= self.equity_share < 1,
            "conversion_discount": 0 <= self.conversion_discount < 1,
            "pay_mode": self.pay_mode in PAY_MODES,
            "round_pre_money": self.round_pre_money > 0 or not self.round_amount,
            "subscription_valuation": (
                self.subscription_valuation > 0 or not self.subscription_amount
            ),
        }

    def sales(self) -> list[Fraction]:
        """Return the sales of years 1 to ``years``, where the project succeeds."""
        return list(_growing(self.units * self.price, self.growth, self.years))


@lru_cache(maxsize=256)
def _growing(first: Fraction, growth: Fraction, years: int) -> tuple[Fraction, ...]:
    """Return a yearly amount that grows; asked for many times by one simulation."""
    found = [first]
    while len(found) < years:
        found.append(found[-1] * (1 + growth))
    return tuple(found)

"""What happens to a cap table, as facts: each event has its date and what was agreed, no result.

Results are computed by ``course``. Holders, rights and grants are named by keys that the caller
chooses. Amounts are integer minor units of the company's currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tenon.formulas.equity.grants import Grant
from tenon.formulas.equity.pricing import PoolTerms
from tenon.formulas.equity.rights import Right

OUTCOMES = ("repaid", "closed", "terminated")
"""Of a grant: repaid, closed without anybody's fault, ended with its contract."""


@dataclass(frozen=True, slots=True)
class Cash:
    """A contribution in money."""

    holder: str
    amount: int


@dataclass(frozen=True, slots=True)
class Technology:
    """A contribution of technology, valued in money (Company Law 48: appraised, not above value).

    Attributes:
        institution: who contributes it and holds what the team does not.
        value: what it is taken for.
        team_share: part of its units that goes to the team, 0 to 1.
        team: the team's members and their weights.
        appraised: appraised value, where there is an appraisal.
    """

    institution: str
    value: int
    team_share: Fraction = Fraction(0)
    team: tuple[tuple[str, Fraction], ...] = ()
    appraised: int | None = None


Payment = Cash | Technology


@dataclass(frozen=True, slots=True)
class Incorporation:
    """The company is founded: everybody pays the same price a unit, par where none is stated."""

    on: date
    payments: tuple[Payment, ...]
    price: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """An increase: cash or technology at a pre-money valuation, grants converting with it.

    Attributes:
        pre_money: valuation before the new money.
        base: what it is spread on, ``issued`` or ``fully_diluted`` units.
        pool: a pool wanted after the round.
        converting: keys of the grants that convert with it.
        pricing: keys of the grants that it prices as if they converted, and that are issued by a
            ``Conversion`` of their own once both sides have confirmed.
    """

    on: date
    payments: tuple[Payment, ...]
    pre_money: int
    base: str
    pool: PoolTerms | None = None
    converting: tuple[str, ...] = ()
    pricing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """Units set aside for options, so that the pool is ``percent`` of all units fully diluted."""

    on: date
    percent: Fraction


@dataclass(frozen=True, slots=True)
class PoolIssued:
    """Units of the pool become somebody's, who pays ``paid`` for them."""

    on: date
    holder: str
    units: int
    paid: int


@dataclass(frozen=True, slots=True)
class RightGranted:
    """A subscription right is agreed."""

    on: date
    key: str
    right: Right


@dataclass(frozen=True, slots=True)
class Exercise:
    """Units of a right are subscribed and paid at its strike."""

    on: date
    key: str
    units: int


@dataclass(frozen=True, slots=True)
class RightLapsed:
    """What is left of a right ends without exercise."""

    on: date
    key: str


@dataclass(frozen=True, slots=True)
class GrantMade:
    """A grant enters that may convert later; it brings no units yet."""

    on: date
    key: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class Conversion:
    """A grant becomes units: at the price that a round has given it, or at one agreed."""

    on: date
    key: str
    price: Fraction | None = None


@dataclass(frozen=True, slots=True)
class GrantClosed:
    """A grant ends without conversion; ``outcome`` is one of OUTCOMES."""

    on: date
    key: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Units pass from one holder to another; the company is paid nothing."""

    on: date
    seller: str
    buyer: str
    units: int


@dataclass(frozen=True, slots=True)
class Repurchase:
    """The company buys units back for ``paid`` and cancels them."""

    on: date
    holder: str
    units: int
    paid: int


@dataclass(frozen=True, slots=True)
class Split:
    """Every unit becomes ``ratio`` units.

    In a joint-stock company par falls accordingly; in a limited one par is one minor unit for
    good, so that registered capital grows out of the capital reserve.
    """

    on: date
    ratio: Fraction


Event = (
    Incorporation
    | Round
    | Pool
    | PoolIssued
    | RightGranted
    | Exercise
    | RightLapsed
    | GrantMade
    | Conversion
    | GrantClosed
    | Transfer
    | Repurchase
    | Split
)

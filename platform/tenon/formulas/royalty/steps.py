"""One line of a royalty statement, what the statement comes to, and where a licence then stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from tenon.formulas.royalty.terms import Use


class Step(NamedTuple):
    """A line of the sum; the amounts of all lines of a statement add up to what is payable.

    Attributes:
        what: code of the line (``tier``, ``minimum`` ...); pages know the words.
        base: what the rate is multiplied with, or what the line is about; None where nothing.
        rate: exact; None where nothing is multiplied.
        amount: exact minor units that the line adds; None for lines that only lead to the base.
        source: the term of the contract that it rests on.
        full: the tier's rate before it was reduced for royalties to others; None where it was not.
    """

    what: str
    base: int | None
    rate: Fraction | None
    amount: Fraction | int | None
    source: str
    full: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a licence stands after a period: all that the next statement needs.

    Attributes:
        until: last day that was reported; None before the first report.
        year: royalty year of ``until``.
        carried: base below nothing that lowers the next one; at most 0.
        bases: what was reported in the tiers' window, by third-party rate.
        running: royalties of the year before caps and minimum, each period's rounded.
        closed: earned in all earlier years, as capped, minimum included.
        maintenance_left: of this year's maintenance fee, what may still be set off.
        upfront_left: of the creditable up-front fee, what may still be set off.
        overpaid: set off against the next royalties (a falling whole rate lowered earlier ones).
    """

    until: date | None
    year: int
    carried: int
    bases: tuple[tuple[Fraction, int], ...]
    running: int
    closed: int
    maintenance_left: int
    upfront_left: int
    overpaid: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A period's royalty.

    Attributes:
        use: what it was computed of.
        steps: every line, in the order in which it is computed.
        net: the base after all that leads to it.
        earned: royalty of the period, rounded and capped, before any setting off.
        top_up: to the minimum of the year; only in the year's last statement.
        payable: what is to be paid, at least 0.
        after: where the licence then stands.
    """

    use: Use
    steps: tuple[Step, ...]
    net: int
    earned: int
    top_up: int
    payable: int
    after: Standing

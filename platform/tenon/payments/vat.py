"""VAT as a field: how much comes on top of a net amount. Pure arithmetic."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from tenon.formulas.royalty import rounded_half_up
from tenon.money import split


def vat_of(net: int, rate: Decimal) -> int:
    """Return the VAT on ``net`` minor units at ``rate`` percent, halves rounded up."""
    return rounded_half_up(net * Fraction(rate) / 100)


def net_within(gross: int, rate: Decimal) -> int:
    """Return what is left of a sum that contains VAT at ``rate`` percent."""
    return rounded_half_up(gross * Fraction(100) / (100 + Fraction(rate)))


def parts_of(gross: int, *, net: int, vat: int) -> tuple[int, int]:
    """Cut a gross amount into net and VAT in the proportion of ``net`` to ``vat``, exactly."""
    if gross == 0 or net + vat == 0:
        return 0, 0
    cut = split(gross, [net, vat])
    return cut[0], cut[1]


def by_terms(amount: int, *, mode: str, rate: Decimal) -> tuple[int, int, Decimal]:
    """Return net, VAT and its rate of a sum of the terms; VAT that is ``included`` is cut out.

    ``mode`` is ``added`` on top of the sum, ``included`` in it, or ``exempt``.
    """
    if mode == "exempt" or not rate:
        return amount, 0, Decimal(0)
    if mode == "included":
        net = net_within(amount, rate)
        return net, amount - net, rate
    return amount, vat_of(amount, rate), rate

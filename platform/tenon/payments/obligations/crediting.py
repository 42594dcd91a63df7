"""The trial fee that counts towards the price: taken off what falls due after the conversion, once.

First off the price (the buy-out, the stages in their order); what is left of it then off the
royalties, by their statements (reports/agreed.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.payments.models import Obligation
from tenon.payments.obligations.planning import Owed, with_vat
from tenon.payments.queries.sums import standings

FEE = "trial_fee"
CONVERTED = "convert"
PRICE_KINDS = ("buy_out", "instalment")


def granted(session: Session, deal: Deal, values: Mapping[str, Any]) -> int:
    """Return the trial fee that the terms credit, in minor units; no more than is borne of it.

    Of a fee that was waived, credited or never charged, only the rest counts.
    """
    fee = values.get(FEE)
    if not values.get("trial_fee_credited") or not isinstance(fee, Mapping):
        return 0
    minor = int(fee["minor"]) if fee["currency"] == deal.currency else 0
    owed = session.scalars(sa.select(Obligation).filter_by(deal_id=deal.id, key=FEE)).first()
    if owed is None or owed.state == "planned":
        return minor
    standing = standings(session, [owed])[owed.id]
    net, vat, _ = with_vat(minor, values)
    borne = standing.charged - standing.waived
    return min(minor, minor * borne // (net + vat)) if net + vat else 0


def left_for_royalties(session: Session, deal: Deal, values: Mapping[str, Any]) -> int:
    """Return what of the credited trial fee the price leaves to be set off against royalties."""
    whole = values.get("buy_out")
    sums = [whole] if isinstance(whole, Mapping) else values.get("instalments") or []
    price = sum(int(each["minor"]) for each in sums)
    return max(0, granted(session, deal, values) - price)


def less_credit(
    found: Iterable[Owed],
    values: Mapping[str, Any],
    *,
    credit: int,
    converted_on: date | None,
) -> list[Owed]:
    """Return what is owed with the credit taken off, in the order of the contract's own list.

    Before the conversion only what waits for it bears the credit: no other day is known to lie
    after it.
    """
    listed = list(found)
    price = [each for each in listed if _bears(each, converted_on)]
    less: dict[str, Owed] = {}
    for owed in sorted(price, key=lambda each: each.facts.get("number") or 0):
        amount = owed.net + (owed.vat if values.get("vat_mode") == "included" else 0)
        part = min(credit, amount)
        if part:
            net, vat, rate = with_vat(amount - part, values)
            facts = {**owed.facts, "credited": part}
            less[owed.key] = replace(owed, net=net, vat=vat, vat_rate=rate, facts=facts)
            credit -= part
    return [less.get(each.key, each) for each in listed]


def _bears(owed: Owed, converted_on: date | None) -> bool:
    if owed.kind not in PRICE_KINDS:
        return False
    if converted_on is None:
        return owed.waits_for == CONVERTED
    return owed.due_on is None or owed.due_on >= converted_on

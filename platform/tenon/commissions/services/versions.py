"""Which versions of an agreement a deal's commission is made of, and what each earns on.

A payment earns by the version that held when it was set against what it was for. A later version
leaves that alone; so does a refund, which takes back what that payment earned, by those terms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.commissions.arithmetic import Earning, Terms
from tenon.commissions.models import Accrual, Agreement
from tenon.commissions.queries.base import has_happened, is_made
from tenon.commissions.queries.money import Received, received
from tenon.deals.models import SIDES, Deal


def terms_of(agreement: Agreement) -> Terms:
    """Return an agreement's terms as the arithmetic takes them."""
    return Terms(
        basis=agreement.basis,
        percent=agreement.percent or Decimal(0),
        tiers=[(top, Decimal(rate)) for top, rate in agreement.tiers],
        fixed_minor=agreement.fixed_minor or 0,
        cap_minor=agreement.cap_minor,
        vat_rate=agreement.vat_rate,
        seller_percent=agreement.seller_percent,
    )


def carries(carried: Mapping[str, Any]) -> bool:
    """Whether earlier versions had made anything due, by an agreement's ``carried``."""
    return any(any(carried.get(side, ())) for side in SIDES)


def earnings(session: Session, deal: Deal, last: Agreement) -> list[Earning]:
    """Return what the versions up to ``last`` earn on, which holds now or held last."""
    if not is_made(deal):
        return []
    money = received(session, deal, currency=last.currency)
    chain = _chain(session, last)
    marks = _marks(money, chain)
    found = []
    for index, each in enumerate(chain):
        before, until = money.standing(each.kinds, marks)[2 * index : 2 * index + 2]
        happened = has_happened(deal, each.fixed_event, until)
        if each.state == "ended" and each.basis == "fixed":
            happened = happened and _was_due(session, each)
        found.append(Earning(terms_of(each), until - before, each.base_start, happened))
    return found


def _chain(session: Session, last: Agreement) -> Sequence[Agreement]:
    """Return the versions that count, oldest first.

    None before a fixed sum, which holds for the whole deal; none before a version that began while
    nothing was due, for what those before it never made due they do not earn later.
    """
    rows = session.scalars(
        sa.select(Agreement)
        .where(
            Agreement.deal_id == last.deal_id,
            Agreement.currency == last.currency,
            Agreement.number < last.number,
            Agreement.state.in_(("replaced", "ended")),
        )
        .order_by(Agreement.number.desc())
    )
    found = [last]
    for each in rows:
        if found[-1].basis == "fixed" or not carries(found[-1].carried):
            break
        found.append(each)
    return found[::-1]


def _marks(money: Received, chain: Sequence[Agreement]) -> list[int | None]:
    """Return for each version in turn the marks after which and up to which it earns."""
    since = [_since(money, each) for each in chain]
    found: list[int | None] = []
    for index, each in enumerate(chain):
        until = _ended(money, each)
        if until is None and index + 1 < len(chain):
            until = since[index + 1]
        found += [since[index], until]
    return found


def _since(money: Received, version: Agreement) -> int:
    """Return from where it earns; a version from before marks were written has its time alone."""
    found: int | None = version.carried.get("since")
    if found is not None:
        return found
    agreed = version.agreed_at
    return money.mark_at(agreed) if version.base_start and agreed is not None else 0


def _ended(money: Received, version: Agreement) -> int | None:
    if version.ended_at is None:
        return None
    found: int | None = version.carried.get("until")
    return money.mark_at(version.ended_at) if found is None else found


def _was_due(session: Session, agreement: Agreement) -> bool:
    """Whether a fixed sum had become due before its agreement was ended."""
    wanted = sa.select(Accrual.id).where(Accrual.agreement_id == agreement.id).limit(1)
    return session.scalar(wanted) is not None

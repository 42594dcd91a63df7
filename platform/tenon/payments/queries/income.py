"""What a side of a deal has really earned: paid, net of VAT, without what went back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.ledger.queries import item_flows
from tenon.payments.kinds import other_side
from tenon.payments.models import Obligation
from tenon.payments.queries.sums import standing_of
from tenon.payments.vat import parts_of


def received_income(
    session: Session, deal: Deal, *, on: date | None = None, side: str = "seller"
) -> Mapping[str, int]:
    """Return currency -> what a side has received up to a day, in minor units.

    Counted is what was set against an obligation, in the proportion of its net amount to its VAT:
    advances that stand against nothing, VAT, refunds and the principal of a grant that is repaid
    are no income; interest is.
    """
    owed = session.scalars(
        sa.select(Obligation).where(
            Obligation.deal_id == deal.id,
            Obligation.debtor == other_side(side),
            Obligation.kind != "repayment",
        )
    ).all()
    flows = item_flows(session, [each.public_id for each in owed], on=on)
    found: dict[str, int] = {}
    for each in owed:
        standing = standing_of(flows.get(each.public_id, {}))
        net, _ = parts_of(standing.paid, net=standing.net, vat=standing.vat)
        if net:
            found[each.currency] = found.get(each.currency, 0) + net
    return found

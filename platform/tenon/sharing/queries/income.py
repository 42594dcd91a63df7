"""What a deal has brought in, by the ledger's entries, and what of it was shared already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.payments.queries import received_income
from tenon.sharing.models import Distribution
from tenon.sharing.states import SETTLED_STATES


@dataclass(frozen=True, slots=True)
class Income:
    """A deal's income in one currency, in minor units.

    Attributes:
        received: what came in, net of VAT.
        shared: what of it belongs to distributions that were proposed or more.
    """

    currency: str
    received: int
    shared: int

    @property
    def left(self) -> int:
        """What has not been shared yet; negative where more went back than that."""
        return self.received - self.shared


def incomes(
    session: Session, deal: Deal, *, on: date | None = None, besides: int | None = None
) -> Mapping[str, Income]:
    """Return currency -> what was received and what of it was shared already.

    ``besides`` leaves one distribution out: the one that is being worked on.
    """
    rows = session.execute(
        sa.select(Distribution.currency, sa.func.sum(Distribution.income_minor))
        .where(
            Distribution.deal_id == deal.id,
            Distribution.state.in_(SETTLED_STATES),
            Distribution.id != (besides or 0),
        )
        .group_by(Distribution.currency)
    )
    shared = {currency: int(minor or 0) for currency, minor in rows}
    came = received_income(session, deal, on=on)
    return {
        currency: Income(currency, came.get(currency, 0), shared.get(currency, 0))
        for currency in sorted({*came, *shared})
    }

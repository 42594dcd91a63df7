"""What the seller of a deal received in one currency, and under which version it earned.

Counted is what was set against an obligation, less what was released from it again, net of VAT. A
payment earns under the version that held when it was first set against something that counts, and
stays there however it is set anew; what goes back goes out of that payment, its latest part first.
A mark is a place in the deal's books: what was booked up to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.ledger.queries import Move, item_flows, item_moves
from tenon.money import split
from tenon.payments.models import Obligation
from tenon.payments.queries.sums import Standing, standing_of
from tenon.payments.vat import parts_of

Matched = Mapping[str, int]
"""Obligation -> how much of one payment is set against it."""


@dataclass(frozen=True, slots=True)
class Received:
    """A deal's receipts in one currency.

    Attributes:
        kinds: obligation -> its kind.
        standings: obligation -> how it stands, for its VAT.
        moves: what was set against obligations (item: the payment) and released, oldest first.
    """

    kinds: Mapping[str, str]
    standings: Mapping[str, Standing]
    moves: Sequence[Move]

    @property
    def mark(self) -> int:
        """The place in the books that it is read up to."""
        return max((each.sequence for each in self.moves), default=0)

    def mark_at(self, at: datetime) -> int:
        """Return the place that the books had reached at a moment."""
        return max((each.sequence for each in self.moves if each.at <= at), default=0)

    def total(self, kinds: Collection[str]) -> int:
        """Return what was received of some kinds and stands, net of VAT, in minor units."""
        return self._net(self._matched(kinds, None).values())

    def standing(self, kinds: Collection[str], marks: Sequence[int | None]) -> list[int]:
        """Return for each mark (rising; None for now) what was received by then and stands."""
        now = self._matched(kinds, None)
        kept: dict[str, Matched] = {}
        found: list[int] = []
        for mark in marks:
            for payment, then in self._matched(kinds, mark).items():
                minor = min(sum(then.values()), sum(now[payment].values()))
                if minor > sum(kept.get(payment, {}).values()):
                    kept[payment] = _spread(minor, then, now[payment])
            found.append(max([self._net(kept.values()), *found]))
        return found

    def _matched(self, kinds: Collection[str], mark: int | None) -> dict[str, dict[str, int]]:
        """Return payment -> obligations of these kinds that it was set against, by a mark."""
        found: dict[str, dict[str, int]] = {}
        for each in self.moves:
            if self.kinds[each.other] in kinds and (mark is None or each.sequence <= mark):
                of_payment = found.setdefault(each.item, {})
                of_payment[each.other] = of_payment.get(each.other, 0) + each.minor
        return found

    def _net(self, matched: Collection[Matched]) -> int:
        gross: dict[str, int] = {}
        for of_payment in matched:
            for key, minor in of_payment.items():
                gross[key] = gross.get(key, 0) + minor
        total = 0
        for key, minor in gross.items():
            standing = self.standings[key]
            total += parts_of(minor, net=standing.net, vat=standing.vat)[0]
        return max(0, total)


def _spread(minor: int, then: Matched, now: Matched) -> dict[str, int]:
    """Lay a part of a payment on what it is set against now, first where it lay before."""
    found = {key: min(then.get(key, 0), held) for key, held in now.items()}
    rest = minor - sum(found.values())
    if rest:
        free = [now[key] - laid for key, laid in found.items()]
        found = {key: found[key] + more for key, more in zip(found, split(rest, free), strict=True)}
    return found


def received(session: Session, deal: Deal, *, currency: str) -> Received:
    """Return what a deal's seller received in a currency; three statements."""
    owed = session.scalars(
        sa.select(Obligation).where(
            Obligation.deal_id == deal.id,
            Obligation.debtor == "buyer",
            Obligation.currency == currency,
        )
    ).all()
    kinds = {each.public_id: each.kind for each in owed}
    flows = item_flows(session, list(kinds))
    return Received(
        kinds,
        {key: standing_of(flows.get(key, {})) for key in kinds},
        item_moves(session, list(kinds), kinds=("advance", "receivable")),
    )

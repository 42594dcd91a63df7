"""What a deal's timeline tells of commission: to who sees the whole, and to sides that pay it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.commissions import permissions
from tenon.commissions.models import Agreement
from tenon.commissions.states import AGREEMENT
from tenon.deals.models import Deal
from tenon.deals.timeline import Item, source
from tenon.history import HistoryEntry
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

_TITLES = {
    "propose": N_("Commission no. %(number)s was proposed"),
    "agree": N_("Those who pay agreed to commission no. %(number)s"),
    "decline": N_("Commission no. %(number)s was declined"),
    "end": N_("Commission no. %(number)s was ended"),
}


@source("commissions")
def items(session: Session, deal: Deal, actor: Actor) -> list[Item]:
    """Return the steps of the agreements of a deal that the actor may read."""
    known = {
        each.public_id: each.number
        for each in session.scalars(sa.select(Agreement).where(Agreement.deal_id == deal.id))
        if permissions.may_see_agreement(actor, each)
    }
    if not known:
        return []
    rows = session.scalars(
        sa.select(HistoryEntry).where(
            HistoryEntry.chain_kind == AGREEMENT.kind,
            HistoryEntry.kind.in_(tuple(_TITLES)),
            HistoryEntry.chain_id.in_(list(known)),
        )
    )
    return [
        Item(
            at=entry.at,
            kind="commission",
            title=_TITLES[entry.kind],
            facts={"number": known[entry.chain_id]},
            path=f"/deals/{deal.public_id}/commission",
            side="broker" if entry.kind in ("propose", "end") else None,
        )
        for entry in rows
    ]

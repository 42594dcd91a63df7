"""What a deal's timeline tells of income sharing: to the seller's side alone, and no amounts."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.timeline import Item, source
from tenon.history import HistoryEntry
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.sharing import permissions
from tenon.sharing.models import Distribution

_TITLES = {
    "propose": N_("Income sharing no. %(number)s was put to the contributors"),
    "dispute": N_("A contributor does not agree with income sharing no. %(number)s"),
    "confirm": N_("All contributors agree with income sharing no. %(number)s"),
    "publicise": N_("Income sharing no. %(number)s is public inside the institution"),
    "approve": N_("Income sharing no. %(number)s was approved"),
    "pay": N_("Income sharing no. %(number)s was paid out"),
    "take_back": N_("Income sharing no. %(number)s was taken back"),
    "withdraw": N_("Income sharing no. %(number)s was withdrawn"),
}


@source("sharing")
def items(session: Session, deal: Deal, actor: Actor) -> list[Item]:
    """Return the steps of every distribution of a deal."""
    if not permissions.works_on(actor, deal):
        return []
    rows = session.execute(
        sa.select(HistoryEntry, Distribution.number, Distribution.public_id)
        .join(Distribution, Distribution.public_id == HistoryEntry.chain_id)
        .where(
            HistoryEntry.chain_kind == "distribution",
            HistoryEntry.kind.in_(tuple(_TITLES)),
            Distribution.deal_id == deal.id,
        )
    )
    return [
        Item(
            at=entry.at,
            kind="sharing",
            title=_TITLES[entry.kind],
            facts={"number": number},
            path=f"/sharing/{public_id}",
            side="seller",
        )
        for entry, number, public_id in rows
    ]

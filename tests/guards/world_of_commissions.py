"""What the walk over all routes asks for of commission: one of everything, in a deal of its own."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.commissions import services
from tenon.commissions.models import Receiver
from tenon.commissions.services import Claim, Paid, Proposal
from tests.factories import accounts, credit, deals, listings
from tests.factories.sharing import make_income
from tests.guards.world import World


def make_commissions(session: Session, world: World) -> None:
    """An agreement that the owning organisation pays alone, shares, a payout; all of a broker."""
    editor, broker = world.people["editor"], world.people["broker"]
    own = editor.memberships[0].organisation
    deal = deals.make_deal(session, state="in_force", seller=own, broker=broker)
    credit.make_entry(session, broker, thing=("deal", deal.public_id))
    by, now = accounts.actor_for(broker), listings.NOW
    said = Proposal(percent=Decimal(5), seller_percent=Decimal(100))
    agreement = services.propose(session, deal, said, by=by, now=now)
    head = accounts.actor_for(world.people["administrator"])
    services.agree(session, agreement, by=head, now=now)
    split = services.propose_split(session, deal, [Claim(broker.id, Decimal(100))], by=by, now=now)
    make_income(session, deal, 100_000)
    services.follow(session, deal, cause=("payment", "walk"), now=now)
    receiver = session.scalars(sa.select(Receiver).filter_by(deal_id=deal.id)).one()
    paid = Paid(
        side="seller", currency="CNY", minor=1_000, paid_on=now.date(), reference="1", key="walk"
    )
    payout = services.pay(session, receiver, paid, by=accounts.actor_for(editor), now=now)
    things = world.things
    things.commission_agreement, things.commission_split = agreement.public_id, split.public_id
    things.commission_receiver, things.commission_payout = receiver.public_id, payout.public_id

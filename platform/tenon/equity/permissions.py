"""Who may see and who may write a company's cap table.

A whole table is open to the company's own editors, to the parties of its deals and to the brokers
who look after them; an organisation that holds units sees its own row. Nobody else: not operators,
and no page or list is public. In every form that brings units the company's side is the deal's
``buyer``, the holder of what is agreed its ``seller``.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals import permissions as deals
from tenon.deals.models import Deal
from tenon.equity.models import EquityCompany, EquityDeal, EquityHolder
from tenon.errors import Forbidden, NotFound

COMPANY_SIDE = "buyer"
HOLDER_SIDE = "seller"


def deals_of(session: Session, company: EquityCompany) -> list[Deal]:
    """Return the deals that a company's table serves."""
    return list(
        session.scalars(
            sa.select(Deal)
            .join(EquityDeal, EquityDeal.deal_id == Deal.id)
            .where(EquityDeal.company_id == company.id)
            .order_by(Deal.id)
        )
    )


def may_read(session: Session, actor: Actor, company: EquityCompany) -> bool:
    """Whether the actor may read the whole table."""
    if actor.system or actor.at_least("editor", company.organisation_id):
        return True
    return any(deals.may_read(actor, deal) for deal in deals_of(session, company))


def may_write(session: Session, actor: Actor, company: EquityCompany) -> bool:
    """Whether the actor may record events: the company's editors.

    Those on the company's side of one of its deals, too, while it is not on the site itself.
    """
    if company.organisation_id is not None:
        return actor.at_least("editor", company.organisation_id)
    sides = deals_of(session, company)
    return any(deals.acts_for(actor, deal, COMPANY_SIDE) for deal in sides)


def own_rows(actor: Actor, company: EquityCompany) -> list[EquityHolder]:
    """Return the rows of organisations that the actor is an editor of."""
    return [
        holder
        for holder in company.holders
        if holder.organisation_id is not None and actor.at_least("editor", holder.organisation_id)
    ]


def may_answer(
    session: Session, actor: Actor, company: EquityCompany, holder: EquityHolder
) -> bool:
    """Whether the actor answers for a holder.

    An organisation of the site answers itself; for any other holder the company's side records
    the dated answer.
    """
    if holder.organisation_id is not None:
        return actor.at_least("editor", holder.organisation_id)
    return may_write(session, actor, company)


def require_read(session: Session, actor: Actor, company: EquityCompany) -> None:
    """Raise NotFound to whom the company's table is unknown, Forbidden to a holder's own row."""
    if may_read(session, actor, company):
        return
    if own_rows(actor, company):
        raise Forbidden(action="read")
    raise NotFound(kind="company")


def require_write(session: Session, actor: Actor, company: EquityCompany) -> None:
    """Raise NotFound or Forbidden where the actor may not record in this table."""
    require_read(session, actor, company)
    if not may_write(session, actor, company):
        raise Forbidden(action="record")

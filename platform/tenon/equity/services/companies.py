"""Open a company's cap table for a deal; name who holds units."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.deals import permissions as deals
from tenon.deals.models import Deal
from tenon.equity import permissions
from tenon.equity.models import HOLDER_KINDS, EquityCompany, EquityDeal, EquityHolder
from tenon.equity.queries.companies import company_of
from tenon.equity.services.once import only_one
from tenon.errors import Conflict, Invalid
from tenon.formulas.equity import KINDS

NAME_LIMIT = 200
MOST_HOLDERS = 500


def found_company(
    session: Session,
    deal: Deal,
    *,
    name: str,
    kind: str,
    par_minor: int = 1,
    own: bool = False,
    by: Actor,
    now: datetime,
) -> EquityCompany:
    """Open a cap table for the company that a deal is about; one of its sides does.

    ``own``: it is the organisation on the company's side, whose table there may be already; it is
    then attached. Otherwise it is known by its name alone, as long as it is not on the site.
    ``par_minor`` counts in a joint-stock company only. Raises NotFound, Forbidden, Conflict
    ``attached_already``, Invalid at ``name``, ``kind`` or ``par``.
    """
    deals.require_side(by, deal)
    if company_of(session, deal) is not None:
        raise Conflict("attached_already", kind="company")
    house = deal.side_organisation(permissions.COMPANY_SIDE) if own else None
    if house is not None:
        known = session.scalars(
            sa.select(EquityCompany).where(EquityCompany.organisation_id == house.id)
        ).first()
        if known is not None:
            attach(session, deal, known, by=by, now=now)
            return known
    company = EquityCompany(
        name=_checked_name(name or _name_of(house)),
        organisation_id=None if house is None else house.id,
        kind=kind,
        currency=deal.currency,
        par_minor=1 if kind == "limited" else par_minor,
        created_at=now,
        created_by=by.user_id,
    )
    if kind not in KINDS:
        raise Invalid({"kind": "unknown_code"})
    if company.par_minor < 1:
        raise Invalid({"par": "out_of_range"})
    with only_one(session, "attached_already", kind="company"):
        session.add(company)
    facts = {"kind": kind, "currency": company.currency, "par": company.par_minor}
    chain = ("cap_table", company.public_id)
    history.record(session, chain=chain, kind="opened", by=by, now=now, facts=facts)
    attach(session, deal, company, by=by, now=now)
    return company


def attach(
    session: Session, deal: Deal, company: EquityCompany, *, by: Actor, now: datetime
) -> None:
    """Say that a deal is about a company; written to the deal's history.

    Raises Invalid where the deal is in another currency.
    """
    if deal.currency != company.currency:
        raise Invalid({"": "other_currency"})
    with only_one(session, "attached_already", kind="company"):
        session.add(EquityDeal(deal_id=deal.id, company_id=company.id, at=now))
    facts = {"company": company.public_id}
    chain = ("deal", deal.public_id)
    history.record(session, chain=chain, kind="cap_table", by=by, now=now, facts=facts)


def say_law(
    session: Session, company: EquityCompany, *, stated: bool | None, by: Actor, now: datetime
) -> None:
    """State what articles or holders say on first calls, where they say anything.

    None: what the law says for its kind (Company Law 227).
    """
    permissions.require_write(session, by, company)
    company.preemption = stated
    chain = ("cap_table", company.public_id)
    facts = {"preemption": stated}
    history.record(session, chain=chain, kind="articles", by=by, now=now, facts=facts)


def add_holder(
    session: Session,
    company: EquityCompany,
    *,
    name: str,
    kind: str = "other",
    organisation_id: int | None = None,
    by: Actor,
) -> EquityHolder:
    """Name a holder in the table; raises as ``holder_named``, and Forbidden."""
    permissions.require_write(session, by, company)
    return holder_named(session, company, name, kind=kind, organisation_id=organisation_id)


def holder_named(
    session: Session,
    company: EquityCompany,
    name: str,
    *,
    kind: str = "other",
    organisation_id: int | None = None,
) -> EquityHolder:
    """Return the holder of this name, entered where it is new.

    An organisation of the site is one holder whatever it is called. Raises Invalid at ``name`` or
    ``kind``.
    """
    words = _checked_name(name)
    for holder in company.holders:
        same = organisation_id is not None and holder.organisation_id == organisation_id
        if same or holder.name == words:
            if holder.organisation_id is None:
                holder.organisation_id = organisation_id
            return holder
    if kind not in HOLDER_KINDS:
        raise Invalid({"kind": "unknown_code"})
    if len(company.holders) >= MOST_HOLDERS:
        raise Invalid({"name": "too_many"})
    holder = EquityHolder(
        company_id=company.id,
        key=f"h{len(company.holders) + 1}",
        kind="organisation" if organisation_id is not None else kind,
        name=words,
        organisation_id=organisation_id,
    )
    with only_one(session, "changed_meanwhile", kind="company"):
        session.add(holder)
    session.refresh(company, ["holders"])
    return holder


def house_as_holder(session: Session, company: EquityCompany, house: Organisation) -> EquityHolder:
    """Return an organisation of the site as a holder."""
    return holder_named(session, company, _name_of(house), organisation_id=house.id)


def _name_of(house: Organisation | None) -> str:
    return "" if house is None else (house.name_zh or house.name_en or "")


def _checked_name(name: str) -> str:
    words = name.strip()
    if not words:
        raise Invalid({"name": "required"})
    if len(words) > NAME_LIMIT:
        raise Invalid({"name": "too_long"})
    return words

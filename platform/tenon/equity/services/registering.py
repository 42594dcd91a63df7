"""Enter a signed subscription agreement or grant in the register and in the company's table."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms
from tenon.equity import permissions, terms
from tenon.equity.days import today
from tenon.equity.models import EquityAgreement, EquityCompany, EquityHolder
from tenon.equity.queries.companies import company_of
from tenon.equity.services.companies import house_as_holder
from tenon.equity.services.recording import append, course
from tenon.equity.writing import grant_json, right_json
from tenon.errors import Conflict


def enter_subscription(
    session: Session, deal: Deal, *, by: Actor, now: datetime
) -> EquityAgreement:
    """Enter the subscription right of a deal that takes effect; the caller checked who does.

    Raises Conflict ``no_cap_table`` where no founded company is attached, Invalid where its terms
    cannot be (a strike below par).
    """
    company, values, day = _begin(session, deal, now=now)
    holder, key = _holder_and_key(session, company, deal)
    state = course(session, company).on(day)
    right = terms.right_of(values, holder=holder.key, company=state, day=day)
    append(
        session, company, kind="right_granted", day=day, facts=right_json(key, right), deal=deal,
        source="", by=by, now=now,
    )  # fmt: skip
    return _enter(session, deal, company, holder, "subscription", key, day, right.expires_on, by=by,
                  now=now)  # fmt: skip


def enter_grant(session: Session, deal: Deal, *, by: Actor, now: datetime) -> EquityAgreement:
    """Enter the grant of a deal that takes effect; raises as ``enter_subscription``."""
    company, values, day = _begin(session, deal, now=now)
    holder, key = _holder_and_key(session, company, deal)
    grant = terms.grant_of(values, holder=holder.key, day=day)
    append(
        session, company, kind="grant_made", day=day, facts=grant_json(key, grant), deal=deal,
        source="", by=by, now=now,
    )  # fmt: skip
    until = values.get("convert_by")
    last = None if until is None else date.fromisoformat(until)
    return _enter(session, deal, company, holder, "grant", key, day, last, by=by, now=now)


def _begin(
    session: Session, deal: Deal, *, now: datetime
) -> tuple[EquityCompany, dict[str, Any], date]:
    """Return company, terms and day: that on which the deal takes effect, not before the founding.

    Raises Conflict ``no_cap_table``.
    """
    company, version = company_of(session, deal), accepted_terms(session, deal)
    stages = () if company is None else course(session, company).stages
    if company is None or version is None or not stages:
        raise Conflict("no_cap_table", kind="company")
    day = max(deal.effective_on or today(now), stages[0].event.day)
    return company, version.values, day


def _holder_and_key(
    session: Session, company: EquityCompany, deal: Deal
) -> tuple[EquityHolder, str]:
    house = deal.side_organisation(permissions.HOLDER_SIDE)
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(EquityAgreement)
        .where(EquityAgreement.company_id == company.id)
    )
    return house_as_holder(session, company, house), f"a{(count or 0) + 1}"


def _enter(
    session: Session,
    deal: Deal,
    company: EquityCompany,
    holder: EquityHolder,
    kind: str,
    key: str,
    day: date,
    until: date | None,
    *,
    by: Actor,
    now: datetime,
) -> EquityAgreement:
    agreement = EquityAgreement(
        company_id=company.id,
        deal_id=deal.id,
        holder_id=holder.id,
        kind=kind,
        key=key,
        granted_on=day,
        expires_on=until,
        state_since=now,
        created_at=now,
    )
    session.add(agreement)
    session.flush()
    facts = {"agreement": agreement.public_id, "from": None, "to": "granted"}
    chain = ("deal", deal.public_id)
    history.record(session, chain=chain, kind="equity_agreement", by=by, now=now, facts=facts)
    return agreement

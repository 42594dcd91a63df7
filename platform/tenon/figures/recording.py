"""Write down what is known of a signed contract whenever that changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.compliance.models import ContractRegistration
from tenon.deals import forms
from tenon.deals.forms.schema import SIGNED_STAGES
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms, terms_value
from tenon.figures.models import ContractRecord
from tenon.listings.models import Listing
from tenon.taxonomy.queries import find as find_term
from tenon.taxonomy.queries import lineage_codes

_IGNORED = ("id", "sequence", "recorded_at", "change")
_ENDS = ("completed", "terminated", "lapsed")
_FIELDS = ("hitech", "ipc")


def record_contract(session: Session, deal: Deal, *, now: datetime) -> ContractRecord | None:
    """Add a row where something that figures count has changed; return it, or None.

    Deals that were never signed have none.
    """
    if deal.stage not in SIGNED_STAGES and not (deal.stage == "lapsed" and deal.signed_on):
        return None
    last = session.scalars(
        sa.select(ContractRecord)
        .where(ContractRecord.deal_id == deal.id)
        .order_by(ContractRecord.sequence.desc())
        .limit(1)
    ).first()
    facts = _facts(session, deal)
    if last is not None and all(getattr(last, name) == value for name, value in facts.items()):
        return None
    made = ContractRecord(
        sequence=1 if last is None else last.sequence + 1,
        recorded_at=now,
        change=_change(last, facts),
        **facts,
    )
    session.add(made)
    session.flush()
    return made


def record_unrecorded(session: Session, *, now: datetime, most: int = 500) -> int:
    """Record registrations that came since; return how many contracts changed."""
    latest = _latest()
    rows = session.scalars(
        sa.select(Deal)
        .join(ContractRegistration, ContractRegistration.deal_id == Deal.id)
        .outerjoin(latest, latest.c.deal_id == Deal.id)
        .outerjoin(
            ContractRecord,
            sa.and_(
                ContractRecord.deal_id == latest.c.deal_id,
                ContractRecord.sequence == latest.c.sequence,
            ),
        )
        .where(
            Deal.signed_on.is_not(None),
            sa.or_(
                ContractRecord.registered_on.is_(None),
                ContractRecord.registered_value_minor != ContractRegistration.value_minor,
            ),
        )
        .limit(most)
    ).all()
    return sum(record_contract(session, deal, now=now) is not None for deal in rows)


def _latest() -> sa.Subquery:
    return (
        sa.select(ContractRecord.deal_id, sa.func.max(ContractRecord.sequence).label("sequence"))
        .group_by(ContractRecord.deal_id)
        .subquery()
    )


def _change(last: ContractRecord | None, facts: dict[str, Any]) -> str:
    if last is None:
        return "signed"
    if facts["ended"] != last.ended:
        return "ended"
    if facts["registered_on"] != last.registered_on:
        return "registered"
    return "amended"


def _facts(session: Session, deal: Deal) -> dict[str, Any]:
    seller = session.get_one(Organisation, deal.seller_organisation_id)
    buyer = session.get_one(Organisation, deal.buyer_organisation_id)
    registered = session.get(ContractRegistration, deal.id)
    scheme, code = _field(deal)
    technology = deal.technology_value_minor
    return {
        "deal_id": deal.id,
        "form": deal.form,
        "contract": forms.get(deal.form).contract,
        "signed_on": deal.signed_on,
        "currency": deal.currency,
        "value_minor": deal.value_minor or 0,
        "technology_minor": registered.technology_value_minor if registered else technology,
        "registered_on": registered.registered_on if registered else None,
        "registered_value_minor": registered.value_minor if registered else None,
        "seller_id": seller.id,
        "seller_kind": seller.kind,
        "seller_region": seller.region,
        "seller_province": province_of(seller),
        "buyer_id": buyer.id,
        "buyer_country": buyer.country,
        "buyer_region": buyer.region,
        "buyer_province": province_of(buyer),
        "field_scheme": scheme,
        "field_code": code,
        "new_company": bool(terms_value(accepted_terms(session, deal), "new_company")),
        "ended": deal.stage if deal.stage in _ENDS else None,
    }


def province_of(organisation: Organisation) -> str | None:
    """Return the province that an organisation of China lies in, by its region's code."""
    if organisation.country != "CN" or not organisation.region:
        return None
    return organisation.region[:2] + "0000"


def _field(deal: Deal) -> tuple[str | None, str | None]:
    """Return the field of technology of the deal's first result, at its scheme's highest level."""
    results: list[Listing] = [each for each in deal.listings if each.side == "achievement"]
    for listing in results:
        for scheme in _FIELDS:
            for each in sorted(listing.fields, key=lambda one: one.code):
                if each.scheme == scheme and find_term(scheme, each.code):
                    return scheme, _highest(scheme, each.code)
    return None, None


def _highest(scheme: str, code: str) -> str:
    return lineage_codes(scheme, code)[-1]

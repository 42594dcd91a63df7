"""The annual metrics of AUTM's licensing survey, of one institution and year.

Each is counted from what the site holds; research expenditure alone is entered by the institution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from tenon.deals import forms
from tenon.deals.models import Deal
from tenon.figures.models import ContractRecord, ResearchYear
from tenon.figures.queries import Scope, conditions, end_of
from tenon.listings.models import IpRight, Listing, ListingIpRight
from tenon.payments.finishing import is_over
from tenon.payments.queries import received_income

PATENTS = ("invention", "utility_model", "design")


@dataclass(frozen=True, slots=True)
class Annual:
    """An institution's year.

    Attributes:
        expenditure: research expenditure by currency, as entered; empty where it was not.
        disclosures: results written down that year.
        applications: patents filed that year that its results rest on.
        licences: licences signed; options: subscription agreements signed.
        active: licences in force at the year's end; what had expired by then is not, though nobody
            has completed it.
        startups: companies founded on contributed technology.
        income: licence income received, by currency, net of VAT and refunds.
    """

    year: int
    expenditure: Mapping[str, int]
    disclosures: int
    applications: int
    licences: int
    options: int
    active: int
    startups: int
    income: Mapping[str, int]


def annual(session: Session, organisation_id: int, year: int) -> Annual:
    """Return the metrics of an institution's calendar year."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    scope = Scope(first=first, last=last, seller_id=organisation_id)
    options = [each.code for each in forms.all_forms() if each.equity == "subscription"]
    licence = ContractRecord.form.in_(_licences())
    upto = Scope(last=last, as_of=last, seller_id=organisation_id)
    spent = session.execute(
        sa.select(ResearchYear.currency, ResearchYear.minor).where(
            ResearchYear.organisation_id == organisation_id, ResearchYear.year == year
        )
    )
    return Annual(
        year=year,
        expenditure={row.currency: row.minor for row in spent},
        disclosures=_disclosures(session, organisation_id, first, last),
        applications=_applications(session, organisation_id, first, last),
        licences=_count(session, scope, licence),
        options=_count(session, scope, ContractRecord.form.in_(options)),
        active=_active(session, upto, licence, last),
        startups=_count(session, scope, ContractRecord.new_company.is_(True)),
        income=_income(session, organisation_id, year),
    )


def _licences() -> list[str]:
    """Return the forms that are licences; an option to shares of the licensee is counted apart."""
    return [
        each.code for each in forms.all_forms() if each.contract == "licence" and not each.equity
    ]


def _count(session: Session, scope: Scope, *more: sa.ColumnElement[bool]) -> int:
    rows = sa.select(sa.func.count()).select_from(ContractRecord)
    return session.scalar(rows.where(*conditions(scope), *more)) or 0


def _active(session: Session, upto: Scope, licence: sa.ColumnElement[bool], day: date) -> int:
    """Count the licences that had neither ended nor expired by a day: Civil Code 865."""
    rows = (
        sa.select(Deal)
        .join(ContractRecord, ContractRecord.deal_id == Deal.id)
        .where(*conditions(upto), licence, ContractRecord.ended.is_(None))
        .where(sa.or_(Deal.ends_on.is_(None), Deal.ends_on >= day))
        .options(selectinload(Deal.ip_rights))
    )
    return sum(not is_over(session, deal, day) for deal in session.scalars(rows))


def _disclosures(session: Session, organisation_id: int, first: date, last: date) -> int:
    rows = sa.select(sa.func.count(Listing.id)).where(
        Listing.organisation_id == organisation_id,
        Listing.side == "achievement",
        Listing.created_at >= end_of(date(first.year - 1, 12, 31)),
        Listing.created_at < end_of(last),
    )
    return session.scalar(rows) or 0


def _applications(session: Session, organisation_id: int, first: date, last: date) -> int:
    rows = (
        sa.select(sa.func.count(sa.distinct(IpRight.id)))
        .join(ListingIpRight, ListingIpRight.ip_right_id == IpRight.id)
        .join(Listing, Listing.id == ListingIpRight.listing_id)
        .where(
            Listing.organisation_id == organisation_id,
            IpRight.kind.in_(PATENTS),
            IpRight.filed_on.between(first, last),
        )
    )
    return session.scalar(rows) or 0


def _income(session: Session, organisation_id: int, year: int) -> Mapping[str, int]:
    """Return what licences brought in that year: by its end, less by the one before's."""
    deals = session.scalars(
        sa.select(Deal).where(
            Deal.seller_organisation_id == organisation_id,
            Deal.signed_on <= date(year, 12, 31),
            Deal.form.in_(_licences()),
        )
    ).all()
    found: dict[str, int] = {}
    for deal in deals:
        now = received_income(session, deal, on=date(year, 12, 31))
        before = received_income(session, deal, on=date(year - 1, 12, 31))
        for currency in {*now, *before}:
            more = now.get(currency, 0) - before.get(currency, 0)
            if more:
                found[currency] = found.get(currency, 0) + more
    return found

"""Contracts signed and registered, their values, the local conversion rate, money received.

Contracts are read from ``figures.contract_records``, which is only added to: of each deal the last
row recorded by then. The place is that where the need behind the deal came in, or else the result.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tenon.deals.models import Deal, DealListing
from tenon.figures.models import ContractRecord
from tenon.insight.measures.counting import Condition, Counting, Moment, Source
from tenon.insight.measures.measure import Measure, register
from tenon.insight.measures.shared import before, credited, credited_to
from tenon.listings.models import Listing
from tenon.payments.models import Payment

_RECORDS = ("contract_records", "deals", "deal_listings")


def _latest(until: Moment) -> Condition:
    later = aliased(ContractRecord)
    return ~sa.exists().where(
        later.deal_id == ContractRecord.deal_id,
        later.sequence > ContractRecord.sequence,
        *before(later.recorded_at, until),
    )


def _place(_until: Moment) -> Any:
    link, listing = aliased(DealListing), aliased(Listing)
    return (
        sa.select(listing.station_id)
        .join(link, link.listing_id == listing.id)
        .where(link.deal_id == Deal.id, listing.station_id.is_not(None))
        .order_by(listing.side.desc(), listing.id)  # a need before an achievement
        .limit(1)
        .scalar_subquery()
    )


def _closed_by(until: Moment) -> Any:
    return credited("deal", Deal.public_id, "closed", until)


def _closed_by_person(person: int, until: Moment) -> Condition:
    return credited_to("deal", Deal.public_id, "closed", person, until)


def _is_side(house: int, _until: Moment) -> Condition:
    return sa.or_(Deal.seller_organisation_id == house, Deal.buyer_organisation_id == house)


def _has_need(_until: Moment) -> Condition:
    link, need = aliased(DealListing), aliased(Listing)
    return (
        sa.select(link.deal_id)
        .join(need, need.id == link.listing_id)
        .where(link.deal_id == Deal.id, need.side == "need")
        .exists()
    )


def _contracts(
    *,
    at: Any = ContractRecord.signed_on,
    amount: Any = None,
    extra: tuple[Condition, ...] = (),
    hits: Any = None,
) -> Source:
    def where(until: Moment) -> list[Condition]:
        return [_latest(until), *before(ContractRecord.recorded_at, until), *extra]

    return Source(
        kind="deal",
        start=lambda _: sa.join(ContractRecord, Deal, Deal.id == ContractRecord.deal_id),
        key=Deal.id,
        at=at,
        dated=True,
        where=where,
        columns={
            "region": lambda _: ContractRecord.seller_region,
            "field": lambda _: ContractRecord.field_scheme + ":" + ContractRecord.field_code,
            "institution": lambda _: ContractRecord.seller_id,
            "broker": _closed_by,
            "station": _place,
        },
        within={"broker": _closed_by_person, "institution": _is_side},
        currency=None if amount is None else ContractRecord.currency,
        amount=amount,
        hits=hits,
    )


def _stays(_until: Moment) -> Condition:
    return ContractRecord.seller_province == ContractRecord.buyer_province


def _payments() -> Source:
    """Receipts of sellers, less what they paid back; one taken back later counted until then."""

    def where(until: Moment) -> list[Condition]:
        standing: Condition = Payment.ended_at.is_(None)
        if until is not None:
            standing = sa.or_(standing, Payment.ended_at >= until)
        received = sa.and_(Payment.kind == "receipt", Payment.payee == "seller")
        returned = sa.and_(Payment.kind == "refund", aliased_receipt.payee == "seller")
        chosen = [sa.or_(received, returned), Payment.recorded_at.is_not(None), standing]
        return [*chosen, *before(Payment.recorded_at, until)]

    aliased_receipt = aliased(Payment)
    way = sa.case((Payment.kind == "refund", -Payment.amount_minor), else_=Payment.amount_minor)
    return Source(
        kind="deal",
        start=lambda _: sa.join(Payment, Deal, Deal.id == Payment.deal_id).outerjoin(
            aliased_receipt, aliased_receipt.id == Payment.of_id
        ),
        key=Deal.id,
        at=Payment.paid_on,
        dated=True,
        where=where,
        columns={
            "institution": lambda _: Deal.seller_organisation_id,
            "broker": _closed_by,
            "station": _place,
        },
        within={"broker": _closed_by_person, "institution": _is_side},
        currency=Payment.currency,
        amount=way,
    )


_SOLD_FROM_A_PROVINCE = (ContractRecord.seller_province.is_not(None),)

register(Measure("deals_signed", "count", _RECORDS, Counting(_contracts())))
register(
    Measure(
        "contract_value", "money", _RECORDS, Counting(_contracts(amount=ContractRecord.value_minor))
    )
)
register(
    Measure(
        "technology_value",
        "money",
        _RECORDS,
        Counting(
            _contracts(
                amount=ContractRecord.technology_minor,
                extra=(ContractRecord.technology_minor.is_not(None),),
            )
        ),
    )
)
register(
    Measure(
        "contracts_registered",
        "count",
        _RECORDS,
        Counting(_contracts(at=ContractRecord.registered_on)),
    )
)
register(
    Measure(
        "registered_value",
        "money",
        _RECORDS,
        Counting(
            _contracts(
                at=ContractRecord.registered_on, amount=ContractRecord.registered_value_minor
            )
        ),
    )
)
register(
    Measure(
        "payments_received", "money", ("payments", "deals", "deal_listings"), Counting(_payments())
    )
)
register(
    Measure(
        "local_conversion",
        "percent",
        _RECORDS,
        Counting(_contracts(extra=_SOLD_FROM_A_PROVINCE, hits=_stays)),
        adds=False,
    )
)
register(
    Measure(
        "local_conversion_value",
        "percent",
        _RECORDS,
        Counting(
            _contracts(extra=_SOLD_FROM_A_PROVINCE, hits=_stays, amount=ContractRecord.value_minor)
        ),
        adds=False,
    )
)
register(
    Measure(
        "deals_from_needs",
        "percent",
        (*_RECORDS, "listings"),
        Counting(_contracts(hits=_has_need)),
        adds=False,
    )
)

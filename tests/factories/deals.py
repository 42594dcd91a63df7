"""Deals for tests, at any state; nothing happens that is not asked for.

No history or outbox row is written: a test that wants those goes through the services.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.deals import forms
from tenon.deals.models import Deal, DealListing, DealRight, TermVersion
from tenon.deals.services.negotiating import hash_of
from tenon.listings.models import IpRight, Listing
from tests.factories.accounts import make_organisation
from tests.factories.listings import NOW

_AFTER_TERMS = ("approval", "publicity", "signing", "signed", "in_force", "completed", "terminated")


def make_deal(
    session: Session,
    *,
    form: str = "licence_exclusive",
    state: str = "terms",
    seller: Organisation | None = None,
    buyer: Organisation | None = None,
    seller_user: User | None = None,
    buyer_user: User | None = None,
    broker: User | None = None,
    listings: Sequence[Listing] = (),
    rights: Sequence[IpRight] = (),
    terms: Mapping[str, Any] | None = None,
    now: datetime = NOW,
    **columns: Any,
) -> Deal:
    """A deal at ``state``, with the columns that its stage needs; flushed.

    With ``terms``, or past its terms, it has an accepted version 1 of those values. The seller is
    a university of Wuhan and the buyer a firm, where none are given.
    """
    stage = forms.get(form).stage_of(state)
    gives = seller or make_organisation(session, kind="university", region="420100")
    takes = buyer or make_organisation(session, kind="enterprise")
    values: dict[str, Any] = {
        "title": "许可测试",
        "form": form,
        "state": state,
        "stage": stage,
        "seller_organisation_id": gives.id,
        "buyer_organisation_id": takes.id,
        "seller_user_id": None if seller_user is None else seller_user.id,
        "buyer_user_id": None if buyer_user is None else buyer_user.id,
        "broker_id": None if broker is None else broker.id,
        "jurisdiction": gives.region or "CN",
        "stage_since": now,
        "state_since": now,
        "created_at": now,
        "no_need_reason": "测试",
    }
    if stage in ("signed", "in_force", "completed", "terminated"):
        values |= {"signed_on": now.date(), "effective_on": now.date(), "value_minor": 0}
    if stage in ("terminated", "dropped"):
        values["end_reason"] = "agreed"
    made = Deal(**values | columns)
    session.add(made)
    session.flush()
    session.add_all(DealListing(deal_id=made.id, listing_id=each.id) for each in listings)
    session.add_all(DealRight(deal_id=made.id, ip_right_id=each.id) for each in rights)
    if terms is not None or stage in _AFTER_TERMS:
        make_terms(session, made, values=terms or {}, now=now)
    session.flush()
    return made


def make_terms(
    session: Session,
    deal: Deal,
    *,
    values: Mapping[str, Any],
    state: str = "accepted",
    side: str = "seller",
    number: int = 1,
    now: datetime = NOW,
) -> TermVersion:
    """A version of a deal's terms as given, neither parsed nor completed; flushed."""
    made = TermVersion(
        deal_id=deal.id,
        number=number,
        form=deal.form,
        values=dict(values),
        state=state,
        side=side,
        proposed_at=now,
        answered_at=now if state != "proposed" else None,
        sha256=hash_of(deal, number, deal.form, values),
    )
    session.add(made)
    session.flush()
    return made

"""What of the rules applies to a deal: by its seller, its form, its route and where it is.

Reads only. Publicity and price route bind state-founded universities and institutes that dispose of
a result (Act on Promoting Transformation of Scientific and Technological Achievements, 18).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.accounts.queries import is_state_founded
from tenon.compliance.days import day_of
from tenon.compliance.models import ComplianceSheet
from tenon.deals import forms
from tenon.deals.models import Deal, TermVersion
from tenon.deals.queries import accepted_terms, proposed_terms, terms_value
from tenon.deals.services.amending import AMENDED_STAGES, price_of
from tenon.rules.queries import Rule, find_rule, rule

DISPOSING = ("transfer", "licence")
HOME = "CN"


def disposes(deal: Deal) -> bool:
    """Whether the form disposes of a result: a transfer or a licence."""
    return forms.get(deal.form).contract in DISPOSING


def passes_title(deal: Deal) -> bool:
    """Whether the form passes title: only then contributors have first refusal (Civil Code 847)."""
    return forms.get(deal.form).contract == "transfer"


def price_is_bound(deal: Deal) -> bool:
    """Whether the way to the price is the law's business: a state-founded seller disposes."""
    return disposes(deal) and is_state_founded(deal.seller_organisation)


def sheet_of(session: Session, deal: Deal) -> ComplianceSheet | None:
    """Return what the seller stated for the deal, if anything."""
    return session.get(ComplianceSheet, deal.id)


def route_of(session: Session, deal: Deal) -> str:
    """Return how the price is found: ``agreement`` where nobody said otherwise."""
    sheet = sheet_of(session, deal)
    return (sheet.route if sheet is not None else None) or "agreement"


def publicity_rule(session: Session, deal: Deal, *, now: datetime) -> Rule | None:
    """Return the rule of the days of publicity, or None where nothing has to be published."""
    if not price_is_bound(deal) or route_of(session, deal) != "agreement":
        return None
    return find_rule(
        session, "price_publicity_days", jurisdiction=deal.jurisdiction, on=day_of(now)
    )


def base_price_rule(session: Session, deal: Deal, *, now: datetime) -> Rule | None:
    """Return the rule that names the routes with a base price, or None."""
    return find_rule(session, "base_price_routes", jurisdiction=deal.jurisdiction, on=day_of(now))


def first_refusal_rule(session: Session, deal: Deal, *, now: datetime) -> Rule:
    """Return the rule of the days to answer; raises NotFound where there is none."""
    return rule(session, "first_refusal_days", jurisdiction=deal.jurisdiction, on=day_of(now))


def is_foreign(deal: Deal) -> bool:
    """Whether a party is not of this country, which opens the checklist."""
    return any(
        house.country != HOME for house in (deal.seller_organisation, deal.buyer_organisation)
    )


def needs_approval_abroad(session: Session, deal: Deal, *, now: datetime) -> Rule | None:
    """Return the rule by which state-funded IP needs approval in this deal, or None.

    Only towards a buyer abroad, and only for the kinds that the rule names: an assignment, an
    exclusive licence.
    """
    if deal.buyer_organisation.country == HOME:
        return None
    found = find_rule(
        session, "foreign_exclusive_approval", jurisdiction=deal.jurisdiction, on=day_of(now)
    )
    if found is None:
        return None
    form = forms.get(deal.form)
    if form.contract in found.codes or licence_kind(session, deal) in found.codes:
        return found
    return None


def licence_kind(session: Session, deal: Deal) -> str | None:
    """Return exclusive, sole, nonexclusive or None: the form's, else as the terms say."""
    own = forms.get(deal.form).licence_kind
    if own is not None:
        return own
    value = terms_value(accepted_terms(session, deal), "licence_kind")
    return value if isinstance(value, str) else None


def repricing(session: Session, deal: Deal) -> TermVersion | None:
    """Return the amendment of a signed deal that waits for its answer and changes the price."""
    agreed, waiting = accepted_terms(session, deal), proposed_terms(session, deal)
    if deal.stage not in AMENDED_STAGES or agreed is None or waiting is None:
        return None
    form = forms.get(deal.form)
    same = price_of(form, agreed.values) == price_of(form, waiting.values)
    return None if same else waiting

"""What the seller's side states: route and base price, what is published, contributors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance import permissions
from tenon.compliance.days import day_of
from tenon.compliance.models import (
    RELATIONS,
    ROUTES,
    ComplianceSheet,
    Contributor,
    Publicity,
)
from tenon.compliance.recording import record
from tenon.deals.models import Deal, DealFile
from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.history.services import lock
from tenon.listings.models import Expert

NAME_LIMIT = 120
TEXT_LIMITS = {"name": 300, "summary": 4000, "price": 500, "contact": 500}
BEFORE_SIGNED = ("lead", "talks", "terms", "approval", "publicity", "signing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How the price is found.

    Attributes:
        route: agreement, listing or auction.
        base_minor: the base price; needed for a listing or an auction.
        price_minor: what the listing or auction brought, once it is known.
        currency: of both.
        venue, held_on: where and when it was held.
        file: the paper that proves it.
    """

    route: str
    base_minor: int | None = None
    price_minor: int | None = None
    currency: str = "CNY"
    venue: str = ""
    held_on: date | None = None
    file: DealFile | None = None


def with_file(route: Route, file: DealFile | None) -> Route:
    """Return the route with the paper that proves it."""
    return replace(route, file=file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What the seller wants published, where it differs from what the deal says by itself."""

    name: str = ""
    summary: str = ""
    price: str = ""
    contact: str = ""


def set_route(
    session: Session,
    deal: Deal,
    route: Route,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ComplianceSheet:
    """State how the price is found; refused below the base price.

    Raises Forbidden, IllegalTransition once the deal is signed or while its price is published,
    Invalid at ``route``, ``base``, ``price``, ``held_on``, Conflict where somebody was faster.
    """
    permissions.require_declare(by, deal)
    _require_open(deal, "set_route")
    lock(session, ("deal", deal.public_id))
    if _is_published(session, deal):
        raise IllegalTransition(step="set_route", state=deal.state, kind="deal")
    _check_route(route, now=now)
    sheet = _sheet(session, deal, by=by, now=now, expected_version=expected_version)
    agreed = route.route == "agreement"
    sheet.route = route.route
    sheet.base_minor = None if agreed else route.base_minor
    sheet.price_minor = None if agreed else route.price_minor
    sheet.currency = route.currency
    sheet.venue = None if agreed else route.venue.strip() or None
    sheet.held_on = None if agreed else route.held_on
    if route.file is not None:
        if route.file.deal_id != deal.id:
            raise Invalid({"file": "unknown_code"})
        sheet.evidence_file_id = route.file.id
    session.flush()
    facts = {
        "route": sheet.route,
        "base": sheet.base_minor,
        "price": sheet.price_minor,
        "currency": sheet.currency,
        "held_on": None if sheet.held_on is None else sheet.held_on.isoformat(),
        "sha256": None if route.file is None else route.file.sha256,
    }
    record(session, deal, "price_route", facts, by=by, now=now)
    return sheet


def set_published(
    session: Session,
    deal: Deal,
    published: Published,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ComplianceSheet:
    """Say what the publicity says; empty means as the deal itself does. Raises as ``set_route``."""
    permissions.require_declare(by, deal)
    _require_open(deal, "set_published")
    errors = {
        name: "too_long"
        for name, limit in TEXT_LIMITS.items()
        if len(getattr(published, name)) > limit
    }
    if errors:
        raise Invalid(errors)
    lock(session, ("deal", deal.public_id))
    sheet = _sheet(session, deal, by=by, now=now, expected_version=expected_version)
    sheet.publicity_name = published.name.strip() or None
    sheet.publicity_summary = published.summary.strip() or None
    sheet.publicity_price = published.price.strip() or None
    sheet.publicity_contact = published.contact.strip() or None
    session.flush()
    return sheet


def declare_no_service(
    session: Session, deal: Deal, *, reason: str, by: Actor, now: datetime
) -> None:
    """State why nobody has first refusal (no service technology); empty takes it back.

    For the seller's administrators. Raises Forbidden, IllegalTransition, Invalid at ``reason``.
    """
    permissions.require_decide(by, deal)
    _require_open(deal, "declare_no_service")
    if len(reason) > 500:
        raise Invalid({"reason": "too_long"})
    lock(session, ("deal", deal.public_id))
    sheet = _sheet(session, deal, by=by, now=now)
    sheet.not_service_reason = reason.strip() or None
    session.flush()
    facts = {"stated": sheet.not_service_reason is not None}
    record(session, deal, "no_service_technology", facts, by=by, now=now)


def contributors(session: Session, deal: Deal) -> Sequence[Contributor]:
    """Return a deal's contributors in order."""
    return session.scalars(
        sa.select(Contributor).where(Contributor.deal_id == deal.id).order_by(Contributor.position)
    ).all()


def take_contributors_over(session: Session, deal: Deal) -> None:
    """Take the contributors of the deal's achievements over, each once; those here stay."""
    known = list(contributors(session, deal))
    names, experts = {each.name for each in known}, {each.expert_id for each in known} - {None}
    position = max((each.position for each in known), default=0)
    for listing in deal.listings:
        for each in listing.contributors if listing.side == "achievement" else ():
            if each.expert_id in experts or (each.expert_id is None and each.name in names):
                continue
            expert = None if each.expert_id is None else session.get(Expert, each.expert_id)
            position += 1
            session.add(
                Contributor(
                    deal_id=deal.id,
                    position=position,
                    name=each.name,
                    expert_id=each.expert_id,
                    user_id=None if expert is None else expert.user_id,
                )
            )
            names.add(each.name)
            experts |= {each.expert_id} - {None}
    session.flush()


def add_contributor(
    session: Session, deal: Deal, *, name: str, by: Actor, now: datetime
) -> Contributor:
    """Add a contributor whom the achievement does not name, until the price is published.

    Raises NotFound, Forbidden, IllegalTransition, Invalid at ``name``.
    """
    permissions.require_declare(by, deal)
    _require_open(deal, "add_contributor")
    words = name.strip()
    if not words:
        raise Invalid({"name": "required"})
    if len(words) > NAME_LIMIT:
        raise Invalid({"name": "too_long"})
    lock(session, ("deal", deal.public_id))
    if _is_published(session, deal):
        raise IllegalTransition(step="add_contributor", state=deal.state, kind="deal")
    known = contributors(session, deal)
    if any(each.name == words for each in known):
        raise Invalid({"name": "already_taken"})
    position = max((each.position for each in known), default=0) + 1
    made = Contributor(deal_id=deal.id, position=position, name=words)
    session.add(made)
    session.flush()
    record(session, deal, "contributor", {"position": position}, by=by, now=now)
    return made


def declare_relation(
    session: Session,
    deal: Deal,
    contributor: Contributor,
    *,
    relation: str,
    detail: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Declare how a contributor stands to the buyer: none, is the buyer, or related to it.

    By the seller's side or the contributor. What is published already is not changed by it: a
    running publicity is stopped by reopening the terms. Raises NotFound, Forbidden,
    IllegalTransition while it is published, Invalid at ``relation`` or ``detail``.
    """
    if by.user_id is None or by.user_id != contributor.user_id:
        permissions.require_declare(by, deal)
    _require_open(deal, "declare_relation")
    if relation not in RELATIONS:
        raise Invalid({"relation": "required" if not relation else "unknown_code"})
    if relation == "related" and not detail.strip():
        raise Invalid({"detail": "required"})
    if len(detail) > 500:
        raise Invalid({"detail": "too_long"})
    lock(session, ("deal", deal.public_id))
    if _is_published(session, deal):
        raise IllegalTransition(step="declare_relation", state=deal.state, kind="deal")
    contributor.relation = relation
    contributor.relation_detail = detail.strip() or None
    contributor.declared_at = now
    contributor.declared_by = by.user_id
    session.flush()
    facts = {"position": contributor.position, "relation": relation}
    record(session, deal, "relation_declared", facts, by=by, now=now)


def _sheet(
    session: Session,
    deal: Deal,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ComplianceSheet:
    """Return the deal's sheet, made where there is none; the caller holds the chain's lock."""
    sheet = session.get(ComplianceSheet, deal.id, populate_existing=True)
    if sheet is None:
        sheet = ComplianceSheet(deal_id=deal.id, version=0, currency=deal.currency, changed_at=now)
        session.add(sheet)
    if expected_version is not None and expected_version != sheet.version:
        raise Conflict("changed_meanwhile", kind="deal")
    sheet.version += 1
    sheet.changed_at, sheet.changed_by = now, by.user_id
    return sheet


def _check_route(route: Route, *, now: datetime) -> None:
    errors = {}
    if route.route not in ROUTES:
        raise Invalid({"route": "required" if not route.route else "unknown_code"})
    if route.route == "agreement":
        return
    if route.base_minor is None:
        errors["base"] = "required"
    elif route.base_minor < 0:
        errors["base"] = "out_of_range"
    elif route.price_minor is not None and route.price_minor < route.base_minor:
        errors["price"] = "below_base"
    if route.held_on is not None and route.held_on > day_of(now):
        errors["held_on"] = "in_the_future"
    if len(route.venue) > 200:
        errors["venue"] = "too_long"
    if errors:
        raise Invalid(errors)


def _require_open(deal: Deal, step: str) -> None:
    if deal.stage not in BEFORE_SIGNED:
        raise IllegalTransition(step=step, state=deal.state, kind="deal")


def _is_published(session: Session, deal: Deal) -> bool:
    found = session.scalar(
        sa.select(Publicity.id).where(Publicity.deal_id == deal.id, Publicity.state == "running")
    )
    return found is not None

"""An organisation's deals for its own people: what waits for them first, and how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals import forms
from tenon.deals.forms.schema import NEGOTIATED_STAGES, OPEN_STAGES
from tenon.deals.models import Deal, DealSignature, TermVersion
from tenon.deals.queries.deals import for_lists, readable_by

GROUPS = ("ours", "theirs", "running", "over")
"""Waits for the organisation; waits for others; signed or in force; over."""

_RUNNING = ("signed", "in_force")
_COLUMNS = {"seller": Deal.seller_organisation_id, "buyer": Deal.buyer_organisation_id}


def waits_for(house: int, side: str) -> sa.ColumnElement[bool]:
    """Return the condition that a deal waits for a side that the organisation is.

    Terms to answer or to propose, a signature, the institution's approval.
    """
    across = "buyer" if side == "seller" else "seller"
    ways = [
        _has_proposed(TermVersion.side == across),
        sa.and_(
            Deal.stage.in_(NEGOTIATED_STAGES), Deal.form.not_in(_declared(side)), ~_has_proposed()
        ),
        sa.and_(Deal.state == "signing", ~_has_signed(side)),
    ]
    if side == "seller":
        ways.append(Deal.stage == "approval")
    return sa.and_(_COLUMNS[side] == house, Deal.stage.in_(OPEN_STAGES), sa.or_(*ways))


def _declared(side: str) -> list[str]:
    """Return the forms in which a side lays no terms in: the other declares them."""
    found = []
    for form in forms.all_forms():
        step = form.step("draft_terms")
        if step is not None and side not in step.by:
            found.append(form.code)
    return found


def _has_proposed(*more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return (
        sa.select(TermVersion.id)
        .where(TermVersion.deal_id == Deal.id, TermVersion.state == "proposed", *more)
        .exists()
    )


def _has_signed(side: str) -> sa.ColumnElement[bool]:
    return (
        sa.select(DealSignature.id)
        .join(TermVersion, TermVersion.id == DealSignature.version_id)
        .where(
            TermVersion.deal_id == Deal.id,
            TermVersion.state == "accepted",
            DealSignature.signer == side,
        )
        .exists()
    )


def _waits(house: int) -> sa.ColumnElement[bool]:
    return sa.or_(waits_for(house, "seller"), waits_for(house, "buyer"))


def _group(house: int) -> sa.Case[Any]:
    return sa.case(
        (_waits(house), "ours"),
        (Deal.stage.in_(_RUNNING), "running"),
        (Deal.stage.in_(OPEN_STAGES), "theirs"),
        else_="over",
    )


def _of(house: int, side: str | None) -> sa.ColumnElement[bool]:
    if side in _COLUMNS:
        return _COLUMNS[side] == house
    return sa.or_(*(column == house for column in _COLUMNS.values()))


def waiting_count(session: Session, *, by: Actor) -> int:
    """Return how many deals wait for the organisation that the actor acts for; one statement."""
    house = by.organisation_id
    if house is None or house not in by.memberships:
        return 0
    counts = [
        sa.select(sa.func.count())
        .select_from(Deal)
        .where(waits_for(house, side), readable_by(by))
        .scalar_subquery()
        for side in _COLUMNS
    ]
    return sum(session.execute(sa.select(*counts)).one())


def group_counts(session: Session, *, by: Actor, side: str | None = None) -> Mapping[str, int]:
    """Return group -> how many deals of the actor's organisation are in it."""
    house = by.organisation_id
    if house is None or house not in by.memberships:
        return dict.fromkeys(GROUPS, 0)
    group = _group(house).label("deal_group")
    rows = session.execute(
        sa.select(group, sa.func.count().label("found"))
        .select_from(Deal)
        .where(_of(house, side), readable_by(by))
        .group_by(group)
    )
    return dict.fromkeys(GROUPS, 0) | {row.deal_group: row.found for row in rows}


def inbox(
    session: Session,
    *,
    by: Actor,
    side: str | None = None,
    group: str | None = None,
    limit: int = 20,
    offset: int = 0,
) -> Sequence[tuple[Deal, bool]]:
    """Return the deals of the actor's organisation and whether each waits for it.

    What waits comes first, then what moved last. One statement.
    """
    house = by.organisation_id
    if house is None or house not in by.memberships:
        return []
    waits = _waits(house)
    wanted = sa.select(Deal, waits.label("waits")).where(_of(house, side), readable_by(by))
    if group in GROUPS:
        wanted = wanted.where(_group(house) == group)
    rows = session.execute(
        wanted.options(*for_lists())
        .order_by(sa.case((waits, 0), else_=1), Deal.state_since.desc(), Deal.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [(deal, bool(waiting)) for deal, waiting in rows]


def waiting_versions(session: Session, deals: Sequence[Deal]) -> Mapping[int, TermVersion]:
    """Return deal's key -> the version that waits for an answer; one statement for all."""
    keys = [deal.id for deal in deals]
    if not keys:
        return {}
    rows = session.scalars(
        sa.select(TermVersion).where(TermVersion.deal_id.in_(keys), TermVersion.state == "proposed")
    )
    return {version.deal_id: version for version in rows}

"""Experts: their pages, their public results and the rights those rest on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.listings.models import (
    Expert,
    ExpertClaim,
    IpRight,
    Listing,
    ListingContributor,
    ListingIpRight,
)
from tenon.listings.queries.visibility import experts_visible_to, is_public


def public_experts(session: Session, ids: Collection[int]) -> list[Expert]:
    """Return those of ``ids`` that are published, in the order of ``ids``; 2 statements."""
    rows = session.scalars(sa.select(Expert).where(Expert.id.in_(ids), Expert.published.is_(True)))
    by_id = {expert.id: expert for expert in rows}
    return [by_id[key] for key in ids if key in by_id]


def find_expert(session: Session, public_id: str, *, by: Actor) -> Expert:
    """Return an expert whose page the actor may read; raises NotFound for all others."""
    found = session.scalars(
        sa.select(Expert).where(Expert.public_id == public_id, experts_visible_to(by))
    ).first()
    if found is None:
        raise NotFound
    return found


def expert_of_user(session: Session, user_id: int) -> Expert | None:
    """Return the page that a person holds, if any."""
    return session.scalars(sa.select(Expert).where(Expert.user_id == user_id)).first()


def expert_pages(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    """Return expert id -> public id, of published pages only."""
    if not ids:
        return {}
    rows = session.execute(
        sa.select(Expert.id, Expert.public_id).where(Expert.id.in_(ids), Expert.published.is_(True))
    )
    return {row.id: row.public_id for row in rows}


def results_of(
    session: Session, expert_ids: Collection[int], *, now: datetime
) -> Mapping[int, Sequence[Listing]]:
    """Return expert id -> their public achievements, newest first; every id has an entry."""
    found: dict[int, list[Listing]] = {key: [] for key in expert_ids}
    rows = session.execute(
        sa.select(ListingContributor.expert_id, Listing)
        .join(Listing, Listing.id == ListingContributor.listing_id)
        .where(ListingContributor.expert_id.in_(expert_ids), is_public(now))
        .options(
            lazyload(Listing.requirements),
            lazyload(Listing.contributors),
            lazyload(Listing.deal_forms),
        )
        .order_by(Listing.published_at.desc(), Listing.id.desc())
    )
    for expert_id, listing in rows:
        if expert_id is not None and listing not in found[expert_id]:
            found[expert_id].append(listing)
    return found


def rights_behind(session: Session, listing_ids: Collection[int]) -> Sequence[IpRight]:
    """Return the IP rights that any of the listings rest on, newest filing first."""
    return session.scalars(
        sa.select(IpRight)
        .where(
            IpRight.id.in_(
                sa.select(ListingIpRight.ip_right_id).where(
                    ListingIpRight.listing_id.in_(listing_ids)
                )
            )
        )
        .order_by(IpRight.filed_on.desc(), IpRight.id)
    ).all()


def open_claims(session: Session, *, by: Actor) -> Sequence[sa.Row[ExpertClaim, User]]:
    """Return the claims that the actor may decide with those who made them, oldest first."""
    wanted = (
        sa.select(ExpertClaim, User)
        .join(Expert, Expert.id == ExpertClaim.expert_id)
        .join(User, User.id == ExpertClaim.user_id)
        .where(ExpertClaim.state == "requested")
    )
    if not by.operator:
        administered = sorted(o for o in by.memberships if by.at_least("administrator", o))
        wanted = wanted.where(Expert.organisation_id.in_(administered))
    return session.execute(wanted.order_by(ExpertClaim.at, ExpertClaim.id)).all()


def find_claim(session: Session, public_id: str) -> ExpertClaim:
    """Return a claim; raises NotFound. Who may decide it is the service's question."""
    found = session.scalars(
        sa.select(ExpertClaim).where(ExpertClaim.public_id == public_id)
    ).first()
    if found is None:
        raise NotFound
    return found


def open_claim_of(session: Session, *, expert_id: int, user_id: int) -> ExpertClaim | None:
    """Return a person's undecided claim to a page, if any."""
    return session.scalars(
        sa.select(ExpertClaim).where(
            ExpertClaim.expert_id == expert_id,
            ExpertClaim.user_id == user_id,
            ExpertClaim.state == "requested",
        )
    ).first()


def experts_of_organisation(
    session: Session, organisation_id: int, *, limit: int
) -> Sequence[Expert]:
    """Return an organisation's published experts, the latest first."""
    return session.scalars(
        sa.select(Expert)
        .where(Expert.organisation_id == organisation_id, Expert.published.is_(True))
        .order_by(Expert.updated_at.desc(), Expert.id)
        .limit(limit)
    ).all()

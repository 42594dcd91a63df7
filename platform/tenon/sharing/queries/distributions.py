"""Distributions by public id, of a deal, and of a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.accounts.models import Membership, User
from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.errors import NotFound
from tenon.listings.models import Expert, ListingContributor
from tenon.sharing import permissions
from tenon.sharing.models import Distribution, IncomeCost, IncomeObjection, IncomeShare


def find(session: Session, public_id: str, *, by: Actor) -> Distribution:
    """Return a distribution that the actor may know of; raises NotFound for all others."""
    found = session.scalars(
        sa.select(Distribution)
        .where(Distribution.public_id == public_id)
        .options(joinedload(Distribution.deal))
    ).first()
    if found is None or not permissions.may_see(by, found):
        raise NotFound(kind="distribution")
    return found


def of_deal(session: Session, deal: Deal) -> Sequence[Distribution]:
    """Return a deal's distributions, the latest first."""
    return session.scalars(
        sa.select(Distribution)
        .where(Distribution.deal_id == deal.id)
        .order_by(Distribution.number.desc())
    ).all()


def published_for(session: Session, actor: Actor) -> Sequence[Distribution]:
    """Return what is public inside the organisations that the actor is a member of."""
    houses = sorted(actor.memberships)
    if not houses:
        return []
    return session.scalars(
        sa.select(Distribution)
        .join(Deal, Deal.id == Distribution.deal_id)
        .where(Distribution.state == "publicised", Deal.seller_organisation_id.in_(houses))
        .order_by(Distribution.publicity_ends_on)
    ).all()


def cost(distribution: Distribution, public_id: str) -> IncomeCost:
    """Return a cost of a distribution; raises NotFound."""
    found = next((each for each in distribution.costs if each.public_id == public_id), None)
    if found is None:
        raise NotFound(kind="cost")
    return found


def share(distribution: Distribution, public_id: str) -> IncomeShare:
    """Return a share of a distribution; raises NotFound."""
    found = next((each for each in distribution.shares if each.public_id == public_id), None)
    if found is None:
        raise NotFound(kind="share")
    return found


def objection(distribution: Distribution, public_id: str) -> IncomeObjection:
    """Return an objection to a distribution; raises NotFound."""
    found = next((each for each in distribution.objections if each.public_id == public_id), None)
    if found is None:
        raise NotFound(kind="objection")
    return found


def shares_of(session: Session, user_id: int) -> Sequence[IncomeShare]:
    """Return a person's shares that were proposed to them, what waits for them first."""
    return session.scalars(
        sa.select(IncomeShare)
        .join(Distribution, Distribution.id == IncomeShare.distribution_id)
        .where(
            IncomeShare.user_id == user_id,
            Distribution.state.not_in(("draft", "withdrawn")),
        )
        .options(joinedload(IncomeShare.distribution).joinedload(Distribution.deal))
        .order_by(
            sa.and_(IncomeShare.state == "waiting", Distribution.state == "proposed").desc(),
            Distribution.proposed_at.desc(),
            IncomeShare.id.desc(),
        )
    ).all()


def waiting_for(session: Session, user_id: int) -> int:
    """Return how many shares wait for a person's confirmation."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(IncomeShare)
            .join(Distribution, Distribution.id == IncomeShare.distribution_id)
            .where(
                IncomeShare.user_id == user_id,
                IncomeShare.state == "waiting",
                Distribution.state == "proposed",
            )
        )
        or 0
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be a contributor: a name, and the account where they have one."""

    name: str
    user_id: int | None


def contributors_of(session: Session, deal: Deal, language: str) -> list[Candidate]:
    """Return the contributors that the deal's achievements name, in their order, each once."""
    rows = session.execute(
        sa.select(ListingContributor.name, Expert)
        .outerjoin(Expert, Expert.id == ListingContributor.expert_id)
        .where(ListingContributor.listing_id.in_([each.id for each in deal.listings]))
        .order_by(ListingContributor.listing_id, ListingContributor.position)
    )
    found: dict[tuple[str, int | None], Candidate] = {}
    for name, expert in rows:
        made = Candidate(
            name=(expert.name(language) if expert is not None else "") or name,
            user_id=None if expert is None else expert.user_id,
        )
        found.setdefault((made.name, made.user_id), made)
    known = {each.user_id for each in found.values()} - {None}
    return [
        each
        for each in found.values()
        if each.user_id is not None
        or not any(other.name == each.name and other.user_id in known for other in found.values())
    ]


def members_of_seller(session: Session, deal: Deal) -> Sequence[User]:
    """Return the members of the seller's organisation, by name."""
    return (
        session.scalars(
            sa.select(User)
            .join(Membership, Membership.user_id == User.id)
            .where(
                Membership.organisation_id == deal.seller_organisation_id,
                Membership.state == "active",
                User.erased_at.is_(None),
            )
            .order_by(User.name, User.id)
        )
        .unique()
        .all()
    )


def paid_in(session: Session, user_id: int, year: int) -> Sequence[IncomeShare]:
    """Return a person's shares that were paid out in a year, oldest first."""
    return session.scalars(
        sa.select(IncomeShare)
        .join(Distribution, Distribution.id == IncomeShare.distribution_id)
        .where(
            IncomeShare.user_id == user_id,
            Distribution.state == "paid",
            Distribution.paid_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .options(joinedload(IncomeShare.distribution).joinedload(Distribution.deal))
        .order_by(Distribution.paid_on, IncomeShare.id)
    ).all()


def years_of(session: Session, user_id: int) -> list[int]:
    """Return the years in which a person was paid, the latest first."""
    days = session.scalars(
        sa.select(Distribution.paid_on)
        .join(IncomeShare, IncomeShare.distribution_id == Distribution.id)
        .where(IncomeShare.user_id == user_id, Distribution.state == "paid")
    )
    return sorted({day.year for day in days if day is not None}, reverse=True)

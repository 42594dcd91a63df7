"""Who takes part in the demo's events beside those one can sign in as: invented people.

Researchers are the set's experts, firms' delegates bear plainly made-up names. Nobody can sign in
as them: their accounts have no password.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, Organisation, User
from tenon.accounts.services.people import create_person
from tenon.actors import SYSTEM
from tenon.demo.people import SOURCE
from tenon.listings.models import Expert, Listing, ListingContributor

FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏"
GIVEN = ("样例", "演示", "试稿", "虚拟", "示范", "仿真", "假设", "例证")
RESEARCHERS = 40
COMPANIES = 40
A_FIRM = 2
"""Delegates that one firm sends at most."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who takes part.

    Attributes:
        user: the account.
        organisation: whom they come for.
        group: ``researcher`` or ``company``.
        listings: what they bring.
    """

    user: User
    organisation: Organisation
    group: str
    listings: Sequence[Listing]


def make_guests(session: Session, *, now: datetime) -> list[Guest]:
    """Make the accounts of all who take part; people who can sign in are among them."""
    names = _names()
    researchers = _researchers(session, names, now)
    taken = {guest.user.id for guest in researchers}
    return [*researchers, *_delegates(session, names, taken, now)]


def _names() -> Iterator[str]:
    return (
        f"{family}{GIVEN[(3 * place + turn) % len(GIVEN)]}"
        for turn in range(len(GIVEN))
        for place, family in enumerate(FAMILY)
    )


def _researchers(session: Session, names: Iterator[str], now: datetime) -> list[Guest]:
    """One guest an expert who contributed to something published, in the set's order."""
    experts = session.scalars(
        sa.select(Expert)
        .where(Expert.source == SOURCE, Expert.organisation_id.is_not(None))
        .order_by(Expert.external_id)
    )
    guests: list[Guest] = []
    of_house: Counter[int] = Counter()
    for expert in experts:
        house = session.get_one(Organisation, expert.organisation_id)
        own = _contributed(session, expert) or _brought(session, house, "achievement")
        if not own:
            continue
        own = own[of_house[house.id] % len(own) :][:3]  # colleagues bring different ones
        of_house[house.id] += 1
        person = None if expert.user_id is None else session.get(User, expert.user_id)
        name = expert.name_zh or next(names)
        guests.append(
            Guest(person or _account(session, name, house, now), house, "researcher", own)
        )
        if len(guests) == RESEARCHERS:
            break
    return guests


def _delegates(
    session: Session, names: Iterator[str], taken: Collection[int], now: datetime
) -> list[Guest]:
    """Some delegates a house that seeks something; who can sign in for it comes first."""
    houses = session.scalars(
        sa.select(Organisation)
        .where(
            Organisation.source == SOURCE,
            sa.exists().where(
                Listing.organisation_id == Organisation.id,
                Listing.side == "need",
                Listing.state == "published",
            ),
        )
        .order_by(Organisation.external_id)
    ).all()
    guests: list[Guest] = []
    for house in houses:
        known = [each for each in _members(session, house) if each.id not in taken]
        needs = _brought(session, house, "need")
        for turn in range(min(A_FIRM, len(needs))):
            user = known[turn] if turn < len(known) else _account(session, next(names), house, now)
            guests.append(Guest(user, house, "company", needs[turn::A_FIRM][:3]))
    return guests[:COMPANIES]


def _contributed(session: Session, expert: Expert) -> Sequence[Listing]:
    return session.scalars(
        sa.select(Listing)
        .join(ListingContributor, ListingContributor.listing_id == Listing.id)
        .where(ListingContributor.expert_id == expert.id, Listing.state == "published")
        .order_by(Listing.id)
    ).all()


def _brought(session: Session, house: Organisation, side: str) -> Sequence[Listing]:
    return session.scalars(
        sa.select(Listing)
        .where(
            Listing.organisation_id == house.id,
            Listing.side == side,
            Listing.state == "published",
        )
        .order_by(Listing.id)
    ).all()


def _members(session: Session, house: Organisation) -> Sequence[User]:
    return session.scalars(
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == house.id,
            Membership.state == "active",
            ~User.roles.any(),  # brokers and operators arrange, they do not sit at the tables
        )
        .order_by(User.id)
    ).all()


def _account(session: Session, name: str, house: Organisation, now: datetime) -> User:
    user = create_person(
        session,
        email=f"guest-{house.public_id.lower()}-{_count(session)}@demo.example",
        name=name,
        language="zh" if house.country == "CN" else "en",
        password_hash=None,
        by=SYSTEM,
        now=now,
        demo=True,
    )
    membership = Membership(
        user_id=user.id,
        organisation_id=house.id,
        role="member",
        state="active",
        created_at=now,
        decided_at=now,
    )
    session.add(membership)
    user.acting_for_id = house.id
    session.flush()
    session.refresh(user, ["memberships", "roles"])
    return user


def _count(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(User)) or 0

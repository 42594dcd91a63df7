"""One thing by its public id, as the actor may know it; what waits for somebody; hooks of the room.

``dues_of`` and ``due_soon`` are for rooms that come later: figures of a person, the desk's day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from tenon.actors import ROLE_RANK, Actor
from tenon.commissions import permissions
from tenon.commissions.models import Agreement, Part, Payout, Receiver, Share, Split
from tenon.commissions.queries.accounts import Account, accounts
from tenon.compliance.days import day_of
from tenon.deals.models import SIDES, Deal
from tenon.errors import NotFound

SOON = timedelta(days=14)
MOST = 200


def agreement(session: Session, public_id: str, *, by: Actor) -> Agreement:
    """Return an agreement; raises NotFound, also for one that the actor may not read."""
    found = session.scalar(sa.select(Agreement).where(Agreement.public_id == public_id))
    if found is None or not permissions.may_see_agreement(by, found):
        raise NotFound(kind="commission_agreement")
    return found


def split(session: Session, public_id: str, *, by: Actor) -> Split:
    """Return a split; raises NotFound, also for one that the actor may not know of."""
    found = session.scalar(
        sa.select(Split).where(Split.public_id == public_id).options(*_with_shares())
    )
    if found is None or not permissions.may_see_split(by, found):
        raise NotFound(kind="commission_split")
    return found


def receiver(session: Session, public_id: str, *, by: Actor) -> Receiver:
    """Return a receiver whom the actor sees or whose payer they may be; raises NotFound."""
    found = session.scalar(sa.select(Receiver).where(Receiver.public_id == public_id))
    if found is None or not (
        permissions.may_see_receiver(by, found) or _is_owed_by(session, found, by)
    ):
        raise NotFound(kind="commission_receiver")
    return found


def _is_owed_by(session: Session, found: Receiver, by: Actor) -> bool:
    sides = permissions.sides_of(by, found.deal)
    wanted = sa.select(Part.id).where(Part.receiver_id == found.id, Part.side.in_(sides)).limit(1)
    return bool(sides) and session.scalar(wanted) is not None


def payout(session: Session, public_id: str, *, by: Actor) -> Payout:
    """Return a payout; raises NotFound, also for one that the actor may not know of."""
    found = session.scalar(sa.select(Payout).where(Payout.public_id == public_id))
    if found is None or not permissions.may_see_payout(by, found):
        raise NotFound(kind="commission_payout")
    return found


def live_split(session: Session, deal: Deal) -> Split | None:
    """Return the deal's split that is proposed, disputed or confirmed, if there is one."""
    wanted = sa.select(Split).where(Split.live_key == str(deal.id)).options(*_with_shares())
    return session.scalars(wanted).one_or_none()


def _with_shares() -> tuple[ORMOption, ...]:
    """Return what a split's page loads with it: its shares, and where each goes."""
    receiver = selectinload(Split.shares).joinedload(Share.receiver)
    return (receiver.joinedload(Receiver.organisation), receiver.joinedload(Receiver.station))


def concerns(session: Session, deal: Deal, actor: Actor) -> bool:
    """Whether the actor's sides pay under an agreement of the deal that they may read."""
    sides = permissions.sides_of(actor, deal)
    if not sides:
        return False
    wanted = sa.select(Agreement.id).where(Agreement.deal_id == deal.id)
    if sides == ("seller",):
        wanted = wanted.where(Agreement.seller_percent > Decimal(0))
    elif sides == ("buyer",):
        wanted = wanted.where(Agreement.seller_percent < Decimal(100))
    return session.scalar(wanted.limit(1)) is not None


def dues_of(session: Session, user_id: int, *, year: int | None = None) -> list[Account]:
    """Return a person's accounts of all deals, the newest first; with movements in a year if told.

    Each is of one deal, paying side and currency, with ``owed``, ``paid``, ``open`` (minor units),
    ``due_on()`` and ``overdue(on)``; sums of different currencies must not be added.
    """
    where = Receiver.user_id == user_id
    if year is not None:
        first, last = date(year, 1, 1), date(year, 12, 31)
        moved = sa.or_(
            sa.exists().where(Part.receiver_id == Receiver.id, Part.on.between(first, last)),
            sa.exists().where(
                Payout.receiver_id == Receiver.id, Payout.paid_on.between(first, last)
            ),
        )
        where = sa.and_(where, moved)
    return list(reversed(accounts(session, where)))


def years_of(session: Session, user_id: int) -> list[int]:
    """Return the years in which a person's commission moved, the latest first."""
    days = session.execute(
        sa.select(sa.func.min(Part.on), sa.func.max(Part.on))
        .join(Receiver, Receiver.id == Part.receiver_id)
        .where(Receiver.user_id == user_id)
    ).one()
    paid = session.scalar(
        sa.select(sa.func.max(Payout.paid_on))
        .join(Receiver, Receiver.id == Payout.receiver_id)
        .where(Receiver.user_id == user_id)
    )
    if days[0] is None:
        return []
    last = max(days[1], paid or days[1]).year
    return list(range(last, days[0].year - 1, -1))


def waiting_shares(session: Session, user_id: int) -> Sequence[Share]:
    """Return the shares that wait for a person's word, the oldest first."""
    return session.scalars(
        sa.select(Share)
        .join(Split, Split.id == Share.split_id)
        .join(Receiver, Receiver.id == Share.receiver_id)
        .where(Receiver.user_id == user_id, Share.state == "waiting", Split.state == "proposed")
        .options(joinedload(Share.split).joinedload(Split.deal))
        .order_by(Share.id)
    ).all()


def waiting_agreements(session: Session, actor: Actor) -> Sequence[Agreement]:
    """Return proposals that wait for a signature of the actor's, the oldest first."""
    houses = _houses(actor, "administrator")
    if not houses:
        return []
    rows = session.scalars(
        sa.select(Agreement)
        .join(Deal, Deal.id == Agreement.deal_id)
        .where(
            Agreement.state == "proposed",
            sa.or_(Deal.seller_organisation_id.in_(houses), Deal.buyer_organisation_id.in_(houses)),
        )
        .options(joinedload(Agreement.consents), joinedload(Agreement.deal))
        .order_by(Agreement.id)
        .limit(MOST)
    ).unique()
    return [each for each in rows if permissions.answers_for(actor, each)]


def to_pay(session: Session, actor: Actor) -> list[Account]:
    """Return the accounts that the actor's organisations have to pay or get back, by due day."""
    houses = _houses(actor, "editor")
    if not houses:
        return []
    columns = {"seller": Deal.seller_organisation_id, "buyer": Deal.buyer_organisation_id}
    owes = sa.or_(
        *(
            sa.exists().where(
                Part.receiver_id == Receiver.id,
                Part.side == side,
                Deal.id == Receiver.deal_id,
                columns[side].in_(houses),
            )
            for side in SIDES
        )
    )
    found = [
        each
        for each in accounts(session, owes)
        if each.open and each.receiver.deal.side_organisation_id(each.side) in houses
    ]
    return sorted(found, key=lambda each: each.due_on() or date.max)


def _houses(actor: Actor, role: str) -> list[int]:
    return sorted(
        house for house, held in actor.memberships.items() if ROLE_RANK[held] >= ROLE_RANK[role]
    )


def _of_houses(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that a receiver is an organisation for which the actor answers."""
    houses = _houses(actor, "editor")
    return sa.and_(Receiver.kind == "organisation", Receiver.organisation_id.in_(houses))


def received_by_houses(
    session: Session, actor: Actor, *, limit: int, offset: int = 0
) -> tuple[Sequence[Payout], int]:
    """Return a page of what was paid to the actor's organisations, and how much there is.

    What waits for their word first, then the latest.
    """
    mine = _of_houses(actor)
    wanted = sa.select(Payout).join(Receiver, Receiver.id == Payout.receiver_id).where(mine)
    number = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    deal, receiver = joinedload(Payout.deal), joinedload(Payout.receiver)
    rows = session.scalars(
        wanted.options(
            deal.joinedload(Deal.seller_organisation),
            deal.joinedload(Deal.buyer_organisation),
            receiver.joinedload(Receiver.organisation),
        )
        .order_by(sa.case((Payout.state == "paid", 0), else_=1), Payout.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()
    return rows, number


def waiting_for_houses(session: Session, actor: Actor) -> int:
    """Return how many payouts wait for the word of an organisation of the actor's."""
    if not _houses(actor, "editor"):
        return 0
    wanted = (
        sa.select(sa.func.count(Payout.id))
        .join(Receiver, Receiver.id == Payout.receiver_id)
        .where(_of_houses(actor), Payout.state == "paid")
    )
    return session.scalar(wanted) or 0


def houses_receive(session: Session, actor: Actor) -> bool:
    """Whether an organisation of the actor's receives or received commission of any deal."""
    if not _houses(actor, "editor"):
        return False
    return session.scalar(sa.select(Receiver.id).where(_of_houses(actor)).limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something of commission that somebody should do.

    Attributes:
        kind: ``share`` (confirm), ``agreement`` (answer), ``payout`` (confirm receipt), ``pay``.
        title: the deal's.
        path: where it is done.
        due_on: by when; None where nothing names a day.
        facts: amount (``minor``) and ``currency`` where there is one.
    """

    kind: str
    title: str
    path: str
    due_on: date | None
    facts: dict[str, Any]


def due_soon(session: Session, by: Actor, now: datetime) -> list[Waiting]:
    """Return what of commission waits for the actor; what has a day comes first.

    Shares and agreements to answer, receipts to confirm, sums to pay within a fortnight or late.
    """
    if by.user_id is None:
        return []
    found = [
        Waiting(
            "share", each.split.deal.title, f"/commissions/shares/{each.split.public_id}", None, {}
        )
        for each in waiting_shares(session, by.user_id)
    ]
    found += [
        Waiting("agreement", each.deal.title, f"/deals/{each.deal.public_id}/commission", None, {})
        for each in waiting_agreements(session, by)
    ]
    unconfirmed = session.scalars(
        sa.select(Payout)
        .join(Receiver, Receiver.id == Payout.receiver_id)
        .where(sa.or_(Receiver.user_id == by.user_id, _of_houses(by)), Payout.state == "paid")
        .options(joinedload(Payout.deal), joinedload(Payout.receiver))
        .order_by(Payout.id)
    )
    found += [
        Waiting(
            "payout",
            each.deal.title,
            "/commissions" if each.receiver.user_id == by.user_id else "/commissions/received",
            None,
            {"minor": each.minor, "currency": each.currency},
        )
        for each in unconfirmed
    ]
    horizon = day_of(now) + SOON
    for account in to_pay(session, by):
        day = account.due_on()
        if account.open > 0 and day is not None and day <= horizon:
            deal = account.receiver.deal
            facts = {"minor": account.open, "currency": account.currency}
            path = f"/deals/{deal.public_id}/commission"
            found.append(Waiting("pay", deal.title, path, day, facts))
    return sorted(found, key=lambda each: each.due_on or date.max)


def waiting_count(session: Session, actor: Actor) -> int:
    """Return how many shares and receipts wait for the actor; for the menu, so one question."""
    if actor.user_id is None:
        return 0
    shares = (
        sa.select(sa.func.count(Share.id))
        .join(Split, Split.id == Share.split_id)
        .join(Receiver, Receiver.id == Share.receiver_id)
        .where(
            Receiver.user_id == actor.user_id,
            Share.state == "waiting",
            Split.state == "proposed",
        )
        .scalar_subquery()
    )
    payouts = (
        sa.select(sa.func.count(Payout.id))
        .join(Receiver, Receiver.id == Payout.receiver_id)
        .where(sa.or_(Receiver.user_id == actor.user_id, _of_houses(actor)), Payout.state == "paid")
        .scalar_subquery()
    )
    return session.scalar(sa.select(shares + payouts)) or 0

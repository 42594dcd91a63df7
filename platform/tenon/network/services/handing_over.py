"""Give all that a broker has to others, in one transaction: their firms, and what rooms registered.

Either everything moves or nothing. What a receiver may not have (it belongs to their own house)
stays with the broker and is left for a second hand-over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon import history
from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.history.services import lock
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.network import handing_over, recording
from tenon.network.handing_over import Receivers
from tenon.network.models import Handover, PortfolioFirm
from tenon.network.queries import heads, people
from tenon.network.queries.portfolio import firm_counts
from tenon.network.services import portfolio, staffing
from tenon.outbox import emit

FIRMS, FIRMS_LABEL = "firms", N_("Firms looked after")
NOTE_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Load:
    """How much a receiver would have.

    Attributes:
        user: who.
        firms: how many they have now.
        more: how many would come.
        most: their limit; None without one.
    """

    user: User
    firms: int
    more: int
    most: int | None

    @property
    def over(self) -> bool:
        """Whether that is more than they can look after."""
        return self.most is not None and self.firms + self.more > self.most


def may_hand_over(session: Session, actor: Actor, user: User) -> bool:
    """Whether the actor gives away what a broker has: operators, heads above; never oneself."""
    if actor.operator:
        return True
    return actor.user_id != user.id and heads.manages_broker(session, actor, user.id)


def require_may_hand_over(session: Session, actor: Actor, user: User) -> None:
    """Raise NotFound or, to the broker, Forbidden."""
    if may_hand_over(session, actor, user):
        return
    if actor.user_id == user.id:
        raise Forbidden(action="hand_over")
    raise NotFound(kind="broker")


def firms(session: Session, user_id: int) -> Sequence[PortfolioFirm]:
    """Return the firms that a broker looks after, by name."""
    rows = session.scalars(
        sa.select(PortfolioFirm)
        .where(PortfolioFirm.broker_id == user_id, PortfolioFirm.ended_at.is_(None))
        .options(joinedload(PortfolioFirm.organisation))
    ).all()
    return sorted(rows, key=lambda each: (each.organisation.name("zh"), each.id))


def belongings(session: Session, user_id: int) -> list[tuple[str, str, int]]:
    """Return (code, label, number) of all that a broker has, by kind, those without any too."""
    own = sa.select(sa.func.count()).where(
        PortfolioFirm.broker_id == user_id, PortfolioFirm.ended_at.is_(None)
    )
    found = [(FIRMS, FIRMS_LABEL, session.scalar(own) or 0)]
    return found + [
        (each.code, each.label, each.count(session, user_id)) for each in handing_over.kinds()
    ]


def receivers_for(session: Session, user: User, *, by: Actor) -> list[User]:
    """Return who may get it: brokers among whom the actor gives out work, but for the one."""
    return [each for each in people.brokers_of(session, by) if each.id != user.id]


def check(session: Session, user: User, to: Receivers, *, by: Actor) -> list[Load]:
    """Return how much each receiver would have; raises as ``hand_over``, changes nothing."""
    require_may_hand_over(session, by, user)
    known = {each.id: each for each in receivers_for(session, user, by=by)}
    if to.everything not in known:
        raise Invalid({"everything": "unknown_code"})
    if not to.keys <= known.keys():
        raise Invalid({"by_firm": "unknown_code"})
    more: dict[int, int] = {}
    for each in firms(session, user.id):
        key = to.of(each.organisation_id)
        more[key] = more.get(key, 0) + 1
    have, limits = firm_counts(session, to.keys), _limits(session, to)
    return [
        Load(known[key], have.get(key, 0), more.get(key, 0), limits.get(key))
        for key in sorted(to.keys, key=lambda key: known[key].name)
    ]


def hand_over(
    session: Session,
    user: User,
    to: Receivers,
    *,
    note: str = "",
    end_places: bool = False,
    by: Actor,
    now: datetime,
) -> Handover:
    """Give away all that a broker has; ``end_places`` also ends their work at every place.

    Repeating it gives away what has come or stayed since. The ledger of credit is not touched:
    what somebody did stays theirs. Raises NotFound, Forbidden, Invalid at ``everything``,
    ``by_firm``, ``note``; at no field (``nothing_left``) where there is nothing to give.
    """
    check(session, user, to, by=by)
    if len(note.strip()) > NOTE_LIMIT:
        raise Invalid({"note": "too_long"})
    lock(session, ("broker", user.public_id))
    row = Handover(from_user_id=user.id, by_id=by.user_id, note=note.strip(), counts={}, at=now)
    session.add(row)
    session.flush()
    counts = {FIRMS: _hand_firms(session, user, to, row, by=by, now=now)}
    counts |= handing_over.hand_all(session, user.id, to, by=by, now=now)
    ended = _end_places(session, user, by=by, now=now) if end_places else 0
    row.counts = {code: number for code, number in counts.items() if number}
    if not row.counts and not ended:
        raise Invalid({"": "nothing_left"})
    session.flush()
    chain = ("handover", row.public_id)
    facts = {"from": recording.digest(user), "counts": dict(row.counts), "places_ended": ended}
    history.record(session, chain=chain, kind="handed_over", by=by, now=now, facts=facts)
    told = {"id": row.id, "to": sorted(to.keys)}
    emit(session, "network.handed_over", told, now=now)
    return row


def _hand_firms(
    session: Session, user: User, to: Receivers, row: Handover, *, by: Actor, now: datetime
) -> int:
    brokers: dict[int, tuple[User, int | None]] = {}
    for key in sorted(to.keys):
        receiver = session.get_one(User, key)
        brokers[key] = receiver, people.own_station(session, key)
    handed = 0
    for each in firms(session, user.id):
        receiver, station_id = brokers[to.of(each.organisation_id)]
        if not portfolio.end_row(session, each, now=now):
            continue
        begun = portfolio.begin_row(
            session,
            each.organisation,
            receiver,
            station_id=station_id if station_id is not None else each.station_id,
            handover_id=row.id,
            now=now,
        )
        if begun is not None:
            recording.of_firm(
                session, each.organisation, "keeper_handed_over", receiver, by=by, now=now
            )
            handed += 1
    return handed


def _end_places(session: Session, user: User, *, by: Actor, now: datetime) -> int:
    places = people.places_of(session, user.id)
    for each in places:
        if each.role == "head":
            heads.require_manages_above(session, by, each.station)
        staffing.finish(session, each, by=by, now=now)
    return len(places)


def _limits(session: Session, to: Receivers) -> Mapping[int, int | None]:
    found = {key: people.profile_of(session, key) for key in to.keys}
    return {key: each.most_firms for key, each in found.items() if each is not None}


def find_handover(session: Session, public_id: str, *, by: Actor) -> Handover:
    """Return a record; raises NotFound unless the actor did it, got or gave, or is an operator."""
    row = session.scalar(sa.select(Handover).where(Handover.public_id == public_id))
    if row is None:
        raise NotFound(kind="handover")
    concerned = {row.by_id, row.from_user_id} | set(
        session.scalars(
            sa.select(PortfolioFirm.broker_id).where(PortfolioFirm.handover_id == row.id)
        )
    )
    if not by.operator and (by.user_id is None or by.user_id not in concerned):
        raise NotFound(kind="handover")
    return row

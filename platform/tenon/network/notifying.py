"""Whom this room tells of what: who got a place, a deputy's turn, firms, a hand-over, an expiry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, Organisation, User
from tenon.actors import Actor
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.network.models import Absence, Handover, PortfolioFirm, StationMember
from tenon.notices import wording
from tenon.notices.services import notify

wording.register(
    {
        "network_placed": N_("You work at %(place)s from now on."),
        "network_deputy": N_(
            "%(person)s is away from %(first)s to %(last)s, and you stand in meanwhile."
        ),
        "network_certificate": N_("Your certificate %(number)s is valid until %(day)s only."),
        "network_certificate_of": N_("The certificate of %(person)s is valid until %(day)s only."),
        "network_firms_given": N_("Firms given to you to look after: %(number)s."),
        "network_keeper": N_("%(person)s looks after %(organisation)s from now on."),
        "network_handed_from": N_(
            "What you looked after as a broker was handed to others. What you did stays credited "
            "to you."
        ),
        "network_handed_to": N_(
            "What %(person)s looked after was handed to you; firms among it: %(number)s."
        ),
    },
    group="network",
    heading=N_("Service network"),
    samples={
        "place": {"zh": "示例驿站", "en": "Sample station"},
        "first": "2027-02-01",
        "last": "2027-02-12",
        "day": "2027-03-31",
        "number": "12",
    },
)

PORTFOLIO = "/network/portfolio"


def tell_placed(session: Session, member: StationMember, *, by: Actor, now: datetime) -> None:
    """Tell somebody where they work from now on, unless they did it themselves."""
    station = member.station
    if by.user_id != member.user_id:
        notify(
            session,
            user=member.user,
            kind="network_placed",
            facts={"place": {each: station.name(each) for each in ("zh", "en")}},
            path=f"/network/places/{station.public_id}",
            now=now,
        )


def tell_deputy(
    session: Session, absence: Absence, *, user: User, deputy: User, now: datetime
) -> None:
    """Tell a deputy for whom they stand in, and when."""
    facts = {
        "person": user.name,
        "first": absence.first_day.isoformat(),
        "last": absence.last_day.isoformat(),
    }
    notify(
        session, user=deputy, kind="network_deputy", facts=facts, path="/network/absence",
        now=now, about=user,
    )  # fmt: skip


def tell_given(session: Session, broker: User, *, number: int, now: datetime) -> None:
    """Tell a broker how many firms were given to them."""
    facts = {"number": str(number)}
    notify(session, user=broker, kind="network_firms_given", facts=facts, path=PORTFOLIO, now=now)


def tell_expiring(session: Session, user: User, *, number: str, until: date, now: datetime) -> None:
    """Tell a broker that their certificate is about to end."""
    facts = {"number": number, "day": until.isoformat()}
    notify(
        session, user=user, kind="network_certificate", facts=facts, path="/network/profile",
        now=now,
    )  # fmt: skip


def tell_heads_of_expiring(session: Session, user: User, *, until: date, now: datetime) -> None:
    """Tell the heads of somebody's places that their certificate is about to end."""
    mine = sa.select(StationMember.station_id).where(
        StationMember.user_id == user.id, StationMember.ended_at.is_(None)
    )
    heads = session.scalars(
        sa.select(User)
        .join(StationMember, StationMember.user_id == User.id)
        .where(
            StationMember.station_id.in_(mine),
            StationMember.role == "head",
            StationMember.ended_at.is_(None),
            User.id != user.id,
        )
        .distinct()
    )
    facts = {"person": user.name, "day": until.isoformat()}
    for each in heads:
        notify(
            session, user=each, kind="network_certificate_of", facts=facts,
            path=f"/network/brokers/{user.public_id}", now=now, about=user,
        )  # fmt: skip


def tell_handed_over(
    session: Session, row: Handover, receivers: list[int], *, now: datetime
) -> None:
    """Tell a firm's editors who looks after it now, each firm once; and the brokers, each once."""
    firms = session.scalars(
        sa.select(PortfolioFirm)
        .where(PortfolioFirm.handover_id == row.id)
        .order_by(PortfolioFirm.id)
    ).all()
    got: dict[int, int] = {}
    for each in firms:
        got[each.broker_id] = got.get(each.broker_id, 0) + 1
        _tell_firm(session, each.organisation, each.broker, now=now)
    giver = row.from_user
    path = f"/network/hand-overs/{row.public_id}"
    if giver is not None and giver.id != row.by_id:
        notify(session, user=giver, kind="network_handed_from", facts={}, path=path, now=now)
    for key in receivers:
        receiver = session.get(User, key)
        if receiver is not None:
            facts = {"person": "" if giver is None else giver.name, "number": str(got.get(key, 0))}
            notify(
                session, user=receiver, kind="network_handed_to", facts=facts,
                path=path if key in got else PORTFOLIO, now=now, about=giver,
            )  # fmt: skip


def _tell_firm(session: Session, firm: Organisation, broker: User, *, now: datetime) -> None:
    facts: Mapping[str, Any] = {
        "person": broker.name,
        "organisation": {each: firm.name(each) for each in ("zh", "en")},
    }
    editors = sa.select(Membership.user_id).where(
        Membership.organisation_id == firm.id,
        Membership.state == "active",
        Membership.role.in_(("editor", "administrator")),
    )
    for each in session.scalars(sa.select(User).where(User.id.in_(editors), User.id != broker.id)):
        notify(
            session, user=each, kind="network_keeper", facts=facts,
            path=f"/organisations/{firm.public_id}", now=now, about=broker,
        )  # fmt: skip

"""The nightly watch over the register: what has vested, what is about to end, what has lapsed."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.equity.days import today
from tenon.equity.models import LIVE_AGREEMENTS, EquityAgreement
from tenon.equity.services.confirming import refresh_open
from tenon.equity.services.moving import move
from tenon.equity.services.pricing_in import set_aside
from tenon.equity.services.recording import append, course
from tenon.outbox import emit

WARNED_BEFORE = timedelta(days=30)
"""How long before the last day the sides are reminded, once."""


def watch(session: Session, *, now: datetime) -> int:
    """Bring every living agreement up to the day and return how many moved."""
    day = today(now)
    due = session.scalars(
        sa.select(EquityAgreement)
        .where(EquityAgreement.state.in_(LIVE_AGREEMENTS))
        .order_by(EquityAgreement.id)
    ).all()
    moved = 0
    for agreement in due:
        if agreement.kind == "subscription":
            moved += _watch_right(session, agreement, now=now)
        else:
            refresh_open(session, agreement, now=now)  # an advance was set against a later part
        last = agreement.expires_on
        near = last is not None and last - WARNED_BEFORE <= day
        if near and agreement.reminded_on is None and agreement.state in LIVE_AGREEMENTS:
            agreement.reminded_on = day
            emit(session, "equity.due", {"id": agreement.id}, now=now)
    session.flush()
    return moved


def end_with_deal(session: Session, agreement: EquityAgreement, *, now: datetime) -> None:
    """End a living agreement whose deal was terminated: it brings nothing any more."""
    if agreement.state not in LIVE_AGREEMENTS:
        return
    facts = {"key": agreement.key}
    kind = "right_lapsed" if agreement.kind == "subscription" else "grant_closed"
    if kind == "grant_closed":
        facts |= {"outcome": "terminated"}
    _end(session, agreement, kind, facts, "terminated", now=now)


def _watch_right(session: Session, agreement: EquityAgreement, *, now: datetime) -> int:
    day = today(now)
    right = course(session, agreement.company).now.rights.get(agreement.key)
    if right is None:
        return 0
    if day > right.expires_on:
        _lapse(session, agreement, now=now)
        return 1
    if agreement.state == "granted" and right.vested_part(day) > 0:
        move(session, agreement, "vested", by=SYSTEM, now=now)
        emit(session, "equity.vested", {"id": agreement.id}, now=now)
        return 1
    return 0


def _lapse(session: Session, agreement: EquityAgreement, *, now: datetime) -> None:
    """End what is left of a right: what was proposed in time and not confirmed ends with it."""
    _end(session, agreement, "right_lapsed", {"key": agreement.key}, "lapsed", now=now)
    emit(session, "equity.lapsed", {"id": agreement.id}, now=now)


def _end(
    session: Session,
    agreement: EquityAgreement,
    kind: str,
    facts: dict[str, str],
    state: str,
    *,
    now: datetime,
) -> None:
    set_aside(session, [agreement], now=now)
    append(
        session, agreement.company, kind=kind, day=today(now), facts=facts, deal=agreement.deal,
        source="", by=SYSTEM, now=now,
    )  # fmt: skip
    move(session, agreement, state, by=SYSTEM, now=now)

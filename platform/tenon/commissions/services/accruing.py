"""Follow the deal's payments: what became due of whom, taken back again, shared out.

What is due is never counted up by event but set to what the terms make of all that was received by
now (``arithmetic.targets``): the same message twice changes nothing, and a payment that was
taken back or refunded takes its commission with it, by the terms under which it had earned it
(``versions``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import SYSTEM
from tenon.commissions import books
from tenon.commissions.arithmetic import Due, take, targets
from tenon.commissions.models import Accrual, Agreement, Part, Receiver, Share, Split
from tenon.commissions.queries.accounts import Account, accrued, of_deal
from tenon.commissions.services.versions import earnings
from tenon.compliance.days import day_of
from tenon.db import new_public_id
from tenon.deals.models import SIDES, Deal
from tenon.money import split
from tenon.outbox.services import emit

Place = tuple[str, str]
"""A paying side and a currency."""


def in_force(session: Session, deal: Deal) -> dict[str, Agreement]:
    """Return currency -> the agreement by which commission is due: the one that holds or ended."""
    found: dict[str, Agreement] = {}
    rows = session.scalars(
        sa.select(Agreement)
        .where(Agreement.deal_id == deal.id, Agreement.state.in_(("agreed", "ended")))
        .order_by(Agreement.number.desc())
        .execution_options(populate_existing=True)
    )
    for each in rows:
        known = found.get(each.currency)
        if known is None or (known.state == "ended" and each.state == "agreed"):
            found[each.currency] = each
    return found


def follow(session: Session, deal: Deal, *, cause: tuple[str, str], now: datetime) -> bool:
    """Bring what is due in line with what was received; return whether anything changed.

    ``cause`` is (kind, public id) of what it follows, for the record. Safe to repeat.
    """
    books.lock(session, deal)
    session.flush()
    changed = False
    for agreement in in_force(session, deal).values():
        wanted = targets(earnings(session, deal, agreement))
        sums = accrued(session, deal)
        for side in SIDES:
            net, vat = sums.get((side, agreement.currency), (0, 0))
            more = Due(wanted[side].net - net, wanted[side].vat - vat)
            if more.net or more.vat:
                _accrue(session, deal, agreement, side, more, cause=cause, now=now)
                changed = True
    shared = share_out(session, deal, now=now)
    if changed or shared:
        emit(session, "commissions.due", {"deal_id": deal.id}, now=now)
    return changed


def _accrue(
    session: Session,
    deal: Deal,
    agreement: Agreement,
    side: str,
    more: Due,
    *,
    cause: tuple[str, str],
    now: datetime,
) -> None:
    on = day_of(now)
    if more.gross < 0:
        _make_room(session, deal, (side, agreement.currency), -more.gross, now=now)
    made = Accrual(
        public_id=new_public_id(),
        deal_id=deal.id,
        agreement_id=agreement.id,
        side=side,
        currency=agreement.currency,
        cause_kind=cause[0],
        cause_id=cause[1],
        net_minor=more.net,
        vat_minor=more.vat,
        on=on,
        at=now,
    )
    session.add(made)
    session.flush()
    books.accrue(session, deal, made, now=now)
    facts = {
        "accrual": made.public_id,
        "side": side,
        "net": more.net,
        "vat": more.vat,
        "currency": agreement.currency,
        "cause": list(cause),
    }
    _record(session, deal, "due", facts, now=now)


def unshared(session: Session, deal: Deal, accounts: Sequence[Account]) -> dict[Place, int]:
    """Return (side, currency) -> what is due and nobody's yet, gross; only what is not nothing."""
    found = {place: net + vat for place, (net, vat) in accrued(session, deal).items()}
    for each in accounts:
        place = (each.side, each.currency)
        found[place] = found.get(place, 0) - each.owed
    return {place: minor for place, minor in found.items() if minor}


def _make_room(session: Session, deal: Deal, place: Place, minor: int, *, now: datetime) -> None:
    """Take back from receivers what is not there unshared: first what is open, then the rest."""
    every = of_deal(session, deal)
    accounts = [each for each in every if (each.side, each.currency) == place]
    missing = minor - unshared(session, deal, accounts=every).get(place, 0)
    if missing <= 0:
        return
    parts = take(missing, [each.open for each in accounts], [each.owed for each in accounts])
    grants = {each.receiver: -part for each, part in zip(accounts, parts, strict=True)}
    grant(session, deal, place, grants, kind="reversed", due_on=day_of(now), now=now)


def grant(
    session: Session,
    deal: Deal,
    place: Place,
    grants: Mapping[Receiver, int],
    *,
    kind: str,
    due_on: date,
    now: datetime,
) -> None:
    """Write and book what receivers are owed (above zero) or owed no longer; skips nothings."""
    side, currency = place
    wanted = {receiver: minor for receiver, minor in grants.items() if minor}
    on = day_of(now)
    session.add_all(
        Part(
            deal_id=deal.id,
            receiver_id=receiver.id,
            side=side,
            currency=currency,
            kind=kind,
            minor=minor,
            on=on,
            due_on=due_on,
            at=now,
        )
        for receiver, minor in wanted.items()
    )
    session.flush()
    books.share(session, deal, wanted, side=side, currency=currency, now=now, on=on)
    if wanted:
        facts = {
            "kind": kind,
            "side": side,
            "currency": currency,
            "parts": {receiver.public_id: minor for receiver, minor in wanted.items()},
        }
        _record(session, deal, "share", facts, now=now)


def share_out(session: Session, deal: Deal, *, now: datetime) -> bool:
    """Share what is nobody's by the split that all participants confirmed, if there is one.

    Return whether anything was shared.
    """
    confirmed = session.scalars(
        sa.select(Split).where(Split.deal_id == deal.id, Split.state == "confirmed")
    ).one_or_none()
    if confirmed is None:
        return False
    shares = session.scalars(
        sa.select(Share).where(Share.split_id == confirmed.id).order_by(Share.position)
    ).all()
    held = in_force(session, deal)
    done = False
    for place, minor in sorted(unshared(session, deal, of_deal(session, deal)).items()):
        if minor <= 0:
            continue
        parts = split(minor, [each.percent for each in shares])
        grants = {each.receiver: part for each, part in zip(shares, parts, strict=True)}
        days = held[place[1]].pay_within_days
        due_on = day_of(now) + timedelta(days=days)
        grant(session, deal, place, grants, kind="shared", due_on=due_on, now=now)
        done = True
    return done


def unshare(session: Session, deal: Deal, *, now: datetime) -> None:
    """Make what was shared and not paid yet nobody's again; what was paid stays."""
    books.lock(session, deal)
    by_place: dict[Place, dict[Receiver, int]] = {}
    for each in of_deal(session, deal):
        if each.open > 0:
            by_place.setdefault((each.side, each.currency), {})[each.receiver] = -each.open
    for place, grants in sorted(by_place.items()):
        grant(session, deal, place, grants, kind="reopened", due_on=day_of(now), now=now)


def _record(
    session: Session, deal: Deal, kind: str, facts: Mapping[str, object], *, now: datetime
) -> None:
    chain = (books.OWNER, deal.public_id)
    history.record(session, chain=chain, kind=kind, by=SYSTEM, now=now, facts=facts)

"""Verbs on what is owed: charge more, reach a milestone, waive, credit, end what is not due yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import SIDES, Deal
from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.payments import books, permissions
from tenon.payments.kinds import KINDS, OPEN_STATES
from tenon.payments.models import Obligation
from tenon.payments.obligations import settling
from tenon.payments.obligations.planning import DAYS
from tenon.payments.queries.sums import standings
from tenon.payments.reminding import first_reminder
from tenon.payments.vat import vat_of

REASON_LIMIT = 1000


def charge(
    session: Session,
    deal: Deal,
    *,
    key: str,
    kind: str,
    net_minor: int,
    currency: str,
    due_on: date,
    debtor: str = "buyer",
    origin: tuple[str, str] | None = None,
    facts: Mapping[str, Any] | None = None,
    vat_rate: Decimal | None = None,
    vat_minor: int | None = None,
    by: Actor,
    now: datetime,
) -> Obligation:
    """Make one side owe the other a sum that the schedule did not know: a royalty, a fee.

    ``key`` is stable within the deal, such as ``royalty:2027Q1``: the same again returns what is
    there. Where the schedule has a yearly minimum under it, which waits for its statement, this is
    its amount. ``net_minor`` is without VAT, which is ``vat_rate`` percent on top (none by
    default), or ``vat_minor`` where it was cut out of a sum that contains it. ``origin`` is the
    kind and public id of what it came from, ``facts`` what a page needs to name it (number, year,
    period, title). What is due today falls due at once; permission is the caller's business.

    Raises Invalid for an unknown kind or side or an amount not above zero, Conflict
    ``charged_already`` where the key stands for another amount.
    """
    if kind not in KINDS or debtor not in SIDES:
        raise Invalid({"kind": "unknown_code"})
    rate = vat_rate or Decimal(0)
    vat = vat_of(net_minor, rate) if vat_minor is None else vat_minor
    if net_minor <= 0 or vat < 0:
        raise Invalid({"amount": "out_of_range"})
    books.lock(session, deal)
    values = _columns(kind, debtor, (net_minor, vat), rate, currency, origin)
    values |= {"due_on": due_on, "remind_on": first_reminder(due_on, books.today(now))}
    owed = _of_key(session, deal, key)
    if owed is None:
        owed = Obligation(deal=deal, key=key, facts=dict(facts or {}), created_at=now, **values)
        session.add(owed)
        session.flush()
    elif not owed.firm and owed.state in ("planned", "cancelled"):
        more = {**owed.facts, **(facts or {})}
        settling.change(session, owed, facts=more, state="planned", ended_at=None, **values)
    elif (owed.net_minor, owed.currency, owed.debtor) != (net_minor, currency, debtor):
        raise Conflict("charged_already", kind="payments")
    else:
        return owed
    told = settling.facts_of(owed)
    settling.record(session, deal, "obligation_charged", by=by, now=now, facts=told)
    if due_on <= books.today(now):
        settling.make_due(session, owed, by=by, now=now)
    return owed


def _columns(
    kind: str,
    debtor: str,
    amounts: tuple[int, int],
    rate: Decimal,
    currency: str,
    origin: tuple[str, str] | None,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "debtor": debtor,
        "net_minor": amounts[0],
        "vat_rate": rate,
        "vat_minor": amounts[1],
        "currency": currency,
        "waits_for": None,
        "origin_kind": origin[0] if origin else None,
        "origin_id": origin[1] if origin else None,
        "firm": True,
        "charged": True,
    }


def _of_key(session: Session, deal: Deal, key: str) -> Obligation | None:
    """Return an obligation as it is now; the caller holds the deal's lock."""
    return session.scalars(
        sa.select(Obligation)
        .filter_by(deal_id=deal.id, key=key)
        .execution_options(populate_existing=True)
    ).one_or_none()


def nothing_owed(session: Session, deal: Deal, *, key: str, by: Actor, now: datetime) -> bool:
    """End a yearly minimum that was earned in full; returns whether one was waiting."""
    books.lock(session, deal)
    owed = session.scalars(
        sa.select(Obligation)
        .filter_by(deal_id=deal.id, key=key, state="planned", firm=False)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if owed is None:
        return False
    settling.change(session, owed, state="cancelled", charged=True, ended_at=now, remind_on=None)
    facts = settling.facts_of(owed)
    settling.record(session, deal, "obligation_ended", by=by, now=now, facts=facts)
    return True


def reach(
    session: Session,
    owed: Obligation,
    *,
    on: date,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Say that what an obligation waits for has happened; it falls due some days later.

    Said by the side that pays (it accepts) or by the site. Raises Forbidden, IllegalTransition
    where it waits for nothing or for a step of the deal, Invalid at ``on``, Conflict.
    """
    if not by.system:
        permissions.require_side(by, owed.deal, owed.debtor)
    settling.fresh(session, owed, expected=expected_version)
    waits = owed.waits_for or ""
    if owed.state != "planned" or not waits.startswith("milestone:"):
        raise IllegalTransition(step="reach", state=owed.state, kind="obligation")
    if on > books.today(now):
        raise Invalid({"on": "in_the_future"})
    days = int(owed.facts.get("days", DAYS))
    due_on = on + timedelta(days=days)
    settling.change(
        session,
        owed,
        due_on=due_on,
        waits_for=None,
        facts={**owed.facts, "reached_on": on.isoformat()},
        remind_on=first_reminder(due_on, books.today(now)),
    )
    facts = {**settling.facts_of(owed), "on": on.isoformat()}
    settling.record(session, owed.deal, "milestone_reached", by=by, now=now, facts=facts)
    if due_on <= books.today(now):
        settling.make_due(session, owed, by=by, now=now)


def reach_milestone(
    session: Session, deal: Deal, *, number: int, on: date, by: Actor, now: datetime
) -> Obligation | None:
    """Say that a milestone was accepted; returns what falls due for it, None where nothing does.

    Said twice it changes nothing. Raises as ``reach``.
    """
    owed = session.scalars(
        sa.select(Obligation).filter_by(deal_id=deal.id, key=f"milestone:{number}")
    ).one_or_none()
    if owed is None or owed.state != "planned" or owed.waits_for is None:
        return owed
    reach(session, owed, on=on, by=by, now=now)
    return owed


def waive(
    session: Session,
    owed: Obligation,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Give up what is open of an obligation, or one that is not due yet.

    Only the side to whom it is due can. Raises NotFound, Forbidden, Invalid at ``reason``,
    IllegalTransition where nothing is open, Conflict where somebody was faster.
    """
    permissions.require_manage(by, owed)
    words = _reason(reason)
    settling.fresh(session, owed, expected=expected_version)
    if owed.state == "planned":
        settling.change(
            session, owed, state="waived", end_reason=words, ended_at=now, remind_on=None
        )
    elif owed.state in OPEN_STATES:
        open_minor = standings(session, [owed])[owed.id].open
        books.write_off(session, owed, minor=open_minor, now=now)
        settling.settle(session, owed, now=now, end_reason=words)
    else:
        raise IllegalTransition(step="waive", state=owed.state, kind="obligation")
    facts = settling.facts_of(owed)
    settling.record(session, owed.deal, "obligation_waived", by=by, now=now, facts=facts)


def cancel_planned(
    session: Session, deal: Deal, *, waiting_only: bool = False, by: Actor, now: datetime
) -> int:
    """End everything that is not due yet; what is due stays owed. Returns how many ended.

    ``waiting_only``: only what waits for something that has not happened. A statement may still
    charge a yearly minimum that ended so.
    """
    books.lock(session, deal)
    wanted = sa.select(Obligation).filter_by(deal_id=deal.id, state="planned")
    if waiting_only:
        wanted = wanted.where(Obligation.due_on.is_(None))
    found = session.scalars(wanted.execution_options(populate_existing=True)).all()
    for owed in found:
        settling.change(session, owed, state="cancelled", ended_at=now, remind_on=None)
    if found:
        settling.record(
            session, deal, "planned_cancelled", by=by, now=now, facts={"count": len(found)}
        )
    return len(found)


def _reason(reason: str) -> str:
    words = reason.strip()
    if not words:
        raise Invalid({"reason": "required"})
    if len(words) > REASON_LIMIT:
        raise Invalid({"reason": "too_long"})
    return words

"""The schedule of a deal: made when it takes effect, made again when its terms are amended.

What was paid is never lost: an amendment alters or credits what is booked, and what was paid
beyond it becomes an advance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals import forms
from tenon.deals.lasting import last_day
from tenon.deals.models import Deal, TermVersion
from tenon.deals.queries import accepted_terms
from tenon.formulas.schedule import Change, Existing, Planned, regenerate
from tenon.history import HistoryEntry
from tenon.notices import delivery
from tenon.payments import books
from tenon.payments.models import Obligation
from tenon.payments.obligations import crediting, settling
from tenon.payments.obligations.milestones import numbers_of
from tenon.payments.obligations.planning import Occasion, Owed, obligations_of
from tenon.payments.queries.sums import standings
from tenon.payments.reminding import first_reminder
from tenon.payments.vat import parts_of

YEARS_AHEAD = 2
"""How far yearly sums are laid out where a contract has no end."""


def schedule(session: Session, deal: Deal, *, by: Actor, now: datetime) -> list[Change]:
    """Make the deal's obligations what its accepted terms say; what is due falls due at once.

    Doing it again changes nothing. Returns what was changed, without what stayed.
    """
    books.lock(session, deal)
    terms = accepted_terms(session, deal)
    if terms is None:
        return []
    rows = _rows(session, deal)
    occasion = _occasion(session, deal, terms, rows, now)
    wanted = {owed.key: owed for owed in _wanted(session, deal, terms, occasion)}
    standing = standings(session, rows.values())
    old = [_existing(row, standing[row.id].paid) for row in rows.values()]
    changes = regenerate(old, [_planned(owed) for owed in wanted.values()])
    done = []
    for each in changes:
        owed = None if each.planned is None else wanted[each.planned.key]
        if _carry_out(session, deal, each, rows.get(each.key), owed, terms, by, now):
            done.append(each)
    session.flush()
    if done:
        counts = {"terms": terms.sha256, "changes": len(done), "number": terms.number}
        settling.record(session, deal, "schedule", by=by, now=now, facts=counts)
    fall_due(session, deal, by=by, now=now)
    settling.use_all_advances(session, deal, now=now)
    return done


def fall_due(session: Session, deal: Deal, *, by: Actor, now: datetime) -> list[Obligation]:
    """Book every obligation of the deal whose day has come; returns those."""
    books.lock(session, deal)
    found = session.scalars(
        sa.select(Obligation)
        .where(
            Obligation.deal_id == deal.id,
            Obligation.state == "planned",
            Obligation.firm.is_(True),
            Obligation.due_on <= books.today(now),
        )
        .order_by(Obligation.due_on, Obligation.id)
        .execution_options(populate_existing=True)
    ).all()
    for owed in found:
        settling.make_due(session, owed, by=by, now=now)
    return list(found)


def _wanted(session: Session, deal: Deal, terms: TermVersion, occasion: Occasion) -> list[Owed]:
    """Return what the terms oblige to pay, less the trial fee where that counts towards it."""
    form, values = forms.get(terms.form), terms.values
    found = obligations_of(form, values, currency=deal.currency, occasion=occasion)
    credit = crediting.granted(session, deal, values)
    converted_on = occasion.events.get(crediting.CONVERTED)
    return crediting.less_credit(found, values, credit=credit, converted_on=converted_on)


def _rows(session: Session, deal: Deal) -> dict[str, Obligation]:
    found = session.scalars(
        sa.select(Obligation)
        .where(Obligation.deal_id == deal.id)
        .order_by(Obligation.id)
        .execution_options(populate_existing=True)
    )
    return {row.key: row for row in found}


def _existing(row: Obligation, paid: int) -> Existing:
    """Return a row as the formulas see it; what was charged or waived is left alone."""
    amount = 0 if row.state == "cancelled" else row.gross_minor
    kept = row.settled_by_hand
    return Existing(row.key, row.kind, row.currency, amount, row.due_on, paid, kept)


def _planned(owed: Owed) -> Planned:
    return Planned(
        owed.key,
        owed.kind,  # type: ignore[arg-type]  # a code of this room, compared and nothing else
        owed.currency,
        owed.net + owed.vat,
        owed.due_on,
        owed.waits_for,
        owed.facts,
        owed.firm,
    )


def _occasion(
    session: Session,
    deal: Deal,
    terms: TermVersion,
    rows: Mapping[str, Obligation],
    now: datetime,
) -> Occasion:
    """Gather when things happened: the deal's days, its steps, milestones that were reached."""
    zone = delivery.current().zone
    events: dict[str, date] = {}
    steps = {step.name for step in forms.get(deal.form).steps}
    taken = sa.select(HistoryEntry.kind, HistoryEntry.at).where(
        HistoryEntry.chain_kind == "deal",
        HistoryEntry.chain_id == deal.public_id,
        HistoryEntry.kind.in_(steps),
    )
    for kind, at in session.execute(taken.order_by(HistoryEntry.sequence)):
        events[kind] = at.astimezone(zone).date()
    if deal.signed_on is not None:
        events["signed"] = events["sign"] = deal.signed_on
    starts = deal.effective_on or deal.signed_on
    if deal.effective_on is not None:
        events["effective"] = events["take_effect"] = deal.effective_on
    for row in rows.values():
        reached = row.facts.get("reached_on")
        if reached and row.facts.get("number"):
            events[f"milestone:{row.facts['number']}"] = date.fromisoformat(reached)
    ends = last_day(session, deal, terms.values)
    horizon = deal.ends_on or date(books.today(now).year + YEARS_AHEAD, 12, 31)
    return Occasion(events, starts, ends, horizon, numbers_of(session, deal))


def _carry_out(
    session: Session,
    deal: Deal,
    what: Change,
    row: Obligation | None,
    owed: Owed | None,
    terms: TermVersion,
    by: Actor,
    now: datetime,
) -> bool:
    """Do one change; returns whether anything changed."""
    if owed is not None and what.key != owed.key:
        owed = replace(owed, key=what.key)
    if row is None:
        if owed is None:
            return False
        session.add(_row(deal, owed, terms, now))
        return True
    if what.action == "keep" and (owed is None or row.state == "cancelled"):
        return False
    if owed is None:
        return _end(session, row, what.action, by=by, now=now)
    if row.settled_by_hand:
        return False
    if row.state not in ("planned", "cancelled") and row.currency != owed.currency:
        credit_open(session, row, now=now)  # nothing was paid of it, or it kept its key
    if row.state in ("planned", "cancelled"):
        return _replan(session, row, owed, terms, now=now)
    return _amend(session, row, owed, terms, by=by, now=now)


def _row(deal: Deal, owed: Owed, terms: TermVersion, now: datetime) -> Obligation:
    return Obligation(
        deal=deal,
        key=owed.key,
        kind=owed.kind,
        debtor=owed.debtor,
        net_minor=owed.net,
        vat_rate=owed.vat_rate,
        vat_minor=owed.vat,
        currency=owed.currency,
        due_on=owed.due_on,
        waits_for=owed.waits_for,
        firm=owed.firm,
        term_version_id=terms.id,
        facts=dict(owed.facts),
        remind_on=_reminder(owed, now),
        created_at=now,
    )


def _reminder(owed: Owed, now: datetime) -> date | None:
    if owed.due_on is None or not owed.firm or not owed.net:
        return None
    return first_reminder(owed.due_on, books.today(now))


def _replan(
    session: Session, row: Obligation, owed: Owed, terms: TermVersion, *, now: datetime
) -> bool:
    """Bring what is not due yet, or was owed no more, in line with the terms."""
    values = {
        "kind": owed.kind,
        "debtor": owed.debtor,
        "net_minor": owed.net,
        "vat_rate": owed.vat_rate,
        "vat_minor": owed.vat,
        "currency": owed.currency,
        "due_on": owed.due_on,
        "waits_for": owed.waits_for,
        "firm": owed.firm,
        "facts": _facts(row, owed),
        "state": "planned",
        "ended_at": None,
        "end_reason": None,
    }
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    reminder = _reminder(owed, now)
    settling.change(session, row, term_version_id=terms.id, remind_on=reminder, **values)
    return True


def _facts(row: Obligation, owed: Owed) -> dict[str, Any]:
    """Return what the terms say of it, with the day on which it was reached."""
    kept = {name: row.facts[name] for name in ("reached_on",) if name in row.facts}
    return {**owed.facts, **kept}


def _amend(
    session: Session, row: Obligation, owed: Owed, terms: TermVersion, *, by: Actor, now: datetime
) -> bool:
    """Book the difference to what stands in the books already."""
    more_net, more_vat = owed.net - row.net_minor, owed.vat - row.vat_minor
    due_on = owed.due_on or row.due_on
    if not (more_net or more_vat) and due_on == row.due_on:
        return False
    day = books.today(now)
    books.charge(session, row, net=max(more_net, 0), vat=max(more_vat, 0), now=now, on=day)
    books.credit(session, row, net=max(-more_net, 0), vat=max(-more_vat, 0), now=now)
    settling.release_surplus(session, row, now=now)
    remind_on = None if due_on is None else first_reminder(due_on, day)
    settling.settle(
        session,
        row,
        now=now,
        due_on=due_on,
        vat_rate=owed.vat_rate,
        term_version_id=terms.id,
        facts=_facts(row, owed),
        remind_on=remind_on,
    )
    facts = {**settling.facts_of(row), "terms": terms.sha256}
    settling.record(session, row.deal, "obligation_amended", by=by, now=now, facts=facts)
    return True


def _end(session: Session, row: Obligation, action: str, *, by: Actor, now: datetime) -> bool:
    """End what the terms have no more: nothing of it is owed, or what was paid and no more."""
    if action == "keep" or row.state == "cancelled":
        return False
    if row.state == "planned":
        settling.change(session, row, state="cancelled", ended_at=now, remind_on=None)
        return True
    credit_open(session, row, now=now)
    settling.record(
        session, row.deal, "obligation_amended", by=by, now=now, facts=settling.facts_of(row)
    )
    return True


def credit_open(session: Session, row: Obligation, *, now: datetime) -> None:
    """Credit all that is open of an obligation, so that what was paid is what is owed."""
    standing = standings(session, [row])[row.id]
    net, vat = parts_of(standing.open, net=standing.net, vat=standing.vat)
    books.credit(session, row, net=net, vat=vat, now=now)
    settling.settle(session, row, now=now)

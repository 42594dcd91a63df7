"""What one's houses have to pay, many at once: chosen, looked at with sums, noted, reported."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import render_template, request

from tenon.commissions import forms, services
from tenon.commissions.models import Receiver
from tenon.commissions.queries import lists
from tenon.commissions.queries.accounts import Account
from tenon.commissions.services import MOST_AT_ONCE, Due, Row
from tenon.commissions.views.blueprint import Answer, commissions
from tenon.commissions.views.deal_page import receiver_name
from tenon.compliance.days import day_of
from tenon.errors import Invalid
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now

CHOICES = ("late", "week", "all")
_WEEK = timedelta(days=7)

Place = tuple[str, str, str]
"""An account as a form names it: public id of the receiver, side, currency."""


@dataclass(frozen=True, slots=True)
class PayeeSum:
    """What one payee gets in one currency, in minor units, over so many deals."""

    payee: str
    currency: str
    minor: int
    number: int


def _place(each: Account) -> Place:
    return each.receiver.public_id, each.side, each.currency


def _owed() -> list[Account]:
    """Return what the actor's houses have to pay, by due day; not what is to be given back."""
    return [each for each in lists.to_pay(current_session(), current_actor()) if each.open > 0]


@commissions.get("/commissions/to-pay")
def to_pay() -> str:
    """List what is to be paid, to choose from."""
    return _choose()


def _choose(*, fault: str = "", chosen: frozenset[Place] = frozenset()) -> str:
    found, today, number = _owed(), day_of(request_now()), requested_page()
    start = (number - 1) * MOST_AT_ONCE
    shown = found[start : start + MOST_AT_ONCE]
    tick = request.args.get("tick")
    until = {"late": today - timedelta(days=1), "week": today + _WEEK}.get(tick or "")
    ticked = set(chosen)
    for each in shown:
        due = each.due_on()
        if tick == "all" or (until is not None and due is not None and due <= until):
            ticked.add(_place(each))
    return render_template(
        "commissions/to_pay.html",
        page=Page(shown, number, MOST_AT_ONCE, len(found)),
        ticked=ticked,
        tick=tick if tick in CHOICES else None,
        place=_place,
        fault=fault,
        today=today,
        receiver_name=receiver_name,
    )


def _posted() -> list[tuple[Place, int | None]]:
    """Return the dues of the form: the account and, once looked at, the amount."""
    found: list[tuple[Place, int | None]] = []
    for text in request.form.getlist("due"):
        receiver, side, currency, minor = [*text.split(":"), "", "", "", ""][:4]
        amount = int(minor) if minor.isdecimal() and len(minor) < 19 else None
        found.append(((receiver, side, currency), amount))
    return found


@commissions.post("/commissions/to-pay/preview")
@limiter.limit(WRITE)
def preview() -> Answer:
    """Show what was chosen with its sums, and ask for the day and the reference; writes nothing."""
    chosen = frozenset(place for place, _minor in _posted())
    if not chosen:
        return _choose(fault=forms.message("none_chosen")), 422
    form = forms.ManyPaidForm(formdata=None)
    form.key.data = secrets.token_urlsafe(12)
    form.paid_on.data = day_of(request_now())
    return _look(chosen, form)


def _look(chosen: frozenset[Place], form: forms.ManyPaidForm) -> str:
    found = [each for each in _owed() if _place(each) in chosen][:MOST_AT_ONCE]
    return render_template(
        "commissions/to_pay_preview.html",
        accounts=found,
        gone=len(chosen) - len(found),
        sums=_sums(found),
        payees=_payees(found),
        form=form,
        place=_place,
        today=day_of(request_now()),
        receiver_name=receiver_name,
    )


def _sums(found: Sequence[Account]) -> dict[str, int]:
    """Return currency -> minor units; never over currencies."""
    sums: dict[str, int] = {}
    for each in found:
        sums[each.currency] = sums.get(each.currency, 0) + each.open
    return dict(sorted(sums.items()))


def _payees(found: Sequence[Account]) -> list[PayeeSum]:
    """Return what each payee gets in each currency: a person, their house or their place."""
    sums: dict[tuple[str, int | None, str], PayeeSum] = {}
    for each in found:
        kind, key, name = _payee(each.receiver)
        known = sums.get((kind, key, each.currency), PayeeSum(name, each.currency, 0, 0))
        sums[kind, key, each.currency] = PayeeSum(
            name, each.currency, known.minor + each.open, known.number + 1
        )
    return sorted(sums.values(), key=lambda one: (one.currency, -one.minor, one.payee))


def _payee(receiver: Receiver) -> tuple[str, int | None, str]:
    if receiver.organisation is not None:
        return "organisation", receiver.organisation_id, receiver.organisation.name(language())
    if receiver.station is not None:
        return "station", receiver.station_id, receiver.station.name(language())
    # Of who was erased each account stands by itself: nothing says whose the others were.
    return "person", receiver.user_id or -receiver.id, receiver_name(receiver)


@commissions.post("/commissions/to-pay/noted")
@limiter.limit(WRITE)
def pay_many() -> Answer:
    """Note what was looked at as paid, and report each row; sent again it notes nothing more."""
    form = forms.ManyPaidForm()
    posted = _posted()
    dues = [Due(*place, minor) for place, minor in posted if minor]
    try:
        if form.paid_on.data is None:
            raise Invalid({"paid_on": "required"})
        rows = services.pay_many(
            current_session(),
            dues,
            paid_on=form.paid_on.data,
            reference=form.reference.data or "",
            key=form.key.data or "",
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _look(frozenset(place for place, _minor in posted), form), 422
    return _report(rows)


def _report(rows: Sequence[Row]) -> str:
    return render_template(
        "commissions/to_pay_noted.html",
        rows=rows,
        noted=sum(row.outcome == "paid" for row in rows),
        changed=sum(row.outcome == "changed" for row in rows),
        receiver_name=receiver_name,
    )

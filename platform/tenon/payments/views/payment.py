"""One payment: what it paid, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import render_template, url_for
from flask_babel import gettext as _

from tenon.deals.views.blueprint import Answer
from tenon.ledger.queries import item_pairs
from tenon.payments import permissions, receiving
from tenon.payments.forms import ReasonForm, RefundForm, RoomForm, read_amount, read_day, version_of
from tenon.payments.models import Obligation, Payment
from tenon.payments.queries import lists, payments_left
from tenon.payments.views.blueprint import money_deal, payments, take, today
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _found(public_id: str, payment_id: str) -> Payment:
    return lists.find_payment(current_session(), money_deal(public_id), payment_id)


@payments.get("/deals/<public_id>/payments/<payment_id>")
def show(public_id: str, payment_id: str) -> str:
    """Show a payment."""
    return _page(_found(public_id, payment_id))


def _page(payment: Payment, **kept: RoomForm) -> str:
    session = current_session()
    left = payments_left(session, [payment])[payment.id]
    pairs = item_pairs(session, [payment.public_id], kinds=("advance", "receivable"))
    owed = session.scalars(
        sa.select(Obligation)
        .where(Obligation.public_id.in_([each for _payment, each in pairs]))
        .order_by(Obligation.due_on)
    )
    refunds = session.scalars(
        sa.select(Payment).filter_by(of_id=payment.id).order_by(Payment.id)
    ).all()
    return render_template(
        "payments/payment.html",
        deal=payment.deal,
        payment=payment,
        left=left,
        paid=[(each, pairs[payment.public_id, each.public_id]) for each in owed],
        refunds=refunds,
        manages=permissions.may_manage(current_actor(), payment.deal, payment.payee),
        forms=_forms(payment, left.advance, kept),
    )


def _forms(payment: Payment, advance: int, kept: dict[str, Any]) -> dict[str, RoomForm]:
    found: dict[str, RoomForm] = {}
    if payment.state == "announced":
        found["refuse"] = kept.get("refuse") or ReasonForm(None, prefix="refuse")
    elif payment.state == "received":
        found["take_back"] = kept.get("take_back") or ReasonForm(None, prefix="back")
        if payment.kind == "receipt" and advance > 0:
            refund = kept.get("refund") or RefundForm(None, prefix="refund")
            refund.offer(today=today())
            found["refund"] = refund
    for name in found.keys() & {"refuse", "take_back"}:
        found[name]["version"].data = str(payment.version)  # of the page that is shown now
    return found


def _do(
    public_id: str,
    payment_id: str,
    name: str,
    form: RoomForm,
    step: Callable[[Payment], object],
    said: str,
) -> Answer:
    payment = _found(public_id, payment_id)

    def do() -> str:
        step(payment)
        return url_for("payments.show", public_id=public_id, payment_id=payment_id)

    def again() -> str:
        return _page(_found(public_id, payment_id), **{name: form})

    return take(form, do, again, said)


@payments.post("/deals/<public_id>/payments/<payment_id>/confirm")
@limiter.limit(WRITE)
def confirm(public_id: str, payment_id: str) -> Answer:
    """Confirm that an announced payment has arrived."""
    form = ReasonForm()

    def step(payment: Payment) -> None:
        receiving.confirm(
            current_session(),
            payment,
            by=current_actor(),
            now=request_now(),
            expected_version=version_of(form),
        )

    return _do(public_id, payment_id, "confirm", form, step, _("The payment is confirmed."))


@payments.post("/deals/<public_id>/payments/<payment_id>/refuse")
@limiter.limit(WRITE)
def refuse(public_id: str, payment_id: str) -> Answer:
    """Say that an announced payment has not arrived."""
    form = ReasonForm(prefix="refuse")

    def step(payment: Payment) -> None:
        receiving.refuse(
            current_session(),
            payment,
            reason=form.reason.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=version_of(form),
        )

    said = _("The other side is told that it has not arrived.")
    return _do(public_id, payment_id, "refuse", form, step, said)


@payments.post("/deals/<public_id>/payments/<payment_id>/take-back")
@limiter.limit(WRITE)
def take_back(public_id: str, payment_id: str) -> Answer:
    """Undo a payment that was recorded wrongly."""
    form = ReasonForm(prefix="back")

    def step(payment: Payment) -> None:
        receiving.take_back(
            current_session(),
            payment,
            reason=form.reason.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=version_of(form),
        )

    said = _("The payment is taken back; what it had paid is open again.")
    return _do(public_id, payment_id, "take_back", form, step, said)


@payments.post("/deals/<public_id>/payments/<payment_id>/refund")
@limiter.limit(WRITE)
def refund(public_id: str, payment_id: str) -> Answer:
    """Pay back what is left over."""
    form = RefundForm(prefix="refund")

    def step(payment: Payment) -> None:
        receiving.refund(
            current_session(),
            payment,
            amount_minor=read_amount(form.amount, payment.currency),
            paid_on=read_day(form.paid_on),
            key=form.key.data or "",
            reference=form.reference.data or "",
            note=form.note.data or "",
            by=current_actor(),
            now=request_now(),
        )

    return _do(public_id, payment_id, "refund", form, step, _("The refund is recorded."))

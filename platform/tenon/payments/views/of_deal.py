"""The money of a deal: its schedule, its payments, a payment to record or to announce."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from tenon.deals import permissions as deal_permissions
from tenon.deals.models import SIDES, Deal
from tenon.deals.views.blueprint import Answer
from tenon.errors import Forbidden, Invalid
from tenon.payments import permissions, receiving
from tenon.payments.forms import PaymentForm, read_amount, read_day
from tenon.payments.kinds import other_side
from tenon.payments.models import Payment
from tenon.payments.queries import lists
from tenon.payments.receiving import Given
from tenon.payments.views.blueprint import money_deal, payments, states_deal, take, today
from tenon.payments.views.display import amount, title_of
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@payments.get("/deals/<public_id>/payments")
def of_deal(public_id: str) -> str:
    """Show the schedule with what is paid and open, payments and invoices."""
    deal, session, actor = states_deal(public_id), current_session(), current_actor()
    reads = permissions.may_read(actor, deal)
    rows = lists.schedule_of(session, deal, today=today())
    return render_template(
        "payments/of_deal.html",
        deal=deal,
        rows=rows,
        totals=lists.totals_of(rows) if reads else {},
        payments=lists.payments_of(session, deal) if reads else [],
        invoices=lists.invoices_of(session, deal) if reads else [],
        amounts=reads,
        payees=_payees(rows),
        side=deal_permissions.side_of(actor, deal),
    )


def _payees(rows: list[lists.Row]) -> list[str]:
    """Return the sides to whom something is owed."""
    found = {row.owed.creditor for row in rows}
    return [side for side in SIDES if side in found]


@payments.get("/deals/<public_id>/payments/new")
def new(public_id: str) -> str:
    """Show the form for a payment."""
    deal, payee = _deal_and_payee(public_id)
    return _form_page(deal, payee, _offered(PaymentForm(), deal, payee))


@payments.post("/deals/<public_id>/payments/new")
@limiter.limit(WRITE)
def save(public_id: str) -> Answer:
    """Record a payment, or announce one; sent twice it is one payment."""
    deal, payee = _deal_and_payee(public_id)
    form = _offered(PaymentForm(), deal, payee)
    records = permissions.may_manage(current_actor(), deal, payee)

    def do() -> str:
        payment = _write(deal, payee, form, records=records)
        return url_for("payments.show", public_id=public_id, payment_id=payment.public_id)

    def again() -> str:
        fresh, _payee = _deal_and_payee(public_id)
        return _form_page(fresh, payee, form)

    said = (
        _("The payment is recorded.")
        if records
        else _("The payment is announced; the other side confirms it when it has arrived.")
    )
    return take(form, do, again, said)


def _write(deal: Deal, payee: str, form: PaymentForm, *, records: bool) -> Payment:
    """Write what the form says; raises Invalid with every field that is wrong."""
    errors: dict[str, str] = {}
    currency = form.currency.data or ""
    if currency not in {choice.value for choice in form.currency.choices or []}:
        raise Invalid({"currency": "unknown_code"})
    minor, paid_on = 0, today()
    try:
        minor = read_amount(form.amount, currency)
    except Invalid as error:
        errors |= error.fields
    try:
        paid_on = read_day(form.paid_on)
    except Invalid as error:
        errors |= error.fields
    if errors:
        raise Invalid(errors)
    given = Given(
        payee=payee,
        amount_minor=minor,
        currency=currency,
        paid_on=paid_on,
        key=form.key.data or "",
        reference=form.reference.data or "",
        note=form.note.data or "",
        wishes=tuple(form.wishes.data or ()),
    )
    verb = receiving.record if records else receiving.announce
    return verb(current_session(), deal, given, by=current_actor(), now=request_now())


def _deal_and_payee(public_id: str) -> tuple[Deal, str]:
    """Return the deal and to whom the payment goes; raises for who may do neither."""
    deal, actor = money_deal(public_id), current_actor()
    payee = request.args.get("payee", "seller")
    if payee not in SIDES:
        raise NotFound
    if deal_permissions.side_of(actor, deal) is None:
        raise Forbidden(action="record_payment")
    return deal, payee


def _offered(form: PaymentForm, deal: Deal, payee: str) -> PaymentForm:
    rows = [
        row
        for row in lists.schedule_of(current_session(), deal, today=today())
        if row.owed.creditor == payee
        and row.to_pay
        and row.owed.firm
        and row.owed.due_on is not None
        and row.owed.state in ("planned", "due", "part_paid")
    ]
    owed = [
        (row.owed.public_id, f"{title_of(row.owed)}: {amount(row.to_pay, row.owed.currency)}")
        for row in rows
    ]
    currencies = [*(row.owed.currency for row in rows), deal.currency]
    form.offer(currencies=currencies, owed=owed, today=today())
    return form


def _form_page(deal: Deal, payee: str, form: PaymentForm) -> str:
    waiting = [
        payment
        for payment, _left in lists.payments_of(current_session(), deal)
        if payment.state == "announced" and payment.payee == payee
    ]
    return render_template(
        "payments/new.html",
        deal=deal,
        payee=payee,
        payer=other_side(payee),
        form=form,
        waiting=waiting,
        records=permissions.may_manage(current_actor(), deal, payee),
    )

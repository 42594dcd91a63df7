"""One obligation: its entries in the ledger, interest, invoices, and what its creditor can do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _

from tenon.deals.views.blueprint import Answer
from tenon.ledger.queries import statement
from tenon.payments import books, interest, invoicing, permissions
from tenon.payments.forms import (
    CreditForm,
    InterestForm,
    InvoiceForm,
    ReasonForm,
    RoomForm,
    read_amount,
    read_day,
    version_of,
)
from tenon.payments.models import Obligation
from tenon.payments.obligations import services
from tenon.payments.printing import print_invoice
from tenon.payments.queries import lists
from tenon.payments.views.blueprint import money_deal, payments, take, today
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

PRINTS = "120 per hour"  # printing takes a tenth of a second, one at a time


def _found(public_id: str, owed_id: str) -> Obligation:
    return lists.find_obligation(current_session(), money_deal(public_id), owed_id)


@payments.get("/deals/<public_id>/payments/owed/<owed_id>")
def owed(public_id: str, owed_id: str) -> str:
    """Show an obligation."""
    return _page(_found(public_id, owed_id))


def _page(found: Obligation, **kept: RoomForm) -> str:
    session = current_session()
    (row,) = lists.rows_of(session, [found], today=today())
    lines: Any = []
    if found.booked_on is not None:
        account = books.find_account(
            session, found.deal, found.creditor, "receivable", found.currency
        )
        if account is not None:
            lines = statement(session, account, item=found.public_id).lines
    late = interest.late_interest(session, found, until=today())
    invoiced = sum(invoicing.not_invoiced(session, found, row.standing)) <= 0
    manages = permissions.may_manage(current_actor(), found.deal, found.creditor)
    return render_template(
        "payments/owed.html",
        deal=found.deal,
        row=row,
        owed=found,
        lines=lines,
        invoices=invoicing.of_obligation(session, found),
        late=late,
        day=timedelta(days=1),
        manages=manages,
        forms=_forms(row, late, kept, invoiced=invoiced) if manages else {},
    )


def _forms(
    row: lists.Row,
    late: interest.LateInterest | None,
    kept: dict[str, Any],
    *,
    invoiced: bool,
) -> dict[str, RoomForm]:
    found: dict[str, RoomForm] = {}
    state = row.owed.state
    if state in ("planned", "due", "part_paid"):
        found["waive"] = kept.get("waive") or ReasonForm(None, prefix="waive")
    if state in ("due", "part_paid", "paid"):
        found["credit"] = kept.get("credit") or CreditForm(None, prefix="credit")
        if not invoiced:
            found["invoice"] = kept.get("invoice") or InvoiceForm(None, prefix="invoice")
    if late is not None and late.more:
        form = kept.get("interest") or InterestForm(
            None, prefix="interest", data={"until": today()}
        )
        found["interest"] = form
    for form in found.values():
        form["version"].data = str(row.owed.version)  # of the page that is shown now
    return found


def _do(
    public_id: str,
    owed_id: str,
    name: str,
    form: RoomForm,
    step: Callable[[Obligation], object],
    said: str,
) -> Answer:
    found = _found(public_id, owed_id)

    def do() -> str:
        step(found)
        return url_for("payments.owed", public_id=public_id, owed_id=owed_id)

    def again() -> str:
        return _page(_found(public_id, owed_id), **{name: form})

    return take(form, do, again, said)


@payments.post("/deals/<public_id>/payments/owed/<owed_id>/waive")
@limiter.limit(WRITE)
def waive(public_id: str, owed_id: str) -> Answer:
    """Give up what is open."""
    form = ReasonForm(prefix="waive")

    def step(found: Obligation) -> None:
        services.waive(
            current_session(),
            found,
            reason=form.reason.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=version_of(form),
        )

    return _do(public_id, owed_id, "waive", form, step, _("What was open is waived."))


@payments.post("/deals/<public_id>/payments/owed/<owed_id>/credit")
@limiter.limit(WRITE)
def credit(public_id: str, owed_id: str) -> Answer:
    """Owe less, with a credit note where it was invoiced."""
    form = CreditForm(prefix="credit")

    def step(found: Obligation) -> None:
        invoicing.credit(
            current_session(),
            found,
            gross_minor=read_amount(form.amount, found.currency),
            reason=form.reason.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=version_of(form),
        )

    return _do(public_id, owed_id, "credit", form, step, _("The credit is booked."))


@payments.post("/deals/<public_id>/payments/owed/<owed_id>/interest")
@limiter.limit(WRITE)
def charge_interest(public_id: str, owed_id: str) -> Answer:
    """Charge interest up to a day."""
    form = InterestForm(prefix="interest")

    def step(found: Obligation) -> None:
        interest.charge_interest(
            current_session(),
            found,
            until=read_day(form.until),
            by=current_actor(),
            now=request_now(),
            expected_version=version_of(form),
        )

    return _do(public_id, owed_id, "interest", form, step, _("The interest is charged."))


@payments.post("/deals/<public_id>/payments/owed/<owed_id>/invoice")
@limiter.limit(WRITE)
def issue_invoice(public_id: str, owed_id: str) -> Answer:
    """Issue an invoice."""
    form = InvoiceForm(prefix="invoice")

    def step(found: Obligation) -> None:
        invoicing.issue(
            current_session(),
            found,
            remark=form.remark.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=version_of(form),
        )

    return _do(public_id, owed_id, "invoice", form, step, _("The invoice is issued."))


@payments.get("/deals/<public_id>/payments/invoices/<invoice_id>.pdf")
@limiter.limit(PRINTS)
def invoice_pdf(public_id: str, invoice_id: str) -> Response:
    """Return an invoice or credit note as a PDF in the language asked for."""
    deal = money_deal(public_id)
    invoice = lists.find_invoice(current_session(), deal, invoice_id, by=current_actor())
    asked = request.args.get("language", language())
    tongue = asked if asked in ("zh", "en") else language()
    answer = Response(print_invoice(invoice, tongue), mimetype="application/pdf")
    name = f"{invoice.kind}-{invoice.label}-{tongue}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer

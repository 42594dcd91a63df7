"""Dispute an entry, follow the dispute, take it back; for operators, the list, and settling."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.credit import permissions, queries, services
from tenon.credit.forms import DisputeForm, SettleForm
from tenon.credit.models import CreditDispute, CreditEntry
from tenon.credit.views.blueprint import Answer, credit
from tenon.errors import Conflict, Invalid
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now


@credit.get("/entries/<public_id>/dispute")
def dispute(public_id: str) -> str:
    """Ask what is wrong with an entry."""
    entry = queries.find_entry(current_session(), public_id, by=current_actor())
    if not queries.does_stand(current_session(), entry):
        abort(409)
    form = DisputeForm(permissions.claims_open_to(current_actor(), entry))
    return _dispute_page(entry, form)


@credit.post("/entries/<public_id>/dispute")
@limiter.limit(WRITE)
def save_dispute(public_id: str) -> Answer:
    """Raise the dispute."""
    entry = queries.find_entry(current_session(), public_id, by=current_actor())
    form = DisputeForm(permissions.claims_open_to(current_actor(), entry))
    if form.validate():
        try:
            made = services.dispute(
                current_session(),
                entry,
                claim=form.claim.data or "",
                reason=form.reason.data or "",
                by=current_actor(),
                now=request_now(),
            )
        except Invalid as error:
            form.take_errors(error)
        except Conflict as error:
            form.form_errors.append(_in_the_way(error.code))
            return _dispute_page(entry, form), 409
        else:
            flash(_("Your dispute is raised. An operator settles it with a reason."), "success")
            return redirect(url_for("credit.show_dispute", public_id=made.public_id))
    return _dispute_page(entry, form), 422


@credit.get("/disputes")
def disputes() -> str:
    """List disputes: those that wait, or those that have ended."""
    open_ones = request.args.get("state") != "ended"
    number = requested_page()
    session, actor = current_session(), current_actor()
    found, total = queries.disputes(
        session, open_ones=open_ones, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    lines = queries.lines_of(session, [each.entry for each in found], actor=actor)
    pairs = list(zip(found, lines, strict=True))
    return render_template(
        "credit/disputes.html", page=Page(pairs, number, PAGE_SIZE, total), open_ones=open_ones
    )


@credit.get("/disputes/<public_id>")
def show_dispute(public_id: str) -> str:
    """Show a dispute to either side and to operators."""
    found = queries.find_dispute(current_session(), public_id, by=current_actor())
    return _show(found, SettleForm(permissions.settlements_of(found)))


@credit.post("/disputes/<public_id>/settle")
@limiter.limit(WRITE)
def settle(public_id: str) -> Answer:
    """Settle a dispute."""
    found = queries.find_dispute(current_session(), public_id, by=current_actor())
    form = SettleForm(permissions.settlements_of(found))
    if form.validate():
        try:
            services.settle(
                current_session(),
                found,
                outcome=form.outcome.data or "",
                reason=form.reason.data or "",
                by=current_actor(),
                now=request_now(),
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("Settled. Both sides are told."), "success")
            return redirect(url_for("credit.show_dispute", public_id=public_id))
    if not permissions.may_settle(current_actor(), found):
        abort(403)
    return _show(found, form), 422


@credit.post("/disputes/<public_id>/withdraw")
@limiter.limit(WRITE)
def withdraw(public_id: str) -> Answer:
    """Take one's own dispute back."""
    found = queries.find_dispute(current_session(), public_id, by=current_actor())
    services.withdraw(current_session(), found, by=current_actor(), now=request_now())
    flash(_("Your dispute is withdrawn."), "success")
    return redirect(url_for("credit.show_dispute", public_id=public_id))


def _dispute_page(entry: CreditEntry, form: DisputeForm) -> str:
    (line,) = queries.lines_of(current_session(), [entry], actor=current_actor())
    return render_template("credit/dispute.html", form=form, line=line)


def _show(found: CreditDispute, form: SettleForm) -> str:
    actor = current_actor()
    (line,) = queries.lines_of(current_session(), [found.entry], actor=actor)
    open_now = found.state == "open"
    return render_template(
        "credit/show_dispute.html",
        dispute=found,
        line=line,
        form=form if open_now and permissions.may_settle(actor, found) else None,
        may_withdraw=open_now and permissions.may_withdraw(actor, found),
        own_judge=open_now and actor.operator and permissions.is_party(actor, found),
        # The person credited settles nothing by knowing who disputes, and a firm may be anonymous.
        knows_raiser=actor.operator or permissions.may_withdraw(actor, found),
    )


def _in_the_way(code: str) -> str:
    known = {
        "entry_struck": _("This entry no longer stands."),
        "disputed_already": _("Somebody disputes this entry already; an operator will settle it."),
        "settled_already": _("You disputed this entry before, and that was settled."),
    }
    return str(known.get(code, code))

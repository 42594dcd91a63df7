"""The confidentiality agreement of an introduction: read it, confirm it, take it away."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from tenon.documents import render_pdf
from tenon.errors import Conflict, Invalid
from tenon.introductions import permissions, services
from tenon.introductions.forms import SignForm
from tenon.introductions.models import Introduction
from tenon.introductions.queries.introductions import shown as shown_to
from tenon.introductions.views import display
from tenon.introductions.views.answering import take_step
from tenon.introductions.views.blueprint import (
    Answer,
    introductions,
    posted_version,
    seen_introduction,
)
from tenon.introductions.views.showing import step_form
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _agreed(public_id: str) -> Introduction:
    """Return an introduction whose agreement the actor may read; it names both sides."""
    introduction = seen_introduction(public_id)
    actor = current_actor()
    names = all(permissions.may_know_name(actor, introduction, side) for side in ("from", "to"))
    if not (permissions.may_read(actor, introduction) and names):
        abort(403)
    services.agreement_of(introduction)
    return introduction


@introductions.get("/<public_id>/agreement")
def agreement(public_id: str) -> str:
    """Show the agreement and who has confirmed it."""
    introduction = _agreed(public_id)
    return _agreement_page(introduction, SignForm())


def _agreement_page(introduction: Introduction, form: SignForm, *, quicker: bool = False) -> str:
    actor, found = current_actor(), services.agreement_of(introduction)
    shown = shown_to(introduction, actor)
    form.sha256.data = found.sha256
    may_sign = (
        permissions.may(actor, "agree", introduction)
        and shown.side is not None
        and found.confirmed_at(shown.side) is None
    )
    return render_template(
        "introductions/agreement.html",
        introduction=introduction,
        agreement=found,
        shown=shown,
        parties=[display.party(shown, side) for side in ("from", "to")],
        form=form,
        may_sign=may_sign,
        quicker=quicker,
        lapses_at=display.lapses_at(introduction),
    )


@introductions.post("/<public_id>/agreement")
@limiter.limit(WRITE)
def confirm(public_id: str) -> Answer:
    """Confirm the agreement for one's side."""
    introduction, form, session = _agreed(public_id), SignForm(), current_session()
    try:
        both = services.confirm_agreement(
            session,
            introduction,
            signatory=form.signatory.data or "",
            sha256=form.sha256.data or "",
            confirmed=bool(form.confirmed.data),
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _agreement_page(_agreed(public_id), form), 422
    except Conflict:
        session.rollback()
        return _agreement_page(_agreed(public_id), form, quicker=True), 409
    flash(
        _("Both sides have confirmed. What needed the agreement is open now.")
        if both
        else _("Confirmed for your side; the other side is still to confirm."),
        "success",
    )
    target = "introductions.show" if both else "introductions.agreement"
    return redirect(url_for(target, public_id=public_id), 303)


@introductions.post("/<public_id>/agreement/demand")
@limiter.limit(WRITE)
def demand(public_id: str) -> Answer:
    """Ask for an agreement later on."""

    def take(introduction: Introduction) -> None:
        services.demand_agreement(
            current_session(),
            introduction,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )

    said = _("The agreement is written; both sides are to confirm it.")
    return take_step(public_id, step_form("demand_nda"), take, said)


@introductions.get("/<public_id>/agreement.txt")
def agreement_text(public_id: str) -> Response:
    """Send the agreement letter by letter, as its hash was made."""
    found = services.agreement_of(_agreed(public_id))
    response = Response(found.text, mimetype="text/plain")
    return _as_file(response, f"agreement-{public_id}.txt")


@introductions.get("/<public_id>/agreement.pdf")
@limiter.limit(WRITE)
def agreement_pdf(public_id: str) -> Response:
    """Send the agreement with both confirmations as a PDF."""
    introduction = _agreed(public_id)
    found = services.agreement_of(introduction)
    shown = shown_to(introduction, current_actor())
    context = {
        "agreement": found,
        "number": introduction.public_id,
        "parties": [display.party(shown, side) for side in ("from", "to")],
    }
    pdf = render_pdf("agreement.html", context, language())
    return _as_file(Response(pdf, mimetype="application/pdf"), f"agreement-{public_id}.pdf")


def _as_file(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response

"""An agreement's page: vesting, what can be exercised, what is proposed and who has confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.deals import permissions as deals
from tenon.deals.queries import accepted_terms
from tenon.equity import queries, services
from tenon.equity.days import today
from tenon.equity.forms import ExerciseForm, RoomForm, read_units
from tenon.equity.forms.refusals import impossible
from tenon.equity.models import EquityAgreement, EquityProposal
from tenon.equity.permissions import HOLDER_SIDE
from tenon.equity.services.confirming import SIDES, fingerprint
from tenon.equity.views import display
from tenon.equity.views.blueprint import Answer, equity
from tenon.errors import Conflict, Invalid, NotFound
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _agreement(public_id: str) -> EquityAgreement:
    return queries.agreement(current_session(), public_id, by=current_actor())


@equity.get("/equity/agreements/<public_id>")
def agreement(public_id: str) -> str:
    """Show an agreement of the register."""
    return page(_agreement(public_id), None)


def page(found: EquityAgreement, kept: RoomForm | None) -> str:
    """Return the agreement's page, with the form as it was typed where it was refused."""
    session, actor, day = current_session(), current_actor(), today(request_now())
    course = queries.course_of(session, found.company)
    right = course.now.rights.get(found.key)
    proposal = queries.open_proposal(session, found)
    sides = [side for side in SIDES if deals.signs_for(actor, found.deal, side)]
    version = accepted_terms(session, found.deal)
    return render_template(
        "equity/agreement.html",
        agreement=found,
        company=found.company,
        names=display.holder_names(found.company),
        state=course.now,
        course=course,
        right=right,
        grant=course.now.grants.get(found.key),
        exercisable=0 if right is None else right.exercisable_units(day),
        vested=None if right is None else right.vested_part(day),
        value=None
        if right is None or course.price is None
        else right.intrinsic_value(course.price),
        today=day,
        unit=display.unit_words(found.company),
        proposal=proposal,
        seen="" if proposal is None else fingerprint(proposal),
        first_call=None if proposal is None else queries.first_call_for(session, proposal),
        confirms=proposal is not None and any(_waits(proposal, side) for side in sides),
        party=deals.side_of(actor, found.deal),
        past=[each for each in queries.proposals_of(session, found) if each.live_key is None],
        exercise_form=_exercise_form(found, right, proposal, kept),
        ends=_ends(found, proposal, {} if version is None else version.values),
    )


def _waits(proposal: EquityProposal, side: str) -> bool:
    return getattr(proposal, f"{side}_confirmed_at") is None


def _exercise_form(
    found: EquityAgreement, right: Any, proposal: EquityProposal | None, kept: RoomForm | None
) -> RoomForm | None:
    mine = deals.acts_for(current_actor(), found.deal, HOLDER_SIDE)
    if right is None or proposal is not None or not mine:
        return None
    if right.exercisable_units(today(request_now())) < 1:
        return None
    return kept or ExerciseForm(formdata=None)


def _ends(found: EquityAgreement, proposal: EquityProposal | None, values: Any) -> list[str]:
    """Return the ways in which somebody of a side may propose to end a grant now."""
    if found.kind != "grant" or found.state != "granted" or proposal is not None:
        return []
    if not deals.is_party(current_actor(), found.deal):
        return []
    due = found.expires_on is not None and today(request_now()) > found.expires_on
    fallback = values.get("repayment") == "buyer_choice" and due
    return ["repaid", "closed", *(["conversion"] if fallback else [])]


def _take(
    public_id: str, form: RoomForm | None, take: Callable[[EquityAgreement], object], said: str
) -> Answer:
    session = current_session()
    try:
        take(_agreement(public_id))
    except Invalid as error:
        session.rollback()
        if form is None:
            words = impossible(error.fields.get("", "")) or _(
                "That is not possible as things stand."
            )
            flash(words, "warning")
        else:
            form.take_errors(error)
        return page(_agreement(public_id), form), 422
    except Conflict:
        session.rollback()
        flash(_("The figures have changed or it is settled: this is how it stands now."), "warning")
        return page(_agreement(public_id), None), 409
    flash(said, "success")
    return redirect(url_for("equity.agreement", public_id=public_id), 303)


@equity.post("/equity/agreements/<public_id>/exercise")
@limiter.limit(WRITE)
def exercise(public_id: str) -> Answer:
    """Propose to exercise a right."""
    form = ExerciseForm()

    def take(found: EquityAgreement) -> None:
        services.propose_exercise(
            current_session(),
            found,
            units=read_units(form, "units", found.company),
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, form, take, _("Proposed; the other side is asked to confirm."))


@equity.post("/equity/agreements/<public_id>/end")
@limiter.limit(WRITE)
def end_grant(public_id: str) -> Answer:
    """Propose repayment, closing without fault, or a conversion at the agreed valuation."""

    def take(found: EquityAgreement) -> None:
        services.propose_closing(
            current_session(),
            found,
            kind=request.form.get("kind", ""),
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, None, take, _("Proposed; the other side is asked to confirm."))


@equity.post("/equity/agreements/<public_id>/confirm")
@limiter.limit(WRITE)
def confirm(public_id: str) -> Answer:
    """Confirm for one's side what is proposed."""

    def take(found: EquityAgreement) -> None:
        services.confirm(
            current_session(),
            _proposal(found),
            seen=request.form.get("seen", ""),
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, None, take, _("Confirmed."))


@equity.post("/equity/agreements/<public_id>/withdraw")
@limiter.limit(WRITE)
def withdraw(public_id: str) -> Answer:
    """Take back or decline what is proposed."""

    def take(found: EquityAgreement) -> None:
        services.withdraw(
            current_session(), _proposal(found), by=current_actor(), now=request_now()
        )

    return _take(public_id, None, take, _("Taken back."))


def _proposal(found: EquityAgreement) -> EquityProposal:
    wanted = request.form.get("proposal", "")
    known = queries.proposals_of(current_session(), found)
    proposal = next((each for each in known if each.public_id == wanted), None)
    if proposal is None:
        raise NotFound(kind="proposal")
    return proposal

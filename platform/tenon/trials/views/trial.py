"""The trial of a deal: what was agreed, how it goes, readings, insurance, what was learned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.deals import forms as deal_forms
from tenon.deals import permissions
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms
from tenon.deals.terms import words
from tenon.deals.views.blueprint import Answer, read_deal
from tenon.errors import Conflict, Invalid
from tenon.trials import queries, services
from tenon.trials.checks import day_of
from tenon.trials.forms import LessonForm, PolicyForm, ReadingForm, RoomForm
from tenon.trials.views.blueprint import trials
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

AGREED = (
    "trial_months",
    "trial_scope",
    "trial_fee",
    "insurance",
    "triggers",
    "trigger_date",
    "metric",
    "metric_direction",
    "metric_target",
    "trigger_sales",
    "payment_mode",
    "buy_out",
)
TRIGGERS = {
    "date": _l("the agreed date"),
    "metric": _l("the acceptance metric"),
    "sales": _l("cumulative sales"),
    "first_sale": _l("the first sale"),
}
OUTCOMES = {
    "accepted": _l("Accepted"),
    "rejected": _l("Rejected"),
    "converted": _l("Turned into a paid licence"),
}


def _deal(public_id: str) -> Deal:
    deal = read_deal(public_id)
    if deal_forms.get(deal.form).term("trial_months") is None:
        abort(404)
    return deal


@trials.get("/<public_id>/trial")
def trial(public_id: str) -> str:
    """Show the trial."""
    return _page(_deal(public_id), {})


def _page(deal: Deal, kept: Mapping[str, RoomForm]) -> str:
    session, actor = current_session(), current_actor()
    agreed = accepted_terms(session, deal)
    running = queries.trial_of(session, deal)
    return render_template(
        "trials/trial.html",
        deal=deal,
        agreed=_agreed(deal),
        trial=running,
        policy=queries.policy_of(session, deal),
        readings=queries.readings_of(session, deal),
        trigger=queries.trigger_met(session, deal, on=day_of(request_now())) if running else None,
        metric="metric" in ((agreed.values.get("triggers") or []) if agreed else []),
        side=permissions.side_of(actor, deal),
        forms=_forms(deal, running, kept),
        trigger_words=TRIGGERS,
        outcome_words=OUTCOMES,
    )


def _agreed(deal: Deal) -> list[tuple[str, str]]:
    """Return (name, value in words) of the terms that decide the trial."""
    version = accepted_terms(current_session(), deal)
    if version is None:
        return []
    form, tongue = deal_forms.get(version.form), language()
    return [
        (term.names[tongue], words(term, version.values[code], tongue))
        for code in AGREED
        if (term := form.term(code)) is not None and version.values.get(code) not in (None, [], "")
    ]


def _forms(deal: Deal, running: Any, kept: Mapping[str, RoomForm]) -> Mapping[str, RoomForm]:
    """Return what the actor may fill in now."""
    actor, session = current_actor(), current_session()
    side = permissions.side_of(actor, deal)
    made: dict[str, RoomForm] = {}
    agreed = accepted_terms(session, deal)
    wanted = agreed.values.get("insurance") if agreed else None
    insures = wanted in ("seller", "buyer") and permissions.acts_for(actor, deal, wanted)
    if (
        insures
        and deal.state == "in_force.trial_approved"
        and queries.policy_of(session, deal) is None
    ):
        made["policy"] = PolicyForm(prefix="policy")
    if side is not None and running is not None and deal.state in queries.TRIAL_STATES:
        made["reading"] = _reading_form(deal)
    over = running is not None and running.outcome is not None
    if over and permissions.acts_for(actor, deal, "buyer"):
        made["lesson"] = LessonForm(prefix="lesson", text=running.learned)
    return {**made, **{name: form for name, form in kept.items() if name in made}}


def _reading_form(deal: Deal) -> ReadingForm:
    form = ReadingForm(prefix="reading")
    sells = permissions.acts_for(current_actor(), deal, "buyer")
    form.offer(["metric", "sales"] if sells else ["metric"])
    return form


def _take(public_id: str, name: str, form: RoomForm, take: Callable[[Deal], object]) -> Answer:
    """Do what a form asks; wrong input comes back at its field, a conflict as it stands now."""
    deal, session = _deal(public_id), current_session()
    try:
        take(deal)
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(_deal(public_id), {name: form}), 422
    except Conflict:
        session.rollback()
        flash(_("It is done already, or no longer possible: this is how it stands now."), "warning")
        return _page(_deal(public_id), {name: form}), 409
    flash(_("Saved."), "success")
    return redirect(url_for("trials.trial", public_id=public_id), 303)


@trials.post("/<public_id>/trial/policy")
@limiter.limit(WRITE)
def record_policy(public_id: str) -> Answer:
    """Record the insurance."""
    form = PolicyForm(prefix="policy")

    def take(deal: Deal) -> None:
        services.record_policy(
            current_session(),
            deal,
            form.policy(deal.currency),
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, "policy", form, take)


@trials.post("/<public_id>/trial/readings")
@limiter.limit(WRITE)
def report(public_id: str) -> Answer:
    """Note what was measured or sold."""
    form = _reading_form(_deal(public_id))

    def take(deal: Deal) -> None:
        value, sold = form.amounts(deal.currency)
        services.report_reading(
            current_session(),
            deal,
            kind=form.kind.data or "",
            on=form.day(),
            value=value,
            sold_minor=sold,
            note=form.note.data or "",
            request_key=(form.key.data or "")[:40] or None,
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, "reading", form, take)


@trials.post("/<public_id>/trial/readings/<reading_id>/confirm")
@limiter.limit(WRITE)
def confirm(public_id: str, reading_id: str) -> Answer:
    """Confirm a value that the other side measured."""

    def take(deal: Deal) -> None:
        services.confirm_reading(
            current_session(), deal, reading_id, by=current_actor(), now=request_now()
        )

    return _take(public_id, "", RoomForm(), take)


@trials.post("/<public_id>/trial/lesson")
@limiter.limit(WRITE)
def lesson(public_id: str) -> Answer:
    """Write what was learned."""
    form = LessonForm(prefix="lesson")

    def take(deal: Deal) -> None:
        services.write_lesson(
            current_session(),
            deal,
            text=form.text.data or "",
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, "lesson", form, take)

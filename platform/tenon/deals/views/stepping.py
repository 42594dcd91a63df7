"""Steps of a deal by a button, and the page that says which rule forbids one."""

from __future__ import annotations

from flask import Flask, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.deals import forms, permissions, services
from tenon.deals.guards import RuleBroken
from tenon.deals.models import Deal
from tenon.deals.page_forms import StepForm
from tenon.deals.views import display, outlook
from tenon.deals.views.blueprint import Answer, deals, posted_version, seen_deal
from tenon.deals.views.showing import page_of
from tenon.errors import Conflict, Invalid, NotFound
from tenon.web.errors import wants_json
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@deals.get("/<public_id>/steps/<name>")
def step(public_id: str, name: str) -> str:
    """Ask once more, with what stands in the way and a reason where one is needed."""
    deal = seen_deal(public_id)
    return _page(deal, name, StepForm())


def _page(deal: Deal, name: str, form: StepForm) -> str:
    wanted = services.step_of(deal, name)
    if wanted.done_by_service:
        raise NotFound(kind="step")
    permissions.require_step(current_actor(), deal, wanted)
    form.offer()
    known = forms.get(deal.form)
    return render_template(
        "deals/step.html",
        deal=deal,
        step=wanted,
        target=known.state_names(wanted.target)[language()],
        points=outlook.points(current_session(), deal, wanted),
        ends=known.stage_of(wanted.target) in outlook.BAD_ENDS,
        form=form,
    )


@deals.post("/<public_id>/steps/<name>")
@limiter.limit(WRITE)
def take_step(public_id: str, name: str) -> Answer:
    """Take a step; a rule that forbids it answers with the page of ``RuleBroken``."""
    deal, form, session = seen_deal(public_id), StepForm(), current_session()
    try:
        services.take_step(
            session,
            deal,
            name,
            by=current_actor(),
            now=request_now(),
            reason=form.reason.data or None,
            remark=form.remark.data or "",
            expected_version=posted_version(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(seen_deal(public_id), name, form), 422
    except RuleBroken:
        raise
    except Conflict:
        session.rollback()
        return page_of(seen_deal(public_id), quicker=True, unsent=form.remark.data), 409
    flash(_("Done: the deal is at “%(state)s” now.", state=display.state_name(deal)), "success")
    return redirect(url_for("deals.show", public_id=public_id), 303)


def refused(error: RuleBroken) -> Response:
    """Say which rules forbid a step, each with its source; 409.

    Serves every room: where the address names a deal that the actor may know of, its frame is kept.
    """
    refusals = [
        (display.words(each.message, each.facts), display.source_of(each), each.path)
        for each in error.refusals
    ]
    if wants_json():
        answer = jsonify(
            type="urn:tenon:error:rule_broken",
            title=_("A rule does not allow this step"),
            status=409,
            rules=[{"message": words, "source": source} for words, source, _path in refusals],
        )
        answer.mimetype = "application/problem+json"
    else:
        current_session().rollback()
        deal = _deal_of_address()
        name = "deals/refused.html" if deal is not None else "deals/refused_alone.html"
        answer = Response(render_template(name, deal=deal, refusals=refusals))
    answer.status_code = 409
    return answer


def _deal_of_address() -> Deal | None:
    if not request.path.startswith("/deals/") or "public_id" not in (request.view_args or {}):
        return None
    try:
        return seen_deal((request.view_args or {})["public_id"])
    except NotFound:
        return None


def install(app: Flask) -> None:
    """Answer every broken rule with its page."""
    app.register_error_handler(RuleBroken, refused)

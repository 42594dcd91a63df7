"""Visits: the report by phone, what is understood while it is typed, the list, one visit."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.accounts.models import Organisation, User
from tenon.accounts.permissions import may_see_organisation
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.listings.permissions import may_see
from tenon.listings.prefill import begin
from tenon.listings.requirements import lines_of, understand
from tenon.listings.services.validation import TEXT_LIMIT
from tenon.routing import queries, services
from tenon.routing.forms import ConsentForm, VisitForm, field_pairs
from tenon.routing.guessing import guess_fields
from tenon.routing.models import Visit
from tenon.routing.views.blueprint import Answer, routing
from tenon.web.errors import wants_json
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now, settings


@routing.get("/visits")
def visits() -> str:
    """List the visits in sight, the latest first: one's own, a firm's, all below."""
    session, actor = current_session(), current_actor()
    firm = _asked_firm()
    mine = request.args.get("whose") == "mine"
    number = requested_page()
    found, total = queries.visits(
        session,
        by=actor,
        mine=mine,
        organisation_id=None if firm is None else firm.id,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )
    return render_template(
        "routing/visits.html",
        page=Page(found, number, PAGE_SIZE, total),
        mine=mine,
        firm=firm if found else None,
        firm_key=request.args.get("firm", ""),
    )


def _asked_firm() -> Organisation | None:
    """Return the firm that the list is narrowed to; its name is shown beside visits in sight."""
    key = request.args.get("firm", "")
    if not key:
        return None
    found = current_session().scalar(sa.select(Organisation).where(Organisation.public_id == key))
    if found is None:
        raise NotFound(kind="organisation")
    return found


@routing.get("/visits/new")
def new_visit() -> str:
    """Show the report's form; ``?firm=`` chooses one of one's own."""
    if not current_actor().broker:
        raise Forbidden(action="visit")
    form = _form(formdata=None)
    form.key.data = uuid.uuid4().hex
    form.visited_on.data = queries.site_day(request_now())
    form.wants_need.data, form.consent.data = True, "publish"
    form.organisation.data = request.args.get("firm", "")
    return _form_page(form)


def _form(**options: object) -> VisitForm:
    actor = current_actor()
    firms = [] if actor.user_id is None else queries.own_firms(current_session(), actor.user_id)
    return VisitForm(firms=firms, **options)


def _form_page(form: VisitForm) -> str:
    actor = current_actor()
    person = None if actor.user_id is None else current_session().get(User, actor.user_id)
    return render_template(
        "routing/new_visit.html", form=form, owner="" if person is None else person.public_id
    )


@routing.post("/visits/new")
@limiter.limit(WRITE)
def write_visit() -> Answer:
    """Write the visit down; a device that sends it later gets JSON."""
    form = _form()
    try:
        if not form.validate():
            raise Invalid
        made = services.record_visit(
            current_session(),
            form.report(),
            folder=settings().files_folder,
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        if wants_json():
            raise
        current_session().rollback()
        form = _form()
        form.validate()
        form.take_errors(error)
        return _form_page(form), 422
    address = url_for("routing.visit", public_id=made.public_id)
    if wants_json():
        return jsonify({"visit": address}), 201
    flash(_("Written down."), "success")
    return redirect(address, 303)


@routing.post("/visits/understood")
@limiter.limit(WRITE)
def understood() -> str:
    """Show what is understood of the words so far: requirements and the likely fields."""
    words = request.form.get("words", "")[:TEXT_LIMIT].strip()
    entries = begin(words, side="need").requirements if words else ()
    chosen = field_pairs(request.form.getlist("fields"))
    guessed = guess_fields(current_session(), words, now=request_now())
    form = _form(formdata=None)
    form.fields.data = [f"{scheme}:{code}" for scheme, code in chosen]
    form.offer_fields(list(dict.fromkeys([*chosen, *guessed])))
    own_lines = bool(request.form.get("requirements", "").strip())
    return render_template(
        "routing/understood.html",
        rows=[] if own_lines else [(each, understand(each.text)) for each in entries],
        lines=lines_of(entries),
        form=form,
    )


def _find(public_id: str) -> Visit:
    return queries.find_visit(current_session(), public_id, by=current_actor())


@routing.get("/visits/<public_id>")
def visit(public_id: str) -> Answer:
    """Show a visit, and what is to be done with its need."""
    found = _find(public_id)
    form = ConsentForm(formdata=None)
    form.consent.data = found.consent
    form.consent_name.data = found.consent_name or ""
    form.consent_office.data = found.consent_office or ""
    return _page(found, form)


def _page(found: Visit, form: ConsentForm) -> str:
    session, actor, now = current_session(), current_actor(), request_now()
    need = found.listing
    return render_template(
        "routing/visit.html",
        visit=found,
        form=form,
        need=need,
        case=None if need is None else queries.case_of(session, need.id),
        sees_need=need is not None and may_see(actor, need, now),
        sees_firm=may_see_organisation(actor, found.organisation),
        may_note_consent=services.may_note_consent(session, found, by=actor),
    )


@routing.post("/visits/<public_id>/consent")
@limiter.limit(WRITE)
def consent(public_id: str) -> Answer:
    """Note what the firm agreed to later on."""
    found, form = _find(public_id), ConsentForm()
    try:
        services.add_consent(
            current_session(),
            found,
            consent=form.consent.data or "none",
            name=form.consent_name.data or "",
            office=form.consent_office.data or "",
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _page(found, form), 422
    flash(_("Noted."), "success")
    return redirect(url_for("routing.visit", public_id=public_id))

"""Forms of the seller's side before signing: route, what is published, contributors, abroad."""

from __future__ import annotations

from flask import flash, redirect, render_template
from flask_babel import gettext as _

from tenon.compliance import applying, permissions
from tenon.compliance.days import last_full_day
from tenon.compliance.forms import (
    AbroadForm,
    ContributorForm,
    PublishedForm,
    ReasonForm,
    RelationForm,
    RoomForm,
    RouteForm,
)
from tenon.compliance.models import Contributor, ForeignCheck
from tenon.compliance.services import abroad, publishing, refusing, sheets
from tenon.compliance.views.blueprint import Answer, compliance, page_of, saved, sent_paper
from tenon.deals.models import Deal
from tenon.deals.views.blueprint import read_deal
from tenon.errors import NotFound
from tenon.web.limits import UPLOAD, WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _declared_deal(public_id: str) -> Deal:
    deal = read_deal(public_id)
    permissions.require_declare(current_actor(), deal)
    return deal


def _decided_deal(public_id: str) -> Deal:
    deal = read_deal(public_id)
    permissions.require_decide(current_actor(), deal)
    return deal


@compliance.get("/deals/<public_id>/compliance/route")
def route(public_id: str) -> str:
    """Ask how the price is found."""
    deal, form = _declared_deal(public_id), RouteForm()
    form.show(applying.sheet_of(current_session(), deal), deal.currency)
    return _route_page(deal, form)


def _route_page(deal: Deal, form: RoomForm, *, quicker: bool = False) -> str:
    session = current_session()
    return render_template(
        "compliance/route.html",
        deal=deal,
        form=form,
        quicker=quicker,
        sheet=applying.sheet_of(session, deal),
        rule=applying.base_price_rule(session, deal, now=request_now()),
    )


@compliance.post("/deals/<public_id>/compliance/route")
@limiter.limit(UPLOAD)
def save_route(public_id: str) -> Answer:
    """Save how the price is found."""
    deal, form = _declared_deal(public_id), RouteForm()

    def act() -> None:
        given = form.given()
        file = sent_paper(deal)
        sheets.set_route(
            current_session(),
            deal,
            sheets.with_file(given, file),
            by=current_actor(),
            now=request_now(),
            expected_version=form.seen_version,
        )

    return saved(
        form,
        act,
        again=lambda form, quicker: _route_page(_declared_deal(public_id), form, quicker=quicker),
        said=_("Saved."),
        target=page_of(deal, "route"),
    )


@compliance.get("/deals/<public_id>/compliance/published")
def published(public_id: str) -> str:
    """Ask what the publicity says, beside a preview of it."""
    deal, form = _declared_deal(public_id), PublishedForm()
    form.show(applying.sheet_of(current_session(), deal))
    return _published_page(deal, form)


def _published_page(deal: Deal, form: RoomForm, *, quicker: bool = False) -> str:
    session, now = current_session(), request_now()
    rule = applying.publicity_rule(session, deal, now=now)
    body = None
    if rule is not None:
        last_on = last_full_day(now, rule.number)
        body = publishing.draft(session, deal, now=now, last_on=last_on, days=rule.number)
    return render_template(
        "compliance/published.html", deal=deal, form=form, quicker=quicker, body=body, rule=rule
    )


@compliance.post("/deals/<public_id>/compliance/published")
@limiter.limit(WRITE)
def save_published(public_id: str) -> Answer:
    """Save what the publicity says."""
    deal, form = _declared_deal(public_id), PublishedForm()
    return saved(
        form,
        lambda: sheets.set_published(
            current_session(),
            deal,
            form.given(),
            by=current_actor(),
            now=request_now(),
            expected_version=form.seen_version,
        ),
        again=lambda form, quicker: _published_page(
            _declared_deal(public_id), form, quicker=quicker
        ),
        said=_("Saved."),
        target=page_of(deal, "publicity"),
    )


@compliance.get("/deals/<public_id>/compliance/contributors")
def people(public_id: str) -> str:
    """Ask for a contributor whom the achievement does not name."""
    return _people_page(_declared_deal(public_id), ContributorForm())


def _people_page(deal: Deal, form: RoomForm) -> str:
    return render_template("compliance/contributor.html", deal=deal, form=form)


@compliance.post("/deals/<public_id>/compliance/contributors")
@limiter.limit(WRITE)
def add_contributor(public_id: str) -> Answer:
    """Add a contributor."""
    deal, form = _declared_deal(public_id), ContributorForm()
    return saved(
        form,
        lambda: sheets.add_contributor(
            current_session(),
            deal,
            name=form.name.data or "",
            by=current_actor(),
            now=request_now(),
        ),
        again=lambda form, _quicker: _people_page(_declared_deal(public_id), form),
        said=_("Added."),
        target=page_of(deal, "contributors"),
    )


def _contributor(deal: Deal, contributor_id: str) -> Contributor:
    for each in sheets.contributors(current_session(), deal):
        if each.public_id == contributor_id:
            return each
    raise NotFound(kind="contributor")


@compliance.get("/deals/<public_id>/compliance/contributors/<contributor_id>")
def relation(public_id: str, contributor_id: str) -> str:
    """Ask how a contributor stands to the buyer."""
    deal, form = _declared_deal(public_id), RelationForm()
    found = _contributor(deal, contributor_id)
    form.relation.data, form.detail.data = found.relation, found.relation_detail
    return _relation_page(deal, found, form)


def _relation_page(deal: Deal, found: Contributor, form: RoomForm) -> str:
    return render_template("compliance/relation.html", deal=deal, contributor=found, form=form)


@compliance.post("/deals/<public_id>/compliance/contributors/<contributor_id>")
@limiter.limit(WRITE)
def declare_relation(public_id: str, contributor_id: str) -> Answer:
    """Declare how a contributor stands to the buyer."""
    deal, form = _declared_deal(public_id), RelationForm()
    found = _contributor(deal, contributor_id)
    return saved(
        form,
        lambda: sheets.declare_relation(
            current_session(),
            deal,
            found,
            relation=form.relation.data or "",
            detail=form.detail.data or "",
            by=current_actor(),
            now=request_now(),
        ),
        again=lambda form, _quicker: _relation_page(
            _declared_deal(public_id), _contributor(deal, contributor_id), form
        ),
        said=_("Declared."),
        target=page_of(deal, "contributors"),
    )


@compliance.post("/deals/<public_id>/compliance/ask")
@limiter.limit(WRITE)
def ask_contributors(public_id: str) -> Answer:
    """Ask contributors who were added after the terms."""
    deal = _declared_deal(public_id)
    session, by, now = current_session(), current_actor(), request_now()
    refusing.ask_later(session, deal, by=by, now=now)
    flash(_("The contributors have been asked."), "success")
    return redirect(page_of(deal, "first-refusal"), 303)


@compliance.post("/deals/<public_id>/compliance/publish-amendment")
@limiter.limit(WRITE)
def publish_amendment(public_id: str) -> Answer:
    """Publish the price of the amendment that waits."""
    deal = _declared_deal(public_id)
    session, by, now = current_session(), current_actor(), request_now()
    publishing.start_amended(session, deal, by=by, now=now)
    flash(_("The amended price is being published."), "success")
    return redirect(page_of(deal, "publicity"), 303)


@compliance.get("/deals/<public_id>/compliance/no-service")
def no_service(public_id: str) -> str:
    """Ask why nobody has first refusal."""
    deal, form = _decided_deal(public_id), ReasonForm()
    sheet = applying.sheet_of(current_session(), deal)
    form.reason.data = None if sheet is None else sheet.not_service_reason
    return _no_service_page(deal, form)


def _no_service_page(deal: Deal, form: RoomForm) -> str:
    return render_template("compliance/no_service.html", deal=deal, form=form)


@compliance.post("/deals/<public_id>/compliance/no-service")
@limiter.limit(WRITE)
def save_no_service(public_id: str) -> Answer:
    """State why nobody has first refusal."""
    deal, form = _decided_deal(public_id), ReasonForm()
    return saved(
        form,
        lambda: sheets.declare_no_service(
            current_session(),
            deal,
            reason=form.reason.data or "",
            by=current_actor(),
            now=request_now(),
        ),
        again=lambda form, _quicker: _no_service_page(_decided_deal(public_id), form),
        said=_("Saved."),
        target=page_of(deal, "first-refusal"),
    )


@compliance.get("/deals/<public_id>/compliance/abroad")
def checklist(public_id: str) -> str:
    """Ask what a party abroad makes necessary."""
    deal, form = _decided_deal(public_id), AbroadForm()
    form.show(current_session().get(ForeignCheck, deal.id))
    return _checklist_page(deal, form)


def _checklist_page(deal: Deal, form: RoomForm, *, quicker: bool = False) -> str:
    needs = applying.needs_approval_abroad(current_session(), deal, now=request_now())
    return render_template(
        "compliance/abroad.html", deal=deal, form=form, quicker=quicker, needs=needs
    )


@compliance.post("/deals/<public_id>/compliance/abroad")
@limiter.limit(WRITE)
def save_checklist(public_id: str) -> Answer:
    """Save the checklist."""
    deal, form = _decided_deal(public_id), AbroadForm()
    return saved(
        form,
        lambda: abroad.fill(
            current_session(),
            deal,
            form.given(),
            by=current_actor(),
            now=request_now(),
            expected_version=form.seen_version,
        ),
        again=lambda form, quicker: _checklist_page(
            _decided_deal(public_id), form, quicker=quicker
        ),
        said=_("Saved."),
        target=page_of(deal, "abroad"),
    )

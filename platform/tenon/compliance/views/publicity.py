"""Publicity for everybody: what runs, what it says, objecting; and the institution's decision."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from tenon.compliance import permissions, queries
from tenon.compliance.days import day_of
from tenon.compliance.forms import DecisionForm, ObjectionForm, RoomForm
from tenon.compliance.models import Objection, Publicity
from tenon.compliance.services import objecting, publishing
from tenon.compliance.views.blueprint import Answer, compliance, page_of, saved
from tenon.web.limits import ASK, WRITE, limiter
from tenon.web.pagination import Page, requested_page
from tenon.web.requests import current_actor, current_session, database, request_now

PER_PAGE = 20


def _seen(public_id: str) -> Publicity:
    by, today = current_actor(), day_of(request_now())
    return queries.publicity(current_session(), public_id, by=by, today=today)


@compliance.get("/publicities")
def publicities() -> str:
    """List the publicities that run, for everybody."""
    number = requested_page()
    found, total = queries.publicities(
        current_session(),
        day_of(request_now()),
        limit=PER_PAGE,
        offset=(number - 1) * PER_PAGE,
    )
    page = Page(found, number, PER_PAGE, total)
    return render_template("compliance/publicities.html", page=page)


@compliance.get("/publicities/<public_id>")
def publicity(public_id: str) -> str:
    """Show what is published of a deal; that it was opened is counted, and not by whom."""
    found = _seen(public_id)
    with database().writing() as session:
        publishing.note_opening(session, found, now=request_now())
    return _page(found, ObjectionForm())


def _page(found: Publicity, form: RoomForm) -> str:
    session, actor = current_session(), current_actor()
    today = day_of(request_now())
    return render_template(
        "compliance/publicity.html",
        publicity=found,
        body=found.body,
        runs=found.state == "running" and found.last_on >= today,
        signed_in=actor.signed_in,
        own=queries.own_objections(session, found, actor),
        form=form,
    )


@compliance.post("/publicities/<public_id>/objections")
@limiter.limit(ASK)
def object_to(public_id: str) -> Answer:
    """Object to what is published."""
    found, form = _seen(public_id), ObjectionForm()
    return saved(
        form,
        lambda: objecting.object_to(
            current_session(),
            found,
            name=form.name.data or "",
            contact=form.contact.data or "",
            text=form.text.data or "",
            by=current_actor(),
            now=request_now(),
        ),
        again=lambda form, _quicker: _page(_seen(public_id), form),
        said=_("Your objection has been handed in; the institution answers it here."),
        target=url_for("compliance.publicity", public_id=public_id, _anchor="objections"),
    )


@compliance.post("/objections/<public_id>/withdraw")
@limiter.limit(WRITE)
def withdraw_objection(public_id: str) -> Answer:
    """Take one's own objection back."""
    session, by = current_session(), current_actor()
    found = queries.objection(session, public_id, by=by)
    objecting.withdraw(session, found, by=by, now=request_now())
    flash(_("Your objection has been taken back."), "success")
    target = url_for("compliance.publicity", public_id=found.publicity.public_id)
    return redirect(target, 303)


def _to_decide(public_id: str) -> Objection:
    found = queries.objection(current_session(), public_id, by=current_actor())
    permissions.require_decide(current_actor(), found.publicity.deal)
    return found


@compliance.get("/objections/<public_id>")
def objection(public_id: str) -> str:
    """Show an objection to those who decide on it."""
    return _objection_page(_to_decide(public_id), DecisionForm())


def _objection_page(found: Objection, form: RoomForm, *, quicker: bool = False) -> str:
    return render_template(
        "compliance/objection.html",
        deal=found.publicity.deal,
        objection=found,
        form=form,
        quicker=quicker,
    )


@compliance.post("/objections/<public_id>")
@limiter.limit(WRITE)
def decide_objection(public_id: str) -> Answer:
    """Decide on an objection, with grounds."""
    found, form = _to_decide(public_id), DecisionForm()
    return saved(
        form,
        lambda: objecting.decide(
            current_session(),
            found,
            decision=form.decision.data or "",
            grounds=form.grounds.data or "",
            by=current_actor(),
            now=request_now(),
        ),
        again=lambda form, quicker: _objection_page(_to_decide(public_id), form, quicker=quicker),
        said=_("Decided; who objected is told."),
        target=page_of(found.publicity.deal, "publicity"),
    )

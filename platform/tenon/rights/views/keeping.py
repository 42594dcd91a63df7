"""An IP right's page for those who own or look after it: standing, annuities, pledges, licences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from tenon.errors import Conflict, Invalid
from tenon.listings.models import IpRight
from tenon.rights import permissions, queries, services
from tenon.rights.forms import (
    AnnuityForm,
    ConditionForm,
    LicenceForm,
    PledgeForm,
    RoomForm,
    parse_fields,
)
from tenon.rights.overlap import Scope
from tenon.rights.views.blueprint import Answer, rights, seen_owners, seen_right, today
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

_FORMS: Mapping[str, type[RoomForm]] = {
    "annuity": AnnuityForm,
    "pledge": PledgeForm,
    "condition": ConditionForm,
    "licence": LicenceForm,
}


@rights.get("/ip/<public_id>/rights")
def of_right(public_id: str) -> str:
    """Show how a right stands, who owns it, who may use it."""
    return _page(seen_right(public_id))


def _page(right: IpRight, **shown: RoomForm) -> str:
    session, actor, on = current_session(), current_actor(), today()
    owners = seen_owners(right)
    forms = {name: made(formdata=None) for name, made in _FORMS.items()} | shown
    return render_template(
        "rights/of_right.html",
        right=right,
        owners=owners,
        versions=queries.versions(session, right),
        standing=queries.standing(session, right, on=on),
        annuities=queries.annuities(session, right),
        pledges=queries.pledges(session, right),
        conditions=queries.conditions(session, right),
        licences=queries.licences_of(session, right),
        declared=queries.declaration_of(session, right, on=on),
        today=on,
        forms=forms,
        opened=next(iter(shown), None),
        may_keep=permissions.may_keep_standing(actor, owners),
        may_record=permissions.may_record_owners(actor, owners),
        may_declare=permissions.may_declare_open(actor, owners),
    )


def _add(public_id: str, name: str, do: Callable[[IpRight, Any], object]) -> Answer:
    """Take one of the page's forms; shown again with its errors where something does not fit."""
    right = seen_right(public_id)
    seen_owners(right)
    form = _FORMS[name]()
    if form.validate():
        try:
            do(right, form)
        except Invalid as error:
            form.take_errors(error)
        except Conflict as error:
            if error.code != "collides":
                raise
            form.form_errors.append(
                _("It collides with a licence on record in territory, field and time.")
            )
            return _page(right, **{name: form}), 409
        else:
            return _done(right)
    return _page(right, **{name: form}), 422


def _done(right: IpRight) -> Answer:
    flash(_("Saved."), "success")
    return redirect(url_for("rights.of_right", public_id=right.public_id))


def _who() -> dict[str, Any]:
    return {"by": current_actor(), "now": request_now(), "today": today()}


@rights.post("/ip/<public_id>/annuities")
@limiter.limit(WRITE)
def add_annuity(public_id: str) -> Answer:
    """Write down a year's fee, or that it was paid."""
    return _add(
        public_id,
        "annuity",
        lambda right, form: services.record_annuity(
            current_session(),
            right,
            year=form.year.data,
            due_on=form.due_on.data,
            paid_on=form.paid_on.data,
            **_who(),
        ),
    )


@rights.post("/ip/<public_id>/pledges")
@limiter.limit(WRITE)
def add_pledge(public_id: str) -> Answer:
    """Write down a pledge."""
    return _add(
        public_id,
        "pledge",
        lambda right, form: services.record_pledge(
            current_session(),
            right,
            pledgee=form.pledgee.data or "",
            since=form.since.data,
            until=form.until.data,
            consent=bool(form.consent.data),
            **_who(),
        ),
    )


@rights.post("/ip/<public_id>/conditions")
@limiter.limit(WRITE)
def add_condition(public_id: str) -> Answer:
    """Write down a suspension, an evaluation report, an action for invalidation."""
    return _add(
        public_id,
        "condition",
        lambda right, form: services.record_condition(
            current_session(),
            right,
            kind=form.kind.data or "",
            reference=form.reference.data or "",
            since=form.since.data,
            until=form.until.data,
            **_who(),
        ),
    )


@rights.post("/ip/<public_id>/licences")
@limiter.limit(WRITE)
def add_licence(public_id: str) -> Answer:
    """Write down a licence that was granted outside this site."""
    return _add(
        public_id,
        "licence",
        lambda right, form: services.record_by_hand(
            current_session(),
            right,
            scope=Scope(
                kind=form.kind.data or "",
                rights=frozenset({right.id}),
                territory=form.places(),
                fields=parse_fields(form.fields.data or ""),
                since=form.since.data or today(),
                until=form.until.data,
            ),
            licensee=form.licensee.data or "",
            **_who(),
        ),
    )


@rights.post("/ip/<public_id>/pledges/<part_id>/end")
@limiter.limit(WRITE)
def end_pledge(public_id: str, part_id: str) -> Answer:
    """Let a pledge end today."""
    return _change(public_id, part_id, services.end_pledge)


@rights.post("/ip/<public_id>/pledges/<part_id>/consent")
@limiter.limit(WRITE)
def consent(public_id: str, part_id: str) -> Answer:
    """Write down the pledgee's consent."""
    return _change(public_id, part_id, services.give_consent)


@rights.post("/ip/<public_id>/conditions/<part_id>/end")
@limiter.limit(WRITE)
def end_condition(public_id: str, part_id: str) -> Answer:
    """Let a suspension, report or action end today."""
    return _change(public_id, part_id, services.end_condition)


@rights.post("/ip/<public_id>/licences/<part_id>/end")
@limiter.limit(WRITE)
def end_licence(public_id: str, part_id: str) -> Answer:
    """End a licence that was written down by hand."""
    return _change(public_id, part_id, services.end_by_hand)


def _change(public_id: str, part_id: str, do: Callable[..., object]) -> Answer:
    right = seen_right(public_id)
    seen_owners(right)
    do(current_session(), right, part_id, **_who())
    return _done(right)

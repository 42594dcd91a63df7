"""Change what a deal is: its form while it is negotiated, its name, what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.deals import permissions, queries, services, terms
from tenon.deals.forms.schema import NEGOTIATED_STAGES
from tenon.deals.models import Deal
from tenon.deals.page_forms import ChangeForm, EditForm
from tenon.deals.services.describing import choosable_listings, choosable_rights, describe
from tenon.deals.views.beginning import offered
from tenon.deals.views.blueprint import Answer, deals, posted_version, seen_deal
from tenon.errors import Conflict, Invalid
from tenon.listings.labels import label as listing_label
from tenon.web.forms import options
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _own(public_id: str) -> Deal:
    deal = seen_deal(public_id)
    permissions.require_side(current_actor(), deal)
    return deal


@deals.get("/<public_id>/form")
def form(public_id: str) -> str:
    """Show the forms that the deal may change to, and what would be carried over."""
    return _form_page(_own(public_id), ChangeForm(formdata=None))


def _form_page(deal: Deal, asked: ChangeForm, *, quicker: bool = False) -> str:
    versions = queries.term_versions(current_session(), deal)
    values = versions[0].values if versions else {}
    choices = []
    for each in offered(deal.listings):
        if each.form.code == deal.form or deal.state not in {s.code for s in each.form.states}:
            continue
        kept = terms.carried(each.form, values)
        names = [
            term.names[language()]
            for term in each.form.terms
            if kept.get(term.code) is not None and kept.get(term.code) == values.get(term.code)
        ]
        choices.append((each, names))
    return render_template(
        "deals/form.html",
        deal=deal,
        form=asked,
        choices=choices,
        may=deal.stage in NEGOTIATED_STAGES,
        quicker=quicker,
        tongue=language(),
    )


@deals.post("/<public_id>/form")
@limiter.limit(WRITE)
def change_form(public_id: str) -> Answer:
    """Turn the deal into another form; values of terms that both have are offered again."""
    deal, asked, session = _own(public_id), ChangeForm(), current_session()
    try:
        if not asked.form.data:
            raise Invalid({"form": "required"})
        services.change_form(
            session,
            deal,
            form=asked.form.data,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        session.rollback()
        asked.take_errors(error)
        return _form_page(_own(public_id), asked), 422
    except Conflict:
        session.rollback()
        return _form_page(_own(public_id), asked, quicker=True), 409
    flash(
        _(
            "The deal is of another form now. Look through the terms: what both forms ask has been "
            "kept."
        ),
        "success",
    )
    return redirect(url_for("deals.new_terms", public_id=public_id), 303)


@deals.get("/<public_id>/edit")
def edit(public_id: str) -> str:
    """Show what the deal is called and rests on, to be changed before the terms are agreed."""
    deal = _own(public_id)
    asked = EditForm(formdata=None)
    asked.title.data = deal.title
    asked.listings.data = [each.public_id for each in deal.listings]
    asked.rights.data = [each.public_id for each in deal.ip_rights]
    return _edit_page(deal, asked)


def _edit_page(deal: Deal, asked: EditForm, *, quicker: bool = False) -> str:
    session, actor = current_session(), current_actor()
    listings = choosable_listings(session, deal, by=actor)
    rights = choosable_rights(session, deal)
    asked.listings.choices = options(
        [
            (each.public_id, f"{listing_label('side', each.side)} · {each.text(language()).title}")
            for each in listings
        ]
    )
    asked.rights.choices = options([(each.public_id, right_words(each)) for each in rights])
    return render_template(
        "deals/edit.html",
        deal=deal,
        form=asked,
        may=deal.stage in NEGOTIATED_STAGES,
        quicker=quicker,
    )


def right_words(right: Any) -> str:
    """Return a right as one line: kind, number, status."""
    parts: Sequence[str] = [
        str(listing_label("ip_kind", right.kind)),
        right.number or "",
        str(listing_label("ip_status", right.status)),
    ]
    return " · ".join(each for each in parts if each)


@deals.post("/<public_id>/edit")
@limiter.limit(WRITE)
def save(public_id: str) -> Answer:
    """Save what the deal is called and rests on."""
    deal, asked, session = _own(public_id), EditForm(), current_session()
    try:
        describe(
            session,
            deal,
            title=asked.title.data or "",
            listings=request.form.getlist("listings"),
            rights=request.form.getlist("rights"),
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        session.rollback()
        asked.take_errors(error)
        return _edit_page(_own(public_id), asked), 422
    except Conflict:
        session.rollback()
        return _edit_page(_own(public_id), asked, quicker=True), 409
    flash(_("Saved."), "success")
    return redirect(url_for("deals.show", public_id=public_id), 303)

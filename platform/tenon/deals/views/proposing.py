"""Propose terms: the form's own terms in groups, prefilled, refused with what was typed kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.deals import forms, labels, permissions, queries, services, starting, terms
from tenon.deals.forms.schema import NEGOTIATED_STAGES, Condition, Form, Term
from tenon.deals.models import Deal, TermVersion
from tenon.deals.page_forms import message
from tenon.deals.services.amending import AMENDED_STAGES
from tenon.deals.terms import Difference
from tenon.deals.views import outlook
from tenon.deals.views.blueprint import Answer, deals, posted_version, read_deal
from tenon.deals.views.term_inputs import Sheet, filled, sent, values_of
from tenon.errors import Conflict, Invalid
from tenon.taxonomy.queries import as_choices, flat_choices
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@deals.get("/<public_id>/terms/new")
def new_terms(public_id: str) -> Answer:
    """Show the form's terms to fill in, beginning with an earlier version where there is one."""
    deal = read_deal(public_id)
    permissions.require_side(current_actor(), deal)
    base = _base(deal, request.args.get("from", type=int))
    session, actor = current_session(), current_actor()
    given = starting.values_from(session, deal, actor, request.args.get("start"))
    return _page(deal, _first_sheet(deal, base, given), base)


@deals.post("/<public_id>/terms/new")
@limiter.limit(WRITE)
def propose(public_id: str) -> Answer:
    """Propose the terms, or give the page back with one row more."""
    deal, session = read_deal(public_id), current_session()
    permissions.require_side(current_actor(), deal)
    sheet = sent(forms.get(deal.form), request.form)
    base = _base(deal, request.form.get("base", type=int))
    note = request.form.get("note", "")
    if request.form.get("add"):
        return _page(deal, sheet, base, note=note)
    try:
        made = services.propose(
            session,
            deal,
            values=values_of(sheet),
            note=note,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        session.rollback()
        sheet.faults = {**error.fields, **sheet.faults}
        deal = read_deal(public_id)
        base = _base(deal, request.form.get("base", type=int))
        return _page(deal, sheet, base, note=note), 422
    except Conflict:
        session.rollback()
        return _quicker(public_id, sheet, note)
    flash(
        _("Version %(number)s is proposed; the other side is told.", number=made.number), "success"
    )
    return redirect(url_for("deals.terms", public_id=public_id), 303)


def _quicker(public_id: str, sheet: Sheet, note: str) -> Answer:
    """Show what was typed and what has changed meanwhile; 409."""
    deal = read_deal(public_id)
    base = _base(deal, request.form.get("base", type=int))
    versions = queries.term_versions(current_session(), deal)
    latest = versions[0] if versions else None
    if deal.form != sheet.form.code:
        sheet = Sheet(forms.get(deal.form), sheet.typed)
    changed: Sequence[Difference] = []
    if latest is not None and latest is not base:
        before = {} if base is None else base.values
        changed = terms.differences(before, latest.values, forms.get(latest.form))
    page = _page(deal, sheet, base, note=note, quicker=True, latest=latest, changed=changed)
    return page, 409


def _base(deal: Deal, number: int | None) -> TermVersion | None:
    """Return the version to begin with: the one asked for, else the last."""
    versions = queries.term_versions(current_session(), deal)
    if number is not None:
        return next((each for each in versions if each.number == number), None)
    return versions[0] if versions else None


def _first_sheet(deal: Deal, base: TermVersion | None, given: Mapping[str, Any]) -> Sheet:
    """Return the sheet to begin with; ``given`` values stand over those of the base."""
    form = forms.get(deal.form)
    if base is None:
        values = {**terms.defaults(form), **given}
        return filled(form, values, currency=deal.currency, fresh=True)
    values = dict(base.values)
    if base.form != deal.form:
        values = dict(terms.carried(form, values))
    fresh = base.form != deal.form or bool(given)
    return filled(form, {**values, **given}, currency=deal.currency, fresh=fresh)


def _page(
    deal: Deal, sheet: Sheet, base: TermVersion | None, *, note: str = "", **more: Any
) -> str:
    tongue = language()
    return render_template(
        "deals/propose.html",
        deal=deal,
        sheet=sheet,
        base=base,
        note=note,
        amends=deal.stage in ("signed", "in_force"),
        may_propose=_may_propose(deal),
        law=sheet.form.law,
        tongue=tongue,
        currencies=labels.CURRENCIES,
        provinces=as_choices("region", tongue, depth=1)[0].choices,
        countries=[each for each in flat_choices("country", tongue) if each[0] != "CN"],
        group_name=labels.group_name,
        fault=message,
        condition=condition_data,
        hint=lambda term: condition_words(sheet.form, term.when),
        error_terms=[term for term in sheet.form.terms if term.code in sheet.faults],
        words_of=lambda term, value, own: terms.words(term, value, tongue, currency=own),
        currency_of=terms.currency_of,
        **more,
    )


def _may_propose(deal: Deal) -> bool:
    side = permissions.side_of(current_actor(), deal)
    if deal.stage in AMENDED_STAGES:
        return side is not None and permissions.signs_for(current_actor(), deal, side)
    return deal.stage in NEGOTIATED_STAGES and side in outlook.proposers(deal.form)


def condition_data(term: Term) -> str:
    """Return when a term is asked for, as the page's script reads it."""
    found = []
    each: Condition | None
    todo = [term.when] if term.when else []
    while todo:
        each = todo.pop(0)
        among = [_typed_value(value) for value in each.among]
        found.append({"term": each.term, "among": among, "given": each.given})
        todo += each.also
    return json.dumps(found)


def _typed_value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def condition_words(form: Form, when: Condition | None) -> str:
    """Return in words when a term is asked for; empty where it always is."""
    if when is None:
        return ""
    said = []
    for each in (when, *when.also):
        term = form.term(each.term)
        if term is None:
            continue
        name = term.names[language()]
        if each.given:
            said.append(_("“%(term)s” is filled in", term=name))
            continue
        values = [terms.words(term, _as_value(term, one), language()) for one in each.among]
        said.append(
            _("“%(term)s” is %(values)s", term=name, values=_(" or ").join(map(str, values)))
        )
    return str(_("Only where %(conditions)s.", conditions=_(" and ").join(map(str, said))))


def _as_value(term: Term, value: Any) -> Any:
    return [value] if term.type in ("many", "territory", "fields_of_use") else value

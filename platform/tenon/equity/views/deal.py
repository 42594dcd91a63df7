"""The equity of a deal: its company, before and after, the steps that the law asks for."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flask import Flask, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals import forms as deal_forms
from tenon.deals import permissions as deals
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms, proposed_terms
from tenon.deals.views.blueprint import Answer, read_deal
from tenon.equity import permissions, previews, queries, services
from tenon.equity.days import today
from tenon.equity.floors import team_floor
from tenon.equity.forms import (
    AppraisalForm,
    ArticlesForm,
    AskForm,
    CompanyForm,
    FirstCallForm,
    RoomForm,
    read_minor,
)
from tenon.equity.increases import contribution_of, increase
from tenon.equity.models import EquityCompany
from tenon.equity.terms import KINDS
from tenon.equity.views import display
from tenon.equity.views.blueprint import equity
from tenon.errors import Conflict, Invalid
from tenon.formulas import equity as eq
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now
from tenon.web.sections import Section, add_section

Kept = Mapping[str, RoomForm]


def equity_deal(public_id: str) -> Deal:
    """Return a deal of a form that brings units, which the actor may read."""
    found = read_deal(public_id)
    if deal_forms.get(found.form).equity is None:
        abort(404)
    return found


@equity.get("/deals/<public_id>/equity")
def of_deal(public_id: str) -> str:
    """Show what a deal brings, and what is to be done before."""
    return page(equity_deal(public_id), {})


def page(deal: Deal, kept: Kept) -> str:
    """Return the page with forms as they were typed, where one was refused."""
    session, actor = current_session(), current_actor()
    company = queries.company_of(session, deal)
    rows = queries.preemptions_of(session, deal)
    acts = deals.side_of(actor, deal) is not None
    return render_template(
        "equity/deal.html",
        deal=deal,
        kind=deal_forms.get(deal.form).equity,
        company=company,
        pictured=pictured(session, deal, company),
        names={} if company is None else display.holder_names(company),
        agreement=queries.agreement_of(session, deal),
        appraisal=queries.appraisal_of(session, deal),
        team_share=_values(session, deal).get("team_share"),
        team_floor=team_floor(session, deal, now=request_now()),
        first_calls=rows,
        first_call=_first_call(deal, company),
        founding=_values(session, deal).get("new_company") is True,
        preemption=company is not None
        and eq.has_preemption(company.kind, stated=company.preemption),
        writes=company is not None and permissions.may_write(session, actor, company),
        acts=acts,
        forms=_forms(deal, company, kept) if acts else {},
        answer_forms=_answer_forms(company, rows, kept),
    )


def _first_call(deal: Deal, company: EquityCompany | None) -> queries.FirstCall | None:
    """Return how far the holders' answers cover what the deal brings."""
    if company is None:
        return None
    session = current_session()
    units = increase(session, deal, company, day=request_day())
    return queries.first_call(session, deal, company, units=units)


def pictured(session: Session, deal: Deal, company: EquityCompany | None) -> Mapping[str, Any]:
    """Return what the deal brings: as recorded, else as its terms would bring it.

    Keys: ``picture``, ``recorded``, ``step``, ``unit``; empty where there is nothing to show yet.
    """
    values = _values(session, deal)
    kind = KINDS.get(str(values.get("company_kind", "")), "limited")
    if company is None:
        company = EquityCompany(name="", kind=kind, currency=deal.currency, par_minor=100)
        company.id = 0
        state = eq.found(kind, deal.currency, None if kind == "limited" else Fraction(100))
    else:
        stage = contribution_of(session, deal, company)
        state = queries.course_of(session, company).now
        if stage is not None:
            shown = display.picture(company, stage.step.before, stage.step.after)
            return _shown(company, shown, stage.step, recorded=True)
    try:
        agreed = queries.agreement_of(session, deal)
        found = _preview(deal, values, state, agreed.key if agreed else None)
    except eq.Impossible:
        return {}
    if found is None:
        return {}
    shown = display.picture(company, found.before, found.after, names=_preview_names(deal))
    return _shown(company, shown, found.step, recorded=False)


def _values(session: Session, deal: Deal) -> Mapping[str, Any]:
    """Return the terms in force, else those that are proposed."""
    version = accepted_terms(session, deal) or proposed_terms(session, deal)
    return {} if version is None else version.values


def request_day() -> Any:
    """Return the day of the request."""
    return today(request_now())


def _preview(
    deal: Deal, values: Mapping[str, Any], state: eq.Company, key: str | None
) -> previews.Preview | None:
    """Return what terms would bring, or the right under ``key`` that they brought already."""
    kind, day = deal_forms.get(deal.form).equity, request_day()
    if kind == "contribution":
        return previews.contribution(values, state, day)
    if kind == "subscription" and key is not None:
        return previews.exercised(state, key, day)
    if kind == "subscription":
        return previews.subscription(values, state, day)
    return None


def _preview_names(deal: Deal) -> dict[str, str]:
    seller = deal.seller_organisation.name(language()) or ""
    return {
        previews.OTHERS: str(_("Other founders")),
        previews.INSTITUTION: seller,
        previews.TEAM: str(_("Team")),
        previews.HOLDER: seller,
    }


def _shown(
    company: EquityCompany, shown: display.Picture, step: eq.Step, *, recorded: bool
) -> Mapping[str, Any]:
    return {
        "picture": shown,
        "step": step,
        "recorded": recorded,
        "unit": display.unit_words(company),
    }


def _forms(deal: Deal, company: EquityCompany | None, kept: Kept) -> dict[str, RoomForm]:
    """Return what somebody of a side may fill in now."""
    forms: dict[str, RoomForm] = {}
    if company is None:
        forms["company"] = kept.get("company") or company_form(deal)
    if deal_forms.get(deal.form).equity == "contribution":
        forms["appraisal"] = kept.get("appraisal") or AppraisalForm(formdata=None)
    if company is not None:
        forms["articles"] = kept.get("articles") or articles_form(company)
        forms["ask"] = kept.get("ask") or _ask_form(deal, company)
    return forms


def company_form(deal: Deal, *, posted: bool = False) -> CompanyForm:
    """Return the form by which a side says which company the deal is about."""
    values = _values(current_session(), deal)
    form = CompanyForm() if posted else CompanyForm(
        formdata=None,
        name=values.get("company_name", ""),
        kind=KINDS.get(str(values.get("company_kind", "")), "limited"),
        own="other" if values.get("new_company") is True else "own",
    )  # fmt: skip
    house = deal.side_organisation(permissions.COMPANY_SIDE)
    form.offer(house.name(language()) or "")
    return form


def articles_form(company: EquityCompany, *, posted: bool = False) -> ArticlesForm:
    """Return the form by which the company's side states what holds on first calls."""
    stated = {None: "", True: "yes", False: "no"}[company.preemption]
    form = ArticlesForm() if posted else ArticlesForm(formdata=None, stated=stated)
    form.offer()
    return form


def _ask_form(deal: Deal, company: EquityCompany) -> AskForm:
    """Return the form that opens first calls, with the units that are proposed or agreed."""
    units = increase(current_session(), deal, company, day=request_day())
    if not units:
        shown = pictured(current_session(), deal, company)
        if shown and not shown["recorded"]:
            units = sum(line.units for line in shown["step"].lines)
    typed = f"{units / 100:.2f}" if company.kind == "limited" else str(units)
    return AskForm(formdata=None, units=typed if units else "")


def _answer_forms(company: EquityCompany | None, rows: Any, kept: Kept) -> dict[int, FirstCallForm]:
    if company is None:
        return {}
    session, actor = current_session(), current_actor()
    found: dict[int, FirstCallForm] = {}
    for row in rows:
        if row.answer is None and permissions.may_answer(session, actor, company, row.holder):
            typed = kept.get(f"answer{row.id}")
            found[row.id] = (
                typed
                if isinstance(typed, FirstCallForm)
                else FirstCallForm.for_row(row.id, posted=False)
            )
    return found


@equity.post("/deals/<public_id>/equity/company")
@limiter.limit(WRITE)
def open_table(public_id: str) -> Answer:
    """Say which company the deal is about, and open its table."""
    deal, session = equity_deal(public_id), current_session()
    form = company_form(deal, posted=True)
    try:
        try:
            par = read_minor(form.par.data, deal.currency) or 0
        except ValueError as error:
            raise Invalid({"par": "not_a_number"}) from error
        company = services.found_company(
            session,
            deal,
            name=form.name.data or "",
            kind=form.kind.data or "",
            par_minor=par,
            own=form.own.data == "own",
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return page(equity_deal(public_id), {"company": form}), 422
    except Conflict:
        session.rollback()
        flash(_("Somebody else was quicker: this is how it stands now."), "warning")
        return page(equity_deal(public_id), {}), 409
    flash(_("The cap table is open."), "success")
    return redirect(url_for("equity.show", public_id=company.public_id), 303)


def install(app: Flask) -> None:
    """Show before and after on the deal's first page."""
    add_section(app, "deal", Section("equity/_section.html", _load, 40))


def _load(session: Session, deal: Deal, actor: Actor) -> Mapping[str, Any] | None:
    if deal_forms.get(deal.form).equity is None or not deals.may_read(actor, deal):
        return None
    company = queries.company_of(session, deal)
    return {
        "company": company,
        "shown": pictured(session, deal, company),
        "agreement": queries.agreement_of(session, deal),
        "nav": ("equity", _("Equity")),
    }

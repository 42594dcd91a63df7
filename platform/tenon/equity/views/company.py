"""A company's page: its table now, every event, what is agreed; for a holder its own row."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from tenon.deals import permissions as deals
from tenon.deals.models import Deal
from tenon.equity import permissions, queries, services
from tenon.equity.forms import FirstCallForm, StrikeForm, read_units
from tenon.equity.models import EquityCompany, EquityPreemption
from tenon.equity.services.recording import BY_HAND
from tenon.equity.views import display
from tenon.equity.views.blueprint import Answer, equity, posted_version, read_company
from tenon.errors import Conflict, Invalid, NotFound
from tenon.formulas import equity as eq
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@equity.get("/equity/")
def mine() -> str:
    """List the tables, the holdings and the register of the organisation acted for."""
    session, actor = current_session(), current_actor()
    tables = queries.companies_of(session, actor)
    whole = {company.id for company in tables}
    rows = []
    for holder in queries.holdings_of(session, actor):
        company = session.get_one(EquityCompany, holder.company_id)
        if company.id not in whole:
            rows.append((company, queries.course_of(session, company).now, holder))
    return render_template(
        "equity/mine.html",
        tables=[(each, queries.course_of(session, each).now) for each in tables],
        holdings=rows,
        register=queries.register_of(session, actor),
    )


@equity.get("/equity/<public_id>")
def show(public_id: str) -> str:
    """Show the whole table, or to a holder its own row."""
    session, actor = current_session(), current_actor()
    company = queries.company(session, public_id, by=actor)
    course = queries.course_of(session, company)
    if not permissions.may_read(session, actor, company):
        return own_page(company, None)
    return render_template(
        "equity/company.html",
        company=company,
        course=course,
        picture=display.picture(company, course.now, course.now),
        unit=display.unit_words(company),
        events=list(reversed(queries.events(session, company))),
        agreements=[
            each
            for each in queries.agreements_of(session, company)
            if deals.may_read(actor, each.deal)
        ],
        deals=[
            each for each in permissions.deals_of(session, company) if deals.may_read(actor, each)
        ],
        writes=permissions.may_write(session, actor, company),
        kinds=[kind for kind in BY_HAND if _fits(kind, course.now)],
        names=display.holder_names(company),
    )


def own_page(company: EquityCompany, kept: FirstCallForm | None) -> str:
    """Return a holder's own row, with the first calls that it has answered or is to answer."""
    session = current_session()
    rows = permissions.own_rows(current_actor(), company)
    calls = queries.asked_of(session, rows)
    return render_template(
        "equity/own.html",
        company=company,
        state=queries.course_of(session, company).now,
        rows=rows,
        calls=calls,
        forms={
            each.id: kept
            if kept is not None and kept.row_id == each.id
            else FirstCallForm.for_row(each.id, posted=False)
            for each in calls
            if each.answer is None
        },
    )


@equity.post("/equity/<public_id>/first-call/<int:row_id>")
@limiter.limit(WRITE)
def answer_own(public_id: str, row_id: int) -> Answer:
    """Answer for a holder that is on the site and no party of the deal."""
    session, form = current_session(), FirstCallForm.for_row(row_id, posted=True)
    company = queries.company(session, public_id, by=current_actor())
    rows = queries.asked_of(session, permissions.own_rows(current_actor(), company))
    row = next((each for each in rows if each.id == row_id), None)
    if row is None:
        raise NotFound(kind="answer")
    try:
        send_answer(form, row, session.get_one(Deal, row.deal_id), company)
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return own_page(queries.company(session, public_id, by=current_actor()), form), 422
    except Conflict as error:
        session.rollback()
        flash(conflict_words(error), "warning")
        return own_page(queries.company(session, public_id, by=current_actor()), None), 409
    flash(_("Saved."), "success")
    return redirect(url_for("equity.show", public_id=public_id), 303)


def send_answer(
    form: FirstCallForm, row: EquityPreemption, deal: Deal, company: EquityCompany
) -> None:
    """Answer a first call as typed; raises Invalid and Conflict as the service does."""
    takes = form.answer.data == "takes_up"
    if form.answered_on.data is None:
        raise Invalid({"answered_on": "required"})
    services.answer_first_call(
        current_session(),
        row,
        deal,
        answer=form.answer.data or "",
        taken=read_units(form, "taken", company) if takes else 0,
        answered_on=form.answered_on.data,
        evidence=form.evidence.data or "",
        by=current_actor(),
        now=request_now(),
    )


def _fits(kind: str, state: eq.Company) -> bool:
    """Whether an event of a kind can come next."""
    if kind == "incorporation" or not state.issued_units:
        return kind == "incorporation" and not state.issued_units
    return kind != "pool_issued" or state.pool > 0


@equity.get("/equity/<public_id>/events/<int:number>")
def event(public_id: str, number: int) -> str:
    """Show an event with the table before and after it."""
    return event_page(read_company(public_id), number, None)


def event_page(company: EquityCompany, number: int, kept: StrikeForm | None) -> str:
    """Return an event's page; raises NotFound where it has none."""
    session, actor = current_session(), current_actor()
    course = queries.course_of(session, company)
    found = next((e for e in queries.events(session, company) if e.number == number), None)
    if found is None:
        raise NotFound(kind="event")
    stage = course.stage(number)
    writes = permissions.may_write(session, actor, company)
    return render_template(
        "equity/event.html",
        company=company,
        event=found,
        stage=stage,
        picture=None
        if stage is None
        else display.picture(company, stage.step.before, stage.step.after),
        moved=_moved(company, stage),
        unit=display.unit_words(company),
        names=display.holder_names(company),
        deal=found.deal if found.deal and deals.may_read(actor, found.deal) else None,
        form=(kept or StrikeForm(formdata=None))
        if writes and stage is not None and found.kind in BY_HAND
        else None,
    )


def _moved(company: EquityCompany, stage: Any) -> list[tuple[str, Any, Any]]:
    """Return the rights whose strike the event moved: name, before, after."""
    if stage is None:
        return []
    names = display.agreement_names(company)
    return [(names.get(key, key), *pair) for key, pair in stage.step.moved.items()]


@equity.post("/equity/<public_id>/events/<int:number>/strike")
@limiter.limit(WRITE)
def strike(public_id: str, number: int) -> Answer:
    """Take an event out of the computation, saying why."""
    session, form = current_session(), StrikeForm()
    company = read_company(public_id)
    try:
        services.strike(
            session,
            company,
            number=number,
            source=form.source.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return event_page(read_company(public_id), number, form), 422
    except Conflict as error:
        session.rollback()
        flash(conflict_words(error), "warning")
        return event_page(read_company(public_id), number, None), 409
    flash(_("The event no longer counts; it stays on record."), "success")
    return redirect(url_for("equity.show", public_id=public_id), 303)


def conflict_words(error: Conflict) -> str:
    """Return in words why an event could not be recorded as things stand."""
    known = {
        "confirmed_by_both": _("Both sides have confirmed this; it ends by another event."),
        "changes_confirmed": _("This would change what both sides of an agreement have confirmed."),
    }
    return str(known.get(error.code) or _("Somebody else was quicker: this is how it stands now."))

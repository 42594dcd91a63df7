"""The steps before an increase on a deal's page: appraisal, articles, holders' first call."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from tenon.deals import services as deal_services
from tenon.deals.models import Deal
from tenon.deals.views.blueprint import Answer
from tenon.equity import queries, services
from tenon.equity.forms import AppraisalForm, AskForm, FirstCallForm, RoomForm, read_units
from tenon.equity.models import EquityCompany, EquityPreemption
from tenon.equity.views.blueprint import equity
from tenon.equity.views.company import send_answer
from tenon.equity.views.deal import articles_form, equity_deal, page
from tenon.errors import Conflict, Invalid, NotFound
from tenon.web.limits import UPLOAD, WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now, settings


def _take(
    public_id: str, key: str, form: RoomForm, take: Callable[[Deal], object], anchor: str
) -> Answer:
    session = current_session()
    try:
        take(equity_deal(public_id))
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return page(equity_deal(public_id), {key: form}), 422
    except Conflict:
        session.rollback()
        flash(_("Somebody else was quicker: this is how it stands now."), "warning")
        return page(equity_deal(public_id), {}), 409
    flash(_("Saved."), "success")
    return redirect(url_for("equity.of_deal", public_id=public_id, _anchor=anchor), 303)


@equity.post("/deals/<public_id>/equity/appraisal")
@limiter.limit(UPLOAD)
def record_appraisal(public_id: str) -> Answer:
    """Record the appraised value with its report, which is kept with the deal's files."""
    form = AppraisalForm()

    def take(deal: Deal) -> None:
        faults: dict[str, str] = {}
        value = form.minor("value", deal.currency, faults)
        if form.appraised_on.data is None:
            faults["appraised_on"] = "required"
        sent = form.report.data
        if not isinstance(sent, FileStorage) or not sent.filename:
            faults["file"] = "required"
        if faults:
            raise Invalid(faults)
        file = deal_services.add_file(
            current_session(),
            deal,
            kind="appraisal",
            name=sent.filename or "",
            content=sent.read(),
            folder=settings().files_folder,
            by=current_actor(),
            now=request_now(),
        )
        services.record_appraisal(
            current_session(),
            deal,
            file=file,
            appraiser=form.appraiser.data or "",
            value_minor=value,
            appraised_on=form.appraised_on.data,
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, "appraisal", form, take, "appraisal")


@equity.post("/deals/<public_id>/equity/articles")
@limiter.limit(WRITE)
def articles(public_id: str) -> Answer:
    """State what articles or holders say on first calls."""
    form = articles_form(_company(equity_deal(public_id)), posted=True)

    def take(deal: Deal) -> None:
        said = {"": None, "yes": True, "no": False}
        if form.stated.data not in said:
            raise Invalid({"stated": "unknown_code"})
        services.say_law(
            current_session(),
            _company(deal),
            stated=said[form.stated.data],
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, "articles", form, take, "first-call")


@equity.post("/deals/<public_id>/equity/first-call")
@limiter.limit(WRITE)
def ask_holders(public_id: str) -> Answer:
    """Ask every holder whether it takes up its part."""
    form = AskForm()

    def take(deal: Deal) -> None:
        services.ask_holders(
            current_session(),
            deal,
            units=read_units(form, "units", _company(deal)),
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, "ask", form, take, "first-call")


@equity.post("/deals/<public_id>/equity/first-call/<int:row_id>")
@limiter.limit(WRITE)
def answer_first_call(public_id: str, row_id: int) -> Answer:
    """Answer for one holder."""
    row = _row(equity_deal(public_id), row_id)
    form = FirstCallForm.for_row(row.id, posted=True)

    def take(deal: Deal) -> None:
        send_answer(form, _row(deal, row_id), deal, _company(deal))

    return _take(public_id, f"answer{row_id}", form, take, "first-call")


def _company(deal: Deal) -> EquityCompany:
    company = queries.company_of(current_session(), deal)
    if company is None:
        raise NotFound(kind="company")
    return company


def _row(deal: Deal, row_id: int) -> EquityPreemption:
    rows = queries.preemptions_of(current_session(), deal)
    found = next((row for row in rows if row.id == row_id), None)
    if found is None:
        raise NotFound(kind="answer")
    return found

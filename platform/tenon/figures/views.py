"""Pages of figures: all contracts for operators, an organisation's own for its editors.

Each figure leads to the contracts behind it, and each page says how it counts and as of when.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from tenon import history
from tenon.accounts.models import Organisation
from tenon.compliance.labels import CONTRACTS
from tenon.deals import forms as deal_forms
from tenon.errors import Forbidden, Invalid
from tenon.figures import labels, queries, services
from tenon.figures.annual import annual
from tenon.figures.exporting import Cell, amount, registration_rows, workbook
from tenon.figures.forms import ExpenditureForm
from tenon.figures.queries import DIMENSIONS, Scope
from tenon.web.access import Access, declare
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.navigation import Entry, add_entries
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, database, request_now

figures = Blueprint("figures", __name__, url_prefix="/figures")

MOST_EXPORTED = 20_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ROUTES = ("overview", "contracts", "export", "annual_page", "enter")


def install(app: Flask) -> None:
    """Register the room's pages and menu entries."""
    app.register_blueprint(figures)
    declare(app, {f"figures.{name}": Access.SIGNED_IN for name in _ROUTES})
    declare(app, {"figures.all_contracts": Access.OPERATOR, "figures.our_contracts": Access.EDITOR})
    add_entries(
        app,
        [
            Entry("figures.our_contracts", _l("Our contract figures"), "desk", 61),
            Entry("figures.all_contracts", _l("Contract figures"), "desk", 62),
        ],
    )


def _own(whose: str) -> Organisation | None:
    """Return the organisation whose figures are asked for, None for all; raises Forbidden."""
    actor = current_actor()
    if whose == "all":
        if not actor.operator:
            raise Forbidden(action="figures")
        chosen = request.args.get("organisation")
        if not chosen:
            return None
        return current_session().query(Organisation).filter_by(public_id=chosen).first() or abort(
            404
        )
    if not actor.at_least("editor", actor.organisation_id):
        raise Forbidden(action="figures")
    return current_session().get_one(Organisation, actor.organisation_id)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _scope(own: Organisation | None) -> Scope:
    only = {
        name: request.args[name]
        for name in DIMENSIONS
        if name in request.args and _plausible(name, request.args[name])
    }
    return Scope(
        as_of=_day("as_of"),
        first=_day("first"),
        last=_day("last"),
        registered=request.args.get("registered") == "1",
        organisation_id=None if own is None else own.id,
        only=only,
    )


def _plausible(name: str, value: str) -> bool:
    """Whether a link's value can be asked for; years and organisations are numbers."""
    return name not in ("year", "institution") or value == "" or value.isdecimal()


def _asked() -> Mapping[str, str]:
    """Return what the page was asked with, for its own links."""
    names = ("as_of", "first", "last", "registered", "organisation")
    return {name: request.args[name] for name in names if request.args.get(name)}


@figures.get("/all")
def all_contracts() -> BaseResponse:
    """Lead operators to all contracts."""
    return redirect(url_for("figures.overview", whose="all"))


@figures.get("/ours")
def our_contracts() -> BaseResponse:
    """Lead an organisation's editors to their own."""
    return redirect(url_for("figures.overview", whose="ours"))


@figures.get("/<any(all, ours):whose>/overview")
def overview(whose: str) -> str:
    """Show the sums by one dimension, and the local conversion rate."""
    own, session = _own(whose), current_session()
    scope = _scope(own)
    by = request.args.get("by") if request.args.get("by") in DIMENSIONS else "contract"
    rows = queries.figures(session, scope, by=str(by))
    return render_template(
        "figures/overview.html",
        whose=whose,
        own=own,
        scope=scope,
        by=by,
        rows=rows,
        names=labels.names_of(session, str(by), [each.value for each in rows]),
        houses=labels.houses_of(session, [each.value for each in rows])
        if whose == "all" and by == "institution"
        else {},
        totals=_totals(rows),
        local=queries.local_conversion(session, scope),
        dimensions=labels.DIMENSIONS,
        asked=_asked(),
        today=request_now(),
    )


def _totals(rows: list[queries.Figure]) -> list[queries.Figure]:
    """Return one line a currency."""
    found: dict[str, list[queries.Figure]] = {}
    for each in rows:
        found.setdefault(each.currency, []).append(each)
    return [
        queries.Figure(
            None,
            currency,
            *(sum(getattr(each, name) for each in lines) for name in queries.Figure.__slots__[2:]),
        )
        for currency, lines in sorted(found.items())
    ]


@figures.get("/<any(all, ours):whose>/contracts")
def contracts(whose: str) -> str:
    """List the contracts behind a figure."""
    own, session = _own(whose), current_session()
    scope, number = _scope(own), requested_page()
    found = queries.contracts(session, scope, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return render_template(
        "figures/contracts.html",
        whose=whose,
        own=own,
        scope=scope,
        page=Page(found, number, PAGE_SIZE, queries.count(session, scope)),
        form_names={form.code: form.names[language()] for form in deal_forms.all_forms()},
        contract_names=CONTRACTS,
        only=labels.only_in_words(session, scope.only or {}),
        asked={**_asked(), **(scope.only or {})},
    )


@figures.get("/<any(all, ours):whose>/contracts.xlsx")
@limiter.limit(WRITE)
def export(whose: str) -> Response:
    """Send figures and contracts as a workbook; that somebody did is recorded."""
    own, session, now = _own(whose), current_session(), request_now()
    scope, tongue = _scope(own), language()
    found = queries.contracts(session, scope, limit=MOST_EXPORTED)
    sheets: dict[str, tuple[list[str], list[list[Cell]]]] = {
        str(_("Every contract")): (
            [str(each) for each in labels.REGISTRATION],
            registration_rows(session, found, language=tongue),
        )
    }
    for by in ("contract", "year", "region", "field"):
        rows = queries.figures(session, scope, by=by)
        names = labels.names_of(session, by, [each.value for each in rows])
        sheets[str(labels.DIMENSIONS[by])] = (
            [str(each) for each in labels.FIGURES],
            [_line(each, names) for each in rows],
        )
    facts: dict[str, Any] = {"rows": len(found), "whose": whose}
    with database().writing() as writing:
        history.record(
            writing,
            chain=("figures", "export"),
            kind="export",
            by=current_actor(),
            now=now,
            facts=facts,
        )
    day = now.date().isoformat()
    return Response(
        workbook(sheets),
        mimetype=XLSX,
        headers={"Content-Disposition": f'attachment; filename="contracts-{day}.xlsx"'},
    )


def _line(each: queries.Figure, names: Mapping[Any, str]) -> list[Cell]:
    return [
        names[each.value],
        each.currency,
        each.count,
        amount(each.value_minor, each.currency),
        amount(each.technology_minor, each.currency),
        each.registered_count,
        amount(each.registered_minor, each.currency),
        amount(each.registered_technology_minor, each.currency),
    ]


@figures.get("/<any(all, ours):whose>/annual")
def annual_page(whose: str) -> str:
    """Show the annual metrics of an institution."""
    return _annual(whose, ExpenditureForm())


def _annual(whose: str, form: ExpenditureForm) -> str:
    own, this_year = _own(whose), request_now().year
    years: list[Any] = []
    if own is not None:
        last = request.args.get("year", type=int) or this_year
        last = min(max(last, 1990), this_year)
        years = [annual(current_session(), own.id, year) for year in range(last, last - 3, -1)]
    return render_template(
        "figures/annual.html",
        whose=whose,
        own=own,
        years=years,
        form=form if whose == "ours" else None,
        asked=_asked(),
    )


@figures.post("/<any(all, ours):whose>/annual")
@limiter.limit(WRITE)
def enter(whose: str) -> str | tuple[str, int] | BaseResponse:
    """Enter what the institution spent on research in a year."""
    form, own = ExpenditureForm(), _own(whose)
    if own is None:
        abort(404)
    try:
        year, minor = form.values()
        services.enter_expenditure(
            current_session(),
            own,
            year=year,
            currency="CNY",
            minor=minor,
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        current_session().rollback()
        form.take_errors(error)
        return _annual(whose, form), 422
    flash(_("Saved."), "success")
    return redirect(url_for("figures.annual_page", whose=whose), 303)

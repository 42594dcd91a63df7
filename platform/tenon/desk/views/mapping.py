"""The portfolio map, and the listings behind each of its cells."""

from __future__ import annotations

from flask import abort, render_template, request
from flask_babel import gettext as _

from tenon.desk import labels
from tenon.desk.mapping import CELLS, SCOPES, Line, behind, portfolio_map
from tenon.desk.views.blueprint import desk
from tenon.taxonomy import catalogue
from tenon.web.languages import language
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now


def _scope() -> str:
    asked = request.args.get("scope", "mine")
    return asked if asked in SCOPES else "mine"


@desk.get("/map")
def portfolio() -> str:
    """Show needs against supply by field of technology."""
    found = portfolio_map(current_session(), by=current_actor(), scope=_scope(), now=request_now())
    level = 2 if request.args.get("level") == "2" else 1
    lines = [line for line in found.lines if line.level <= level]
    return render_template(
        "desk/map.html",
        map=found,
        lines=lines,
        most_needs=max((line.needs for line in lines), default=0) or 1,
        most_supply=max((line.supply for line in lines), default=0) or 1,
        scope=_scope(),
        level=level,
        labels=labels,
        field_name=_field_name,
        advice=_advice,
    )


def _field_name(code: str) -> str:
    term = catalogue.find("hitech", code)
    return code if term is None else term.label(language())


def _advice(line: Line) -> str:
    """Return what to do about a field, in words; empty where nothing stands out."""
    if line.without_supply and not line.supply:
        return str(_("Nobody offers anything here: invite results, or put the needs to open call."))
    if line.without_supply:
        return str(_("No result fits these needs well: put them to open call, or invite results."))
    if line.unsought and line.needs:
        return str(_("Supply is there: see which results your other firms could use."))
    if line.unsought:
        return str(_("Nobody seeks these: suggest concept validation, visit firms that could."))
    return ""


@desk.get("/map/<cell>")
def map_cell(cell: str) -> str:
    """List the listings behind a cell of the map."""
    field = request.args.get("field", "")
    if cell not in CELLS or (field and catalogue.find("hitech", field) is None):
        abort(404)
    number = requested_page()
    rows, total = behind(
        current_session(),
        cell,
        field,
        by=current_actor(),
        scope=_scope(),
        now=request_now(),
        language=language(),
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )
    return render_template(
        "desk/map_cell.html",
        page=Page(rows, number, PAGE_SIZE, total),
        cell=cell,
        field=_field_name(field) if field else "",
        scope=_scope(),
        labels=labels,
    )

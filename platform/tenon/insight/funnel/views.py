"""Pages of the funnel: its stages, its parts, the listings behind a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, abort, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.accounts.models import Organisation, User
from tenon.insight import funnel, words
from tenon.insight.asking import Asked, asked, choosable, placeless
from tenon.insight.charts import Chart
from tenon.insight.funnel.charts import Link, parts_chart, stages_chart
from tenon.insight.measures import things
from tenon.insight.naming import Name, closed_houses, names_of
from tenon.insight.overview.exporting import CSV, XLSX, book, comma_separated
from tenon.insight.overview.views import PAGES_OF, sent, today
from tenon.web.access import Access, declare
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session

insight_funnel = Blueprint("insight_funnel", __name__, url_prefix="/insight/funnel")

_ROUTES = ("show", "behind", "as_csv", "as_xlsx")
MOST_PARTS = 60
DIMENSIONS: Mapping[str, LazyString] = {
    "month": _l("Month handed in"),
    "side": _l("Needs and results"),
    "region": _l("Region"),
    "field": _l("Field of technology"),
    "institution": _l("Organisation"),
    "broker": _l("Broker"),
}


def install(app: Flask) -> None:
    """Register the funnel's pages."""
    app.register_blueprint(insight_funnel)
    declare(app, {f"insight_funnel.{name}": Access.BROKER for name in _ROUTES})


def _side() -> str | None:
    side = request.args.get("side")
    return side if side in words.SIDES else None


def _by() -> str:
    by = request.args.get("by", "")
    return by if by in DIMENSIONS else "month"


def _read() -> tuple[Asked, list[funnel.Path]]:
    session, actor = current_session(), current_actor()
    found = asked(session, by=actor, today=today())
    return found, funnel.paths(session, found.scope, by=actor, side=_side())


def _kept(found: Asked) -> dict[str, str]:
    kept = {**found.kept, "by": _by()}
    side = _side()
    return kept if side is None else {**kept, "side": side}


def _charts(found: Asked, paths: list[funnel.Path]) -> list[Chart]:
    by, tongue = _by(), language()
    kept: dict[str, Any] = dict(_kept(found))

    def link(stage: str, part: Name | None) -> str | None:
        if part is None:
            return url_for("insight_funnel.behind", **{**kept, "stage": stage, "by": None})
        if part.address is None:
            return None
        return url_for("insight_funnel.behind", **{**kept, "stage": stage, "value": part.address})

    whole = stages_chart(
        funnel.stages(paths), title=_("From listing to payment"), language=tongue, link=link
    )
    return [whole, _parts(found, paths, by, link)]


def _parts(found: Asked, paths: list[funnel.Path], by: str, link: Link) -> Chart:
    parts = funnel.groups(paths, by, found.scope)[:MOST_PARTS]
    names = names_of(
        current_session(),
        by,
        [key for key, _stages in parts],
        language=language(),
        by=current_actor(),
    )
    word = str(DIMENSIONS[by])
    title = _("The funnel by: %(dimension)s", dimension=word)
    return parts_chart(parts, names, title=title, by=word, language=language(), link=link)


@insight_funnel.get("")
def show() -> str:
    """Show how far what was handed in during a period came, and in how many days."""
    found, paths = _read()
    return render_template(
        "insight/funnel.html",
        asked=found,
        kept=_kept(found),
        by=_by(),
        side=_side(),
        sides=[(code, _(name)) for code, name in words.SIDES.items()],
        charts=_charts(found, paths),
        dimensions=DIMENSIONS,
        number=len(paths),
        places=choosable(current_session(), current_actor()),
        placeless=placeless(current_actor()),
    )


@insight_funnel.get("/list")
def behind() -> str:
    """List the listings behind a number, as far as the reader may open them."""
    stage = request.args.get("stage", "")
    if stage not in funnel.STAGES:
        abort(404)
    found, paths = _read()
    value = request.args.get("value")
    by = None if value is None else _by()
    members = funnel.members(paths, found.scope, stage=stage, dimension=by, value=_key(by, value))
    seen, number = [each for each in members if each.seen], requested_page()
    shown = seen[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    named = things.named(current_session(), "listing", [each.key for each in shown])
    return render_template(
        "insight/funnel_list.html",
        asked=found,
        kept=_kept(found),
        stage=_(words.STAGES[stage]),
        at=funnel.STAGES.index(stage),
        page=Page(shown, number, PAGE_SIZE, len(seen)),
        hidden=len(members) - len(seen),
        named=named,
        stages=[_(each) for each in words.STAGES.values()],
        page_of=PAGES_OF["listing"],
    )


def _key(by: str | None, value: str | None) -> str | None:
    """Return a part's key by how an address names it; 404 for a house or person unknown."""
    if by not in ("institution", "broker"):
        return value
    table: Any = Organisation if by == "institution" else User
    session = current_session()
    key: int | None = session.scalar(sa.select(table.id).where(table.public_id == value))
    if key is None:
        abort(404)
    if by == "institution" and key in closed_houses(session, [key], current_actor()):
        abort(404)
    return str(key)


@insight_funnel.get("/funnel.csv")
@limiter.limit(WRITE)
def as_csv() -> Response:
    """Send a table of the page as CSV: ``table`` is ``funnel`` or ``parts``."""
    charts = {each.key: each for each in _charts(*_read())}
    wanted = charts.get(request.args.get("table", "")) or charts["funnel"]
    return sent(comma_separated(wanted), CSV, f"funnel-{today()}.csv")


@insight_funnel.get("/funnel.xlsx")
@limiter.limit(WRITE)
def as_xlsx() -> Response:
    """Send the tables of the page as a workbook."""
    return sent(book(_charts(*_read())), XLSX, f"funnel-{today()}.xlsx")

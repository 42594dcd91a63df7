"""The page of figures for operators, and for brokers of the places that they see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.errors import NotFound
from tenon.insight import labels, measures
from tenon.insight.asking import Asked, asked, choosable, placeless
from tenon.insight.charts import Chart, write
from tenon.insight.home import home_region
from tenon.insight.measures import Measure, Scope
from tenon.insight.naming import Name, names_of
from tenon.insight.overview import tables
from tenon.insight.overview.exporting import CSV, XLSX, book, comma_separated
from tenon.notices import delivery
from tenon.taxonomy.queries import label as term_label
from tenon.taxonomy.queries import rows as term_rows
from tenon.web.access import Access, declare
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now

insight_figures = Blueprint("insight_figures", __name__, url_prefix="/insight")

_ROUTES = ("overview", "behind", "as_csv", "as_xlsx")
_FIRST = "needs_collected"


def install(app: Flask) -> None:
    """Register the page of figures and its menu entry."""
    app.register_blueprint(insight_figures)
    declare(app, {f"insight_figures.{name}": Access.BROKER for name in _ROUTES})
    add_entries(app, [Entry("insight_figures.overview", _l("Figures of the network"), "desk", 63)])
    add_page_words(app, insight_write=lambda value, unit: write(value, unit, language()))


def today() -> date:
    """Return the day by the site's clock."""
    return request_now().astimezone(delivery.current().zone).date()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a page of figures shows: a measure, how it is taken apart, over what."""

    measure: Measure
    by: str | None
    asked: Asked
    known: list[Measure]

    @property
    def scope(self) -> Scope:
        """What counts."""
        return self.asked.scope

    @property
    def kept(self) -> dict[str, str]:
        """The page's parameters, for its own links."""
        found = {**self.asked.kept, "measure": self.measure.code}
        return found if self.by is None else {**found, "by": self.by}


def _chosen() -> Chosen:
    """Read the request. Raises NotFound for a measure that cannot be told of this scope."""
    session, actor = current_session(), current_actor()
    found = asked(session, by=actor, today=today())
    known = [each for each in measures.every() if each.fits(found.scope)]
    measure = measures.get(request.args.get("measure") or _FIRST)
    if measure not in known:
        raise NotFound(kind="measure")
    by = request.args.get("by")
    if by not in measure.dimensions:
        by = next(iter(measure.dimensions), None)
    return Chosen(measure, by, found, known)


def _drawn_scope(chosen: Chosen) -> Scope:
    """Return the scope of the break-down: by region, the home province's unless one is chosen."""
    if chosen.by != "region" or "region" in chosen.asked.kept:
        return chosen.scope
    return replace(chosen.scope, region=home_region(current_session()))


def _list_link(chosen: Chosen, **more: str) -> str:
    kept: dict[str, Any] = {name: value for name, value in chosen.kept.items() if name != "by"}
    return url_for("insight_figures.behind", **(kept | more))


def _part_link(chosen: Chosen, drawn: Scope) -> Callable[[Name], str | None]:
    """Return how a part's figure leads to its list; none for what no address names."""
    parameter = "place" if chosen.by == "station" else str(chosen.by)
    own: Mapping[str, str] = {}
    if chosen.by == "region" and drawn.region is not None:
        own = {"region": drawn.region}

    def link(name: Name) -> str | None:
        if name.address is None or name.address == own.get("region"):
            return None
        return _list_link(chosen, **{parameter: name.address})

    return link


def _charts(chosen: Chosen) -> list[Chart]:
    session, tongue = current_session(), language()
    name = str(labels.MEASURES[chosen.measure.code])
    time = tables.over_time(
        session,
        chosen.measure,
        chosen.scope,
        title=_("%(measure)s over time", measure=name),
        language=tongue,
        link=lambda one: _list_link(chosen, first=one.first.isoformat(), last=one.last.isoformat()),
    )
    if chosen.by is None:
        return [time]
    drawn = _drawn_scope(chosen)
    dimension = str(labels.DIMENSIONS[chosen.by])
    parts = tables.by_dimension(
        session,
        chosen.measure,
        drawn,
        chosen.by,
        title=_("%(measure)s by %(dimension)s", measure=name, dimension=dimension),
        by=dimension,
        reader=current_actor(),
        language=tongue,
        link=_part_link(chosen, drawn),
    )
    return [time, parts]


@insight_figures.get("")
def overview() -> str:
    """Show a measure: the figure, over time, taken apart."""
    chosen, session = _chosen(), current_session()
    value = chosen.measure.count(session, chosen.scope)
    return render_template(
        "insight/overview.html",
        chosen=chosen,
        charts=_charts(chosen),
        headline=tables.headline(chosen.measure, value),
        value=value,
        list_link=_list_link(chosen),
        drawn=_drawn_scope(chosen),
        names=labels.MEASURES,
        definition=labels.DEFINITIONS[chosen.measure.code],
        dimensions=labels.DIMENSIONS,
        places=choosable(session, current_actor()),
        placeless=placeless(current_actor()),
        provinces=_provinces(),
        region_words=term_label("region", chosen.scope.region, language()),
        narrowed=_narrowed(chosen),
        today=today(),
    )


def _provinces() -> list[tuple[str, str]]:
    rows = term_rows(current_session(), "region")
    return [
        (each.code, term_label("region", each.code, language()))
        for each in rows
        if each.code.endswith("0000")
    ]


def _narrowed(chosen: Chosen) -> list[tuple[str, str]]:
    """Return (name of the dimension, value in words) of what the address narrows by."""
    found = []
    scope = chosen.scope
    if scope.field is not None:
        found.append((str(labels.DIMENSIONS["field"]), term_label(*scope.field, language())))
    session, actor = current_session(), current_actor()
    for dimension, key in (("institution", scope.organisation_id), ("broker", scope.broker_id)):
        if key is not None:
            names = names_of(session, dimension, [str(key)], language=language(), by=actor)
            found.append((str(labels.DIMENSIONS[dimension]), names[str(key)].text))
    if scope.region is not None:
        words = term_label("region", scope.region, language())
        found.append((str(labels.DIMENSIONS["region"]), words))
    return found


@insight_figures.get("/list")
def behind() -> str:
    """List the things behind a figure, as far as the reader may open them."""
    chosen, number = _chosen(), requested_page()
    found = chosen.measure.rows(
        current_session(),
        chosen.scope,
        current_actor(),
        offset=(number - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    return render_template(
        "insight/list.html",
        chosen=chosen,
        found=found,
        page=Page(found.rows, number, PAGE_SIZE, found.open),
        names=labels.MEASURES,
        definition=labels.DEFINITIONS[chosen.measure.code],
        narrowed=_narrowed(chosen),
        pages_of=PAGES_OF,
    )


PAGES_OF: Mapping[str, str] = {
    "listing": "listings.show",
    "introduction": "introductions.show",
    "event": "events.show",
    "deal": "deals.show",
}
"""Kind of thing -> the page that shows one."""


@insight_figures.get("/figures.csv")
@limiter.limit(WRITE)
def as_csv() -> Response:
    """Send a table of the page as CSV: ``table`` is ``time`` or ``parts``."""
    charts = {each.key: each for each in _charts(_chosen())}
    wanted = charts.get(request.args.get("table", "parts")) or charts["time"]
    return sent(comma_separated(wanted), CSV, f"figures-{today()}.csv")


@insight_figures.get("/figures.xlsx")
@limiter.limit(WRITE)
def as_xlsx() -> Response:
    """Send the tables of the page as a workbook."""
    return sent(book(_charts(_chosen())), XLSX, f"figures-{today()}.xlsx")


def sent(content: bytes, kind: str, name: str) -> Response:
    """Return a file to keep."""
    headers: Any = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=kind, headers=headers)

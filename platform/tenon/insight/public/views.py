"""The public page of statistics and its download; computed once a day in each process."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.compliance.labels import CONTRACTS
from tenon.insight import labels, words
from tenon.insight.charts import Chart, Series, region_chart, write
from tenon.insight.overview.views import today
from tenon.insight.public.cells import LEAST, Cell, as_json
from tenon.insight.public.queries import Statistics, Table, statistics
from tenon.taxonomy.queries import label as term_label
from tenon.web.access import Access, declare
from tenon.web.languages import language
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words
from tenon.web.requests import current_session, request_now

public_statistics = Blueprint("statistics_page", __name__, url_prefix="/statistics")

_KEPT = "tenon.statistics"
_computing = threading.Lock()


def install(app: Flask) -> None:
    """Register the page, open to everybody, and its menu entry."""
    app.register_blueprint(public_statistics)
    routes = ("statistics_page.show", "statistics_page.download")
    declare(app, dict.fromkeys(routes, Access.PUBLIC))
    add_page_words(app, insight_sums=_sums)
    add_entries(app, [Entry("statistics_page.show", _l("Statistics"), "main", 70)])


def _found() -> Statistics:
    """Return the figures as of the end of yesterday, computed once a day."""
    day = today() - timedelta(days=1)
    kept: dict[date, Statistics] = current_app.extensions.setdefault(_KEPT, {})
    with _computing:
        if day not in kept:
            made = statistics(current_session(), day=day, now=request_now())
            kept.clear()
            kept[day] = made
        return kept[day]


@public_statistics.get("")
def show() -> str:
    """Show what may be known by all."""
    found = _found()
    return render_template(
        "insight/statistics.html",
        found=found,
        charts=_charts(found),
        least=LEAST,
        local_definition=labels.DEFINITIONS["local_conversion"],
        events_definition=labels.DEFINITIONS["events_held"],
        measures=labels.MEASURES,
        definitions=labels.DEFINITIONS,
    )


@public_statistics.get("/statistics.json")
def download() -> Response:
    """Send the page's figures as JSON."""
    found = _found()
    body: dict[str, Any] = {
        "as_of": found.day.isoformat(),
        "year": found.day.year,
        "smallest_cell_organisations": LEAST,
        "listings": {code: _table_json(each) for code, each in found.listings.items()},
        "contracts_signed_by_kind": _table_json(found.contracts),
        "local_conversion_percent": None if found.local is None else float(round(found.local, 2)),
        "local_conversion_of": found.local_of,
        "events_held": found.events,
        "targets": [
            {
                "measure": each.measure,
                "unit": each.unit,
                "value": float(each.value),
                "reached": float(each.reached),
                "first": each.first.isoformat(),
                "last": each.last.isoformat(),
                "of": {"zh": each.whose_zh, "en": each.whose_en},
            }
            for each in found.targets
        ],
    }
    response = jsonify(body)
    response.headers["Content-Disposition"] = f'attachment; filename="statistics-{found.day}.json"'
    return response


def _table_json(table: Table) -> dict[str, Any]:
    return {"cells": [as_json(each) for each in table.cells], "all": as_json(table.whole)}


def _charts(found: Statistics) -> list[Chart]:
    tongue = language()
    listings = [
        _listings(found, side, dimension, tongue)
        for side in ("achievement", "need")
        for dimension in ("region", "field")
    ]
    return [each for each in (*listings, _contracts(found, tongue), _goals(found, tongue)) if each]


def _sums(sums: Mapping[str, int]) -> str:
    """Return sums of several currencies in words, one after another."""
    return " · ".join(
        write(minor, f"money:{currency}", language()) for currency, minor in sums.items()
    )


def _note(cells: list[Cell]) -> list[str | None]:
    few = _("fewer than %(number)s", number=LEAST)
    return [few if each.held_back else None for each in cells]


def _listings(found: Statistics, side: str, dimension: str, tongue: str) -> Chart | None:
    table = found.listings[f"{side}.{dimension}"]
    cells = [each for each in table.cells if each.number != 0]
    if not cells:
        return None
    titles = {
        "achievement.region": _("Results on offer by region"),
        "achievement.field": _("Results on offer by field of technology"),
        "need.region": _("Open needs by region"),
        "need.field": _("Open needs by field of technology"),
    }
    series = Series(
        name=words.said(words.SIDES[side], tongue),
        values=[each.number for each in cells],
        links=[_listing_link(side, dimension, each) for each in cells],
        notes=_note(cells),
    )
    common: dict[str, Any] = {
        "key": f"{side}-{dimension}",
        "title": titles[f"{side}.{dimension}"],
        "by": str(labels.DIMENSIONS[dimension]),
        "labels": [_words(dimension, each.key, tongue) for each in cells],
        "series": [series],
        "definition": _(
            "Listings that everybody can read today, each once: by its own region or else that of "
            "the organisation, and by its first field. A figure of fewer than %(number)s "
            "organisations is not shown, nor one that could be worked out from the rest.",
            number=LEAST,
        ),
        "note": _("As of %(day)s", day=found.day.isoformat()),
    }
    if dimension == "region":
        codes = [each.key for each in cells]
        return region_chart(below=found.home, codes=codes, language=tongue, **common)
    return Chart(kind="bar", **common)


def _words(dimension: str, key: str | None, tongue: str) -> str:
    if key is None:
        return words.said(words.NOT_STATED, tongue)
    scheme, code = ("region", key) if dimension == "region" else key.split(":", 1)
    return term_label(scheme, code, tongue)


def _listing_link(side: str, dimension: str, cell: Cell) -> str | None:
    """Return the public list behind a figure; none where nothing may be told."""
    if cell.key is None or cell.held_back:
        return None
    if dimension == "region":
        return url_for("matches.search", side=side, region=cell.key)
    scheme, code = cell.key.split(":", 1)
    narrowed: dict[str, Any] = {"side": side, scheme: code}
    return url_for("matches.search", **narrowed)


def _contracts(found: Statistics, tongue: str) -> Chart | None:
    cells = list(found.contracts.cells)
    if not cells:
        return None
    currencies = sorted({name for each in cells for name in each.sums})
    return Chart(
        key="contracts",
        kind="bar",
        title=_("Contracts signed in %(year)s by kind", year=found.day.year),
        by=_("Kind of contract"),
        labels=[str(CONTRACTS.get(each.key or "", each.key)) for each in cells],
        series=[
            Series(name=_("Contracts"), values=[each.number for each in cells], notes=_note(cells)),
            *(
                Series(
                    name=words.said(words.IN_CURRENCY, tongue) % {"currency": currency},
                    unit=f"money:{currency}",
                    values=[
                        None if each.held_back else each.sums.get(currency, 0) for each in cells
                    ],
                    notes=_note(cells),
                    drawn=False,
                )
                for currency in currencies
            ),
        ],
        definition=str(labels.DEFINITIONS["deals_signed"]),
        note=_("As of %(day)s", day=found.day.isoformat()),
    )


def _goals(found: Statistics, tongue: str) -> Chart | None:
    if not found.targets:
        return None
    goals = found.targets

    def share(value: Any, whole: Any) -> Any:
        return value * 100 / whole if whole else None

    def name(each: Any) -> str:
        whose = each.whose_en if tongue == "en" else each.whose_zh
        word = str(labels.MEASURES[each.measure])
        return f"{word} · {whose}" if whose else word

    return Chart(
        key="targets",
        kind="bar",
        title=_("How far public targets are"),
        by=_("Target"),
        labels=[name(each) for each in goals],
        series=[
            Series(
                name=_("Reached"),
                unit="percent",
                values=[share(each.reached, each.value) for each in goals],
            ),
            Series(
                name=_("Reached so far"),
                values=[each.reached for each in goals],
                notes=[write(each.reached, each.unit, tongue) for each in goals],
                drawn=False,
            ),
            Series(
                name=_("To be reached"),
                values=[each.value for each in goals],
                notes=[write(each.value, each.unit, tongue) for each in goals],
                drawn=False,
            ),
            Series(
                name=_("Until"),
                values=[None for _each in goals],
                notes=[each.last.isoformat() for each in goals],
                drawn=False,
            ),
        ],
        definition=_("Each target counts its measure over its own period, as known on the day."),
        note=_("As of %(day)s", day=found.day.isoformat()),
    )

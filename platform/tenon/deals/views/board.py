"""The board of deals by stage: brokers' own, operators' all; filters, export, forecast."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _

from ingest.cells import write_csv
from tenon import history
from tenon.accounts.models import Organisation
from tenon.accounts.queries import OrganisationFilter, organisation, organisations
from tenon.deals import forms, labels
from tenon.deals.forms.schema import OPEN_STAGES
from tenon.deals.queries import board as queries
from tenon.deals.queries.board import (
    A_COLUMN,
    A_PAGE,
    AGES,
    BANDS,
    COUNTED,
    LANES,
    OVER_STAGES,
    BoardFilter,
    Card,
)
from tenon.deals.queries.board_forecast import forecast as forecast_of
from tenon.deals.queries.board_forecast import totals
from tenon.deals.views import display
from tenon.deals.views.blueprint import deals
from tenon.errors import NotFound
from tenon.money import Money
from tenon.web.languages import language, shown_zone
from tenon.web.limits import UPLOAD, limiter
from tenon.web.pagination import Page, requested_page
from tenon.web.requests import current_actor, current_session, database, request_now

LONGEST_TEXT, OFFERED_HOUSES = 60, 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for.

    Attributes:
        filter: for the query.
        house: the organisation filtered by, if any.
        lane: the one lane that is shown alone; None for all open stages.
    """

    filter: BoardFilter
    house: Organisation | None
    lane: str | None

    def address(self, endpoint: str = "deals.board", **changes: Any) -> str:
        """Return the address of the same board with something changed; None takes it out."""
        held = {
            "whose": self.filter.whose if current_actor().operator else None,
            "form": self.filter.form or None,
            "days": self.filter.days or None,
            "value": self.filter.band or None,
            "organisation": self.house.public_id if self.house else None,
            "stage": self.lane,
        }
        return url_for(endpoint, **{**held, **changes})

    @property
    def narrowed(self) -> int:
        """How many filters are set besides whose deals these are."""
        found = self.filter
        return sum(map(bool, (found.form, found.days, found.band, self.house)))


def asked_for() -> Asked:
    """Read the address; what it names wrongly counts as not named."""
    given, operator = request.args, current_actor().operator
    whose = given.get("whose", "all" if operator else "mine")
    days = given.get("days", 0, type=int)
    lane = given.get("stage", "")
    house = _house(given.get("organisation", ""))
    return Asked(
        BoardFilter(
            whose=whose if operator and whose in ("mine", "all") else "mine",
            form=given["form"] if forms.is_form(given.get("form", "")) else "",
            organisation_id=house.id if house else None,
            days=days if days in AGES else 0,
            band=given["value"] if given.get("value") in BANDS else "",
        ),
        house,
        lane if lane in LANES else None,
    )


def _house(public_id: str) -> Organisation | None:
    if not public_id:
        return None
    try:
        return organisation(current_session(), public_id)
    except NotFound:
        return None


@deals.get("/board")
def board() -> str:
    """Show all open stages with their first cards, or one stage page by page."""
    session, actor, now = current_session(), current_actor(), request_now()
    asked, number = asked_for(), requested_page()
    alone = asked.lane is not None
    views = queries.board(
        session,
        asked.filter,
        lanes=(asked.lane,) if asked.lane else OPEN_STAGES,
        by=actor,
        now=now,
        limit=A_PAGE if alone else A_COLUMN,
        offset=(number - 1) * A_PAGE if alone else 0,
    )
    page = None
    if alone:
        page = Page(views[0].cards, number, A_PAGE, min(views[0].number, COUNTED))
    return render_template(
        "deals/board.html",
        asked=asked,
        views=views,
        page=page,
        whose_tabs=_whose_tabs(asked),
        stage_tabs=_stage_tabs(asked, {view.name: view.number for view in views}),
        first=next((view.name for view in views if view.number), OPEN_STAGES[0]),
        houses=_offered_houses(asked),
        choices=_choices(),
        bounded=bounded,
        lane_name=lane_name,
    )


def _choices() -> dict[str, list[tuple[str, str]]]:
    return {
        "form": [(each.code, each.names[language()]) for each in forms.all_forms()],
        "days": [(str(days), _("%(num)s days or longer", num=days)) for days in AGES],
        "value": [(code, str(words)) for code, words in band_names().items()],
    }


def band_names() -> Mapping[str, str]:
    """Return band of the contract value -> words."""
    return {
        "open": _("Not agreed yet"),
        "small": _("Below CNY 100,000"),
        "middle": _("CNY 100,000 to 1 million"),
        "large": _("CNY 1 to 10 million"),
        "huge": _("CNY 10 million and above"),
    }


def lane_name(name: str) -> str:
    """Return a lane's heading."""
    return str(_("Closed deals") if name == "over" else labels.STAGES[name])


def bounded(number: int) -> str:
    """Return a count in words: ``1,000+`` where counting stopped."""
    return f"{COUNTED:,}+" if number > COUNTED else f"{number:,}"


def _whose_tabs(asked: Asked) -> list[tuple[str, object, bool]]:
    if not current_actor().operator:
        return []
    return [
        (asked.address(whose=whose), words, asked.filter.whose == whose)
        for whose, words in (("all", _("All deals")), ("mine", _("Looked after by me")))
    ]


def _stage_tabs(asked: Asked, numbers: Mapping[str, int]) -> list[tuple[str, object, bool, object]]:
    found: list[tuple[str, object, bool, object]] = [
        (asked.address(stage=None), _("All open stages"), asked.lane is None, None)
    ]
    for name in LANES:
        count = bounded(numbers[name]) if name in numbers else None
        found.append((asked.address(stage=name), lane_name(name), asked.lane == name, count))
    return found


def _offered_houses(asked: Asked) -> Sequence[Organisation]:
    text = request.args.get("house", "").strip()[:LONGEST_TEXT]
    if not text or asked.house is not None:
        return []
    where = OrganisationFilter(text=text)
    return organisations(current_session(), where, limit=OFFERED_HOUSES)[0]


@deals.get("/board/forecast")
def forecast() -> str:
    """Show what the deals that are not signed yet may come to."""
    asked = asked_for()
    rows = forecast_of(current_session(), asked.filter, by=current_actor(), now=request_now())
    agreed, expected = totals(rows)
    return render_template(
        "deals/forecast.html",
        asked=asked,
        rows=rows,
        agreed=agreed,
        expected=expected,
        number=sum(row.number for row in rows),
        expected_number=sum((row.expected_number for row in rows), Decimal(0)),
        whose_tabs=[
            (asked.address("deals.forecast", whose=whose), words, asked.filter.whose == whose)
            for whose, words in (("all", _("All deals")), ("mine", _("Looked after by me")))
        ]
        if current_actor().operator
        else [],
    )


@deals.post("/board/export")
@limiter.limit(UPLOAD)
def export_board() -> Response:
    """Send the filter's deals as CSV, figures and names only; that somebody did is recorded."""
    asked, actor, now = asked_for(), current_actor(), request_now()
    stages = LANES[asked.lane] if asked.lane else (*OPEN_STAGES, *OVER_STAGES)
    stream = io.StringIO(newline="")
    with database().reading() as reading:
        batches = queries.for_export(reading, asked.filter, stages=stages, by=actor, now=now)
        lines = (line for batch in batches for line in _lines(batch))
        written = write_csv(stream, _header(), lines)
    history.record(
        current_session(),
        chain=("deals_board", "export"),
        kind="export",
        by=actor,
        now=now,
        facts={
            "rows": written,
            "whose": asked.filter.whose,
            "stages": list(stages),
            "form": asked.filter.form,
            "days": asked.filter.days,
            "value": asked.filter.band,
            "organisation": asked.house is not None,
        },
    )
    day = now.astimezone(shown_zone()).date().isoformat()
    return Response(
        stream.getvalue().encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="deals-{day}.csv"'},
    )


def _header() -> list[str]:
    return [
        _("Page"),
        _("Name of the deal"),
        _("Form of the deal"),
        _("Gives"),
        _("Takes"),
        _("Stage"),
        _("In the stage since"),
        _("Contract value"),
        _("Of which technology"),
        _("Currency"),
        _("Signed on"),
        _("Looked after by"),
    ]


def _lines(cards: Sequence[Card]) -> Iterator[list[object]]:
    tongue = language()
    for card in cards:
        one = card.deal
        yield [
            url_for("deals.show", public_id=one.public_id, _external=True),
            one.title,
            display.form_name(one.form),
            one.seller_organisation.name(tongue),
            one.buyer_organisation.name(tongue),
            str(labels.label("stage", one.stage)),
            f"{one.stage_since.astimezone(shown_zone()):%Y-%m-%d}",
            _amount(one.value_minor, one.currency),
            _amount(one.technology_value_minor, one.currency),
            one.currency if one.value_minor is not None else "",
            one.signed_on.isoformat() if one.signed_on else "",
            card.broker.name if card.broker else "",
        ]


def _amount(minor: int | None, currency: str) -> str:
    return "" if minor is None else f"{Money(minor, currency).amount:f}"

"""The brokers' board: stages side by side or one by one, filters, figures, export."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from ingest.cells import write_csv
from tenon import history
from tenon.accounts.models import Organisation
from tenon.accounts.queries import OrganisationFilter, organisation, organisations
from tenon.errors import NotFound
from tenon.introductions import board_labels, labels
from tenon.introductions.models import Introduction
from tenon.introductions.queries import board as queries
from tenon.introductions.queries.board import A_COLUMN, A_PAGE, STAGES, Card
from tenon.introductions.queries.board_filters import WHOSE, BoardFilter
from tenon.introductions.queries.board_lanes import COUNTED, LANES, counts, scanned
from tenon.introductions.services.many import STEPS
from tenon.introductions.states import NEXT_SIDE
from tenon.introductions.views.blueprint import introductions
from tenon.taxonomy import catalogue
from tenon.taxonomy.queries import as_choices
from tenon.web.languages import SHOWN_ZONE, language, write_date
from tenon.web.limits import UPLOAD, limiter
from tenon.web.requests import current_actor, current_session, database, request_now

LONGEST_TEXT = 60
OFFERED_HOUSES = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for.

    Attributes:
        filter: for the query.
        house: the organisation filtered by, if any.
        lane: the one lane that is shown alone; None for all stages.
    """

    filter: BoardFilter
    house: Organisation | None
    lane: str | None

    @property
    def lanes(self) -> tuple[str, ...]:
        """The lanes to show."""
        return (self.lane,) if self.lane else STAGES

    def address(self, endpoint: str = "introductions.board", **changes: Any) -> str:
        """Return the address of the same board with something changed; None takes it out."""
        held = {
            "whose": self.filter.whose if self.filter.whose != "needs" else None,
            "overdue": "1" if self.filter.overdue else None,
            "region": self.filter.region or None,
            "field": self.filter.field or None,
            "q": self.filter.text or None,
            "organisation": self.house.public_id if self.house else None,
            "stage": self.lane,
        }
        return url_for(endpoint, **{**held, **changes})

    @property
    def narrowed(self) -> int:
        """How many filters are set besides whose introductions these are."""
        found = self.filter
        return sum(map(bool, (found.overdue, found.region, found.field, found.text, self.house)))


def asked_for() -> Asked:
    """Read the address; what it names wrongly counts as not named."""
    given = request.args
    whose = given.get("whose", "needs")
    region, field = given.get("region", ""), given.get("field", "")
    lane = given.get("stage", "")
    house = _house(given.get("organisation", ""))
    return Asked(
        BoardFilter(
            whose=whose if whose in WHOSE else "needs",
            overdue=given.get("overdue") == "1",
            region=region if catalogue.find("region", region) else "",
            field=field if catalogue.find("hitech", field) else "",
            text=given.get("q", "").strip()[:LONGEST_TEXT],
            organisation_id=house.id if house else None,
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


@introductions.get("/board")
def board() -> str:
    """Show all stages with their first cards, or one stage page by page."""
    session, actor, now = current_session(), current_actor(), request_now()
    asked = asked_for()
    views = queries.board(
        session,
        asked.filter,
        lanes=asked.lanes,
        by=actor,
        now=now,
        limit=A_PAGE if asked.lane else A_COLUMN,
        after=request.args.get("after") if asked.lane else None,
    )
    numbers = {view.lane.name: view.number for view in views}
    by_default = asked.filter == BoardFilter() and asked.lane is None
    waiting = sum(numbers.values()) if by_default else None
    if asked.lane is not None and not asked.filter.scans:
        stages = [LANES[name] for name in STAGES]
        numbers |= counts(session, stages, asked.filter, by=actor, now=now)
    return render_template(
        "introductions/board.html",
        asked=asked,
        views=views,
        whose_tabs=_whose_tabs(asked),
        stage_tabs=_stage_tabs(asked, numbers),
        mine_only=any(view.lane.mine_only for view in views),
        first=next((name for name in STAGES if numbers.get(name)), STAGES[0]),
        figures=queries.figures(session, by=actor, now=now, waiting=waiting),
        labels=board_labels,
        steps=offered_steps(),
        next_side=NEXT_SIDE,
        regions=as_choices("region", language(), depth=1)[0].choices,
        fields=as_choices("hitech", language(), depth=1)[0].choices,
        houses=_offered_houses(asked),
        scanned=scanned([view.lane for view in views]) if asked.filter.scans else None,
        bounded=bounded,
        age=age_words,
        day=day_words,
    )


def _whose_tabs(asked: Asked) -> list[tuple[str, object, bool]]:
    return [
        (
            asked.address(whose=None if whose == "needs" else whose),
            board_labels.WHOSE[whose],
            asked.filter.whose == whose,
        )
        for whose in WHOSE
    ]


def _stage_tabs(asked: Asked, numbers: Mapping[str, int]) -> list[tuple[str, object, bool, object]]:
    """Return the tabs of stages with their counts where known, and what is over, uncounted."""
    found: list[tuple[str, object, bool, object]] = [
        (asked.address(stage=None), _("All stages"), asked.lane is None, None)
    ]
    for name in STAGES:
        label, number = board_labels.LANES[name], numbers.get(name)
        count = None if number is None else bounded(number)
        found.append((asked.address(stage=name), label, asked.lane == name, count))
    found.append(
        (asked.address(stage="over"), board_labels.LANES["over"], asked.lane == "over", None)
    )
    return found


def offered_steps() -> list[str]:
    """Return the steps for many that the actor may be offered."""
    return [step for step in STEPS if step != "assign" or current_actor().operator]


def _offered_houses(asked: Asked) -> Sequence[Organisation]:
    """Return organisations by the part of a name that was typed, to choose one of."""
    text = request.args.get("house", "").strip()[:LONGEST_TEXT]
    if not text or asked.house is not None:
        return []
    where = OrganisationFilter(text=text)
    return organisations(current_session(), where, limit=OFFERED_HOUSES)[0]


def bounded(number: int) -> str:
    """Return a count in words: ``1,000+`` where counting stopped."""
    return f"{COUNTED:,}+" if number > COUNTED else f"{number:,}"


def age_words(age: timedelta) -> str:
    """Return how long something has lasted, in whole days or, on the first day, hours."""
    days = max(0, age.days)
    if days:
        return str(ngettext("%(num)s day in this stage", "%(num)s days in this stage", days))
    hours = max(0, int(age.total_seconds() // 3600))
    return str(ngettext("%(num)s hour in this stage", "%(num)s hours in this stage", hours))


def day_words(introduction: Introduction) -> str:
    """Return what happens of itself next and when; empty where nothing does."""
    if introduction.due_at is None or introduction.due_step is None:
        return ""
    return board_labels.due_words(introduction.due_step, write_date(introduction.due_at))


@introductions.post("/board/export")
@limiter.limit(UPLOAD)
def export_board() -> Response:
    """Send the filter's introductions as CSV, at most EXPORTED; that somebody did is recorded."""
    asked, actor, now = asked_for(), current_actor(), request_now()
    stream = io.StringIO(newline="")
    with database().reading() as reading:
        batches = queries.for_export(reading, asked.filter, lanes=asked.lanes, by=actor, now=now)
        lines = (line for batch in batches for line in _lines(batch))
        written = write_csv(stream, _header(), lines)
    history.record(
        current_session(),
        chain=("introductions_board", "export"),
        kind="export",
        by=actor,
        now=now,
        facts={
            "rows": written,
            "whose": asked.filter.whose,
            "lanes": list(asked.lanes),
            "overdue": asked.filter.overdue,
            "region": asked.filter.region,
            "field": asked.filter.field,
            # What was typed, and whom it was about, may be personal or a secret.
            "text": bool(asked.filter.text),
            "organisation": asked.house is not None,
        },
    )
    day = now.astimezone(SHOWN_ZONE).date().isoformat()
    return Response(
        stream.getvalue().encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="introductions-{day}.csv"'},
    )


def _header() -> list[str]:
    return [
        _("Page"),
        _("Stage"),
        _("In the stage since"),
        _("Days"),
        _("Due"),
        _("Overdue"),
        _("Approached listing"),
        _("Its organisation"),
        _("Interested side's listing"),
        _("Interested organisation"),
        _("Looked after by"),
        _("Asked on"),
    ]


def _lines(cards: Sequence[Card]) -> Iterator[list[object]]:
    unnamed = str(_("An organisation that is not named"))
    tongue = language()
    for card in cards:
        one = card.shown.introduction
        own = one.own_listing if card.own_title else None
        yield [
            url_for("introductions.show", public_id=one.public_id, _external=True),
            str(labels.label("stage", one.state)),
            f"{one.stage_since.astimezone(SHOWN_ZONE):%Y-%m-%d %H:%M}",
            card.age.days,
            day_words(one),
            str(_("overdue")) if card.overdue else "",
            one.listing.text(tongue).title,
            one.to_organisation.name(tongue) if card.shown.to_named else unnamed,
            own.text(tongue).title if own else "",
            one.from_organisation.name(tongue) if card.shown.from_named else unnamed,
            card.broker.name if card.broker else "",
            f"{one.created_at.astimezone(SHOWN_ZONE):%Y-%m-%d}",
        ]

"""Pages of drafts: the list with the order, one draft as it is made and as it came out."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.events.models import Event, TimetableDraft
from tenon.events.timetables import checking, explaining, labels, queries, services, valuing
from tenon.events.timetables.checking import Found
from tenon.events.timetables.deadline import how_near
from tenon.events.timetables.picture import Placed
from tenon.events.timetables.reading import draft_meetings, picture_of
from tenon.events.timetables.services.ordering import GOING_ON, SECONDS, lacks
from tenon.events.timetables.views.blueprint import (
    Answer,
    draft_to_run,
    event_to_run,
    say_changed,
    timetables,
)
from tenon.events.timetables.views.display import (
    Board,
    beside_in_words,
    board_of,
    curve,
    gap_in_words,
)
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now

VIEWS = ("grid", "people", "unmet")
UNMET_A_PAGE = 25
PEOPLE_A_PAGE = 100
WIDEST = 16
"""Tables side by side; more are shown part by part."""

AT_ONCE = 1500
"""With more possible meetings than this a reason takes a second: it is given where it is asked."""


@timetables.get("/<public_id>/timetables")
def drafts(public_id: str) -> Answer:
    """List an event's drafts, and offer to make one."""
    return _list(event_to_run(public_id))


def _list(event: Event, fault: str = "", status: int = 200) -> Answer:
    session = current_session()
    found, now = queries.drafts_of(session, event), request_now()
    agreed = any(one.state == "released" for one in found)
    picture = picture_of(session, event, now=now)
    missing = lacks(picture)
    page = render_template(
        "events/timetables/drafts.html",
        event=event,
        drafts=found,
        running=next((one for one in found if one.state in GOING_ON), None),
        picture=picture,
        missing=None if missing is None else labels.LACKS[missing],
        seconds=SECONDS,
        suggested=_suggested(len(picture.people)),
        fault=fault,
        labels=labels,
        gap_in_words=gap_in_words,
        agreed=agreed,
        near=how_near(event, released=agreed, now=now),
    )
    return (page, status) if status != 200 else page  # the usual answer


def _suggested(people: int) -> int:
    return 10 if people <= 60 else 20 if people <= 250 else 60 if people <= 700 else 300


@timetables.post("/<public_id>/timetables")
@limiter.limit(WRITE)
def order(public_id: str) -> Answer:
    """Queue the making of a timetable."""
    event, session = event_to_run(public_id), current_session()
    kind = "replan" if request.form.get("kind") == "replan" else "full"
    base = None
    if request.form.get("base"):
        base = draft_to_run(request.form["base"])
        if base.event_id != event.id:
            abort(404)
    try:
        made = services.order(
            session,
            event,
            seconds=request.form.get("seconds", type=int) or 0,
            by=current_actor(),
            now=request_now(),
            kind=kind,
            base=base,
        )
    except Invalid as error:
        session.rollback()
        code = error.fields.get("")
        fault = _("Please choose from the list.") if code is None else str(labels.LACKS[code])
        return _list(event_to_run(public_id), fault, 422)
    except IllegalTransition:
        raise
    except Conflict:
        session.rollback()
        fault = _("A timetable of this event is being made already: see it below.")
        return _list(event_to_run(public_id), fault, 409)
    return redirect(url_for("event_timetable.draft", public_id=made.public_id), 303)


@timetables.get("/timetables/<public_id>")
def draft(public_id: str) -> Answer:
    """Show a draft: how it is coming along, or what came out."""
    found = draft_to_run(public_id)
    return show_draft(found)


@timetables.get("/timetables/<public_id>/progress")
def progress(public_id: str) -> Answer:
    """Return the part of a draft's page that changes while it is made."""
    found = draft_to_run(public_id)
    if found.state not in GOING_ON and "HX-Request" in request.headers:
        answer = redirect(url_for("event_timetable.draft", public_id=public_id))
        answer.headers["HX-Redirect"] = url_for("event_timetable.draft", public_id=public_id)
        answer.status_code = 200
        return answer
    return render_template("events/timetables/_progress.html", **_standing(found))


@timetables.post("/timetables/<public_id>/stop")
@limiter.limit(WRITE)
def stop(public_id: str) -> Answer:
    """Ask for the best found so far."""
    found = draft_to_run(public_id)
    try:
        services.stop(current_session(), found, by=current_actor(), now=request_now())
    except IllegalTransition:
        current_session().rollback()
        say_changed()
    else:
        flash(_("The search ends in a moment, with the best found so far."), "success")
    return redirect(url_for("event_timetable.draft", public_id=public_id), 303)


def _standing(found: TimetableDraft) -> dict[str, object]:
    return {
        "event": found.event,
        "draft": found,
        "labels": labels,
        "going_on": found.state in GOING_ON,
        "gap": gap_in_words(found),
        "beside_greedy": beside_in_words(found.value, found.greedy_value),
        "beside_first": beside_in_words(found.value, found.first_come_value),
        "line": curve(found),
    }


def show_draft(
    found: TimetableDraft, *, blocked: list[Found] | None = None, status: int = 200
) -> Answer:
    """Return a draft's page; ``blocked`` are conflicts that refused what was just tried."""
    session = current_session()
    if found.state in GOING_ON or found.state == "failed":
        return render_template("events/timetables/draft.html", **_standing(found), view=None)
    picture = picture_of(session, found.event, now=request_now())
    placed = draft_meetings(session, found, picture)
    board = board_of(found.event, picture, placed)
    view = request.args.get("view") if request.args.get("view") in VIEWS else "grid"
    left_out = {tuple(pair) for pair in found.settings.get("left_out", [])}
    page = render_template(
        "events/timetables/draft.html",
        **_standing(found),
        board=board,
        view=view,
        conflicts=checking.conflicts(picture, placed),
        blocked=blocked,
        editable=found.state in ("ready", "stopped"),
        left_out=[pair for pair in left_out if set(pair) <= set(board.cards)],
        nobody=len(picture.people.keys() - {key for one in placed for key in one.pair}),
        met=len(placed),
        asked=len(placed) + len(explaining.unmet_pairs(picture, placed)),
        floor_of=len(picture.people),
        **_of_view(str(view), board, placed),
    )
    return (page, status) if status != 200 else page  # the usual answer


def _of_view(view: str, board: Board, placed: list[Placed]) -> dict[str, object]:
    """Return what one of the three views shows besides."""
    number = requested_page()
    if view == "people":
        rows = board.people()
        start = (number - 1) * PEOPLE_A_PAGE
        part = rows[start : start + PEOPLE_A_PAGE]
        return {"page": Page(part, number, PEOPLE_A_PAGE, len(rows))}
    if view == "unmet":
        pairs = explaining.unmet_pairs(board.picture, placed)
        start = (number - 1) * UNMET_A_PAGE
        shown = pairs[start : start + UNMET_A_PAGE]
        quick = len(valuing.pairs(board.picture)) <= AT_ONCE
        unmet = explaining.unmet(board.picture, placed, shown, explain=quick)
        return {"page": Page(unmet, number, UNMET_A_PAGE, len(pairs)), "quick": quick}
    return grid_of(board)


def grid_of(board: Board) -> dict[str, object]:
    """Return day and tables that a grid shows, as the address asks, and what else there is."""
    days = sorted({one.day for one in board.picture.slots})
    day = request.args.get("day", default=0, type=int)
    day = day if day in days else 0
    tables = list(board.venue.tables)
    parts = [tables[start : start + WIDEST] for start in range(0, len(tables), WIDEST)] or [[]]
    part = request.args.get("part", default=0, type=int)
    part = part if 0 <= part < len(parts) else 0
    return {
        "day": day,
        "days": days,
        "part": part,
        "table_parts": parts,
        "tables": parts[part],
        "slots": [place for place, one in enumerate(board.picture.slots) if one.day == day],
        "loose": any(one.table is None for one in board.placed),
        "cells": _cells(board),
    }


def _cells(board: Board) -> dict[tuple[int, int | None], list[Placed]]:
    found: dict[tuple[int, int | None], list[Placed]] = {}
    for one in board.placed:
        found.setdefault((one.slot, one.table), []).append(one)
    return found

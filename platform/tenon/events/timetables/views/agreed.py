"""The agreed timetable: read it, take it away as a file, change single meetings, re-plan."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.events.labels import MEETING_STATES
from tenon.events.models import Event, Meeting, Registration
from tenon.events.timetables import labels, queries, seating, services
from tenon.events.timetables.checking import UNRELEASED, Found, conflicts
from tenon.events.timetables.exporting import timetable_workbook
from tenon.events.timetables.reading import draft_meetings, live_meetings, picture_of
from tenon.events.timetables.services import Blocked
from tenon.events.timetables.services.holding import live_rows
from tenon.events.timetables.services.ordering import SECONDS
from tenon.events.timetables.views.blueprint import (
    Answer,
    draft_to_run,
    event_to_run,
    posted_person,
    posted_version,
    posted_where,
    say_changed,
    timetables,
)
from tenon.events.timetables.views.display import Board, board_of
from tenon.events.timetables.views.drafts import PEOPLE_A_PAGE, grid_of
from tenon.figures.views import XLSX
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now

REASONS = ("cancelled", "no_show", "late", "organiser", "other")


@timetables.get("/<public_id>/timetable")
def agreed(public_id: str) -> Answer:
    """Show the agreed timetable to who organises the event."""
    return _page(event_to_run(public_id))


def _board(event: Event) -> Board:
    session = current_session()
    picture = picture_of(session, event, now=request_now())
    return board_of(event, picture, live_meetings(session, event, picture))


def _page(
    event: Event, *, fault: str = "", blocked: list[Found] | None = None, status: int = 200
) -> Answer:
    board = _board(event)
    view = "people" if request.args.get("view") == "people" else "grid"
    rows = live_rows(current_session(), event)
    number = requested_page()
    people = board.people() if view == "people" else []
    start = (number - 1) * PEOPLE_A_PAGE
    page = render_template(
        "events/timetables/agreed.html",
        event=event,
        board=board,
        view=view,
        rows=rows,
        states=MEETING_STATES,
        labels=labels,
        conflicts=[] if not board.placed else conflicts(board.picture, board.placed),
        page=Page(people[start : start + PEOPLE_A_PAGE], number, PEOPLE_A_PAGE, len(people)),
        people=_choices(board),
        seconds=SECONDS,
        given={name: request.form.get(name, "") for name in ("a", "b", "slot", "table")},
        fault=fault,
        blocked=blocked,
        **grid_of(board),
    )
    return (page, status) if status != 200 else page  # the usual answer


def _choices(board: Board) -> list[tuple[str, str]]:
    found = [
        (board.cards[key].public_id, board.cards[key].name(language()))
        for key in board.picture.people
    ]
    return sorted(found, key=lambda one: one[1])


@timetables.get("/<public_id>/timetable.xlsx")
@limiter.limit(WRITE)
def export(public_id: str) -> Answer:
    """Send the agreed timetable as a workbook."""
    event = event_to_run(public_id)
    return _workbook(_board(event))


@timetables.get("/timetables/<public_id>/timetable.xlsx")
@limiter.limit(WRITE)
def export_draft(public_id: str) -> Answer:
    """Send a draft as a workbook."""
    found, session = draft_to_run(public_id), current_session()
    picture = picture_of(session, found.event)
    return _workbook(board_of(found.event, picture, draft_meetings(session, found, picture)))


def _workbook(board: Board) -> Response:
    event = board.event
    made = timetable_workbook(
        event,
        board.picture,
        board.placed,
        board.cards,
        board.venue.places(language()),
        board.venue.helpers,
        language=language(),
    )
    day = event.local(event.starts_at).date().isoformat()
    name = f'attachment; filename="timetable-{day}.xlsx"'
    return Response(made, mimetype=XLSX, headers={"Content-Disposition": name})


@timetables.get("/<public_id>/timetable/meeting")
def meeting(public_id: str) -> Answer:
    """Show one agreed meeting with what may be done to it."""
    event = event_to_run(public_id)
    found = queries.find_meeting(current_session(), event, request.args.get("meeting", ""))
    return _meeting_page(event, found)


def _meeting_page(
    event: Event,
    found: Meeting,
    *,
    fault: str = "",
    blocked: list[Found] | None = None,
    status: int = 200,
) -> Answer:
    board = _board(event)
    rows = live_rows(current_session(), event)
    others = [
        (rows[one.pair].public_id, f"{board.at(one)}: {board.names(one.pair)}")
        for one in board.placed
        if rows[one.pair].id != found.id and rows[one.pair].state == "planned"
    ]
    page = render_template(
        "events/timetables/meeting.html",
        event=event,
        meeting=found,
        one=next((one for one in board.placed if one.pair == (found.a_id, found.b_id)), None),
        board=board,
        offers=seating.offers(
            board.picture, board.placed, found.a_id, found.b_id, without=UNRELEASED
        ),
        others=others,
        states=MEETING_STATES,
        labels=labels,
        reasons=_reasons(),
        given={name: request.form.get(name, "") for name in ("slot", "table", "other")},
        fault=fault,
        blocked=blocked,
    )
    return (page, status) if status != 200 else page  # the usual answer


def _reasons() -> dict[str, str]:
    return {
        "cancelled": _("Somebody cancelled"),
        "no_show": _("Somebody is not here"),
        "late": _("Somebody comes too late"),
        "organiser": _("The organiser's decision"),
        "other": _("Another reason"),
    }


@timetables.post("/<public_id>/timetable/move")
@limiter.limit(WRITE)
def move(public_id: str) -> Answer:
    """Put an agreed meeting elsewhere."""

    def act(found: Meeting) -> list[Found]:
        where = posted_where()
        if where is None:
            raise Invalid({"slot": "required"})
        return services.move(
            current_session(),
            found,
            where,
            version=posted_version(),
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, act, _("The meeting was moved; both are told."))


@timetables.post("/<public_id>/timetable/swap")
@limiter.limit(WRITE)
def swap(public_id: str) -> Answer:
    """Let two agreed meetings change places."""

    def act(found: Meeting) -> list[Found]:
        session = current_session()
        other = queries.find_meeting(session, found.event, request.form.get("other", ""))
        return services.swap(
            session, found, other, version=posted_version(), by=current_actor(), now=request_now()
        )

    return _take(public_id, act, _("The two meetings changed places; all four are told."))


@timetables.post("/<public_id>/timetable/call-off")
@limiter.limit(WRITE)
def call_off(public_id: str) -> Answer:
    """Call an agreed meeting off."""

    def act(found: Meeting) -> list[Found]:
        reason = request.form.get("reason", "")
        if reason not in REASONS:
            raise Invalid({"reason": "required"})
        services.call_off(
            current_session(),
            found,
            reason=reason,
            version=posted_version(),
            by=current_actor(),
            now=request_now(),
        )
        return []

    return _take(public_id, act, _("The meeting was called off; both are told."))


def _take(public_id: str, act: Callable[[Meeting], list[Found]], words: str) -> Answer:
    event, session = event_to_run(public_id), current_session()
    name = request.form.get("meeting", "")
    found = queries.find_meeting(session, event, name)
    try:
        act(found)
    except Blocked as error:
        session.rollback()
        event = event_to_run(public_id)
        return _meeting_page(
            event, queries.find_meeting(session, event, name), blocked=error.found, status=409
        )
    except Invalid as error:
        session.rollback()
        event = event_to_run(public_id)
        fault = _fault(error)
        return _meeting_page(
            event, queries.find_meeting(session, event, name), fault=fault, status=422
        )
    except IllegalTransition:
        raise
    except Conflict:
        session.rollback()
        say_changed()
    else:
        flash(words, "success")
    return redirect(url_for("event_timetable.agreed", public_id=public_id), 303)


def _fault(error: Invalid) -> str:
    words = {
        "no_free_table": _("No table is free in that slot."),
        "same_place": _("They meet there already: choose another slot or table."),
    }
    code = next(iter(error.fields.values()))
    return str(words.get(code) or _("Please choose from the lists."))


@timetables.post("/<public_id>/timetable/agree")
@limiter.limit(WRITE)
def agree(public_id: str) -> Answer:
    """Agree on a meeting of two by hand, at a place named or at the first that is free."""
    event, session = event_to_run(public_id), current_session()
    first, second = posted_person(event, "a"), posted_person(event, "b")
    if first is None or second is None or first.id == second.id:
        return _page(event, fault=_("Please choose two people who take part."), status=422)
    where = posted_where() or _first_place(event, first, second)
    if where is None:
        apart = services.kept_apart(session, event, first, second, now=request_now())
        fault = _("The two have no free slot in common at which a table is free.")
        return _page(event, blocked=apart, fault="" if apart else fault, status=409)
    try:
        services.place_ad_hoc(
            session,
            event,
            first,
            second,
            where,
            by=current_actor(),
            now=request_now(),
            origin="organiser",
        )
    except Blocked as error:
        session.rollback()
        return _page(event_to_run(public_id), blocked=error.found, status=409)
    except Invalid as error:
        session.rollback()
        return _page(event_to_run(public_id), fault=_fault(error), status=422)
    except IllegalTransition:
        raise
    except Conflict as error:
        session.rollback()
        if error.code == "pair_twice":
            fault = _("The two have a meeting already: move it instead.")
            return _page(event_to_run(public_id), fault=fault, status=409)
        say_changed()
    else:
        flash(_("The meeting is agreed; both are told."), "success")
    return redirect(url_for("event_timetable.agreed", public_id=public_id), 303)


def _first_place(event: Event, first: Registration, second: Registration) -> services.Where | None:
    free = services.offers(current_session(), event, first, second, now=request_now())
    return services.Where(*free[0]) if free else None


@timetables.post("/<public_id>/timetable/absent")
@limiter.limit(WRITE)
def absent(public_id: str) -> Answer:
    """Note that somebody is not there for a while, and make a new plan that moves few meetings."""
    event, session = event_to_run(public_id), current_session()
    person = posted_person(event, "person")
    if person is None:
        return _page(event, fault=_("Please choose who is not there."), status=422)
    back = request.form.get("until", type=int)
    try:
        services.leave(
            session,
            person,
            from_slot=None,
            until_slot=back,
            by=current_actor(),
            now=request_now(),
        )
        made = services.order(
            session,
            event,
            seconds=SECONDS[0],
            kind="replan",
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        session.rollback()
        fault = str(labels.LACKS.get(error.fields.get("", ""), _("Please choose from the lists.")))
        return _page(event_to_run(public_id), fault=fault, status=422)
    except IllegalTransition:
        raise
    except Conflict:
        session.rollback()
        fault = _("A timetable of this event is being made already: wait for it, or stop it.")
        return _page(event_to_run(public_id), fault=fault, status=409)
    return redirect(url_for("event_timetable.draft", public_id=made.public_id), 303)

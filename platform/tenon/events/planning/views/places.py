"""The organiser's pages of rooms, tables, closures, the map, groups and who may meet whom."""

from __future__ import annotations

from flask import Response, abort, send_file

from tenon.documents.keeping import place
from tenon.events import queries as event_queries
from tenon.events.models import Event, EventSlot
from tenon.events.planning import queries, services
from tenon.events.planning.forms import ClosuresForm, GroupsForm, MapForm, RoomsForm, StepForm
from tenon.events.planning.services.places import MAP_LIMIT
from tenon.events.planning.views.blueprint import Answer, events
from tenon.events.planning.views.set_up import organised, saved, set_up_page
from tenon.events.queries import slots_of, tables_of
from tenon.events.views.moments import local_day, local_time
from tenon.web.limits import UPLOAD, WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now, settings


@events.get("/<public_id>/set-up/rooms")
def rooms(public_id: str) -> str:
    """Show rooms, tables, closures and the map."""
    event, form = organised(public_id), RoomsForm(formdata=None)
    form.fill(event)
    return _rooms(event, form)


def _rooms(
    event: Event,
    form: RoomsForm | None = None,
    closing: ClosuresForm | None = None,
    drawing: MapForm | None = None,
) -> str:
    session = current_session()
    if form is None:
        form = RoomsForm(formdata=None)
        form.fill(event)
    slots = slots_of(session, event)
    closing, drawing = closing or ClosuresForm(formdata=None), drawing or MapForm(formdata=None)
    closing.offer(
        [(str(each.number), f"{each.number + 1}: {_when(event, each)}") for each in slots]
    )
    version = str(event.version)
    page = {"closing": closing, "drawing": drawing, "dropping": StepForm(formdata=None)}
    for each in page.values():
        each.version.data = version
    closed = [table for table in tables_of(session, event) if table.closed]
    return set_up_page("rooms", event, form, slots=slots, closed=closed, **page)


def _when(event: Event, slot: EventSlot) -> str:
    day = local_day(slot.starts_at, event)
    return f"{day} {local_time(slot.starts_at, event)}–{local_time(slot.ends_at, event)}"


@events.post("/<public_id>/set-up/rooms")
@limiter.limit(WRITE)
def save_rooms(public_id: str) -> Answer:
    """Change rooms and tables."""
    event, form = organised(public_id), RoomsForm()

    def act() -> None:
        services.change_rooms(
            current_session(),
            event,
            form.rows(),
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )

    rows = ("rooms", form.typed_rows())
    return saved(event, form, act, _rooms, to="events.rooms", rows=rows)


@events.post("/<public_id>/set-up/closures")
@limiter.limit(WRITE)
def save_closures(public_id: str) -> Answer:
    """Close tables for some slots, or open them again."""
    event, form = organised(public_id), ClosuresForm()

    def act() -> None:
        first, last = form.span()
        services.change_closures(
            current_session(),
            event,
            tables=form.tables.data or "",
            first=first,
            last=last,
            closed=form.what.data != "open",
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )

    def page(event: Event, form: ClosuresForm) -> str:
        return _rooms(event, closing=form)

    return saved(event, form, act, page, to="events.rooms")


@events.post("/<public_id>/set-up/map")
@limiter.limit(UPLOAD)
def save_map(public_id: str) -> Answer:
    """Take a picture of the venue in."""
    event, form = organised(public_id), MapForm()
    sent = form.file.data

    def act() -> None:
        services.keep_map(
            current_session(),
            event,
            content=sent.read(MAP_LIMIT + 1) if sent else b"",
            folder=settings().files_folder,
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )

    def page(event: Event, form: MapForm) -> str:
        return _rooms(event, drawing=form)

    return saved(event, form, act, page, to="events.rooms")


@events.post("/<public_id>/set-up/map/drop")
@limiter.limit(WRITE)
def drop_map(public_id: str) -> Answer:
    """Show no map any more."""
    event, form = organised(public_id), StepForm()

    def act() -> None:
        services.drop_map(
            current_session(), event, version=form.seen, by=current_actor(), now=request_now()
        )

    def page(event: Event, form: StepForm) -> str:  # noqa: ARG001  # there is nothing to keep
        return _rooms(event)

    return saved(event, form, act, page, to="events.rooms")


@events.get("/<public_id>/map")
def venue_map(public_id: str) -> Response:
    """Give the map of the venue out, to all who may know of the event."""
    event = event_queries.find(current_session(), public_id, by=current_actor())
    if event.map_sha256 is None:
        abort(404)
    path = place(settings().files_folder, event.map_sha256)
    if not path.is_file():
        abort(404)
    answer = send_file(path, mimetype=event.map_type, max_age=300, etag=event.map_sha256)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


@events.get("/<public_id>/set-up/groups")
def groups(public_id: str) -> str:
    """Show groups and who may meet whom."""
    event, form = organised(public_id), GroupsForm(formdata=None)
    form.fill(event, queries.pairs(current_session(), event))
    return _groups(event, form)


def _groups(event: Event, form: GroupsForm) -> str:
    return set_up_page("groups", event, form)


@events.post("/<public_id>/set-up/groups")
@limiter.limit(WRITE)
def save_groups(public_id: str) -> Answer:
    """Change them."""
    event, form = organised(public_id), GroupsForm()
    rows, may = form.rows(), form.may()

    def act() -> None:
        services.change_groups(
            current_session(),
            event,
            rows,
            may=may,
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )

    typed = ("groups", form.typed_rows())
    return saved(event, form, act, _groups, to="events.groups", rows=typed)

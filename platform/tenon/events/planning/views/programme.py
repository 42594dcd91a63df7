"""The organiser's pages of the programme: its sessions, one at a time."""

from __future__ import annotations

from tenon.events.models import Event, EventSession
from tenon.events.planning import labels, queries, services
from tenon.events.planning.forms import SessionForm, StepForm
from tenon.events.planning.views.blueprint import Answer, events
from tenon.events.planning.views.set_up import organised, saved, set_up_page
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@events.get("/<public_id>/set-up/programme")
def programme(public_id: str) -> str:
    """List the sessions."""
    return _list(organised(public_id))


def _list(event: Event) -> str:
    return set_up_page("programme", event, session_kinds=labels.SESSION_KINDS)


@events.get("/<public_id>/set-up/programme/new")
def new_session(public_id: str) -> str:
    """Show an empty form."""
    event, form = organised(public_id), SessionForm(formdata=None)
    form.begin(event)
    return _page(event, form)


def _page(event: Event, form: SessionForm, talk: EventSession | None = None) -> str:
    form.offer(event, queries.people_of(current_session(), event))
    dropping = StepForm(formdata=None)
    dropping.version.data = str(event.version)
    return set_up_page("session", event, form, talk=talk, dropping=dropping)


@events.post("/<public_id>/set-up/programme/new")
@limiter.limit(WRITE)
def create_session(public_id: str) -> Answer:
    """Add a session."""
    event, form = organised(public_id), SessionForm()

    def act() -> None:
        session = current_session()
        services.add_session(
            session,
            event,
            form.row(event, queries.people_of(session, event)),
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )

    return saved(event, form, act, _page, to="events.programme")


@events.get("/sessions/<public_id>")
def session(public_id: str) -> str:
    """Show one session to its organiser."""
    event, talk = _found(public_id)
    form, people = SessionForm(formdata=None), queries.people_of(current_session(), event)
    form.fill(event, talk, people)
    return _page(event, form, talk)


def _found(public_id: str) -> tuple[Event, EventSession]:
    return queries.programme_session(current_session(), public_id, by=current_actor())


@events.post("/sessions/<public_id>")
@limiter.limit(WRITE)
def save_session(public_id: str) -> Answer:
    """Change it."""
    (event, talk), form = _found(public_id), SessionForm()

    def act() -> None:
        session = current_session()
        services.change_session(
            session,
            event,
            talk,
            form.row(event, queries.people_of(session, event)),
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )

    def page(event: Event, form: SessionForm) -> str:
        return _page(event, form, _found(public_id)[1])

    return saved(event, form, act, page, to="events.programme")


@events.post("/sessions/<public_id>/drop")
@limiter.limit(WRITE)
def drop_session(public_id: str) -> Answer:
    """Take it out of the programme."""
    (event, talk), form = _found(public_id), StepForm()

    def act() -> None:
        services.drop_session(
            current_session(),
            event,
            talk,
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )

    def page(event: Event, form: StepForm) -> str:
        shown, people = SessionForm(formdata=None), queries.people_of(current_session(), event)
        again = _found(public_id)[1]
        shown.fill(event, again, people)
        shown.form_errors.extend(form.form_errors)
        return _page(event, shown, again)

    return saved(event, form, act, page, to="events.programme")

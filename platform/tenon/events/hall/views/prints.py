"""Printing: a page of choices for the organiser, the files, and one's own agenda as a file."""

from __future__ import annotations

from flask import Response, abort, render_template, request

from tenon.documents import render_pdf
from tenon.errors import NotFound
from tenon.events import queries
from tenon.events.hall import finding, printing
from tenon.events.hall.printing import WHAT, Choice
from tenon.events.hall.views.blueprint import Answer, event_to_run, hall
from tenon.events.models import Event, Registration
from tenon.web.languages import language
from tenon.web.limits import limiter
from tenon.web.requests import current_actor, current_session

FILES = "60 per hour"
MOST_PEOPLE = 100_000


@hall.get("/<public_id>/print")
def prints(public_id: str) -> Answer:
    """Show what can be printed, and for whom."""
    event = event_to_run(public_id)
    return render_template(
        "events/hall/prints.html",
        event=event,
        numbers=printing.groups_of(current_session(), event),
        tables=len(queries.tables_of(current_session(), event)),
        at_once=printing.AT_ONCE,
    )


@hall.get("/<public_id>/print/file")
@limiter.limit(FILES)
def printed(public_id: str) -> Answer:
    """Give badges, table cards or agendas as one PDF file."""
    event, what = event_to_run(public_id), request.args.get("what", "badges")
    if what not in WHAT:
        abort(404)
    choice = Choice(
        group=request.args.get("group") or None,
        part=request.args.get("part") or None,
        absent=request.args.get("absent") == "1",
        after=min(max(0, request.args.get("after", 0, type=int)), MOST_PEOPLE),
    )
    return _file(event, what, choice)


@hall.get("/<public_id>/agenda.pdf")
@limiter.limit(FILES)
def agenda_pdf(public_id: str) -> Answer:
    """Give one's own agenda as a PDF file."""
    session, actor = current_session(), current_actor()
    event = queries.find(session, public_id, by=actor)
    own, _arrival = finding.own_part(session, event, actor.user_id)
    if own is None:
        raise NotFound(kind="event_registration")
    return _own(event, own)


@hall.get("/parts/<public_id>/agenda.pdf")
@limiter.limit(FILES)
def agenda_pdf_of_part(public_id: str) -> Answer:
    """Give the agenda of somebody whom the actor acts for as a PDF file."""
    found, _arrival = finding.part(current_session(), public_id, by=current_actor())
    return _own(found.event, found)


def _own(event: Event, part: Registration) -> Response:
    if part.state != "confirmed":
        raise NotFound(kind="event_registration")
    return _file(event, "agendas", Choice(part=part.public_id))


def _file(event: Event, what: str, choice: Choice) -> Response:
    session = current_session()
    asked = request.args.get("language")
    tongue = asked if asked in ("zh", "en") else language()
    if what == "table_cards":
        context = printing.table_cards(session, event, tongue)
    elif what == "badges":
        context = printing.badges(session, event, choice, tongue)
    else:
        context = printing.agendas(session, event, choice, tongue)
    session.rollback()  # the file takes a while: nobody waits for this reader meanwhile
    content = render_pdf(f"event_{what}.html", context, tongue)
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{what}.pdf"'
    response.headers["Cache-Control"] = "no-store, private"
    return response

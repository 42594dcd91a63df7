"""Files of an event for everybody who may know of it: QR code, calendar, poster, programme."""

from __future__ import annotations

from flask import Response, request
from flask_babel import force_locale

from tenon.documents import qr_path
from tenon.events import labels as event_labels
from tenon.events import queries as event_queries
from tenon.events.models import Event
from tenon.events.planning import printing
from tenon.events.planning.calendar import CONTENT_TYPE
from tenon.events.planning.views.blueprint import events
from tenon.events.planning.views.showing import address_of
from tenon.messages import LOCALES
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _seen(public_id: str) -> Event:
    return event_queries.find(current_session(), public_id, by=current_actor())


def _language() -> str:
    """Return the language asked for, or the page's."""
    asked = request.args.get("language", "")
    return asked if asked in LOCALES else language()


@events.get("/<public_id>/qr.svg")
def qr(public_id: str) -> Response:
    """Send the QR code of the public page."""
    path, width = qr_path(address_of(_seen(public_id)))
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}">'
        f'<rect width="{width}" height="{width}" fill="#fff"/><path d="{path}"/></svg>'
    )
    return Response(drawing, mimetype="image/svg+xml")


@events.get("/<public_id>/event.ics")
def calendar(public_id: str) -> Response:
    """Send the event as a calendar file."""
    event = _seen(public_id)
    content = printing.event_calendar(
        event, language=_language(), address=address_of(event), now=request_now()
    )
    answer = Response(content, content_type=CONTENT_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="event-{event.public_id}.ics"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@events.get("/<public_id>/poster.pdf")
@limiter.limit(WRITE)
def poster(public_id: str) -> Response:
    """Send the poster."""
    event, tongue = _seen(public_id), _language()
    until = event.registration_until
    with force_locale(LOCALES[tongue]):
        kind = str(event_labels.KINDS[event.kind])
    content = printing.poster(
        event,
        language=tongue,
        address=address_of(event),
        kind=kind,
        closes="" if until is None else printing.day_words(event.local(until), tongue),
    )
    return _pdf(content, f"poster-{event.public_id}-{tongue}.pdf")


@events.get("/<public_id>/programme.pdf")
@limiter.limit(WRITE)
def programme_pdf(public_id: str) -> Response:
    """Send the programme."""
    event, tongue = _seen(public_id), _language()
    slots = event_queries.slots_of(current_session(), event)
    content = printing.programme(event, slots, language=tongue, address=address_of(event))
    return _pdf(content, f"programme-{event.public_id}-{tongue}.pdf")


def _pdf(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer

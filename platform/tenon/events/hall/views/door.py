"""The door: check people in by code or from the list; with a device that works without network.

The page alone may use the camera. The list for devices travels as JSON (``devices.py``); the page
itself holds nobody's name unless it was searched for, since devices keep a copy of it.
"""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tenon.errors import NotFound
from tenon.events.hall import arriving, devices, finding, labels
from tenon.events.hall.board import counts_of
from tenon.events.hall.people import Person
from tenon.events.hall.views.blueprint import Answer, event_to_run, hall
from tenon.events.models import Event, Registration
from tenon.web.assets import STATIC
from tenon.web.headers import POLICY
from tenon.web.limits import limiter
from tenon.web.requests import current_actor, current_session, request_now, settings

AT_THE_DOOR = "600 per minute"
"""A queue of people and several devices under one account; no guesser gets far with codes."""
FOUND_AT_MOST = 40
_MAY = "camera=(self), microphone=(), geolocation=()"
# What reads codes where the browser does not is compiled from C++; no text is run as script.
_RUNS = f"{POLICY}; script-src 'self' 'wasm-unsafe-eval'"


@hall.get("/<public_id>/check-in")
def door(public_id: str) -> Answer:
    """Show the door's page."""
    return _page(event_to_run(public_id))


def _page(
    event: Event, arrival: arriving.Arrival | None = None, code: str = "", status: int = 200
) -> Response:
    session, asked = current_session(), request.args.get("q", "").strip()[:80]
    found = _search(event, asked) if asked else None
    page = render_template(
        "events/hall/door.html",
        event=event,
        counts=counts_of(session, event),
        asked=asked,
        found=found,
        devices=devices.devices_of(session, event),
        arrival=arrival,
        code=code,
        now=request_now(),
        words=_words(),
        longest_code=arriving.LONGEST_CODE,
    )
    response = make_response(page, status)
    response.headers["Permissions-Policy"] = _MAY
    response.headers["Content-Security-Policy"] = _RUNS
    return response


def _search(event: Event, asked: str) -> list[Person]:
    """Return whom a name, an organisation or a code finds on the list."""
    wanted = asked.casefold()
    return [
        each
        for each in devices.roster_of(current_session(), event)
        if any(wanted in part.casefold() for part in (each.name, *each.houses, each.code) if part)
    ][:FOUND_AT_MOST]


@hall.post("/<public_id>/check-in")
@limiter.limit(AT_THE_DOOR)
def take_code(public_id: str) -> Answer:
    """Check in whoever's code was typed or scanned."""
    event, now = event_to_run(public_id), request_now()
    code = request.form.get("code", "")[:100]
    way = "scanner" if request.form.get("way") == "scanner" else "typed"
    arrival = arriving.check_in(
        current_session(), event, arriving.Seen(code, way, now), by=current_actor(), now=now
    )
    if arrival.in_hall and arrival.part is not None:
        return _told(event, arrival, arrival.part)
    return _page(event, arrival, code, 422)


@hall.post("/parts/<public_id>/check-in")
@limiter.limit(AT_THE_DOOR)
def take_part(public_id: str) -> Answer:
    """Check in somebody from the list."""
    event, part = _part(public_id)
    arrival = arriving.check_in_part(
        current_session(), event, part, by=current_actor(), now=request_now()
    )
    return _told(event, arrival, part)


@hall.post("/parts/<public_id>/check-in/undo")
def undo(public_id: str) -> Answer:
    """Take a check-in back."""
    event, part = _part(public_id)
    arriving.undo(current_session(), event, part, by=current_actor(), now=request_now())
    flash(_("%(name)s is no longer checked in.", name=_name(part)), "success")
    return _back(event)


def _part(public_id: str) -> tuple[Event, Registration]:
    part, _arrival = finding.part(current_session(), public_id, by=current_actor())
    return event_to_run(part.event.public_id), part


def _name(part: Registration) -> str:
    return part.user.name if part.user else part.code


def _told(event: Event, arrival: arriving.Arrival, part: Registration) -> BaseResponse:
    known = {"arrived": "success", "repeated": "success", "already": "warning"}
    text = f"{_name(part)}: {labels.RESULTS[arrival.result]}"
    if arrival.result == "already" and arrival.check_in is not None:
        text += f" ({event.local(arrival.check_in.at):%H:%M})"
    flash(text, known.get(arrival.result, "error"))
    return _back(event)


def _back(event: Event) -> BaseResponse:
    asked = request.form.get("q") or None
    return redirect(url_for("event_hall.door", public_id=event.public_id, q=asked), 303)


@hall.get("/door-worker.js")
def worker() -> Response:
    """Serve what keeps the door's page at hand without network, for pages of events."""
    content = (STATIC / "events_door_worker.js").read_text(encoding="utf-8")
    response = Response(content, mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/events/"
    response.headers["Cache-Control"] = "no-cache"
    return response


@hall.get("/local-certificate")
def local_certificate() -> Response:
    """Give the certificate that phones are to trust, where ``tenon run --tls`` made one."""
    file = settings().keys_folder / "tls" / "authority.crt"
    if not file.is_file():
        raise NotFound(kind="certificate")
    response = Response(file.read_bytes(), mimetype="application/x-x509-ca-cert")
    response.headers["Content-Disposition"] = 'attachment; filename="tenon-local.crt"'
    return response


def _words() -> dict[str, str]:
    """Return what the device's script says, in the page's language."""
    return {
        **{code: str(text) for code, text in labels.RESULTS.items()},
        "noted": _("Not on this device's list. Noted; the site decides once there is network."),
        "here": _("Here since {time}"),
        "check": _("Check in"),
        "held": _("This device holds the list until {time}."),
        "waiting": _("{n} still to be sent."),
        "sent": _("Everything is sent."),
        "offline": _("No network: check-ins are kept here and sent later."),
        "gone": _("This device was withdrawn. The list has been deleted from it."),
        "over": _("The list has expired and was deleted from this device. Renew it with network."),
        "sign_in": _("You are signed out. Sign in again; what was noted stays on this device."),
        "none": _("Nobody on the list fits."),
        "refused": _("This device could not be prepared. Try again with network."),
        "camera": _("The camera cannot be used here."),
    }

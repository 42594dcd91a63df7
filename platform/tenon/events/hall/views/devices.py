"""What devices at the door ask for, as JSON: the list, and taking over what they noted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from tenon.errors import Invalid
from tenon.events.hall import devices
from tenon.events.hall.arriving import LONGEST_KEY, Arrival, Seen
from tenon.events.hall.people import Person
from tenon.events.hall.views.blueprint import Answer, event_to_run, hall
from tenon.events.hall.views.door import AT_THE_DOOR
from tenon.events.models import Device
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

WAYS = ("camera", "scanner", "typed", "list")


@hall.post("/<public_id>/check-in/devices")
@limiter.limit(WRITE)
def register(public_id: str) -> Answer:
    """Let this device hold the list; the answer names it."""
    made = devices.register(
        current_session(),
        event_to_run(public_id),
        name=request.form.get("name", ""),
        by=current_actor(),
        now=request_now(),
    )
    return _json(_about(made) | {"name": made.name})


@hall.get("/devices/<public_id>/roster")
def roster(public_id: str) -> Answer:
    """Give the list, or with ``since`` only the check-ins after that one."""
    session, now = current_session(), request_now()
    device = devices.find(session, public_id, by=current_actor())
    devices.require_current(device, now=now)
    since = request.args.get("since", type=int)
    if since is not None:
        return _json(_about(device) | _arrived(device, since))
    people = [_expected(each) for each in devices.roster(session, device, now=now)]
    # Who is here already comes with their time, as later check-ins do.
    return _json(_about(device) | {"people": people} | _arrived(device, 0))


@hall.post("/devices/<public_id>/sync")
@limiter.limit(AT_THE_DOOR)
def sync(public_id: str) -> Answer:
    """Take over what a device noted; one answer each, by its key."""
    session, now, actor = current_session(), request_now(), current_actor()
    device = devices.find(session, public_id, by=actor)
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("entries"), list):
        raise Invalid({"entries": "required"})
    seen = [_seen(each) for each in sent["entries"]]
    results = devices.sync(session, device, seen, by=actor, now=now)
    since = sent.get("since")
    return _json(
        _about(device)
        | {"results": [_result(one, what) for one, what in zip(seen, results, strict=True)]}
        | _arrived(device, since if isinstance(since, int) else 0)
    )


@hall.post("/devices/<public_id>/renew")
@limiter.limit(WRITE)
def renew(public_id: str) -> Answer:
    """Let a device hold the list for another day."""
    device = devices.find(current_session(), public_id, by=current_actor())
    devices.renew(current_session(), device, by=current_actor(), now=request_now())
    return _json(_about(device))


@hall.post("/devices/<public_id>/withdraw")
@limiter.limit(WRITE)
def withdraw(public_id: str) -> Answer:
    """Take the list from a device."""
    device = devices.find(current_session(), public_id, by=current_actor())
    devices.withdraw(current_session(), device, by=current_actor(), now=request_now())
    flash(_("%(name)s gets nothing more and deletes its list.", name=device.name), "success")
    return redirect(url_for("event_hall.door", public_id=device.event.public_id), 303)


def _json(content: Mapping[str, Any]) -> Response:
    response = jsonify(content)
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _about(device: Device) -> dict[str, Any]:
    """Return what every answer says: whose it is, until when, by which clock, the form's token."""
    return {
        "device": device.public_id,
        "until": device.roster_until.isoformat(),
        "now": request_now().isoformat(),
        "csrf": generate_csrf(),
    }


def _arrived(device: Device, since: int) -> dict[str, Any]:
    """Return who came after ``since``, and a stamp of all who are here.

    By the stamp a device sees that a check-in was taken back, or was written late.
    """
    rows = devices.arrived(current_session(), device.event)
    return {
        "arrived": [{"code": code, "at": at.isoformat()} for key, code, at in rows if key > since],
        "last": max((key for key, _code, _at in rows), default=0),
        "here": devices.stamp_of(code for _key, code, _at in rows),
    }


def _expected(one: Person) -> dict[str, Any]:
    tongue = language()
    return {
        "code": one.code,
        "name": one.name,
        "house": one.house(tongue),
        "group": one.group(tongue),
        "online": one.online,
    }


def _seen(entry: object) -> Seen:
    """Read one arrival of a device's; raises Invalid for what no device of ours writes.

    The code may be anything that a camera reads, a poster's address as well: that is answered as
    unknown. Refused, it would come again and keep all that was noted after it from the site.
    """
    if not isinstance(entry, dict):
        raise Invalid({"entries": "not_understood"})
    code, key, way = (str(entry.get(name, "")) for name in ("code", "key", "way"))
    if not key or len(key) > LONGEST_KEY or way not in WAYS:
        raise Invalid({"entries": "not_understood"})
    try:
        at = datetime.fromisoformat(str(entry.get("at", "")))
    except ValueError:
        raise Invalid({"entries": "not_a_date"}) from None
    if at.tzinfo is None or "\0" in key:
        raise Invalid({"entries": "not_understood"})
    return Seen(code, way, at, key)


def _result(seen: Seen, arrival: Arrival) -> dict[str, Any]:
    part, kept = arrival.part, arrival.check_in
    return {
        "key": seen.client_key,
        "result": arrival.result,
        "name": part.user.name if part is not None and part.user is not None else "",
        "at": None if kept is None else kept.at.isoformat(),
    }

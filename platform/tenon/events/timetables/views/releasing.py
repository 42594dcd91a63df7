"""The release of a draft: what it changes, what stands against it, and the one button."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tenon.errors import Conflict, IllegalTransition
from tenon.events.models import TimetableDraft
from tenon.events.timetables import labels, services
from tenon.events.timetables.reading import picture_of
from tenon.events.timetables.services import Blocked
from tenon.events.timetables.views.blueprint import (
    Answer,
    draft_to_run,
    posted_version,
    say_changed,
    timetables,
)
from tenon.events.timetables.views.display import board_of
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

SHOWN = 200
"""Differences listed; the number of all is said."""


@timetables.get("/timetables/<public_id>/release")
def release_page(public_id: str) -> Answer:
    """Show what a release would change, and the conflicts."""
    return _page(draft_to_run(public_id))


def _page(found: TimetableDraft, status: int = 200) -> Answer:
    session, now = current_session(), request_now()
    seen = services.outlook(session, found, now=now)
    page = render_template(
        "events/timetables/release.html",
        event=found.event,
        draft=found,
        seen=seen,
        told=len(seen.changes.people()),
        board=board_of(found.event, picture_of(session, found.event, now=now), []),
        labels=labels,
        most=SHOWN,
        editable=found.state in ("ready", "stopped"),
    )
    return (page, status) if status != 200 else page  # the usual answer


@timetables.post("/timetables/<public_id>/release")
@limiter.limit(WRITE)
def release(public_id: str) -> Answer:
    """Make the draft the agreed timetable."""
    found, session = draft_to_run(public_id), current_session()
    try:
        changes = services.release(
            session,
            found,
            version=posted_version(),
            mark=request.form.get("mark"),
            by=current_actor(),
            now=request_now(),
        )
    except Blocked:
        session.rollback()
        return _page(draft_to_run(public_id), 409)
    except IllegalTransition:
        raise
    except Conflict:
        session.rollback()
        say_changed()
        return redirect(url_for("event_timetable.release_page", public_id=public_id), 303)
    told = len(changes.people())
    if told:
        flash(
            ngettext(
                "The timetable is agreed; %(num)s person is told what changed for them.",
                "The timetable is agreed; %(num)s people are told what changed for them.",
                told,
            ),
            "success",
        )
    else:
        flash(_("The timetable is agreed; nothing changed for anybody."), "success")
    return redirect(url_for("event_timetable.agreed", public_id=found.event.public_id), 303)

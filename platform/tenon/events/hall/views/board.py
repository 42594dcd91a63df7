"""The live board of the hall, and the marks that the organiser sets on it.

Screens ask for the board's part of the page every three seconds; while nothing has changed the
answer is 304 and costs a few short statements. Without scripts the page loads itself anew.
"""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.errors import Conflict, Invalid
from tenon.events.hall import finding
from tenon.events.hall.board import board_of, stamp_of
from tenon.events.hall.forms import SpontaneousForm
from tenon.events.hall.marking import mark
from tenon.events.hall.spontaneous import place, whom
from tenon.events.hall.views.blueprint import Answer, event_to_run, hall
from tenon.events.models import Event
from tenon.events.timetables.labels import CONFLICTS
from tenon.events.timetables.services import Blocked
from tenon.web.languages import language
from tenon.web.limits import limiter
from tenon.web.requests import current_actor, current_session, request_now

MARKING = "300 per minute"


@hall.get("/<public_id>/hall")
def hall_board(public_id: str) -> Answer:
    """Show the board; ``screen`` makes it large and leaves the marks out."""
    return _page(event_to_run(public_id), SpontaneousForm(formdata=None))


def _page(event: Event, form: SpontaneousForm) -> str:
    return render_template(
        "events/hall/board.html", stamp=_stamp(event), form=form, **_shown(event)
    )


@hall.get("/<public_id>/hall/part")
def board_part(public_id: str) -> Answer:
    """Give the board's part of the page, or 304 where it is as it was."""
    event = event_to_run(public_id)
    stamp = _stamp(event)
    response = Response(status=304)
    if request.headers.get("If-None-Match") != stamp:
        response = make_response(render_template("events/hall/_board.html", **_shown(event)))
    response.headers["ETag"] = stamp
    response.headers["Cache-Control"] = "no-cache, private"
    return response


def _chosen() -> int | None:
    return request.args.get("slot", type=int)


def _screen() -> bool:
    return request.args.get("screen") == "1"


def _stamp(event: Event) -> str:
    stamp = stamp_of(current_session(), event, now=request_now(), chosen=_chosen())
    return f'"{stamp}-{language()}{"-screen" if _screen() else ""}"'


def _shown(event: Event) -> dict[str, object]:
    now = request_now()
    return {
        "event": event,
        "board": board_of(current_session(), event, now=now, chosen=_chosen()),
        "chosen": _chosen(),
        "screen": _screen(),
        "now": now,
        "tongue": language(),
    }


@hall.post("/meetings/<public_id>/mark")
@limiter.limit(MARKING)
def mark_meeting(public_id: str) -> Answer:
    """Mark a meeting as held or missed, or take the mark back."""
    session, actor = current_session(), current_actor()
    meeting = finding.meeting(session, public_id, by=actor)
    event = meeting.event
    back = url_for(
        "event_hall.hall_board",
        public_id=event.public_id,
        slot=request.form.get("slot", type=int),
    )
    try:
        mark(
            session,
            meeting,
            request.form.get("what", ""),
            version=request.form.get("version", type=int),
            by=actor,
            now=request_now(),
        )
    except Conflict:
        session.rollback()
        flash(_("Somebody marked or moved this meeting meanwhile: see how it stands."), "warning")
    return redirect(back, 303)


@hall.post("/<public_id>/hall/meetings")
@limiter.limit(MARKING)
def meet_now(public_id: str) -> Answer:
    """Let two meet at the first place that suits both."""
    event, session, form = event_to_run(public_id), current_session(), SpontaneousForm()
    if not form.validate_on_submit():
        return _page(event, form), 422
    try:
        first = whom(session, event, form.first.data or "", "first")
        second = whom(session, event, form.second.data or "", "second")
        made = place(session, event, first, second, by=current_actor(), now=request_now())
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(event_to_run(public_id), form), 422
    except Conflict as error:
        session.rollback()
        form.form_errors.append(_why(error))
        return _page(event_to_run(public_id), form), 409
    when = f"{event.local(made.slot.starts_at):%H:%M}"
    if made.table is None:
        flash(_("They meet online at %(time)s. Both are told.", time=when))
    else:
        where = made.table.name
        flash(_("They meet at %(time)s, table %(table)s. Both are told.", time=when, table=where))
    return redirect(url_for("event_hall.hall_board", public_id=public_id), 303)


def _why(error: Conflict) -> str:
    if isinstance(error, Blocked):
        rules = _(", ").join(
            str(CONFLICTS[code]) for code in dict.fromkeys(one.code for one in error.found)
        )
        return str(
            _(
                "These two are kept apart: %(rules)s. What a conflict does is set in the rules of "
                "the timetable.",
                rules=rules,
            )
        )
    known: dict[str, str] = {
        "pair_twice": _("These two have a meeting already."),
        "no_place": _("There is no slot and table any more at which both are free."),
    }
    other: str = _("Somebody was quicker. See how the hall stands and try again.")
    return known.get(error.code, other)

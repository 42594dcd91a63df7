"""Change a draft by hand: one meeting's page, and the verbs behind its buttons."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.events.models import TimetableDraft
from tenon.events.timetables import explaining, labels, seating, valuing
from tenon.events.timetables.checking import Found, conflicts_of
from tenon.events.timetables.picture import pair_of
from tenon.events.timetables.reading import draft_meetings, picture_of
from tenon.events.timetables.services import Blocked, editing
from tenon.events.timetables.views.blueprint import (
    Answer,
    draft_to_run,
    posted_pair,
    posted_version,
    posted_where,
    say_changed,
    timetables,
)
from tenon.events.timetables.views.display import board_of
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

Act = Callable[[TimetableDraft, tuple[int, int]], list[Found] | None]


@timetables.get("/timetables/<public_id>/meeting")
def draft_meeting(public_id: str) -> Answer:
    """Show one pair of a draft: where they meet or could, and what speaks against it."""
    found = draft_to_run(public_id)
    return _page(found)


def _page(
    found: TimetableDraft, *, fault: str = "", blocked: list[Found] | None = None, status: int = 200
) -> Answer:
    session, now = current_session(), request_now()
    picture = picture_of(session, found.event, now=now)
    placed = draft_meetings(session, found, picture)
    board = board_of(found.event, picture, placed)
    pair = posted_pair(found.event)
    both = None if pair is None or pair[0] == pair[1] else pair_of(*pair)
    one = next((each for each in placed if each.pair == both), None)
    page = render_template(
        "events/timetables/draft_meeting.html",
        event=found.event,
        draft=found,
        board=board,
        labels=labels,
        people=sorted(
            (card for key, card in board.cards.items() if key in picture.people),
            key=lambda card: card.name("zh"),
        ),
        pair=both,
        one=one,
        conflicts=[] if one is None else conflicts_of(picture, placed, one),
        offers=[] if both is None else seating.offers(picture, placed, *both),
        worth=0 if both is None else valuing.worth(picture, *both),
        unmet=None
        if both is None or one is not None
        else next(iter(explaining.unmet(picture, placed, [both])), None),
        editable=found.state in ("ready", "stopped"),
        given={name: request.values.get(name, "") for name in ("a", "b", "slot", "table")},
        fault=fault,
        blocked=blocked,
    )
    return (page, status) if status != 200 else page  # the usual answer


@timetables.post("/timetables/<public_id>/meetings/add")
@limiter.limit(WRITE)
def add_meeting(public_id: str) -> Answer:
    """Enter a meeting in a draft."""
    return _place(public_id, editing.add)


@timetables.post("/timetables/<public_id>/meetings/move")
@limiter.limit(WRITE)
def move_meeting(public_id: str) -> Answer:
    """Put a meeting of a draft elsewhere."""
    return _place(public_id, editing.move)


@timetables.post("/timetables/<public_id>/meetings/remove")
@limiter.limit(WRITE)
def remove_meeting(public_id: str) -> Answer:
    """Take a meeting out of a draft."""

    def act(found: TimetableDraft, pair: tuple[int, int]) -> None:
        editing.remove(
            current_session(),
            found,
            pair,
            version=posted_version(),
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, act)


@timetables.post("/timetables/<public_id>/meetings/pin")
@limiter.limit(WRITE)
def pin_meeting(public_id: str) -> Answer:
    """Pin a meeting of a draft, or let it go."""

    def act(found: TimetableDraft, pair: tuple[int, int]) -> None:
        editing.pin(
            current_session(),
            found,
            pair,
            pinned=request.form.get("pinned") == "1",
            version=posted_version(),
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, act)


def _place(public_id: str, verb: Callable[..., list[Found]]) -> Answer:
    def act(found: TimetableDraft, pair: tuple[int, int]) -> list[Found]:
        where = posted_where()
        if where is None:
            raise Invalid({"slot": "required"})
        return verb(
            current_session(),
            found,
            pair,
            where,
            version=posted_version(),
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, act)


def _take(public_id: str, act: Act) -> Answer:
    found, session = draft_to_run(public_id), current_session()
    pair = posted_pair(found.event)
    if pair is None or pair[0] == pair[1]:
        return _page(found, fault=_("Please choose two people who take part."), status=422)
    try:
        warned = act(found, pair)
    except Blocked as error:
        session.rollback()
        return _page(draft_to_run(public_id), blocked=error.found, status=409)
    except Invalid as error:
        session.rollback()
        code = next(iter(error.fields.values()))
        words = _("No table is free in that slot.") if code == "no_free_table" else ""
        return _page(draft_to_run(public_id), fault=words or _("Please choose a slot."), status=422)
    except IllegalTransition:
        raise
    except Conflict:
        session.rollback()
        say_changed()
        return redirect(url_for("event_timetable.draft", public_id=public_id), 303)
    if warned:
        flash(
            ngettext(
                "Entered, with %(num)s thing to mind: see the list of conflicts.",
                "Entered, with %(num)s things to mind: see the list of conflicts.",
                len(warned),
            ),
            "warning",
        )
    else:
        flash(_("The draft was changed."), "success")
    return redirect(url_for("event_timetable.draft", public_id=public_id), 303)

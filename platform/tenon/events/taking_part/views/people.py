"""Who comes: the list for those who take part, and the organiser's with approval."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext

from tenon.errors import Forbidden, Invalid
from tenon.events.models import Event
from tenon.events.permissions import may_read_contact, may_run
from tenon.events.states import REGISTRATION_STATES
from tenon.events.taking_part import labels
from tenon.events.taking_part.forms import DecisionForm, EnterForm, TablesForm
from tenon.events.taking_part.phases import closed_for_all, requests_closed
from tenon.events.taking_part.queries import people as queries
from tenon.events.taking_part.queries import wishes
from tenon.events.taking_part.queries.may_meet import may_meet
from tenon.events.taking_part.queries.met import met_before
from tenon.events.taking_part.queries.people import PeopleFilter
from tenon.events.taking_part.services import decide_many
from tenon.events.taking_part.services.deciding import DECISIONS, Outcome
from tenon.events.taking_part.views.blueprint import (
    Answer,
    event_people,
    parts_here,
    run_event,
    seen_event,
)
from tenon.listings.permissions import is_public
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now


@event_people.get("/<public_id>/people")
def people(public_id: str) -> Answer:
    """Show who takes part; the organiser sees everybody by state, and may decide."""
    event = seen_event(public_id)
    if may_run(current_actor(), event):
        return organiser_page(event)
    confirmed = [each for each in parts_here(event) if each.state == "confirmed"]
    if not confirmed:
        raise Forbidden("not_allowed")
    return _page(event)


@event_people.post("/<public_id>/people")
@limiter.limit(WRITE)
def decide(public_id: str) -> Answer:
    """Admit or decline those who are ticked."""
    event = run_event(public_id)
    session, form = current_session(), DecisionForm()
    decision = request.form.get("decision", "")
    try:
        outcomes = decide_many(
            session,
            event,
            choice_made(),
            decision=decision,
            reason=form.reason.data or "",
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return organiser_page(run_event(public_id), form), 422
    done = [each for each in outcomes if not each.code]
    if done:
        flash(_decided(decision, len(done)), "success")
    tell_refused(outcomes)
    state = request.form.get("state", "")
    return redirect(url_for(".people", public_id=public_id, state=state or None), 303)


def tell_refused(outcomes: Sequence[Outcome]) -> None:
    """Say why some of those chosen stay as they were."""
    for code in sorted({each.code for each in outcomes if each.code}):
        number = sum(each.code == code for each in outcomes)
        flash(f"{labels.why_not(code)} ({number})", "warning")


def _decided(decision: str, number: int) -> str:
    if decision == DECISIONS[0]:
        return str(ngettext("%(num)s person admitted.", "%(num)s people admitted.", number))
    return str(ngettext("%(num)s person declined.", "%(num)s people declined.", number))


def choice_made() -> list[tuple[str, int | None]]:
    """Return who is ticked, in the order of the list, with the versions that were shown."""
    found: dict[str, int | None] = {}
    for ticked in request.form.getlist("chosen"):
        key, _colon, version = ticked.partition(":")
        found[key] = int(version) if version.isdecimal() and len(version) < 10 else None
    return list(found.items())


def _filter(states: tuple[str, ...]) -> PeopleFilter:
    asked = request.args
    return PeopleFilter(
        states=states,
        group=asked.get("group", ""),
        language=asked.get("speaks", ""),
        side=asked.get("side", ""),
        text=asked.get("q", ""),
    )


def organiser_page(
    event: Event,
    form: DecisionForm | None = None,
    *,
    seating: TablesForm | None = None,
    entering: EnterForm | None = None,
) -> str:
    """Return the organiser's list; a form that was refused shows what is wrong with it."""
    session = current_session()
    entering = entering or EnterForm(formdata=None)
    entering.offer(event, language())
    counts = queries.state_counts(session, event)
    state = request.values.get("state", "")
    if state not in REGISTRATION_STATES:
        state = "pending" if counts.get("pending") else "confirmed"
    where, number = _filter((state,)), requested_page()
    rows, total = queries.people(
        session, event, where, offset=(number - 1) * queries.SHOWN_PER_PAGE
    )
    return render_template(
        "events/taking_part/people_run.html",
        event=event,
        page=Page(rows, number, queries.SHOWN_PER_PAGE, total),
        where=where,
        state=state,
        counts=counts,
        form=form or DecisionForm(formdata=None),
        seating=seating or TablesForm(formdata=None),
        entering=entering,
        enters=not closed_for_all(event, request_now()),
        tables=queries.own_tables(session, event),
        ticked={key for key, _version in choice_made()},
        ranks=queries.ranks_in_queue(session, event) if state == "waiting" else {},
        shown_listings=_shown_listings,
    )


def _page(event: Event) -> str:
    session, actor = current_session(), current_actor()
    own = next(each for each in parts_here(event) if each.state == "confirmed")
    where, number = _filter(("confirmed",)), requested_page()
    rows, total = queries.people(
        session, event, where, offset=(number - 1) * queries.SHOWN_PER_PAGE
    )
    partners = queries.meets(session, own)
    contacts = {
        each.id: each.user.email
        for each in rows
        if each.user is not None
        and each.id != own.id
        and may_read_contact(actor, each, meets=each.id in partners)
    }
    allowed = may_meet(session, event, of=own.id)
    return render_template(
        "events/taking_part/people.html",
        event=event,
        own=own,
        page=Page(rows, number, queries.SHOWN_PER_PAGE, total),
        where=where,
        contacts=contacts,
        meetable={each.id for each in rows if allowed(own, each)},
        wished=wishes.by_other(session, own),
        asking=wishes.asked_by(session, own),
        met=met_before(session, own, [each for each in rows if each.id != own.id]),
        requests_closed=requests_closed(event, request_now()),
        shown_listings=_shown_listings,
    )


def _shown_listings(part: object) -> list[object]:
    """Return those listings of a part that are public now."""
    return [each for each in part.listings if is_public(each, request_now())]  # type: ignore[attr-defined]  # a template's value

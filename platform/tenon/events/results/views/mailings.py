"""Mails to those who take part: written, shown with its true recipients, sent once, kept."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from tenon.accounts.models import User
from tenon.errors import Conflict, Invalid, NotFound
from tenon.events.models import Event, Mailing
from tenon.events.permissions import may_run
from tenon.events.queries import find_to_run
from tenon.events.results.forms import MailingForm
from tenon.events.results.queries.recipients import (
    Recipient,
    chosen,
    mailings_of,
    recipients_of,
)
from tenon.events.results.services.mailing import (
    Words,
    render,
    seal,
    send_mailing,
    words_of,
)
from tenon.events.results.views.blueprint import Answer, event_results
from tenon.notices.rendering import Rendered
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@event_results.get("/<public_id>/mailings")
def mailings(public_id: str) -> Answer:
    """List what was sent, and ask for a new mail."""
    event = find_to_run(current_session(), public_id, by=current_actor())
    form = MailingForm(formdata=None)
    _offer(form, event)
    form.states.data = ["confirmed"]
    form.groups.data = [each.code for each in event.groups]
    form.overdue.data = request.args.get("overdue") == "1"
    form.request_key.data = uuid.uuid4().hex
    return _write_page(event, form)


def _offer(form: MailingForm, event: Event) -> None:
    tongue = language()
    form.offer([(each.code, each.name(tongue)) for each in event.groups])


def _write_page(event: Event, form: MailingForm, *, changed: bool = False) -> str:
    return render_template(
        "events/results/mailings.html",
        event=event,
        form=form,
        changed=changed,
        sent=mailings_of(current_session(), event),
    )


@event_results.post("/<public_id>/mailings")
@limiter.limit(WRITE)
def write_mailing(public_id: str) -> Answer:
    """Show whom the mail goes to and how it reads; send it when that was seen."""
    session, actor = current_session(), current_actor()
    event = find_to_run(session, public_id, by=actor)
    form = MailingForm()
    _offer(form, event)
    if request.form.get("go") == "change":
        return _write_page(event, form)
    try:
        if request.form.get("go") == "send":
            return _send(event, form)
        return _preview(event, form)
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _write_page(find_to_run(session, public_id, by=actor), form), 422
    except Conflict as error:
        session.rollback()
        if error.code == "sent_before":
            flash(_("That mail has gone out already, as it was. Write a new one here."), "error")
            return redirect(url_for(".mailings", public_id=public_id), 303)
        if error.code != "recipients_changed":
            raise
        return _preview(find_to_run(session, public_id, by=actor), form, changed=True), 409


def _send(event: Event, form: MailingForm) -> Answer:
    made = send_mailing(
        current_session(),
        event,
        form.words(),
        form.choice(),
        shown=form.shown.data or "",
        request_key=form.request_key.data or "",
        by=current_actor(),
        now=request_now(),
    )
    flash(_("Sent. Each person gets it once."), "success")
    return redirect(url_for(".mailing", public_id=made.public_id), 303)


def _preview(event: Event, form: MailingForm, *, changed: bool = False) -> str:
    words = form.words()
    words.check()
    people = chosen(current_session(), event, form.choice(), now=request_now())
    if not people:
        raise Invalid({"recipients": "nobody"})
    form.shown.data = seal(words, people)
    form.shown.raw_data = None
    return render_template(
        "events/results/mailing_preview.html",
        event=event,
        form=form,
        people=people,
        by_mail=sum(each.way == "now" for each in people),
        letters=_letters(event, words, people),
        changed=changed,
        sent_fields=_sent_fields(form),
    )


def _sent_fields(form: MailingForm) -> list[tuple[str, Any]]:
    """Return the fields of the preview's own form: what was chosen and written, unchanged."""
    found: list[tuple[str, Any]] = []
    for one in form:
        if one.type == "CSRFTokenField":
            continue
        values = one.data if isinstance(one.data, list) else [one.data]
        if one.type == "BooleanField":
            values = ["y"] if one.data else []
        found += [(one.name, value) for value in values if value]
    return found


def _letters(
    event: Event, words: Words, people: Sequence[Recipient]
) -> list[tuple[str, str, Rendered]]:
    """Return (language, whose, mail) as the first reader of each language gets it.

    The link that switches such mails off is the organiser's own: a reader's is nobody else's.
    """
    organiser = current_session().get_one(User, current_actor().user_id)
    found = []
    for tongue in ("zh", "en"):
        users = [each.registration.user for each in people]
        readers = [user.name for user in users if user is not None and user.language == tongue]
        name = readers[0] if readers else organiser.name
        letter = render(event, words, name=name, language=tongue, reader=organiser.public_id)
        found.append((tongue, name, letter))
    return found


@event_results.get("/mailings/<public_id>")
def mailing(public_id: str) -> Answer:
    """Show a mailing to who organises the event and to whom it went; 404 for all others."""
    session, actor = current_session(), current_actor()
    found = session.scalars(sa.select(Mailing).where(Mailing.public_id == public_id)).first()
    if found is None:
        raise NotFound(kind="event_mailing")
    event = session.scalars(
        sa.select(Event).where(Event.id == found.event_id).options(joinedload(Event.organisation))
    ).one()
    people = recipients_of(session, found)
    organises = may_run(actor, event)
    if not organises and actor.user_id not in {each.user_id for each in people}:
        raise NotFound(kind="event_mailing")
    said, tongue = words_of(found), language()
    return render_template(
        "events/results/mailing.html",
        event=event,
        mailing=found,
        subject=said.said("subject", tongue),
        text=said.said("text", tongue),
        people=people if organises else [],
    )

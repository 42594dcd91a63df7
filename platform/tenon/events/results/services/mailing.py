"""Mail to many of an event: shown first, sent once, kept with whom it went to.

The mail of each person is written by the outbox's handler, in the transaction that marks it done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.models import Event, Mailing, MailingRecipient
from tenon.events.permissions import may_run
from tenon.events.results.notifying import MAILING, mailing_facts, titles
from tenon.events.results.queries.recipients import (
    Choice,
    Recipient,
    chosen,
    recipients_of,
    ways_of,
)
from tenon.events.states import EVENT
from tenon.notices import bundling, delivery, planning, unsubscribing
from tenon.notices.choosing import hours
from tenon.notices.models import Mail
from tenon.notices.planning import NO_QUIET, Quiet
from tenon.notices.rendering import Rendered, render_mail
from tenon.notices.services import SEND_MAIL, notify
from tenon.outbox import emit

LONGEST_SUBJECT, LONGEST_TEXT = 200, 10_000
LONGEST_KEY = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a mailing says; one language is enough, the other's readers get that one."""

    subject_zh: str = ""
    subject_en: str = ""
    text_zh: str = ""
    text_en: str = ""

    def check(self) -> None:
        """Raise Invalid where a language is half written, nothing is, or something is too long."""
        faults: dict[str, str] = {}
        for tongue in ("zh", "en"):
            subject, text = (getattr(self, f"{part}_{tongue}") for part in ("subject", "text"))
            if len(subject) > LONGEST_SUBJECT:
                faults[f"subject_{tongue}"] = "too_long"
            if len(text) > LONGEST_TEXT:
                faults[f"text_{tongue}"] = "too_long"
            if bool(subject.strip()) != bool(text.strip()):
                faults[f"{'text' if subject.strip() else 'subject'}_{tongue}"] = "required"
        if not faults and not (self.subject_zh.strip() or self.subject_en.strip()):
            faults["subject_zh"] = "required"
        if faults:
            raise Invalid(faults)

    def stripped(self) -> Words:
        """Return the same without blanks around."""
        return Words(**{name: value.strip() for name, value in asdict(self).items()})

    def said(self, part: str, language: str) -> str:
        """Return subject or text in a language, or in the one that was written."""
        other = "en" if language == "zh" else "zh"
        found = getattr(self, f"{part}_{language}").strip()
        return str(found or getattr(self, f"{part}_{other}").strip())


def seal(words: Words, recipients: Sequence[Recipient]) -> str:
    """Return what names exactly these words to exactly these people: the preview's own hash."""
    people = sorted(each.registration.id for each in recipients)
    said = [words.subject_zh, words.subject_en, words.text_zh, words.text_en]
    return hashlib.sha256(json.dumps([people, said]).encode()).hexdigest()


def send_mailing(
    session: Session,
    event: Event,
    words: Words,
    choice: Choice,
    *,
    shown: str,
    request_key: str,
    by: Actor,
    now: datetime,
) -> Mailing:
    """Send what was previewed to whom it was previewed for; the same request again sends nothing.

    Args:
        session: writing.
        event: the actor organises it.
        words: in one language or both.
        choice: by what recipients are chosen.
        shown: ``seal`` of the preview that the actor saw.
        request_key: of the form; a retried request returns the mailing that it made.
        by: the organiser.
        now: the moment.

    Raises Forbidden, Invalid at the words, at ``recipients`` where the choice is nobody; Conflict
    ``recipients_changed`` where the preview was of others or of other words, ``sent_before`` where
    this form has sent other words already.
    """
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    if not request_key or len(request_key) > LONGEST_KEY:
        raise Invalid({"request_key": "required"})
    session.refresh(event, ["version"], with_for_update=True)  # one sends at a time
    standing = _sent_before(session, event, request_key)
    if standing is not None:
        if words_of(standing) != words.stripped():
            raise Conflict("sent_before", kind="event_mailing")
        return standing
    words.check()
    people = chosen(session, event, choice, now=now)
    if not people:
        raise Invalid({"recipients": "nobody"})
    if seal(words, people) != shown:
        raise Conflict("recipients_changed", kind="event_mailing")
    return _send(session, event, words, choice, people, request_key, by, now)


def _send(
    session: Session,
    event: Event,
    words: Words,
    choice: Choice,
    people: Sequence[Recipient],
    request_key: str,
    by: Actor,
    now: datetime,
) -> Mailing:
    """Write the mailing and whom it goes to; the outbox writes the mails."""
    made = Mailing(
        event_id=event.id,
        **asdict(words.stripped()),
        choice=choice.kept(),
        request_key=request_key,
        written_by=by.user_id,
        sent_at=now,
    )
    session.add(made)
    session.flush()
    session.add_all(
        MailingRecipient(mailing_id=made.id, registration_id=each.registration.id)
        for each in people
    )
    history.record(
        session,
        chain=(EVENT.kind, event.public_id),
        kind="mailing",
        by=by,
        now=now,
        facts={"id": made.public_id, "recipients": len(people)},
    )
    emit(session, "events.mailing", {"id": made.id}, now=now)
    return made


def _sent_before(session: Session, event: Event, request_key: str) -> Mailing | None:
    found = session.scalars(sa.select(Mailing).where(Mailing.request_key == request_key)).first()
    if found is not None and found.event_id != event.id:
        raise Conflict("already_taken", kind="event_mailing")
    return found


def words_of(mailing: Mailing) -> Words:
    """Return what a mailing said."""
    return Words(
        subject_zh=mailing.subject_zh,
        subject_en=mailing.subject_en,
        text_zh=mailing.text_zh,
        text_en=mailing.text_en,
    )


def render(event: Event, words: Words, *, name: str, language: str, reader: str) -> Rendered:
    """Return the mail that somebody gets, in their language; ``reader`` is their public id."""
    here = delivery.current()
    other = "en" if language == "zh" else "zh"
    house = event.organisation
    context = {
        "subject": " ".join(words.said("subject", language).split()),
        "name": " ".join(name.split()),
        "text": words.said("text", language),
        "event": titles(event)[language] or titles(event)[other],
        "host": house.name(language),
        "address": here.address(f"/events/{event.public_id}"),
        "choices": here.address("/account/notices"),
        "unsubscribe": unsubscribing.link(reader, MAILING),
    }
    return render_mail("event_mailing", language, context)


def write_mails(session: Session, mailing: Mailing, *, now: datetime) -> int:
    """Write each recipient's mail and notice; return how many mails. For the outbox's handler.

    Who wants such mail gathered finds it in the daily digest; who wants none, in the site alone.
    """
    event = session.get_one(Event, mailing.event_id)
    people = [each.user for each in recipients_of(session, mailing) if each.user is not None]
    ways = ways_of(session, [each.id for each in people])
    written = 0
    for user in people:
        if not user.active or user.erased_at is not None:
            continue
        notify(
            session,
            user=user,
            kind=MAILING,
            facts=mailing_facts(event, mailing),
            path=f"/events/mailings/{mailing.public_id}",
            now=now,
            mail=ways[user.id] == "digest",
        )
        if ways[user.id] == "now":
            _write_mail(session, event, mailing, user, now)
            written += 1
    return written


def _write_mail(
    session: Session, event: Event, mailing: Mailing, user: User, now: datetime
) -> None:
    """Write one mail, which leaves at once, or when the person's quiet hours are over."""
    rendered = render(
        event, words_of(mailing), name=user.name, language=user.language, reader=user.public_id
    )
    mail = Mail(
        user_id=user.id,
        recipient=user.email,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        language=user.language,
        message_id=bundling.message_id(),
        created_at=now,
        kind="notice",
        scope=MAILING,
    )
    session.add(mail)
    session.flush()
    times = hours(session, user.id)
    asleep = (
        NO_QUIET
        if times.quiet_begins is None or times.quiet_ends is None
        else Quiet(times.quiet_begins, times.quiet_ends)
    )
    leaves = planning.mail_moment(now, last_mail=None, quiet=asleep, zone=delivery.current().zone)
    emit(session, SEND_MAIL, {"id": mail.id}, now=now, at=leaves)

"""What people are told after an event: that an answer waits, that the organiser writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.events.models import Event, Mailing
from tenon.events.results.queries.meetings import Missing
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.notices.services import notify

MAILING = "event_mailing"
AGAIN = "event_outcome_again"
_A_FORMER_MEMBER = {"zh": "对方", "en": "the other side"}

wording.register(
    {
        "event_outcome_due": N_(
            "Please say in three taps what came of your meeting with %(person)s at “%(event)s”."
        ),
        AGAIN: N_("The organiser of “%(event)s” asks: what came of your meeting with %(person)s?"),
        MAILING: N_("The organiser of “%(event)s” writes: %(subject)s"),
    },
    group="events",
    heading=N_("Events"),
    samples={
        "event": {"zh": "光电子技术对接会", "en": "Photonics matchmaking"},
        "subject": {"zh": "明天九点开始签到", "en": "Check-in opens at nine"},
    },
)


def titles(event: Event) -> dict[str, str]:
    """Return an event's title in both languages."""
    return {"zh": event.title("zh"), "en": event.title("en")}


def facts_of(missing: Missing) -> dict[str, Any]:
    """Return what a reminder says: the event, and whom one met."""
    met = missing.other.user
    return {
        "event": titles(missing.meeting.event),
        "person": _A_FORMER_MEMBER if met is None else met.name,
    }


def remind(session: Session, waiting: Iterable[Missing], kind: str, *, now: datetime) -> int:
    """Ask those who have said nothing what came of their meeting; return how many were asked."""
    asked = 0
    for each in waiting:
        if each.registration.user is None:
            continue
        notify(
            session,
            user=each.registration.user,
            kind=kind,
            facts=facts_of(each),
            path=f"/events/meetings/{each.meeting.public_id}/outcome",
            now=now,
            about=each.other.user,
        )
        asked += 1
    return asked


def words_of_reminder(missing: Missing) -> Mapping[str, str]:
    """Return what a reminder by the organiser says, in both languages."""
    return {tongue: wording.words(AGAIN, facts_of(missing), tongue) for tongue in ("zh", "en")}


def mailing_facts(event: Event, mailing: Mailing) -> dict[str, Any]:
    """Return what the notice of a mailing says."""
    return {
        "event": titles(event),
        "subject": {"zh": mailing.subject_zh, "en": mailing.subject_en},
    }

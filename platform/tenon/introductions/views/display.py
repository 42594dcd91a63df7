"""What the room's templates ask: parties as the reader may know them, steps, what happens next."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext

from tenon.introductions import labels, permissions, reasons, stages
from tenon.introductions.models import Introduction
from tenon.introductions.queries import Said, Shown
from tenon.listings.models import Listing
from tenon.web.languages import SHOWN_ZONE, language
from tenon.web.page_words import add_page_filters, add_page_words
from tenon.web.requests import current_actor, request_now

_AT_STEP = {"proposed": 0, "returned": 0, "checking": 1, "asked": 2, "asked_back": 2, "nda": 3}


@dataclass(frozen=True, slots=True)
class Party:
    """One side of an introduction as the reader may know it.

    Attributes:
        side: ``from`` or ``to``.
        name: the organisation's, or that it is not named.
        path: public id of its page; None where it is not named.
        own: whether it is the reader's own side.
        listing: what it brings in, where the reader may know.
    """

    side: str
    name: str
    path: str | None
    own: bool
    listing: Listing | None


def party(shown: Shown, side: str) -> Party:
    """Return a side as the reader may know it."""
    introduction = shown.introduction
    named = shown.from_named if side == "from" else shown.to_named
    house = introduction.from_organisation if side == "from" else introduction.to_organisation
    tells = permissions.may_know_listing(current_actor(), introduction, side)
    return Party(
        side,
        house.name(language()) if named else str(_("An organisation that is not named")),
        house.public_id if named else None,
        shown.side == side,
        introduction.listing_of(side) if tells else None,
    )


def other_party(shown: Shown) -> Party:
    """Return the side across from the reader's own; for those of neither, the interested one."""
    return party(shown, "to" if shown.side == "from" else "from")


def step_reached(introduction: Introduction) -> int:
    """Return the index of the step that an introduction stands at, or ended at."""
    if introduction.state in _AT_STEP:
        return _AT_STEP[introduction.state]
    if introduction.state in ("connected", "ended"):
        return len(labels.STEPS)
    if introduction.opened_at is not None:
        return 3
    if introduction.passed_on_at is not None:
        return 2
    return 0 if introduction.interest is None else 1


def step_names(introduction: Introduction, *, secret: bool) -> list[str]:
    """Return the steps of an introduction; the agreement only where it has or needs one.

    ``secret`` says that a listing of it holds something for after an agreement.
    """
    names = [str(each) for each in labels.STEPS]
    needed = secret if introduction.opened_at is None else introduction.nda is not None
    if not needed:
        del names[3]
    return names


def lapses_at(introduction: Introduction) -> datetime | None:
    """Return when an introduction that waits lapses; None where it does not wait."""
    if introduction.state not in stages.patience():
        return None
    return stages.due(introduction.state, "lapse", introduction.stage_since)


def days_left(introduction: Introduction) -> int:
    """Return in how many days, begun ones included, an introduction that waits lapses."""
    end = lapses_at(introduction)
    if end is None:
        return 0
    return max(0, math.ceil((end - request_now()).total_seconds() / 86_400))


def next_step(introduction: Introduction, side: str | None) -> str:
    """Return what happens next and until when, as the reader's side sees it."""
    days = days_left(introduction)
    state = introduction.state
    if state == "checking":
        return str(
            ngettext(
                "A broker checks it; %(num)s day is left",
                "A broker checks it; %(num)s days are left",
                days,
            )
        )
    if state == "nda":
        return _next_of_agreement(introduction, side, days)
    acts = {"proposed": "from", "returned": "from", "asked_back": "from", "asked": "to"}.get(state)
    if acts is None:
        return str(_("Agree how to go on")) if state == "connected" and side else ""
    if acts != side:
        return str(
            ngettext(
                "They have %(num)s day left to answer",
                "They have %(num)s days left to answer",
                days,
            )
        )
    words = {
        "proposed": ngettext(
            "Say whether it interests you: %(num)s day left",
            "Say whether it interests you: %(num)s days left",
            days,
        ),
        "returned": ngettext(
            "Write it anew: %(num)s day left", "Write it anew: %(num)s days left", days
        ),
    }
    answer = ngettext("Answer it: %(num)s day left", "Answer it: %(num)s days left", days)
    return str(words.get(state, answer))


def _next_of_agreement(introduction: Introduction, side: str | None, days: int) -> str:
    done = introduction.nda is not None and side and introduction.nda.confirmed_at(side)
    if done or side is None:
        return str(
            ngettext(
                "They have %(num)s day left to confirm the agreement",
                "They have %(num)s days left to confirm the agreement",
                days,
            )
        )
    return str(
        ngettext(
            "Confirm the agreement: %(num)s day left",
            "Confirm the agreement: %(num)s days left",
            days,
        )
    )


def waits_for(introduction: Introduction, side: str | None) -> bool:
    """Whether it is this side's turn."""
    if side is None:
        return False
    if introduction.state == "nda":
        return introduction.nda is not None and not introduction.nda.confirmed_at(side)
    return (introduction.state, side) in {
        ("proposed", "from"),
        ("returned", "from"),
        ("asked_back", "from"),
        ("asked", "to"),
    }


def days_since(moment: datetime) -> str:
    """Return how long ago something was, in days and in words."""
    days = (request_now().astimezone(SHOWN_ZONE).date() - moment.astimezone(SHOWN_ZONE).date()).days
    if days <= 0:
        return str(_("today"))
    return str(ngettext("%(num)s day ago", "%(num)s days ago", days))


def write_clock(moment: datetime) -> str:
    """Write the time of day in the site's zone."""
    return f"{moment.astimezone(SHOWN_ZONE):%H:%M}"


def by_day(said: Sequence[Said]) -> Iterator[tuple[date, list[Said]]]:
    """Return messages under the day, in the site's zone, on which they were said."""
    for day, group in groupby(said, lambda each: each.message.at.astimezone(SHOWN_ZONE).date()):
        yield day, list(group)


def speaker_of(said: Said, shown: Shown) -> str:
    """Return who speaks, as far as the reader may know."""
    speaker = said.message.speaker
    if speaker == "broker":
        broker = str(_("Technology broker"))
        return f"{broker} · {said.author.name}" if said.author and said.author.name else broker
    side = party(shown, speaker)
    house = str(_("Your organisation")) if side.own else side.name
    return f"{said.author.name} · {house}" if said.author and said.author.name else house


def reason_words(code: str) -> str:
    """Return a reason for declining in the page's language; the ending's where it is one."""
    if code in labels.ENDINGS and code != "other":
        return str(labels.ENDINGS[code])
    return reasons.in_words(code)[language()]


def advice_words(code: str) -> str:
    """Return what a reason for declining advises, in the page's language."""
    return reasons.advice(code)[language()]


def install(app: Flask) -> None:
    """Let templates ask."""
    add_page_words(
        app,
        introduction_label=labels.label,
        introduction_look=labels.look,
        introduction_party=party,
        introduction_other=other_party,
        introduction_next=next_step,
        introduction_waits=waits_for,
        introduction_permissions=permissions,
        days_since=days_since,
    )
    add_page_filters(app, clock=write_clock)

"""Codes of the desk in words, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.deals import labels as deal_words
from tenon.events import labels as event_words
from tenon.introductions import labels as introduction_words
from tenon.listings import labels as listing_words
from tenon.payments import words as payment_words

Words = Mapping[str, LazyString]

PARTS: Words = {
    "answers": _l("Introductions to act on"),
    "reviews": _l("Reviews waiting"),
    "needs": _l("Needs without a match"),
    "cases": _l("Needs at my place"),
    "timetables": _l("Timetables to release"),
    "follow_ups": _l("Meetings to follow up"),
    "deadlines": _l("Dates of my deals"),
    "commissions": _l("Commission to see to"),
    "expiring": _l("Listings that run out"),
    "tasks": _l("Tasks due"),
    "certificates": _l("My certificate"),
}
KINDS: Words = {
    "firms": _l("Firms and institutions"),
    "people": _l("People"),
    "listings": _l("Results and needs"),
    "introductions": _l("Introductions"),
    "deals": _l("Deals"),
    "events": _l("Events"),
    "notes": _l("Broker's notes"),
    "tasks": _l("Tasks"),
    "visits": _l("Firm visits"),
}
HISTORY: Words = {
    "listing": _l("Steps of listings"),
    "review": _l("Reviews"),
    "introduction": _l("Introductions"),
    "message": _l("Correspondence"),
    "event": _l("Events"),
    "meeting": _l("Meetings"),
    "deal": _l("Deals"),
    "payment": _l("What is owed"),
    "visit": _l("Firm visits"),
    "note": _l("Broker's notes"),
    "task": _l("Tasks"),
}
MESSAGES: Words = {
    "sent": _l("written to the firm"),
    "received": _l("written by the firm"),
}
THINGS: Words = {
    "organisation": _l("About a firm"),
    "listing": _l("About a listing"),
    "introduction": _l("About an introduction"),
    "deal": _l("About a deal"),
    "event": _l("About an event"),
}
AUDIENCES: Words = {
    "me": _l("Only me"),
    "place": _l("My place"),
    "up": _l("My place and those above it"),
}
REPEATS: Words = {"": _l("Once"), "weekly": _l("Every week"), "monthly": _l("Every month")}
LISTS: Words = {
    "due": _l("Due by today"),
    "later": _l("Later"),
    "given": _l("Given to others"),
    "done": _l("Done"),
}
WAYS: Words = {
    "tomorrow": _l("Tomorrow"),
    "working_day": _l("Next working day"),
    "week": _l("Next week"),
}
TASK_STATES: Words = {"open": _l("Open"), "done": _l("Done")}
SCOPES: Words = {"mine": _l("My firms"), "below": _l("My place and below")}
CELLS: Words = {
    "needs": _l("Open needs"),
    "without_supply": _l("Needs without supply"),
    "supply": _l("Published results"),
    "unsought": _l("Results that nobody seeks"),
}
CONSENTS: Words = {
    "none": _l("Visit: nothing was agreed to"),
    "work": _l("Visit: we may work on the need"),
    "publish": _l("Visit: the need may be published"),
    "publish_unnamed": _l("Visit: the need may be published without the name"),
}


def happened(kind: str, code: str) -> str:
    """Return what happened in a firm's history, in words."""
    if kind == "listing":
        return str(listing_words.label("event", code))
    if kind == "review":
        return str(_("Reviewed: %(outcome)s", outcome=listing_words.label("outcome", code)))
    if kind == "introduction":
        return str(introduction_words.STAGES.get(code, code))
    if kind == "event":
        return str(event_words.REGISTRATION_STATES.get(code, code))
    if kind == "meeting":
        return str(event_words.MEETING_STATES.get(code, code))
    if kind == "deal":
        return str(deal_words.STAGES.get(code, code))
    if kind == "payment":
        return str(_(payment_words.STATES.get(code, code)))
    known = {"visit": CONSENTS, "note": AUDIENCES, "task": TASK_STATES, "message": MESSAGES}
    return str(known[kind].get(code, code))


def state_of(kind: str, code: str) -> str:
    """Return the state of a thing that a search found, in words; empty where it has none."""
    if not code:
        return ""
    if kind == "people":
        return str(_("expert"))
    if kind == "listings":
        return str(listing_words.label("state", code))
    if kind == "introductions":
        return str(introduction_words.STAGES.get(code, code))
    if kind == "deals":
        return str(deal_words.STAGES.get(code, code))
    if kind == "events":
        return str(event_words.EVENT_STATES.get(code, code))
    return str(TASK_STATES.get(code, code))


def said(message: str, facts: Mapping[str, object] | None = None) -> str:
    """Return a marked message in the page's language, its placeholders filled."""
    return str(_(message, **(facts or {}))) if facts else str(_(message))

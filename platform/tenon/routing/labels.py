"""Codes of this room in words, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.messages import catalogue
from tenon.routing.words import PASS_REASONS
from tenon.taxonomy.catalogue import label as term
from tenon.web.languages import language, write_date

STATES = {
    "open": _l("Waits for an answer"),
    "answered": _l("The firm has an answer"),
    "closed": _l("No longer on its way"),
}
TONES = {"open": "warn", "answered": "good", "closed": "neutral"}
MOVES = {
    "received": _l("Came in"),
    "routed": _l("Sent on"),
    "assigned": _l("Given to somebody"),
    "taken": _l("Taken on"),
    "passed_on": _l("Passed back"),
    "escalated": _l("Risen one level"),
    "reminded": _l("Reminded"),
    "answered": _l("The firm was answered"),
    "reopened": _l("Opened anew"),
    "closed": _l("Over"),
}
CLOSINGS = {
    "rejected": _l("not accepted in review"),
    "withdrawn": _l("taken back by the firm"),
    "concluded": _l("served its purpose"),
    "expired": _l("its term is over"),
}
CONSENTS = {
    "publish": _l("It may be published with the firm's name"),
    "publish_unnamed": _l("It may be published without the firm's name"),
    "work": _l("It may be worked on, not published"),
    "none": _l("Nothing was agreed yet"),
}
WHOSE = {
    "mine": _l("Mine"),
    "unassigned": _l("Nobody's yet"),
    "overdue": _l("Past their day"),
    "all": _l("All in sight"),
}
LANGUAGES = {"zh": _l("Chinese"), "en": _l("English")}


def pass_reason(code: str) -> str:
    """Return why a broker passes a need back."""
    return str(catalogue(language()).gettext(PASS_REASONS[code]))


def pass_reasons() -> list[tuple[str, str]]:
    """Return (code, words) of all reasons to pass a need back."""
    return [(code, pass_reason(code)) for code in PASS_REASONS]


def reason(each: Mapping[str, Any], names: Mapping[int, str] | None = None) -> str:
    """Return a reason of a proposal or a move in words; empty for one without any.

    ``names`` tells what people are called, by key.
    """
    code = str(each["code"])
    if code in PASS_REASONS:
        return pass_reason(code)
    if code == "load":
        return _load(each)
    if code == "field":
        name = term(each["scheme"], each["field"], language(), with_code=each["scheme"] == "ipc")
        return str(_("knows the field %(field)s", field=name))
    if code == "language":
        return str(_("speaks %(language)s", language=LANGUAGES.get(each["language"], "")))
    if code == "region":
        return str(_("serves %(region)s", region=term("region", each["region"], language())))
    if code == "stands_in":
        person = (names or {}).get(each["for"]) or _("somebody who is away")
        return str(_("stands in for %(person)s", person=person))
    if code == "unanswered":
        return str(_("no answer by %(day)s", day=write_date(date.fromisoformat(each["since"]))))
    return _plain(code)


def _load(each: Mapping[str, Any]) -> str:
    if each["most"] is None:
        return str(_("open needs: %(number)s", number=each["open"]))
    return str(_("%(number)s open needs of %(most)s", number=each["open"], most=each["most"]))


def _plain(code: str) -> str:
    words = {
        "keeper": _("looks after the firm"),
        "arrived_keeper": _("the firm is looked after here"),
        "arrived_region": _("the nearest place of its region"),
        "arrived_centre": _("no place of its region"),
        "arrived_visit": _("written down on a visit"),
        "collected": _("by whoever wrote it down"),
        "proposed": _("as proposed"),
        "chosen": _("by choice"),
        "took": _("of their own accord"),
        "reviews": _("with the review"),
        "handed_over": _("with a portfolio"),
        "place_closed": _("the place was closed"),
        "sent_on": _("where it belongs"),
        "at_the_top": _("it can rise no further"),
        "by_reply": _("a broker wrote"),
        "by_proposed": _("an introduction was proposed"),
        "by_passed_on": _("an introduction was passed on"),
        "handed_in_again": _("handed in again"),
        "renewed": _("given another term"),
        "revised": _("revised by the firm"),
    }
    return str(words.get(code, ""))

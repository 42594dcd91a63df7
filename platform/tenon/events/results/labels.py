"""Words of outcomes, reports and mailings, in the page's language; knows no page."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.events.labels import REGISTRATION_STATES
from tenon.events.models import Registration
from tenon.events.results.queries.report import Report

OUTCOMES: Mapping[str, LazyString] = {
    "nothing": _l("Nothing for now"),
    "follow_up": _l("We go on talking"),
    "nda": _l("Confidentiality agreement"),
    "sample_or_trial": _l("Sample or trial"),
    "letter_of_intent": _l("Letter of intent"),
    "contract": _l("Contract agreed"),
}
STARS: Mapping[int, LazyString] = {
    1: _l("Poor"),
    2: _l("Fair"),
    3: _l("Useful"),
    4: _l("Good meeting"),
    5: _l("Excellent"),
}
_LOOKS: Mapping[str, str] = {
    "nothing": "neutral",
    "follow_up": "info",
    "nda": "info",
    "sample_or_trial": "accent",
    "letter_of_intent": "good",
    "contract": "good",
}


def who(registration: Registration, language: str) -> str:
    """Return somebody's name with their organisation."""
    name = registration.user.name if registration.user is not None else str(_("A former member"))
    house = registration.organisation
    return name if house is None else f"{name} · {house.name(language)}"


def tone(outcome: str) -> str:
    """Return the tone of an outcome's badge."""
    return _LOOKS[outcome]


FIGURES: Mapping[str, LazyString] = {
    "registered": _l("Registered in all"),
    "checked_in": _l("Checked in on the day"),
    "wished": _l("Meetings wished for"),
    "wished.must": _l("Wished: must meet"),
    "wished.would": _l("Wished: would like to meet"),
    "wished.mutual": _l("Mutual wishes"),
    "scheduled": _l("Meetings scheduled"),
    "planned": _l("Scheduled, not said whether held"),
    "held": _l("Meetings that were held"),
    "no_show": _l("No-shows"),
    "called_off": _l("Meetings that were called off"),
    "answered": _l("Answers by sides"),
    "best": _l("Meetings that led on"),
    "agree": _l("Both sides say the same"),
    "differ": _l("The two sides differ"),
    "introductions": _l("Introductions begun"),
    "deals": _l("Deals begun"),
    "signed": _l("Deals signed since"),
}
ORDER = (
    ("wished", "wished.must", "wished.would", "wished.mutual"),
    ("scheduled", "held", "planned", "no_show", "called_off"),
    ("answered", "best", "agree", "differ"),
    ("introductions", "deals", "signed"),
)
"""Figures in the order of the report, by its sections."""


def figure_words(report: Report, code: str, language: str) -> str:
    """Return what a figure is called: its own words, with state, outcome, stars or group."""
    if code in FIGURES:
        return str(FIGURES[code])
    first, *rest = code.split(".")
    said: list[str] = []
    if first == "outcome":
        said.append(str(OUTCOMES[rest.pop(0)]))
    elif first == "stars":
        said.append("★" * int(rest.pop(0)))
    else:
        said.append(str(FIGURES[first]))
        if first == "registered" and rest:
            said.append(str(REGISTRATION_STATES[rest.pop(0)]))
    said += [report.groups[each].name(language) for each in rest]
    return " · ".join(said)

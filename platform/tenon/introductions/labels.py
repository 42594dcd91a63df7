"""Codes of the room in words, in the page's language: stages, steps, endings, speakers.

Reasons and what they advise are data for notices too and stand in reasons.py. Must not know
introductions or a database.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

STAGES: Mapping[str, LazyString] = {
    "proposed": _l("Proposed by a broker"),
    "checking": _l("With the broker"),
    "returned": _l("To be written anew"),
    "asked": _l("Waits for an answer"),
    "asked_back": _l("Question asked back"),
    "nda": _l("Agreement to confirm"),
    "connected": _l("Connected"),
    "declined": _l("Introduction declined"),
    "refused": _l("Not passed on"),
    "withdrawn": _l("Taken back"),
    "lapsed": _l("No answer in time"),
    "void": _l("No longer on offer"),
    "ended": _l("Contact ended"),
}
TONES: Mapping[str, tuple[str, str]] = {
    "proposed": ("info", "spark"),
    "checking": ("info", "clock"),
    "returned": ("warn", "back"),
    "asked": ("warn", "clock"),
    "asked_back": ("warn", "help"),
    "nda": ("accent", "lock"),
    "connected": ("good", "check"),
    "declined": ("bad", "stop"),
    "refused": ("bad", "stop"),
}
"""Stage -> tone and icon of its badge; neutral for all others."""

STEPS: tuple[LazyString, ...] = (
    _l("Asked"),
    _l("Checked by a broker"),
    _l("Answered"),
    _l("Agreement"),
    _l("Connected"),
)
QUESTIONS: Mapping[str, LazyString] = {
    "interest": _l("What interests you in it?"),
    "offer": _l("What do you bring?"),
    "proposal": _l("What do you propose?"),
}
ANSWERS: Mapping[str, LazyString] = {
    "interest": _l("What is of interest"),
    "offer": _l("What is brought in"),
    "proposal": _l("What is proposed"),
}
AUDIENCES: Mapping[str, LazyString] = {
    "all": _l("Both sides and the brokers"),
    "from": _l("The side that asks, and the brokers"),
    "to": _l("The side that is asked, and the brokers"),
    "brokers": _l("Brokers and operators only"),
}
ENDINGS: Mapping[str, LazyString] = {
    "led_on": _l("It led on: we work together now"),
    "no_fit": _l("We looked at it together, and it does not fit"),
    "no_capacity": _l("No people or capacity at present"),
    "other": _l("Another reason for ending"),
}
GROUPS: Mapping[str, LazyString] = {
    "all": _l("All introductions"),
    "ours": _l("Waits for us"),
    "theirs": _l("Waits for others"),
    "connected": STAGES["connected"],
    "over": _l("Over"),
}
SIDES: Mapping[str, LazyString] = {
    "": _l("Both directions"),
    "from": _l("We asked"),
    "to": _l("We were asked"),
}
MESSAGE_KINDS: Mapping[str, LazyString] = {
    "question": _l("Question before deciding"),
    "reply": _l("Answer to the question"),
    "remark": _l("Remark"),
}
_KINDS: Mapping[str, Mapping[str, LazyString]] = {
    "stage": STAGES,
    "question": QUESTIONS,
    "answer": ANSWERS,
    "audience": AUDIENCES,
    "ending": ENDINGS,
    "group": GROUPS,
    "side": SIDES,
    "message": MESSAGE_KINDS,
}


def label(kind: str, code: str | None) -> LazyString | str:
    """Return a code in words; empty for None. Raises KeyError for an unknown kind of code."""
    words = _KINDS[kind]
    return "" if code is None else words.get(code, code)


def look(stage: str) -> tuple[str, str | None]:
    """Return tone and icon of a stage's badge."""
    return TONES.get(stage, ("neutral", None))

"""Words of the day: ways of checking in, what a meeting was marked as, questions; knows no page."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from tenon.events.labels import LANGUAGES

__all__ = ["LANGUAGES", "QUESTIONS", "RESULTS", "WAYS"]

WAYS: Mapping[str, LazyString] = {
    "camera": _l("by camera"),
    "scanner": _l("by scanner"),
    "typed": _l("by typed code"),
    "list": _l("from the list"),
    "self": _l("by themselves"),
}
RESULTS: Mapping[str, LazyString] = {
    "arrived": _l("Checked in"),
    "repeated": _l("Checked in"),
    "already": _l("Was checked in before"),
    "not_confirmed": _l("Has no confirmed place"),
    "unknown": _l("Nobody here has this code"),
    "other_event": _l("This code is for another event"),
    "expired": _l("The list on this device had expired"),
}
QUESTIONS: Mapping[str, LazyString] = {
    "not_met": _l("The result falls short of this. Can it be reached, by when and at what cost?"),
    "partly": _l("The result meets this in part. What is missing?"),
    "not_stated": _l("The result says nothing of this. How does it stand?"),
    "not_comparable": _l("Both give a figure, but not of the same thing. How do they compare?"),
    "unchecked": _l("Nobody has held this against the result yet. Is it met?"),
    "money": _l("The price expected lies above the budget. What could be left out, or paid later?"),
    "deadline": _l("The need has a deadline. What can be delivered until then?"),
}

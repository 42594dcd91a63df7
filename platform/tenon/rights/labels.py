"""Codes of the room in words, in the page's language. Must not know rows or a database."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

GRANT_KINDS: Mapping[str, LazyString] = {
    "ownership": _l("A part of the ownership"),
    "use": _l("A long right of use"),
}
GRANT_STATES: Mapping[str, LazyString] = {
    "applied": _l("Applied for"),
    "approved": _l("Approved by the institution"),
    "publicised": _l("Published"),
    "agreed": _l("Agreed"),
    "refused": _l("Refused"),
    "withdrawn": _l("Withdrawn"),
}
GRANT_TONES: Mapping[str, str] = {
    "applied": "info",
    "approved": "info",
    "publicised": "accent",
    "agreed": "good",
    "refused": "bad",
}
CONDITIONS: Mapping[str, LazyString] = {
    "suspended": _l("Proceedings suspended"),
    "evaluation_report": _l("Evaluation report"),
    "invalidation": _l("Action for invalidation"),
}
LICENCE_KINDS: Mapping[str, LazyString] = {
    "exclusive": _l("Exclusive licence"),
    "sole": _l("Sole licence"),
    "nonexclusive": _l("Non-exclusive licence"),
    "open": _l("Open licence"),
    "assignment": _l("Assignment, not registered yet"),
}
FEE_MODES: Mapping[str, LazyString] = {
    "single": _l("One sum"),
    "yearly": _l("A sum a year"),
    "running": _l("Percent of net sales"),
}
REASONS: Mapping[str, LazyString] = {
    "recorded": _l("Recorded"),
    "corrected": _l("Put right"),
    "grant": _l("Granted to contributors"),
    "title": _l("Title passed"),
}
OWNER_KINDS: Mapping[str, LazyString] = {
    "": _l("Nobody"),
    "organisation": _l("An organisation of this site"),
    "outside_organisation": _l("Another organisation"),
    "outside_person": _l("Another person"),
}
STEPS: Mapping[str, LazyString] = {
    "approve": _l("Approve"),
    "publicise": _l("Begin publicity"),
    "confirm": _l("Confirm the grant"),
    "refuse": _l("Refuse"),
    "withdraw": _l("Withdraw the application"),
}

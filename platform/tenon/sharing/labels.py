"""The room's codes in words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

STATES: Mapping[str, tuple[LazyString, str]] = {
    "draft": (_l("Being written"), "neutral"),
    "proposed": (_l("Contributors are asked"), "info"),
    "disputed": (_l("A contributor disagrees"), "bad"),
    "confirmed": (_l("Confirmed by all contributors"), "good"),
    "publicised": (_l("Public inside the institution"), "info"),
    "approved": (_l("Approved, to be paid out"), "warn"),
    "paid": (_l("Paid out"), "good"),
    "withdrawn": (_l("Given up"), "neutral"),
}
"""State -> words, tone."""

COSTS: Mapping[str, LazyString] = {
    "appraisal": _l("Appraisal"),
    "travel": _l("Travel"),
    "tax": _l("Taxes and duties"),
    "agency": _l("Agency and brokerage"),
    "other": _l("Other direct cost"),
}

SHARES: Mapping[str, tuple[LazyString, str]] = {
    "waiting": (_l("asked, no answer yet"), "neutral"),
    "confirmed": (_l("agrees"), "good"),
    "disputed": (_l("disagrees"), "bad"),
}

STEPS: Mapping[str, tuple[LazyString, str]] = {
    "propose": (_l("Put it to the contributors"), "primary"),
    "publicise": (_l("Publish it inside the institution"), "primary"),
    "approve": (_l("Approve the sharing"), "primary"),
    "take_back": (_l("Take it back to change it"), "secondary"),
    "withdraw": (_l("Give it up"), "quiet"),
}
"""Steps with a plain button -> words, kind of button."""

DONE: Mapping[str, LazyString] = {
    "propose": _l("The contributors are asked to confirm their shares."),
    "publicise": _l("All members of your organisation can read it now."),
    "approve": _l("Approved. The shares are owed to the contributors now."),
    "take_back": _l("Taken back. The contributors will be asked again."),
    "withdraw": _l("Given up. The income can be shared anew."),
}

ROAD: tuple[tuple[str, LazyString], ...] = (
    ("draft", _l("Write")),
    ("proposed", _l("Ask the contributors")),
    ("confirmed", _l("All agree")),
    ("publicised", _l("Publish inside")),
    ("approved", _l("Approve")),
    ("paid", _l("Pay out")),
)

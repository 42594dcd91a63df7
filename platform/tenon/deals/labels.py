"""Codes of the room in words, in the page's language: stages, states of terms, files, reasons.

What a form calls its states, steps and terms stands in its data. Must not know deals or a database.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from tenon.deals.forms.schema import GROUPS
from tenon.listings.labels import CURRENCIES as COMMON_CURRENCIES

STAGES: Mapping[str, LazyString] = {
    "lead": _l("Lead"),
    "talks": _l("Talks"),
    "terms": _l("Negotiation"),
    "approval": _l("Approval"),
    "publicity": _l("Publicity"),
    "signing": _l("To be signed"),
    "signed": _l("Signed"),
    "in_force": _l("In force"),
    "completed": _l("Completed"),
    "terminated": _l("Terminated"),
    "lapsed": _l("Deal lapsed"),
    "dropped": _l("Not concluded"),
}
TONES: Mapping[str, tuple[str, str | None]] = {
    "lead": ("neutral", "spark"),
    "talks": ("info", "people"),
    "terms": ("info", "pencil"),
    "approval": ("warn", "clock"),
    "publicity": ("warn", "clock"),
    "signing": ("warn", "pencil"),
    "signed": ("accent", "check"),
    "in_force": ("good", "check"),
    "completed": ("good", "flag"),
    "terminated": ("bad", "stop"),
    "lapsed": ("neutral", "clock"),
    "dropped": ("neutral", "stop"),
}
"""Stage -> tone and icon of its badge."""

VERSION_STATES: Mapping[str, LazyString] = {
    "proposed": _l("Waits for an answer"),
    "accepted": _l("Accepted by both sides"),
    "replaced": _l("Replaced by a later version"),
    "declined": _l("Terms declined"),
    "withdrawn": _l("Taken back"),
}
VERSION_TONES: Mapping[str, tuple[str, str | None]] = {
    "proposed": ("warn", "clock"),
    "accepted": ("good", "check"),
    "declined": ("bad", "stop"),
}
FILE_KINDS: Mapping[str, LazyString] = {
    "signed_contract": _l("Signed contract"),
    "amendment": _l("Amendment"),
    "draft": _l("Draft of a paper"),
    "appraisal": _l("Appraisal"),
    "approval": _l("Decision on approval"),
    "insurance": _l("Insurance policy"),
    "report": _l("Report"),
    "evidence": _l("Evidence"),
    "other": _l("Another file"),
}
END_REASONS: Mapping[str, LazyString] = {
    "price": _l("No agreement on the price"),
    "scope": _l("No agreement on the scope"),
    "timing": _l("The time does not suit"),
    "technology": _l("The technology does not do what is needed"),
    "approval": _l("Approval was refused"),
    "objection": _l("An objection was upheld"),
    "finance": _l("The money is not there"),
    "other_partner": _l("Another partner was found"),
    "breach": _l("The other side broke the contract"),
    "agreed": _l("Both sides agreed to end it"),
    "other": _l("Another reason for ending"),
}
SIDES: Mapping[str, LazyString] = {
    "seller": _l("The side that gives the technology"),
    "buyer": _l("The side that takes the technology"),
    "broker": _l("The technology broker"),
}
CURRENCIES: Mapping[str, LazyString] = {
    **COMMON_CURRENCIES,
    "EUR": _l("Euros (EUR)"),
    "HKD": _l("Hong Kong dollars (HKD)"),
    "JPY": _l("Japanese yen (JPY)"),
    "GBP": _l("Pounds sterling (GBP)"),
}
ITEM_KINDS: Mapping[str, LazyString] = {
    "step": _l("Steps of the deal"),
    "terms": _l("Terms of the deal"),
    "message": _l("Messages"),
    "file": _l("Files"),
    "signature": _l("Signatures"),
    "approval": _l("Approvals"),
    "publicity": _l("Publicity and objections"),
    "meeting": _l("Meetings"),
    "payment": _l("Payments"),
    "report": _l("Use reports"),
    "trial": _l("Trial"),
    "milestone": _l("Milestones"),
    "equity": _l("Shares and capital"),
    "sharing": _l("Income sharing"),
    "commission": _l("Commission"),
    "duty": _l("Registration and filing"),
}
_KINDS: Mapping[str, Mapping[str, LazyString]] = {
    "stage": STAGES,
    "version_state": VERSION_STATES,
    "file_kind": FILE_KINDS,
    "end_reason": END_REASONS,
    "side": SIDES,
    "currency": CURRENCIES,
    "item_kind": ITEM_KINDS,
}


def label(kind: str, code: str | None) -> LazyString | str:
    """Return a code in words; empty for None. Raises KeyError for an unknown kind of code."""
    words = _KINDS[kind]
    return "" if code is None else words.get(code, code)


def look(stage: str) -> tuple[str, str | None]:
    """Return tone and icon of a stage's badge."""
    return TONES.get(stage, ("neutral", None))


def group_name(code: str, tongue: str) -> str:
    """Return the heading that terms of a group stand under, in ``zh`` or ``en``."""
    return GROUPS[code][tongue] if code in GROUPS else code


def version_look(state: str) -> tuple[str, str | None]:
    """Return tone and icon of the badge of a version's state."""
    return VERSION_TONES.get(state, ("neutral", None))

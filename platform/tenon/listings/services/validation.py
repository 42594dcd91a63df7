"""What a listing must hold: to be kept at all, and to be shown to others.

A draft needs a title and nothing else; whatever is there must be of the right kind. Names of
faults are those of the form's fields.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date

from tenon.accounts.models import Organisation
from tenon.errors import Invalid
from tenon.listings.content import Content, Words
from tenon.listings.models import (
    DEAL_FORMS,
    IP_KINDS,
    IP_STATUSES,
    MONEY_KINDS,
    OBLIGATIONS,
    TIERS,
)
from tenon.taxonomy.queries import find

TITLE_LIMIT = 300
TEXT_LIMIT = 20_000
LINE_LIMIT = 300
MOST_ENTRIES = 50
CURRENCIES = ("CNY", "USD")
FIELD_SCHEMES = ("hitech", "ipc", "gbt4754")
# Kinds of rights that live without a register and hence without a number.
UNREGISTERED = ("trade_secret", "know_how", "other")
LEAST_SUMMARY: Mapping[str, int] = {"zh": 20, "en": 60}

Faults = dict[str, str]


def check(content: Content, *, side: str) -> None:
    """Refuse what could not be kept; raises Invalid with one fault a field."""
    faults: Faults = {}
    if content.language not in LEAST_SUMMARY:
        faults["language"] = "unknown_code"
    if not content.words.title:
        faults["title"] = "required"
    faults |= _lengths(content.words, "")
    if content.translation is not None and not content.translation.empty:
        if not content.translation.title:
            faults["translated_title"] = "required"
        faults |= _lengths(content.translation, "translated_")
    for part in (_codes, _money, _rights, _lists):
        faults |= part(content)
    if side == "achievement" and (content.anonymous or content.deadline or content.requirements):
        faults[""] = "wrong_side"
    if faults:
        raise Invalid(faults)


def _lengths(words: Words, prefix: str) -> Faults:
    faults = {}
    if len(words.title) > TITLE_LIMIT:
        faults[f"{prefix}title"] = "too_long"
    for name in ("summary", "problem", "advantages", "applications"):
        if len(getattr(words, name)) > TEXT_LIMIT:
            faults[f"{prefix}{name}"] = "too_long"
    return faults


def _codes(content: Content) -> Faults:
    faults = {}
    for scheme, code in content.fields:
        if scheme not in FIELD_SCHEMES or find(scheme, code) is None:
            faults["industries" if scheme == "gbt4754" else "fields"] = "unknown_code"
    if any(form not in DEAL_FORMS for form in content.deal_forms):
        faults["deal_forms"] = "unknown_code"
    if content.region and find("region", content.region) is None:
        faults["region"] = "unknown_code"
    if content.readiness is not None and not 1 <= content.readiness <= 9:
        faults["readiness"] = "out_of_range"
    return faults


def _money(content: Content) -> Faults:
    faults = {}
    if content.money_kind is not None and content.money_kind not in MONEY_KINDS:
        faults["money_kind"] = "unknown_code"
    if content.currency not in CURRENCIES:
        faults["currency"] = "unknown_code"
    low, high = content.money_low, content.money_high
    for name, amount in (("money_low", low), ("money_high", high)):
        if amount is not None and amount < 0:
            faults[name] = "out_of_range"
    if low is not None and high is not None and low > high:
        faults["money_high"] = "out_of_order"
    if content.money_kind == "fixed" and low is None:
        faults["money_low"] = "required"
    if content.money_kind == "range" and low is None and high is None:
        faults["money_low"] = "required"
    return faults


def _rights(content: Content) -> Faults:
    if len(content.rights) > MOST_ENTRIES:
        return {"rights": "too_many"}
    for right in content.rights:
        if right.kind not in IP_KINDS or right.status not in IP_STATUSES:
            return {"rights": "unknown_code"}
        if not right.number and right.kind not in UNREGISTERED:
            return {"rights": "number_required"}
        if len(right.number) > 60 or len(right.owner) > 200:
            return {"rights": "too_long"}
        if right.filed_on and right.granted_on and right.granted_on < right.filed_on:
            return {"rights": "granted_before_filed"}
    return {}


def _lists(content: Content) -> Faults:
    faults = {}
    for name, texts in (
        ("requirements", [each.text for each in content.requirements]),
        ("contributors", list(content.contributors)),
    ):
        limit = LINE_LIMIT if name == "requirements" else 120
        if len(texts) > MOST_ENTRIES:
            faults[name] = "too_many"
        elif any(len(text) > limit for text in texts):
            faults[name] = "too_long"
    if any(each.obligation not in OBLIGATIONS for each in content.requirements):
        faults["requirements"] = "unknown_code"
    for tier, text in content.details.items():
        if tier not in TIERS[1:]:
            faults[""] = "unknown_code"
        elif len(text) > TEXT_LIMIT:
            faults[f"detail_{tier}"] = "too_long"
    return faults


def missing(content: Content, *, side: str, owner: Organisation, today: date) -> Faults:
    """Return what still lacks before others may read it: field -> what is wrong; may be empty."""
    faults: Faults = {}
    if not content.words.summary:
        faults["summary"] = "required"
    elif len(content.words.summary) < LEAST_SUMMARY[content.language]:
        faults["summary"] = "too_short"
    for name, present in _ASKED[side].items():
        if not present(content):
            faults[name] = "required"
    if content.deadline is not None and content.deadline < today:
        faults["deadline"] = "in_the_past"
    if owner.state != "approved":
        faults[""] = "organisation_not_approved"
    if content.anonymous:
        faults |= _names_owner(content, owner)
    return faults


_ASKED: Mapping[str, Mapping[str, Callable[[Content], object]]] = {
    "achievement": {
        "advantages": lambda content: content.words.advantages,
        "readiness": lambda content: content.readiness,
        "fields": lambda content: [f for f in content.fields if f[0] != "gbt4754"],
        "deal_forms": lambda content: content.deal_forms,
    },
    "need": {
        "requirements": lambda content: content.requirements,
        "deal_forms": lambda content: content.deal_forms,
    },
}


def _names_owner(content: Content, owner: Organisation) -> Faults:
    """Find the firm's own name in what everybody will read of an anonymous need."""
    names = [_folded(name) for name in (owner.name_zh, owner.name_en) if name]
    faults = {}
    for prefix, words in (("", content.words), ("translated_", content.translation)):
        for field_name in ("title", "summary"):
            text = _folded(getattr(words, field_name)) if words else ""
            if any(name in text for name in names):
                faults[f"{prefix}{field_name}"] = "names_owner"
    written = _folded("\n".join(each.text for each in content.requirements))
    if any(name in written for name in names):
        faults["requirements"] = "names_owner"
    return faults


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())

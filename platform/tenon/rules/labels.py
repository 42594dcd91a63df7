"""Codes of the room in words, in the page's language. Must not know rows or a database."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.rules.catalogue import COUNTRY, Entry, catalogue
from tenon.rules.models import RuleRow
from tenon.rules.queries import Rule
from tenon.rules.values import codes_in
from tenon.taxonomy.catalogue import label, path_label
from tenon.web.languages import language, write_money

APPLIES: Mapping[str, LazyString] = {
    "binding": _l("Binding"),
    "default": _l("Where nothing is agreed"),
}
EVENTS: Mapping[str, LazyString] = {
    "loaded": _l("Brought by a new version of the site"),
    "added": _l("Added"),
    "edited": _l("Corrected"),
    "ended": _l("Ended"),
}
FIELDS: Mapping[str, LazyString] = {
    "value": _l("Value of the rule"),
    "applies": _l("How it applies"),
    "effective_from": _l("Holds from"),
    "effective_to": _l("Holds until"),
    "source_zh": _l("Source, in Chinese"),
    "source_en": _l("Source, in English"),
    "verified": _l("Read in the source"),
    "code": _l("Rule"),
    "jurisdiction": _l("Where it holds"),
}


def title(code: str) -> str:
    """Return a rule's name; its code where no file describes it any longer."""
    found = catalogue().entries.get(code)
    return code if found is None else found.title(language())


def typing(rule: Entry) -> str:
    """Return how the value of a rule is typed, by its kind and unit."""
    if rule.kind == "money":
        return str(_("An amount in whole units of the currency, such as 100000 or 0.50."))
    if rule.unit == "percent":
        return str(_("A percentage, without the sign."))
    if rule.kind == "text":
        return str(_("A text."))
    return str(_("A whole number.") if rule.kind == "integer" else _("A number."))


def topic_of(code: str) -> str:
    """Return the code of the topic under which a rule stands; empty where no file has it."""
    found = catalogue().entries.get(code)
    return "" if found is None else found.topic


def place(jurisdiction: str) -> str:
    """Return where a row holds, in words."""
    if jurisdiction == COUNTRY:
        return label("country", COUNTRY, language())
    return path_label("region", jurisdiction, language())


def value(code: str, kind: str, kept: object, unit: str) -> str:
    """Return a kept value in words: with its unit (15 days, 70 %), an amount, what is chosen."""
    if kind == "money" and isinstance(kept, dict):
        return write_money(int(kept["minor"]), str(kept["currency"]))
    if kind == "text":
        return _chosen(code, str(kept))
    number = str(kept)
    if unit == "percent":
        return f"{number}%" if language() == "zh" else f"{number} %"
    count = int(kept) if isinstance(kept, int) else 2
    words = {
        "days": lambda: ngettext("%(number)s day", "%(number)s days", count, number=number),
        "working_days": lambda: ngettext(
            "%(number)s working day", "%(number)s working days", count, number=number
        ),
        "months": lambda: ngettext("%(number)s month", "%(number)s months", count, number=number),
        "years": lambda: ngettext("%(number)s year", "%(number)s years", count, number=number),
    }
    return str(words[unit]()) if unit in words else f"{number} {unit}".strip()


def _chosen(code: str, kept: str) -> str:
    """Return the names of what a rule chose; a text as it is where it chooses nothing."""
    described = catalogue().entries.get(code)
    if described is None or not described.choices:
        return kept
    chosen = [described.choices.get(each) for each in codes_in(kept)]
    names = [each.title(language()) for each in chosen if each is not None]
    return str(_(", ")).join(names) if names else str(_("None of them"))


def row_value(row: RuleRow) -> str:
    """Return a row's value in words."""
    return value(row.code, row.kind, row.value["value"], row.unit)


def rule_value(rule: Rule) -> str:
    """Return the value of a rule in words, for pages of other rooms."""
    kept = str(rule.value) if rule.kind == "decimal" else rule.value
    return value(rule.code, rule.kind, kept, rule.unit)


def fact(name: str, told: object, row: RuleRow) -> str:
    """Return what the history tells of one field, in words."""
    if told is None:
        return str(_("open"))
    if name == "value":
        return value(row.code, row.kind, told, row.unit)
    if name == "verified":
        return str(_("Yes") if told else _("No"))
    if name == "applies":
        return str(APPLIES.get(str(told), told))
    return place(str(told)) if name == "jurisdiction" else str(told)

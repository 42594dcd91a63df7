"""What measures, targets and how they stand are called; how each measure is counted, in words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _l

from tenon.insight.measures import Measure

MEASURES: Mapping[str, LazyString] = {
    "events_held": _l("Events held"),
    "meetings_held": _l("Meetings held"),
    "introductions_passed_on": _l("Introductions passed on"),
    "introductions_accepted": _l("Introductions accepted"),
    "needs_collected": _l("Needs collected"),
    "needs_answered": _l("Needs answered"),
    "needs_answered_in_time": _l("Share of needs answered in time"),
    "needs_done": _l("Needs met or concluded"),
    "needs_completion": _l("Completion rate of needs"),
    "achievements_published": _l("Results published"),
    "deals_signed": _l("Contracts signed"),
    "contract_value": _l("Value of contracts signed"),
    "technology_value": _l("Technology value of contracts signed"),
    "contracts_registered": _l("Contracts registered"),
    "registered_value": _l("Value of contracts registered"),
    "payments_received": _l("Money received"),
    "local_conversion": _l("Local conversion rate by count"),
    "local_conversion_value": _l("Local conversion rate by value"),
    "deals_from_needs": _l("Share of contracts that began with a need"),
    "brokers_active": _l("Active brokers"),
    "heads": _l("Heads of places"),
    "brokers": _l("Technology brokers"),
    "liaisons": _l("Liaison officers"),
    "certified_brokers": _l("Brokers with a valid certificate"),
    "certified_managers": _l("Technology managers with a valid certificate"),
    "certified_liaisons": _l("Liaison officers with a valid certificate"),
}

DEFINITIONS: Mapping[str, LazyString] = {
    "events_held": _l(
        "Events that are over and at which somebody checked in, by the day they began. A past day "
        "counts those that the site had counted by then. The broker is the one credited with "
        "hosting, the place where that broker worked on the day."
    ),
    "meetings_held": _l(
        "Meetings at events that were marked as held, or of which both sides reported, by the day "
        "of their slot. As of a past day: those whose last mark by then was that they were held."
    ),
    "introductions_passed_on": _l(
        "Requests that a broker checked and passed on to the other side, by that day. Place: where "
        "the need came in, or else the result; the broker is the one who passed it on."
    ),
    "introductions_accepted": _l(
        "Introductions that both sides agreed to, by the day of the second consent; what became of "
        "them since does not matter. Brokers are those whom the ledger of credit names; a "
        "break-down counts each introduction under the first of them."
    ),
    "needs_collected": _l(
        "Needs, by the day they were first handed in or published, or were imported as published. "
        "One withdrawn since still counts. Region, field and place are the need's own as they "
        "stand now; the broker is the one credited with collecting it."
    ),
    "needs_answered": _l(
        "Needs in the service network, by the day of the first answer to the firm: a proposal, an "
        "introduction passed on or a written reply. Place and broker are those that had the need."
    ),
    "needs_answered_in_time": _l(
        "Of the deadlines for the first answer to a need that were kept or passed in the period, "
        "those that were kept. Every place that has the need has a deadline of its own: one that "
        "passes unanswered counts against that place and who had the need there, also where "
        "somebody else answers later."
    ),
    "needs_done": _l(
        "Needs, by the day they were concluded or the first contract resting on them was signed "
        "and recorded, whichever came first."
    ),
    "needs_completion": _l(
        "Of the needs first published in the period, the share that is concluded or has a signed "
        "contract, whenever that was."
    ),
    "achievements_published": _l(
        "Results, by the day they were first published, or imported as published; one withdrawn "
        "since still counts."
    ),
    "deals_signed": _l(
        "Contracts by the day of signing, each once; as known on a past day exactly. Place: where "
        "the need came in, or else the result. Institution: the seller in a break-down, either "
        "side where one institution is asked for."
    ),
    "contract_value": _l(
        "What the contracts signed in the period are worth, with the amendments known by then. "
        "Amounts of different currencies are not added."
    ),
    "technology_value": _l(
        "The part that is for technology, as registered or else as agreed; contracts that state "
        "none add nothing."
    ),
    "contracts_registered": _l("Contracts by the day of their registration with the authority."),
    "registered_value": _l(
        "What contracts registered in the period are worth, as their certificates state."
    ),
    "payments_received": _l(
        "What sellers confirmed as received, by the day it was paid, less what they paid back. A "
        "payment taken back later counts until that day."
    ),
    "local_conversion": _l(
        "Of the contracts that sellers in China signed, the share whose buyer lies in the same "
        "province."
    ),
    "local_conversion_value": _l(
        "Of what the contracts of sellers in China are worth, the share whose buyer lies in the "
        "same province, for each currency by itself."
    ),
    "deals_from_needs": _l("Of the contracts signed, the share that rests on a published need."),
    "brokers_active": _l(
        "People who worked in the network and earned at least one credit in the period that "
        "stands: collecting, writing, introducing, hosting or closing. Each counts once."
    ),
    "heads": _l(
        "People who headed a place at the end of the period, or now if it has not ended; each "
        "once. Past days are as recorded by their end."
    ),
    "brokers": _l(
        "People who worked as brokers at a place at the end of the period, or now if it has not "
        "ended; each once. Past days are as recorded by their end."
    ),
    "liaisons": _l(
        "People who worked as liaison officers at a place at the end of the period, or now if it "
        "has not ended; each once. Past days are as recorded by their end."
    ),
    "certified_brokers": _l(
        "People who work in the network and hold a broker's certificate valid at the end of the "
        "period, or now if it has not ended."
    ),
    "certified_managers": _l(
        "People who work in the network and hold a technology manager's certificate valid at the "
        "end of the period, or now if it has not ended."
    ),
    "certified_liaisons": _l(
        "People who work in the network and hold a liaison officer's certificate valid at the end "
        "of the period, or now if it has not ended."
    ),
}

SCOPES: Mapping[str, LazyString] = {
    "site": _l("The whole site"),
    "region": _l("A region"),
    "station": _l("A place of the network"),
    "institution": _l("An institution"),
    "broker": _l("One broker"),
    "field": _l("A field of technology"),
}
PERIODS: Mapping[str, LazyString] = {
    "year": _l("A year"),
    "quarter": _l("A quarter"),
    "month": _l("A month"),
    "span": _l("Other days"),
}
DIMENSIONS: Mapping[str, LazyString] = {
    "region": _l("Region"),
    "field": _l("Field"),
    "institution": _l("Institution"),
    "broker": _l("Broker"),
    "station": _l("Place of the network"),
}
VERDICTS: Mapping[str, LazyString] = {
    "not_begun": _l("The period has not begun"),
    "reached": _l("Reached"),
    "ahead": _l("Ahead by %(by)s"),
    "on_course": _l("On course"),
    "behind": _l("Behind by %(by)s"),
    "missed": _l("Missed by %(by)s"),
}
TONES: Mapping[str, str] = {
    "not_begun": "neutral",
    "reached": "good",
    "ahead": "good",
    "on_course": "info",
    "behind": "warn",
    "missed": "bad",
}


def write_unit(measure: Measure, currency: str | None) -> str:
    """Return the unit in which charts and tables write a target of a measure."""
    if measure.unit == "money":
        return f"money:{currency or 'CNY'}"
    return measure.unit


def counted(code: str, number: int, words: str) -> str:
    """Return so many of what a measure counts, such as 12 events; ``words`` is the number."""
    said = {
        "events_held": ngettext("%(words)s event", "%(words)s events", number, words=words),
        "meetings_held": ngettext("%(words)s meeting", "%(words)s meetings", number, words=words),
        "introductions": ngettext(
            "%(words)s introduction", "%(words)s introductions", number, words=words
        ),
        "needs": ngettext("%(words)s need", "%(words)s needs", number, words=words),
        "achievements_published": ngettext(
            "%(words)s result", "%(words)s results", number, words=words
        ),
        "deals_signed": ngettext("%(words)s contract", "%(words)s contracts", number, words=words),
        "contracts": ngettext("%(words)s contract", "%(words)s contracts", number, words=words),
    }
    whole = said.get(code) or said.get(code.partition("_")[0])
    return str(whole or ngettext("%(words)s person", "%(words)s people", number, words=words))

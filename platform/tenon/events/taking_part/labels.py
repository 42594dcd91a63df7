"""Codes of taking part in words, in the page's language. Knows no database."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.events.taking_part.notifying import REASONS

WISHES: Mapping[str, LazyString] = {
    "must": _l("Must meet"),
    "would": _l("Would like to meet"),
    "rather_not": _l("Rather not"),
}
WISH_STATES: Mapping[str, LazyString] = {
    "open": _l("No answer yet"),
    "accepted": _l("Wish agreed"),
    "declined": _l("Wish declined"),
    "withdrawn": _l("Wish taken back"),
}
WISH_LOOKS: Mapping[str, tuple[str, str]] = {
    "open": ("warn", "clock"),
    "accepted": ("good", "check"),
    "declined": ("bad", "stop"),
    "withdrawn": ("neutral", "stop"),
}
DECLINE_REASONS: Mapping[str, LazyString] = {code: _l(said) for code, said in REASONS.items()}
MET: Mapping[str, LazyString] = {
    "meeting": _l("Met at an earlier event"),
    "introduction": _l("Introduced to each other before"),
    "deal": _l("Deal together"),
}
RULES: Mapping[str, LazyString] = {
    "add": _l("Let them meet"),
    "forbid": _l("Keep them apart"),
    "fix": _l("Fix the meeting in a slot"),
}
SIDES: Mapping[str, LazyString] = {
    "achievement": _l("Brings a result"),
    "need": _l("Brings a need"),
}


def why_not(code: str) -> str:
    """Return why something cannot be done, in words; all else as one sentence."""
    known = {**_of_phases(), **_of_parts(), **_of_wishes(), **_of_rows()}
    return known.get(code) or str(
        _("Somebody was quicker, or it is not possible any more. This is how it stands now.")
    )


def _of_phases() -> dict[str, str]:
    return {
        "event_not_open": _("This event is not announced yet."),
        "event_over": _("This event is over."),
        "event_called_off": _("This event was called off."),
        "registration_not_yet": _("Registration has not begun yet."),
        "registration_over": _("Registration is closed."),
        "requests_not_yet": _("Wishes cannot be made yet."),
        "requests_over": _("The time for wishes is over."),
    }


def _of_parts() -> dict[str, str]:
    return {
        "already_registered": _("This person is registered already."),
        "not_admitted": _("The organiser has declined this person before; please ask them."),
        "part_over": _("This part in the event has ended."),
        "offer_over": _("The place was held until a moment that has passed; it goes to the next."),
        "attends_online": _("They attend online and need no table."),
        "decided_already": _("This was decided already."),
        "not_found": _("Not among those registered for this event."),
        "nothing_chosen": _("Nothing is ticked, so nothing was done."),
        "too_many_at_once": _("That is too much at once."),
    }


def _of_wishes() -> dict[str, str]:
    return {
        "part_not_confirmed": _("Both of you must take part, and one of you does not."),
        "may_not_meet": _("The rules of this event do not let these two meet."),
        "too_many_wishes": _(
            "You have as many open wishes as this event allows. Take one back first."
        ),
        "declined_already": _("They have declined this; it cannot be asked again."),
    }


def _of_rows() -> dict[str, str]:
    return {
        "two_codes_a_line": _("Write two codes on a line, then slot and table if you fix them."),
        "slot_is_a_number": _("The third value is the number of a slot."),
        "unknown_first": _("Nobody here has the first code."),
        "unknown_second": _("Nobody here has the second code."),
        "same_person": _("Both codes are of the same person."),
        "not_confirmed": _("One of the two does not take part (yet)."),
        "said_twice": _("This pair stands above already."),
        "slot_missing": _("Say in which slot it is fixed."),
        "unknown_slot": _("This event has no slot of that number."),
        "unknown_table": _("This event has no table of that name."),
        "already_fixed_then": _("One of the two has a fixed meeting in that slot."),
        "not_free_then": _("One of the two is not free in that slot."),
        "table_closed_then": _("That table is closed in that slot."),
        "table_taken_then": _("That table is taken in that slot."),
        "new": _("New rule"),
        "changed": _("Replaces another rule"),
        "same": _("Stands already"),
    }

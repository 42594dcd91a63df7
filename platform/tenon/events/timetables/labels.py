"""What states, conflicts, levels, costs and reasons are called on the room's pages."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

DRAFT_STATES: Mapping[str, LazyString] = {
    "queued": _l("Waits to be made"),
    "running": _l("Being made"),
    "ready": _l("Ready to be looked at"),
    "stopped": _l("Stopped with the best so far"),
    "failed": _l("Not made"),
    "released": _l("Agreed timetable"),
    "replaced": _l("Replaced by a later one"),
}
_LOOKS: Mapping[str, tuple[str, str]] = {
    "queued": ("neutral", "clock"),
    "running": ("info", "clock"),
    "ready": ("accent", "check"),
    "stopped": ("accent", "pause"),
    "failed": ("bad", "stop"),
    "released": ("good", "check"),
    "replaced": ("neutral", "back"),
}
DRAFT_KINDS: Mapping[str, LazyString] = {
    "full": _l("Whole timetable"),
    "replan": _l("Re-plan with few moves"),
}
SECONDS: Mapping[int, LazyString] = {
    10: _l("10 seconds: a first look"),
    20: _l("20 seconds: up to some hundred people"),
    60: _l("1 minute: several hundred people"),
    300: _l("5 minutes: a thousand and more"),
}
ENDED: Mapping[str, LazyString] = {
    "optimal": _l("It is proved that no timetable is better."),
    "time": _l("The search ended when its time was up."),
    "stopped": _l("The search was stopped; this is the best it had found."),
    "crashed": _l("The search ended early by a fault; this is the best it had found."),
}
LEVELS: Mapping[str, LazyString] = {
    "block_scheduling": _l("Cannot be entered"),
    "block_release": _l("Keeps a timetable from being released"),
    "warn": _l("Is pointed out"),
    "ignore": _l("Is not looked at"),
}
LEVEL_LOOKS: Mapping[str, tuple[str, str]] = {
    "block_scheduling": ("bad", "stop"),
    "block_release": ("bad", "stop"),
    "warn": ("warn", "warning"),
}
CONFLICTS: Mapping[str, LazyString] = {
    "double_booking": _l("In two meetings at once"),
    "table_taken": _l("Two meetings at one table"),
    "pair_twice": _l("The same two meet twice"),
    "not_taking_part": _l("Takes part no more"),
    "slot_passed": _l("The slot has begun already"),
    "interpreter_taken": _l("One interpreter at two meetings"),
    "absent": _l("Not free in this slot"),
    "in_session": _l("In a session of the programme"),
    "table_closed": _l("The table is closed in this slot"),
    "forbidden": _l("You keep the two apart"),
    "may_not_meet": _l("Their groups do not meet"),
    "same_house": _l("Both of one organisation"),
    "rather_not": _l("One would rather not"),
    "over_maximum": _l("More meetings than wanted"),
    "no_common_language": _l("No common language, no interpreter"),
    "no_table": _l("No table, though somebody is on site"),
    "own_table": _l("Not at their own table"),
    "room_change_tight": _l("Little time to change rooms"),
    "no_pause": _l("Many meetings without a pause"),
    "below_minimum": _l("Fewer meetings than they should have"),
    "nobody_asked": _l("Nobody asked for this meeting"),
}
COSTS: Mapping[str, LazyString] = {
    "shortfall": _l("Each meeting that somebody has under their least"),
    "gap": _l("Each long wait between two meetings"),
    "room_change": _l("Each change of room"),
    "uneven": _l("Each meeting above an even share"),
    "longest_gap": _l("Slots without a meeting that nobody minds"),
}
LACKS: Mapping[str, LazyString] = {
    "no_slots": _l("The event has no slots yet: enter its days first."),
    "no_slots_left": _l("The last slot has begun: there is nothing left to plan."),
    "no_wishes": _l(
        "No two people may meet yet: wishes are missing. Ask those who take part for theirs, or "
        "add pairs yourself."
    ),
}
REASONS: Mapping[str, LazyString] = {
    "not_taking_part": _l("One of them takes part no more."),
    "forbidden": _l("You keep the two apart."),
    "same_house": _l("Both come from one organisation."),
    "may_not_meet": _l("Their groups do not meet at this event."),
    "rather_not": _l("One of them would rather not."),
    "declined": _l("The other side declined."),
    "no_common_slot": _l("They are never free at the same time."),
    "no_table_of_theirs": _l("Their own table is closed whenever both are free."),
    "no_interpreter": _l("They share no language, and no interpreter speaks both of theirs."),
    "at_most": _l("One of them has as many meetings as they want."),
    "no_table_left": _l("In all slots in which both are free every table is taken."),
    "no_interpreter_left": _l("In all slots in which both are free the interpreters are taken."),
    "busy": _l("In every slot one of them meets somebody else."),
    "costs_more": _l("It would cost more than it is worth: long waits, changes of room."),
    "left_out": _l("It could still be added as things are."),
    "unknown": _l("It was left out for meetings that are worth more."),
}
NEVER_ASKED = _l("Nobody wished to meet them, and they wished to meet nobody.")
ALL_REFUSED = _l("Nobody whom they wish to meet, or who wishes to meet them, may or will.")
WISHES_UNMET = _l("None of the wishes could be met beside the others.")


def draft_look(state: str) -> tuple[str, str]:
    """Return (tone, icon) of a draft's badge."""
    return _LOOKS[state]

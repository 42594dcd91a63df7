"""Words of the room: lacks, sessions, history, tabs, errors; knows no page."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.web.forms import message as common_message

SESSION_KINDS: Mapping[str, LazyString] = {
    "opening": _l("Opening session"),
    "talk": _l("Talk"),
    "pitch": _l("Pitches"),
    "panel": _l("Panel"),
    "challenge": _l("Presentation of challenges"),
    "break": _l("Break in the programme"),
    "other": _l("Other session"),
}
WHEN: Mapping[str, LazyString] = {
    "upcoming": _l("Upcoming"),
    "running": _l("Running now"),
    "past": _l("Past events"),
    "mine": _l("Events I run"),
}
LACKS: Mapping[str, LazyString] = {
    "title": _l("It needs a title in Chinese or English."),
    "past": _l("Its days have passed: choose others."),
    "slots": _l("No meeting fits into its days: make them longer, or the breaks shorter."),
    "tables": _l("It has no table to meet at."),
    "groups": _l("It has no group that people could take part as."),
    "may": _l("Nobody may meet anybody: tick which groups meet which."),
}
CHANGES: Mapping[str, LazyString] = {
    "begin": _l("Event begun"),
    "handed_over": _l("Handed over to another broker"),
    "change_basics": _l("Basics changed"),
    "change_texts": _l("Texts changed"),
    "change_days": _l("Days and slots changed"),
    "change_rooms": _l("Rooms and tables changed"),
    "change_closures": _l("Tables closed or opened"),
    "keep_map": _l("Map of the venue added"),
    "drop_map": _l("Map of the venue removed"),
    "change_groups": _l("Groups and who may meet whom changed"),
    "change_interpreters": _l("Interpreters changed"),
    "add_session": _l("Session added to the programme"),
    "change_session": _l("Session of the programme changed"),
    "drop_session": _l("Session taken out of the programme"),
    "change_limits": _l("Phases and limits changed"),
    "open": _l("Event announced"),
    "take_back": _l("Announcement taken back"),
    "call_off": _l("Event called off"),
    "close": _l("Event closed"),
}
FIELDS: Mapping[str, LazyString] = {
    "kind": _l("Kind of event"),
    "mode": _l("On site or online"),
    "title_zh": _l("Title in Chinese"),
    "title_en": _l("Title in English"),
    "text_zh": _l("Text in Chinese"),
    "text_en": _l("Text in English"),
    "venue_zh": _l("Venue in Chinese"),
    "venue_en": _l("Venue in English"),
    "address_zh": _l("Address in Chinese"),
    "address_en": _l("Address in English"),
    "region": _l("Where the venue lies"),
    "online_url": _l("Address of the online room"),
    "zone": _l("Time zone of the event"),
    "registration_from": _l("Registration opens"),
    "registration_until": _l("Registration closes"),
    "requests_from": _l("Requests open"),
    "requests_until": _l("Requests close"),
    "schedule_until": _l("Timetable is released by"),
    "follow_up_until": _l("Outcomes are collected until"),
    "capacity": _l("Places"),
    "needs_approval": _l("The organiser approves each registration"),
    "most_meetings": _l("Most meetings a person"),
    "least_meetings": _l("Fewest meetings a person"),
    "most_requests": _l("Most requests a person"),
}
ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Singapore",
    "Asia/Dubai",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Moscow",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
    "UTC",
)
"""Offered first; any other zone of the IANA list is kept where an event has it."""


def message(code: str, names: str = "") -> str:
    """Return an error code of this room, or of all rooms, in words.

    ``names`` are the things in the way, where there are such.
    """
    known = {
        "ends_before_start": _("The end must come after the beginning."),
        "too_many": _("That are more than an event can have."),
        "not_breaks": _(
            "Write breaks such as 12:00-13:30, separated by commas, in order and not overlapping."
        ),
        "not_a_time": _("Please enter a time such as 09:00."),
        "table_twice": _("A table of this name stands in another room already."),
        "no_such_table": _("There is no table of this name: %(names)s.", names=names),
        "in_use": _(
            "This is in use and cannot go: %(names)s. Move or cancel what uses it first.",
            names=names,
        ),
        "interprets_then": _(
            "They interpret then, by slot: %(names)s. Move or call off those meetings first.",
            names=names,
        ),
        "being_made": _("A timetable is being made with this interpreter. Stop it first."),
        "gone_meanwhile": _("This interpreter was taken out meanwhile."),
        "two_languages": _("Tick at least two languages: they interpret between them."),
        "not_slots": _("Write numbers of slots such as 1-4, 9; they stand below the form."),
        "slots_in_use": _(
            "Slots that would go have meetings or fixed pairs. Move or cancel those first, or "
            "choose days and breaks that keep these slots."
        ),
        "timetable_holds_slots": _(
            "A timetable is being made or was released with these slots. Stop it, or take the "
            "release back, first."
        ),
        "below_taken": _("More places than that are taken already."),
        "after_the_start": _("This must not lie after the event begins."),
        "before_requests_close": _("This must not lie before requests close."),
        "above_most": _("This must not be above the most meetings a person."),
        "no_such_organisation": _("No approved organisation has exactly this name."),
        "several_named_so": _("Several organisations have this name."),
        "host_needed": _("Choose one of your organisations, or name another host."),
        "not_complete": _("Something is still missing: see the list above."),
    }
    return str(known.get(code) or common_message(code))

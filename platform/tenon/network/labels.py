"""Codes of the room in words, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.web.forms import message as common_message

LEVELS: Mapping[str, LazyString] = {
    "centre": _l("Centre"),
    "node": _l("Node"),
    "station": _l("Station"),
}
STATES: Mapping[str, LazyString] = {"active": _l("Open"), "closed": _l("Closed")}
ROLES: Mapping[str, LazyString] = {
    "head": _l("Head of the place"),
    "broker": _l("Technology broker"),
    "liaison": _l("Liaison officer"),
}
CERTIFICATES: Mapping[str, LazyString] = {
    "broker": _l("Certified technology broker"),
    "manager": _l("Certified technology manager"),
    "liaison": _l("Certified liaison officer"),
}
LANGUAGES: Mapping[str, LazyString] = {"zh": _l("Chinese"), "en": _l("English")}
DAYS: Mapping[str, LazyString] = {"holiday": _l("Day off"), "working": _l("Worked weekend")}
OUTCOMES: Mapping[str, LazyString] = {
    "new": _l("new"),
    "changed": _l("will change"),
    "same": _l("as it is"),
    "wrong": _l("cannot be taken in"),
}
OUTCOME_TONES: Mapping[str, str] = {
    "new": "good",
    "changed": "info",
    "same": "neutral",
    "wrong": "bad",
}
REFUSALS: Mapping[str, LazyString] = {
    "kept": _l("another broker looks after it"),
    "kept_meanwhile": _l("somebody else was faster"),
    "already_theirs": _l("it is theirs already"),
    "not_approved": _l("the organisation is not approved"),
}


def words(code: str) -> str:
    """Return an error code of this room, or of all rooms, in words."""
    known = {
        "not_a_broker": _("Only who holds the role of a broker works in the network."),
        "already_here": _("This person works here already."),
        "in_the_future": _("That day is still to come."),
        "days_reversed": _("The last day must not be before the first."),
        "too_far_off": _("One year at most."),
        "away_already": _("An absence on some of these days is noted already."),
        "away_too": _("The deputy is away on some of these days, too."),
        "too_many": _("These are too many."),
        "code_is_settled": _("The code is changed by an operator, as files name places by it."),
        "level_is_settled": _("The level of a place does not change; close it and add another."),
        "centre_is_top": _("Nothing lies above a centre."),
        "level_not_above": _("A place lies below one of a higher level: centre, node, station."),
        "below_itself": _("That place lies below this one."),
        "closed": _("That place is closed."),
        "place_closed": _("That place is closed."),
        "not_empty": _("Something still lies here. Hand it up to the place above, or clear it."),
        "is_worked_anyway": _("Mondays to Fridays are worked anyway."),
        "unknown_level": _("Levels are centre, node and station."),
        "unknown_place": _("No place has this code, here or in the file."),
        "parent_is_wrong": _("The row of the place above is not right."),
        "unknown_firm": _("No approved organisation of exactly this name or code, or several."),
        "unknown_kind": _("Kinds are holiday and working."),
        "twice_in_file": _("This stands in the file twice."),
        "empty_file": _("The file holds no rows."),
        "too_large_file": _("The file is too large: 3,000 rows and 10 MB at most."),
        "unreadable_file": _("The file cannot be read: save it as CSV or Excel (.xlsx)."),
        "missing_columns": _("Required columns are missing."),
        "wrong_rows": _("Some rows are not right; nothing was taken in."),
        "over_limit": _("That is more than this broker is to look after. Tick to do so anyway."),
        "nothing_left": _("There is nothing to hand over."),
    }
    return str(known.get(code) or common_message(code))

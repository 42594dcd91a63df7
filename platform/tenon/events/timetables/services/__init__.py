"""Verbs of the room, for its own pages and for later rooms of events. None of them commits.

A release is looked at by ``outlook`` before it is done by ``release``.
"""

from tenon.events.timetables.permitting import Blocked
from tenon.events.timetables.services.editing import Where
from tenon.events.timetables.services.levelling import set_rules
from tenon.events.timetables.services.living import (
    call_off,
    call_off_all_of,
    call_off_rest,
    kept_apart,
    leave,
    move,
    offers,
    place_ad_hoc,
    swap,
)
from tenon.events.timetables.services.ordering import ORDERED, order, stop
from tenon.events.timetables.services.releasing import Outlook, mark_of, outlook, release

__all__ = [
    "ORDERED",
    "Blocked",
    "Outlook",
    "Where",
    "call_off",
    "call_off_all_of",
    "call_off_rest",
    "kept_apart",
    "leave",
    "mark_of",
    "move",
    "offers",
    "order",
    "outlook",
    "place_ad_hoc",
    "release",
    "set_rules",
    "stop",
    "swap",
]

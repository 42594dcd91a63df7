"""Verbs of the room: begin an event, change its parts, announce it, end it."""

from tenon.events.planning.services.basics import (
    Basics,
    Limits,
    change_basics,
    change_limits,
    change_texts,
)
from tenon.events.planning.services.grouping import GroupRow, change_groups
from tenon.events.planning.services.interpreting import InterpreterRow, change_interpreters
from tenon.events.planning.services.moving import (
    call_off,
    close,
    close_ended,
    open_event,
    take_back,
)
from tenon.events.planning.services.places import (
    RoomRow,
    change_closures,
    change_rooms,
    drop_map,
    keep_map,
)
from tenon.events.planning.services.programme import (
    SessionRow,
    Speaker,
    add_session,
    change_session,
    drop_session,
)
from tenon.events.planning.services.starting import Outline, begin_event, copy_event
from tenon.events.planning.services.timing import Rebuilt, change_days

__all__ = [
    "Basics",
    "GroupRow",
    "InterpreterRow",
    "Limits",
    "Outline",
    "Rebuilt",
    "RoomRow",
    "SessionRow",
    "Speaker",
    "add_session",
    "begin_event",
    "call_off",
    "change_basics",
    "change_closures",
    "change_days",
    "change_groups",
    "change_interpreters",
    "change_limits",
    "change_rooms",
    "change_session",
    "change_texts",
    "close",
    "close_ended",
    "copy_event",
    "drop_map",
    "drop_session",
    "keep_map",
    "open_event",
    "take_back",
]

"""Reads of the room."""

from tenon.introductions.queries.introductions import (
    Shown,
    find,
    live_between,
    visible_to,
)
from tenon.introductions.queries.thread import Said, people_of, thread, unread_of

__all__ = [
    "Said",
    "Shown",
    "find",
    "live_between",
    "people_of",
    "thread",
    "unread_of",
    "visible_to",
]

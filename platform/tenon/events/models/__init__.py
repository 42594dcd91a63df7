"""Events and all that belongs to them."""

from tenon.events.models.day import CheckIn, Device, Mailing, MailingRecipient, Outcome
from tenon.events.models.event import (
    Event,
    EventDay,
    EventGroup,
    EventInterpreter,
    EventMay,
    EventRoom,
    EventSession,
    EventSlot,
    EventSpeaker,
    EventTable,
)
from tenon.events.models.taking_part import (
    Absence,
    PairRule,
    Registration,
    RegistrationListing,
    Wish,
)
from tenon.events.models.timetable import DraftMeeting, Meeting, Seat, TimetableDraft

__all__ = [
    "Absence",
    "CheckIn",
    "Device",
    "DraftMeeting",
    "Event",
    "EventDay",
    "EventGroup",
    "EventInterpreter",
    "EventMay",
    "EventRoom",
    "EventSession",
    "EventSlot",
    "EventSpeaker",
    "EventTable",
    "Mailing",
    "MailingRecipient",
    "Meeting",
    "Outcome",
    "PairRule",
    "Registration",
    "RegistrationListing",
    "Seat",
    "TimetableDraft",
    "Wish",
]

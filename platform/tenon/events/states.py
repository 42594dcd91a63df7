"""The lives of an event, of a part in it, of a meeting; permissions.py says who may."""

from tenon.states import Change, StateMachine

EVENT_STATES = ("draft", "open", "over", "called_off")
REGISTRATION_STATES = (
    "pending",  # the organiser is to approve it
    "waiting",  # the event is full; a place number
    "offered",  # a place has become free and is held for a while
    "confirmed",
    "declined",
    "cancelled",
    "lapsed",  # the offer of a place ran out
)
ACTIVE_REGISTRATIONS = ("pending", "waiting", "offered", "confirmed")
TAKES_A_PLACE = ("offered", "confirmed")
"""Who waits for approval takes none: more may apply than there is room for."""

MEETING_STATES = (
    "planned",
    "held",
    "no_show",
    "called_off",
)
LIVE_MEETINGS = ("planned", "held", "no_show")
"""These hold their slot and table: a slot that passed with a no-show is gone all the same."""


def _change(name: str, sources: str, target: str) -> Change:
    return Change(name, frozenset(sources.split()), target)


EVENT = StateMachine(
    "event",
    EVENT_STATES,
    [
        _change("open", "draft", "open"),
        _change("take_back", "open", "draft"),
        _change("close", "open", "over"),
        _change("call_off", "open", "called_off"),
    ],
)
REGISTRATION = StateMachine(
    "event_registration",
    REGISTRATION_STATES,
    [
        _change("approve", "pending", "confirmed"),
        _change("queue", "pending", "waiting"),
        _change("offer", "waiting", "offered"),
        _change("take_offer", "offered", "confirmed"),
        _change("lapse", "offered", "lapsed"),
        _change("decline", "pending waiting offered confirmed", "declined"),
        _change("cancel", "pending waiting offered confirmed", "cancelled"),
    ],
)
MEETING = StateMachine(
    "event_meeting",
    MEETING_STATES,
    [
        _change("hold", "planned no_show", "held"),
        _change("miss", "planned held", "no_show"),
        _change("unmark", "held no_show", "planned"),
        _change("call_off", "planned", "called_off"),
    ],
)

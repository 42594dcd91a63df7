"""An introduction's life as a table; who may take a step stands in permissions.py.

After the Enterprise Europe Network's expression of interest: three answers, a check by the other
side's broker, and no name before both sides want it.
"""

from tenon.states import Change, StateMachine

STATES = (
    "proposed",  # a broker suggests it to one side, which has not said anything yet
    "checking",  # the three answers wait for the other side's broker
    "returned",  # the broker asks the interested side to write it better
    "asked",  # the other side is to answer
    "asked_back",  # the other side asked something; the interested side is to reply
    "nda",  # accepted; both sides are to confirm the confidentiality agreement
    "connected",  # accepted, and agreed where an agreement was needed
    "declined",
    "refused",  # the broker did not pass it on
    "withdrawn",
    "lapsed",
    "void",  # the listing went away before an answer
    "ended",
)
OPEN_STATES = ("nda", "connected")
"""Accepted: names and the introduction tier are open to both sides, and they write freely."""
WAITING_STATES = ("proposed", "checking", "returned", "asked", "asked_back")
LIVE_STATES = (*WAITING_STATES, *OPEN_STATES)
ENDED_STATES = ("declined", "refused", "withdrawn", "lapsed", "void", "ended")

NEXT_SIDE = {
    "proposed": "from",
    "returned": "from",
    "asked_back": "from",
    "checking": "broker",
    "asked": "to",
    "nda": "both",
    "connected": "both",
}
"""Live state -> who is to act: the interested side, the other, its broker, both."""


def _change(name: str, sources: str, target: str) -> Change:
    return Change(name, frozenset(sources.split()), target)


_WAITING = " ".join(WAITING_STATES)

INTRODUCTION = StateMachine(
    "introduction",
    STATES,
    [
        _change("express", "proposed returned", "checking"),
        _change("turn_down", "proposed", "declined"),
        _change("give_back", "checking", "returned"),
        _change("pass_on", "checking", "asked"),
        _change("refuse", "checking", "refused"),
        _change("ask_back", "asked", "asked_back"),
        _change("reply", "asked_back", "asked"),
        _change("decline", "asked asked_back", "declined"),
        _change("accept", "asked asked_back", "connected"),
        _change("accept_with_nda", "asked asked_back", "nda"),
        _change("demand_nda", "connected", "nda"),
        _change("agree", "nda", "connected"),
        _change("forgo_nda", "nda", "connected"),  # asked for later on, and not confirmed in time
        _change("withdraw", _WAITING, "withdrawn"),
        _change("lapse", f"{_WAITING} nda", "lapsed"),
        _change("void", _WAITING, "void"),
        _change("end", "nda connected", "ended"),
    ],
)

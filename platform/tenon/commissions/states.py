"""Lives of an agreement, of a split and of a payout as tables; who may is in permissions.py."""

from tenon.states import Change, StateMachine

AGREEMENT_STATES = ("proposed", "agreed", "declined", "withdrawn", "replaced", "ended")
SPLIT_STATES = ("proposed", "disputed", "confirmed", "reopened", "withdrawn")
LIVE_SPLITS = ("proposed", "disputed", "confirmed")
PAYOUT_STATES = ("paid", "received", "contested", "taken_back")
COUNTING_PAYOUTS = ("paid", "received", "contested")
"""Booked: what the receiver contests stays booked until the payer takes it back."""


def _change(name: str, sources: str, target: str) -> Change:
    return Change(name, frozenset(sources.split()), target)


AGREEMENT = StateMachine(
    "commission_agreement",
    AGREEMENT_STATES,
    [
        _change("agree", "proposed", "agreed"),
        _change("decline", "proposed", "declined"),
        _change("withdraw", "proposed", "withdrawn"),
        _change("replace", "agreed", "replaced"),
        _change("end", "agreed", "ended"),
    ],
)
SPLIT = StateMachine(
    "commission_split",
    SPLIT_STATES,
    [
        _change("confirm", "proposed", "confirmed"),
        _change("dispute", "proposed", "disputed"),
        _change("reopen", "proposed disputed confirmed", "reopened"),
        _change("withdraw", "proposed disputed", "withdrawn"),
    ],
)
PAYOUT = StateMachine(
    "commission_payout",
    PAYOUT_STATES,
    [
        _change("receive", "paid contested", "received"),
        _change("contest", "paid", "contested"),
        _change("take_back", "paid contested", "taken_back"),
    ],
)

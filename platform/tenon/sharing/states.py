"""A distribution's life as a table; who may take a step stands in permissions.py."""

from tenon.states import Change, StateMachine

STATES = (
    "draft",
    "proposed",  # each contributor is to confirm
    "disputed",  # one of them said no; it is written anew
    "confirmed",  # by all
    "publicised",  # inside the institution, for the rule's days
    "approved",  # owed to the contributors
    "paid",
    "withdrawn",
)
LIVE_STATES = STATES[:6]
OPEN_STATES = ("draft", "disputed")
"""May be changed; whoever wants a change later takes it back first."""
SETTLED_STATES = ("proposed", "disputed", "confirmed", "publicised", "approved", "paid")
"""Its sums have been worked out."""


def _change(name: str, sources: str, target: str) -> Change:
    return Change(name, frozenset(sources.split()), target)


DISTRIBUTION = StateMachine(
    "distribution",
    STATES,
    [
        _change("propose", "draft disputed", "proposed"),
        _change("dispute", "proposed", "disputed"),
        _change("confirm", "proposed", "confirmed"),
        _change("publicise", "confirmed", "publicised"),
        _change("approve", "confirmed publicised", "approved"),
        _change("pay", "approved", "paid"),
        _change("take_back", "proposed confirmed publicised", "draft"),
        _change("withdraw", "draft disputed", "withdrawn"),
    ],
)

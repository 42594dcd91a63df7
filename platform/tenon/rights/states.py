"""The life of a grant of rights to contributors, as a table; who may take a step is elsewhere."""

from tenon.rights.models.grants import GRANT_STATES
from tenon.states import Change, StateMachine


def _change(name: str, sources: str, target: str) -> Change:
    return Change(name, frozenset(sources.split()), target)


GRANT = StateMachine(
    "rights_grant",
    GRANT_STATES,
    [
        _change("approve", "applied", "approved"),
        _change("publicise", "approved", "publicised"),
        _change("agree", "publicised", "agreed"),
        _change("refuse", "applied approved publicised", "refused"),
        _change("withdraw", "applied approved publicised", "withdrawn"),
    ],
)
OPEN_STATES = ("applied", "approved", "publicised")

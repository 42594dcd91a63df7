"""A dispute's life as a table. Who may take a step stands in permissions.py."""

from tenon.states import Change, StateMachine

DISPUTE_STATES = ("open", "upheld", "amended", "set_aside", "withdrawn")
_OPEN = frozenset({"open"})

DISPUTE = StateMachine(
    "credit_dispute",
    DISPUTE_STATES,
    [
        Change("uphold", _OPEN, "upheld"),
        # Both end as amended: in place of the person credited, or beside them.
        Change("amend", _OPEN, "amended"),
        Change("share", _OPEN, "amended"),
        Change("set_aside", _OPEN, "set_aside"),
        Change("withdraw", _OPEN, "withdrawn"),
    ],
)

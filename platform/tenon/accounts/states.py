"""How an organisation moves: applied for, approved or refused, suspended and restored.

The table only; who may take a step is in permissions.py.
"""

from tenon.states import Change, StateMachine

STATES = ("pending", "approved", "refused", "suspended")

ORGANISATION = StateMachine(
    "organisation",
    STATES,
    [
        Change("approve", frozenset({"pending", "refused"}), "approved"),
        Change("refuse", frozenset({"pending"}), "refused"),
        Change("apply_again", frozenset({"refused"}), "pending"),
        Change("suspend", frozenset({"approved"}), "suspended"),
        Change("restore", frozenset({"suspended"}), "approved"),
    ],
)

# Steps that only make sense with a reason, which the members read.
NEEDS_REASON = frozenset({"refuse", "suspend"})

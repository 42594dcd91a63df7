"""A listing's life as a table: which steps lead from which state to which.

Who may take a step stands in permissions.py. An achievement is approved by its institution before
a broker reviews it; a need goes to review at once. Review outcomes follow the thresholds of the
Enterprise Europe Network's profile review (docs/decisions).
"""

from tenon.states import Change, StateMachine

STATES = (
    "draft",
    "approved",
    "in_review",
    "on_hold",
    "returned",
    "rejected",
    "published",
    "in_matching",
    "concluded",
    "withdrawn",
    "expired",
)
PUBLIC_STATES = ("published", "in_matching")
EDITABLE_STATES = ("draft", "approved", "returned", "on_hold", "published", "in_matching")


def _change(name: str, sources: str, target: str) -> Change:
    return Change(name, frozenset(sources.split()), target)


LISTING = StateMachine(
    "listing",
    STATES,
    [
        _change("approve", "draft", "approved"),
        _change("submit", "draft approved returned", "in_review"),
        # A public listing may be taken off where an edit made it unfit: hold, return, reject.
        _change("hold", "in_review published in_matching", "on_hold"),
        _change("resume", "on_hold", "in_review"),
        _change("return", "in_review on_hold published in_matching", "returned"),
        _change("reject", "in_review on_hold published in_matching", "rejected"),
        _change("publish", "draft in_review on_hold", "published"),
        _change("start_matching", "published", "in_matching"),
        _change("stop_matching", "in_matching", "published"),
        _change("conclude", "published in_matching", "concluded"),
        _change("expire", "published in_matching", "expired"),
        _change("renew", "published in_matching expired", "published"),
        _change(
            "withdraw",
            "draft approved in_review on_hold returned published in_matching expired",
            "withdrawn",
        ),
        _change("reopen", "withdrawn rejected", "draft"),
    ],
    firsts={
        "submit": ("first_handed_in_at",),
        "publish": ("first_handed_in_at", "first_published_at"),
    },
)

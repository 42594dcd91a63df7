"""The room's verbs; other rooms import from here. Each takes the session, ``by`` and ``now``.

None commits; all raise the domain's errors only.
"""

from tenon.routing.services.answering import follow_introduction, reply
from tenon.routing.services.arriving import collect, follow_broker, follow_listing, receive
from tenon.routing.services.assigning import (
    assign,
    assign_best,
    assign_many,
    choose_automatic,
    may_dispose,
    may_take,
    may_work,
    pass_on,
    route,
    take,
)
from tenon.routing.services.rising import work_off
from tenon.routing.services.visiting import (
    Paper,
    Report,
    add_consent,
    may_note_consent,
    record_visit,
)

__all__ = [
    "Paper",
    "Report",
    "add_consent",
    "assign",
    "assign_best",
    "assign_many",
    "choose_automatic",
    "collect",
    "follow_broker",
    "follow_introduction",
    "follow_listing",
    "may_dispose",
    "may_note_consent",
    "may_take",
    "may_work",
    "pass_on",
    "receive",
    "record_visit",
    "reply",
    "route",
    "take",
    "work_off",
]

"""The room's verbs; other rooms import from here. Each takes the session, ``by`` and ``now``.

None commits; all raise the domain's errors only.
"""

from tenon.listings.services.announcing import announce, announce_experts
from tenon.listings.services.attachments import attach, detach
from tenon.listings.services.disclosure import grant_access, note_view, revoke_access
from tenon.listings.services.ending import (
    conclude,
    expire_due,
    remind_due,
    renew,
    reopen,
    withdraw,
)
from tenon.listings.services.experts import (
    Page,
    claim,
    decide_claim,
    edit_page,
    write_own_page,
)
from tenon.listings.services.reviewing import review, start_matching, stop_matching, take
from tenon.listings.services.submission import approve, send_back, submit
from tenon.listings.services.versions import content_of, snapshot
from tenon.listings.services.writing import create, create_for, edit

__all__ = [
    "Page",
    "announce",
    "announce_experts",
    "approve",
    "attach",
    "claim",
    "conclude",
    "content_of",
    "create",
    "create_for",
    "decide_claim",
    "detach",
    "edit",
    "edit_page",
    "expire_due",
    "grant_access",
    "note_view",
    "remind_due",
    "renew",
    "reopen",
    "review",
    "revoke_access",
    "send_back",
    "snapshot",
    "start_matching",
    "stop_matching",
    "submit",
    "take",
    "withdraw",
    "write_own_page",
]

"""Work that must follow a change: rows written in the change's own transaction.

``emit`` adds a row, a room registers handlers with ``handles``, the dispatcher hands rows over
with lease and retry. Knows nothing of what the topics mean.
"""

from tenon.outbox.handlers import Handler, Later, Then, follows, handler_of, handles, topics
from tenon.outbox.models import OutboxMessage, ProcessLease
from tenon.outbox.services import emit

__all__ = [
    "Handler",
    "Later",
    "OutboxMessage",
    "ProcessLease",
    "Then",
    "emit",
    "follows",
    "handler_of",
    "handles",
    "topics",
]

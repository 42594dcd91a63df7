"""What happened to a thing: append-only entries, one hash chain per thing.

Knows nothing of what the kinds mean. Personal data enter only as salted digests.
"""

from tenon.history.models import HistoryEntry
from tenon.history.services import record

__all__ = ["HistoryEntry", "record"]

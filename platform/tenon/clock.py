"""The one place that asks the machine what time it is.

Everything else takes ``now`` as an argument, so that tests and reports can stand at any moment.
"""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment as an aware datetime in UTC."""
    return datetime.now(UTC)

"""What each kind of notice says: a register of messages with placeholders.

Rooms add their kinds at import of their ``tasks``. Must not know any room.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenon.notices.rendering import fill

_MESSAGES: dict[str, str] = {}


def register(messages: Mapping[str, str]) -> None:
    """Add kinds: kind -> English message (marked for translation) with ``%(fact)s`` placeholders.

    Raises ValueError where a kind is known with other words.
    """
    for kind, message in messages.items():
        if _MESSAGES.setdefault(kind, message) != message:
            raise ValueError(f"the notice {kind} has words already")


def kinds() -> Mapping[str, str]:
    """Return every kind with its message."""
    return dict(_MESSAGES)


def words(kind: str, facts: Mapping[str, Any], language: str) -> str:
    """Return what a notice says in ``language``.

    Raises KeyError for a kind without words or where ``facts`` lack a placeholder.
    """
    return fill(_MESSAGES[kind], facts, language)

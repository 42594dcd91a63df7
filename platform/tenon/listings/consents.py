"""Whether a firm agreed that its broker hands a need in: a hook that a later room fills.

The room that knows of visits says so. Must not know that room; without it nobody has agreed.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from tenon.listings.models import Listing

Agreed = Callable[[Session, Listing], bool]

_asked: list[Agreed] = []


def register_consent(agreed: Agreed) -> Agreed:
    """Let ``agreed`` answer from now on; the later registration holds."""
    _asked[:] = [agreed]
    return agreed


def has_agreed(session: Session, listing: Listing) -> bool:
    """Whether the firm agreed that this need is published as it stands now."""
    return any(agreed(session, listing) for agreed in _asked)

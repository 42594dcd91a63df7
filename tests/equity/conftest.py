"""Fixtures of the room's tests: those of deals, and companies with a table."""

from __future__ import annotations

from tests.deals.conftest import _delivers, cast, committed, settled

__all__ = ["_delivers", "cast", "committed", "settled"]

"""The cast of deals serves here too."""

from tests.deals.conftest import _delivers, cast, committed, settled

__all__ = ["_delivers", "cast", "committed", "settled"]

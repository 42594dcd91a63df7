"""Fixtures: figures are of the test site's days."""

from tests.deals.conftest import _delivers, committed

__all__ = ["_delivers", "committed"]

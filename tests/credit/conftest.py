"""A browser as the listings room's tests have it, and a database that ``tenon audit`` finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tenon.cli import tenon
from tenon.db import Database
from tests.listings.conftest import Browser, committed, guest, people

__all__ = ["Browser", "audit", "committed", "guest", "people", "site"]


def audit(*arguments: str | Path) -> tuple[int, str]:
    """Run ``tenon audit``; return its exit code and what it printed."""
    result = CliRunner().invoke(tenon, ["audit", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.fixture
def site(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Database:
    """A database that the command line finds."""
    monkeypatch.setenv("TENON_DATABASE_URL", database_url)
    monkeypatch.setenv("TENON_VAR", str(tmp_path / "var"))
    return database

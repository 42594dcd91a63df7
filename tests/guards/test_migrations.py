"""Migrations are numbered without a gap, in one line, and fit the models (tests/operations)."""

from __future__ import annotations

import re

from alembic.config import Config
from alembic.script import ScriptDirectory

from tenon import paths, schema


def test_migrations_are_numbered_in_one_line() -> None:
    files = sorted(path.name for path in (paths.migrations() / "versions").glob("*.py"))
    numbers = [name[:4] for name in files]
    assert numbers == [f"{number:04d}" for number in range(1, len(files) + 1)]
    assert [name for name in files if not re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name)] == []
    config = Config()
    config.set_main_option("script_location", str(paths.migrations()))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [numbers[-1]] == [schema.head()]
    parents = [item.down_revision for item in script.walk_revisions()]
    assert parents == [*reversed(numbers[:-1]), None]

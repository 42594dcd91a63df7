"""How long each stage of an introduction may last, read from ``patience.toml``.

Pure: knows stages and days, no introduction.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("patience.toml")
_NEXT = {"remind": "escalate", "escalate": "lapse"}


@cache
def patience() -> Mapping[str, Mapping[str, int]]:
    """Return stage -> step (remind, escalate, lapse) -> days since the stage began."""
    found: dict[str, dict[str, int]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    for stage, days in found.items():
        if not 0 < days["remind"] < days["escalate"] < days["lapse"]:
            raise ValueError(f"{_FILE.name}: the days of {stage} are out of order")
    return found


def first_due(stage: str, since: datetime) -> tuple[str | None, datetime | None]:
    """Return the first thing that happens of itself in a stage, and when; None where nothing."""
    if stage not in patience():
        return None, None
    return "remind", due(stage, "remind", since)


def next_due(stage: str, step: str, since: datetime) -> tuple[str, datetime]:
    """Return what follows ``step`` in a stage, and when. Raises KeyError after the last."""
    following = _NEXT[step]
    return following, due(stage, following, since)


def due(stage: str, step: str, since: datetime) -> datetime:
    """Return when a step of a stage that began at ``since`` falls due."""
    return since + timedelta(days=patience()[stage][step])

"""What each kind of word and outcome is worth to the ranker: data, in ``labels.json``.

Shown and nothing said is 0. A decline counts by its reason: that a text is unclear says little
of whether the thing fits.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

LABELS_FILE: Final = Path(__file__).with_name("labels.json")


def gain_of(kind: str, reason: str | None = None) -> float:
    """Return the worth of a kind; of a decline, by its reason. Raises KeyError for others."""
    found = _labels()[kind]
    return float(found[reason] if isinstance(found, dict) else found)


@cache
def _labels() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(LABELS_FILE.read_text(encoding="utf-8"))
    return loaded

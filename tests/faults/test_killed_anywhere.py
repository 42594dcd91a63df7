"""SIGKILL before each act on the disk of each piece of work: old or new, never in between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults import EVERYTHING, moments

ROOT = Path(__file__).resolve().parents[2]


def _tried(name: str, base: Path, spread: int) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.faults.moments", name, str(base), str(spread)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.mark.parametrize(
    ("name", "spread"), [("commit", 1), ("fold", 5), ("rebuild", 5), ("encode", 5)]
)
def test_whatever_is_left_is_the_old_state_or_the_new(
    quick_path: Path, name: str, spread: int
) -> None:
    spread = 1 if os.environ.get(EVERYTHING) else spread
    tried = _tried(name, quick_path / name, spread)
    assert len(tried) > 5
    assert [each["killed"] for each in tried] == [True] * (len(tried) - 1) + [False]
    for each in tried:
        assert each["seen"] == 0, each
        (line,) = each["found"]
        found = json.loads(line)
        states = [_as_said(moments.OLD), _as_said(moments.NEW)]
        if name == "encode" and "begun" in each["said"]:
            states = [_as_said(moments.NEW)]
        if "done" in each["said"]:
            states = [_as_said(moments.NEW)]
        assert found["before"] in states, each
        # the next writer adds to just that, and everything agrees with everything
        assert found["after"] == found["before"] | {"99": "光纤"}, each
        for word, keys in found["worded"].items():
            texts = found["after"].items()
            assert keys == sorted(int(key) for key, text in texts if word in text), each
        assert found["vectors_agree"], each
        assert found["generations"] <= 2, each
    assert json.loads(tried[-1]["found"][0])["before"] == _as_said(moments.NEW)


def _as_said(texts: dict[int, str]) -> dict[str, str]:
    return {str(key): text for key, text in texts.items()}

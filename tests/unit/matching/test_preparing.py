"""Preparing documents by several processes gives what preparing them here gives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from matching.documents import Document
from matching.encoder import Encoder, load_encoder
from matching.preparing import BATCH, Prepared, batches, prepared
from tests.unit.matching.small_encoder import WordEncoder

ROOT = Path(__file__).resolve().parents[3]


def listings(number: int) -> Iterator[Document]:
    for key in range(number):
        yield Document(key, "achievement", "zh", f"激光切割 {key}", "切割不锈钢板，功率 500 W")
        yield Document(key, "achievement", "en", f"Laser cutting {key}", "Cuts stainless steel.")


def gathered(found: Iterator[Prepared]) -> tuple[list[object], np.ndarray]:
    parts = list(found)
    rows: list[object] = [
        row for part in parts for row in zip(part.documents, part.texts, part.records, strict=True)
    ]
    return rows, np.concatenate([part.vectors for part in parts])


@pytest.mark.parametrize("encoder", [WordEncoder(), load_encoder()], ids=["other", "built-in"])
def test_processes_give_what_this_process_gives(encoder: Encoder) -> None:
    here, own = gathered(prepared(encoder, listings(1_200)))
    there, others = gathered(prepared(encoder, listings(1_200), alone=BATCH))

    assert there == here
    assert np.allclose(own, others, atol=1e-6)
    assert [row[0] for row in here] == list(listings(1_200))  # type: ignore[index]  # a tuple


def test_a_listing_is_never_parted() -> None:
    found = list(batches(listings(BATCH)))

    assert len(found) == 2
    assert all(part[0].key != part[-1].key for part in found)
    assert found[0][-1].key != found[1][0].key


_STARTS_AND_WAITS = """
import sys, time
from matching.preparing import prepared
from tests.unit.matching.test_preparing import listings
from tests.unit.matching.small_encoder import WordEncoder

if __name__ == "__main__":
    for part in prepared(WordEncoder(), listings(100_000), alone=0):
        print("first", flush=True)
        time.sleep(60)
"""


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def _is_running(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def test_the_processes_end_when_the_build_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "builds.py"
    script.write_text(_STARTS_AND_WAITS, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=environment, text=True
    ) as build:
        assert build.stdout is not None
        assert build.stdout.readline() == "first\n"
        helpers = _children(build.pid)
        build.send_signal(signal.SIGKILL)
    until = time.monotonic() + 180
    while any(map(_is_running, helpers)) and time.monotonic() < until:
        time.sleep(0.05)

    assert len(helpers) > 1
    assert not any(map(_is_running, helpers))

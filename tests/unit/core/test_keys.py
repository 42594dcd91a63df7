"""Secrets in files are made once, whole, and alike for all who start at once."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Barrier

import pytest

from tenon.keys import read_or_make


def test_read_or_make_makes_once(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "one"
    assert read_or_make(file, lambda: b"first") == b"first"
    assert read_or_make(file, lambda: b"second") == b"first"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_read_or_make_gives_all_who_start_at_once_the_same(tmp_path: Path) -> None:
    barrier, numbers = Barrier(8), count()

    def make() -> bytes:
        barrier.wait(120)  # all of them have found nothing
        return str(next(numbers)).encode()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: read_or_make(tmp_path / "key", make), range(8)))
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_read_or_make_cut_off_leaves_nothing(tmp_path: Path) -> None:
    def make() -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_or_make(tmp_path / "key", make)
    assert list(tmp_path.iterdir()) == []

"""Readers in other processes while the writer swaps: no error, no mix of two generations."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from matching.documents import Document, Facets
from matching.errors import IndexLocked
from matching.recoding import Recoding
from matching.writer import IndexWriter
from tests.faults import reading
from tests.faults.moments import FIRST, SECOND

ROOT = Path(__file__).resolve().parents[2]
SWAPS = 20

Swap = Callable[[Path, int], None]


def _documents(number: int) -> list[Document]:
    """Twelve documents that all say the number of their generation."""
    return [
        Document(
            key, "achievement", "zh", f"第{key}号", f"激光 swap{number}", Facets(organisation=key)
        )
        for key in range(12)
    ]


def _rebuild(folder: Path, number: int) -> None:
    IndexWriter.rebuild(FIRST, folder, _documents(number))


def _replace(folder: Path, number: int) -> None:
    with IndexWriter(FIRST, folder) as writer:
        writer.replace_all(_documents(number))
        writer.fold()


def _move(folder: Path, number: int) -> None:
    """To the other encoder, by what was encoded before, and every other time back."""
    old, new = (FIRST, SECOND) if number % 2 else (SECOND, FIRST)
    with IndexWriter(old, folder) as writer:
        work = Recoding(folder, old.id, new)
        while not work.step(0).complete:
            pass
        writer.move_to(new, work.vectors_of)
        work.close()


@pytest.mark.parametrize("swap", [_rebuild, _replace, _move])
def test_reader_never_sees_an_error_or_a_mix(tmp_path: Path, swap: Swap) -> None:
    _rebuild(tmp_path, 0)
    command = [sys.executable, "-m", "tests.faults.reading", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        for number in range(1, SWAPS + 1):
            swap(tmp_path, number)
        (tmp_path / reading.END).touch()
        told = json.loads(reader.stdout.read())

    assert told["wrong"] == []
    assert told["turns"] > 3
    assert told["seen"] > 1


HOLDING = """
import sys
from pathlib import Path
from matching.writer import IndexWriter
from tests.faults.moments import FIRST, document
writer = IndexWriter(FIRST, Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.readline()
writer.add([document(50)])
writer.commit()
print("committed", flush=True)
sys.stdin.readline()
"""


def test_a_second_process_may_not_write_until_the_first_is_gone(tmp_path: Path) -> None:
    _rebuild(tmp_path, 0)
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as first:
        assert first.stdout is not None
        assert first.stdin is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(IndexLocked):
            IndexWriter(FIRST, tmp_path)
        with pytest.raises(IndexLocked):
            IndexWriter.rebuild(FIRST, tmp_path, [])
        first.stdin.write("\n")
        first.stdin.flush()
        assert first.stdout.readline() == "committed\n"
        first.kill()  # a lock that outlived its process would need a person to remove it
    with IndexWriter(FIRST, tmp_path) as writer:
        assert set(writer.versions()) == {*range(12), 50}

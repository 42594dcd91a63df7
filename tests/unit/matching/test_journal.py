"""The journal keeps whole records and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matching.documents import Document, Facets
from matching.journal import Entry, JournalReader, JournalWriter, pack


def entry(key: int) -> Entry:
    document = Document(key, "need", "zh", f"需求{key}", "正文", Facets(organisation=key))
    return Entry((key,), (document,), (key * 10,), np.full((1, 4), key, dtype=np.float32))


def removal(key: int) -> Entry:
    return Entry((key,), (), (), np.empty((0, 0), dtype=np.float32))


def read_all(path: Path) -> list[tuple[int, ...]]:
    return [one.keys for one in JournalReader(path).read()]


def test_entries_come_back_as_they_were(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "j", 0)
    writer.append([entry(1), removal(2)])
    writer.close()
    first, second = JournalReader(tmp_path / "j").read()

    assert (first.keys, first.documents, first.serials) == ((1,), entry(1).documents, (10,))
    assert first.vectors.tolist() == [[1, 1, 1, 1]]
    assert (second.keys, second.documents) == ((2,), ())


def test_reader_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = JournalWriter(path, 0)
    reader = JournalReader(path)
    writer.append([entry(1)])
    seen = [[one.keys for one in reader.read()]]
    writer.append([entry(2)])

    assert reader.has_news()
    seen.append([one.keys for one in reader.read()])
    assert seen == [[(1,)], [(2,)]]
    assert not reader.has_news()
    writer.close()


def test_a_record_cut_short_anywhere_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "j"
    whole, half = pack(entry(1)), pack(entry(2))
    for length in range(len(half)):
        path.write_bytes(whole + half[:length])

        assert read_all(path) == [(1,)]


@pytest.mark.parametrize("place", [0, 5, 20, -1])
def test_a_damaged_record_and_all_behind_it_are_ignored(tmp_path: Path, place: int) -> None:
    path = tmp_path / "j"
    damaged = bytearray(pack(entry(2)))
    damaged[place] ^= 0xFF
    path.write_bytes(pack(entry(1)) + bytes(damaged) + pack(entry(3)))

    assert read_all(path) == [(1,)]


def test_the_next_writer_cuts_off_what_a_killed_one_left(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(pack(entry(1)) + pack(entry(2))[:-3])
    reader = JournalReader(path)
    list(reader.read())
    writer = JournalWriter(path, reader.offset)
    writer.append([entry(3)])
    writer.close()

    assert read_all(path) == [(1,), (3,)]


def test_a_full_disk_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "j"
    writer = JournalWriter(path, 0)
    writer.append([entry(1)])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("matching.journal.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            writer.append([entry(2)])
    writer.append([entry(3)])
    writer.close()

    assert read_all(path) == [(1,), (3,)]

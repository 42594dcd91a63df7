"""Encoding an index anew, slice by slice: goes on after a kill, and nothing is encoded twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from matching import recoding
from matching.documents import Document
from matching.encoder import Vectors
from matching.recoding import FOLDER, Encoded, Recoding
from matching.snapshot import SnapshotKeeper
from matching.writer import IndexWriter
from tests.faults.moments import FIRST, document
from tests.unit.matching.small_encoder import WordEncoder


class CountingEncoder(WordEncoder):
    """Counts what it is asked to encode."""

    def __init__(self) -> None:
        super().__init__(16, "counting")
        self.count = 0

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        self.count += len(texts)
        return super().encode_documents(texts)


def _built(folder: Path, number: int = 10) -> IndexWriter:
    IndexWriter.rebuild(FIRST, folder, [document(key, f"激光{key}") for key in range(number)])
    return IndexWriter(FIRST, folder)


def test_work_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recoding, "BATCH", 3)
    first, second = CountingEncoder(), CountingEncoder()
    with _built(tmp_path) as writer:
        begun = Recoding(tmp_path, FIRST.id, first)
        assert (begun.step(0).done, begun.step(0).done) == (3, 6)
        begun.close()
        # half a vector and a hash too many, as a killed process may leave them
        with (tmp_path / FOLDER / "vectors.bin").open("ab") as file:
            file.write(b"\1" * 10)
        with (tmp_path / FOLDER / "hashes.bin").open("ab") as file:
            file.write(b"\2" * 40)
        again = Recoding(tmp_path, FIRST.id, second)
        while not again.step(0).complete:
            pass
        state = writer.move_to(second, again.vectors_of)

    assert (first.count, second.count) == (6, 4)
    assert (state.encoder, state.documents) == (second.id, 10)
    snapshot = SnapshotKeeper(tmp_path, second.id).get()
    rows = snapshot.live_rows()
    texts = [snapshot.document(int(row)).full_text for row in rows]
    np.testing.assert_allclose(snapshot.vectors(rows), second.encode_documents(texts), atol=1e-6)


def test_what_was_encoded_with_another_model_is_begun_anew(tmp_path: Path) -> None:
    Encoded(tmp_path / FOLDER, WordEncoder(8)).add([document(1)])
    assert len(Encoded(tmp_path / FOLDER, WordEncoder(16))) == 0


def test_folding_and_building_meanwhile_costs_nothing_but_looking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recoding, "BATCH", 4)
    encoder = CountingEncoder()
    with _built(tmp_path) as writer:
        work = Recoding(tmp_path, FIRST.id, encoder)
        work.step(0)
        writer.add([document(20, "片球菌")])
        writer.fold()
        writer.replace_all([document(key, f"激光{key}") for key in range(1, 10)])
        while not work.step(0).complete:
            pass
        writer.add([document(21, "发酵")])
        writer.commit()
        writer.move_to(encoder, work.vectors_of)

    # the removed one was encoded before it went, the late one at the move
    assert encoder.count == 11
    snapshot = SnapshotKeeper(tmp_path, encoder.id).get()
    assert sorted(snapshot.column("key", snapshot.live_rows()).tolist()) == [*range(1, 10), 21]


def test_a_vector_that_is_no_number_is_zeros(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(WordEncoder):
        def encode_documents(self, texts: Sequence[str]) -> Vectors:
            return super().encode_documents(texts) * np.float32("nan")

    made = Encoded(tmp_path / FOLDER, Broken(8)).vectors_of(
        [document(1), Document(2, "need", "en", "", "")]
    )
    assert not made.any()
    assert "1 vectors with NaN" in caplog.text or "2 vectors with NaN" in caplog.text

"""The index folder: commits, folds, other processes, crashes, damage."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from matching import store
from matching.documents import Document, Facets, Language, Where
from matching.errors import IndexLocked, IndexMissing, IndexNeedsRebuild
from matching.snapshot import Snapshot, SnapshotKeeper
from matching.writer import IndexWriter
from tests.unit.matching.small_encoder import WordEncoder

ENCODER = WordEncoder()
ROOT = Path(__file__).resolve().parents[3]


def document(key: int, text: str = "激光切割", language: Language = "zh") -> Document:
    return Document(key, "achievement", language, f"第{key}号", text, Facets(organisation=key))


def keys(snapshot: Snapshot) -> list[int]:
    return sorted(snapshot.column("key", snapshot.live_rows()).tolist())


def seen(folder: Path) -> list[int]:
    return keys(SnapshotKeeper(folder, ENCODER.id).get())


def worded(folder: Path, text: str) -> list[int]:
    from matching.asking import LexicalQuery

    snapshot = SnapshotKeeper(folder, ENCODER.id).get()
    hits = snapshot.generation.lexical.search(LexicalQuery.of(text), "zh", 50, Where())
    rows = snapshot.rows_of_serials(hits.serials)
    return sorted(snapshot.column("key", rows[rows >= 0]).tolist())


def test_a_folder_without_an_index_says_so(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        SnapshotKeeper(tmp_path, ENCODER.id).get()
    with pytest.raises(IndexMissing):
        IndexWriter(ENCODER, tmp_path, create=False)


def test_what_is_committed_is_found_by_words_and_vectors(tmp_path: Path) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add([document(1), document(2, "水稻种植")])
        writer.commit()

        assert seen(tmp_path) == [1, 2]
        assert worded(tmp_path, "激光") == [1]


def test_what_is_not_committed_is_not_found(tmp_path: Path) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add([document(1)])

        assert seen(tmp_path) == []


def test_a_reader_follows_without_being_told(tmp_path: Path) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:
        reader = SnapshotKeeper(tmp_path, ENCODER.id)
        first = reader.get()
        writer.add([document(1)])
        writer.commit()
        second = reader.get()
        writer.fold()
        third = reader.get()

        assert [keys(one) for one in (first, second, third)] == [[], [1], [1]]
        assert third.generation.path != second.generation.path
        assert (second.pending, third.pending) == (1, 0)


def test_adding_again_replaces_all_languages(tmp_path: Path) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add([document(1), document(1, "laser", "en"), document(2)])
        writer.fold()
        writer.add([document(1, "水稻种植")])
        writer.commit()

        snapshot = SnapshotKeeper(tmp_path, ENCODER.id).get()
        texts = {snapshot.document(int(row)).text for row in snapshot.live_rows()}
        assert texts == {"水稻种植", "激光切割"}
        assert (worded(tmp_path, "激光"), worded(tmp_path, "水稻")) == ([2], [1])


def test_removing_takes_from_build_and_journal(tmp_path: Path) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add([document(1), document(2)])
        writer.fold()
        writer.add([document(3)])
        writer.remove([1, 3, 99])
        writer.commit()

        assert seen(tmp_path) == [2]
        writer.fold()
        assert (seen(tmp_path), worded(tmp_path, "激光")) == ([2], [2])


def test_versions_tell_what_the_index_holds(tmp_path: Path) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add([Document(5, "need", "zh", "一", "二", version=3), document(6)])
        writer.commit()

        assert writer.versions() == {5: 3, 6: 0}
        assert (writer.state().documents, writer.state().listings) == (2, 2)


def test_a_long_journal_is_folded_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.writer.FOLD_AT", 3)
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add(document(key) for key in range(2))
        writer.commit()
        before = writer.state()
        writer.add([document(7)])
        writer.commit()

        assert (before.pending, writer.state().pending) == (2, 0)
        assert seen(tmp_path) == [0, 1, 7]


def test_old_generations_are_removed_but_for_the_last(tmp_path: Path) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:
        for key in range(4):
            writer.add([document(key)])
            writer.fold()

    assert len(list(tmp_path.glob("g*"))) == 2


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with IndexWriter(ENCODER, tmp_path):
        with pytest.raises(IndexLocked):
            IndexWriter(ENCODER, tmp_path)
        with pytest.raises(IndexLocked):
            IndexWriter.rebuild(ENCODER, tmp_path, [])
    IndexWriter(ENCODER, tmp_path).close()


def test_rebuild_replaces_everything(tmp_path: Path) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add([document(1)])
    counts: list[int] = []
    state = IndexWriter.rebuild(
        ENCODER, tmp_path, [document(8), document(9)], progress=counts.append
    )

    assert (state.documents, counts, seen(tmp_path)) == (2, [2], [8, 9])


def test_an_open_writer_can_replace_everything_and_go_on(tmp_path: Path) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add([document(1)])
        writer.replace_all([document(8)])
        writer.add([document(9)])
        writer.commit()

        assert (seen(tmp_path), worded(tmp_path, "激光")) == ([8, 9], [8, 9])


def test_a_rebuild_that_fails_changes_nothing(tmp_path: Path) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add([document(1)])

    def broken() -> object:
        yield document(2)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        IndexWriter.rebuild(ENCODER, tmp_path, broken())  # type: ignore[arg-type]  # a generator
    assert seen(tmp_path) == [1]
    assert len(list(tmp_path.glob("g*"))) == 1


def test_a_fold_on_a_full_disk_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add([document(1)])
        writer.commit()

        def full(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr("matching.store.finish_generation", full)
            with pytest.raises(OSError, match="No space"):
                writer.fold()
        writer.add([document(2)])
        writer.commit()

        assert (seen(tmp_path), worded(tmp_path, "激光")) == ([1, 2], [1, 2])


def test_a_commit_on_a_full_disk_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add([document(1)])

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr("matching.journal.os.fsync", full)
            with pytest.raises(OSError, match="No space"):
                writer.commit()
        writer.add([document(2)])
        writer.commit()

        assert (seen(tmp_path), worded(tmp_path, "激光")) == ([2], [2])


def test_an_encoder_that_fails_leaves_no_words_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with IndexWriter(ENCODER, tmp_path) as writer:

        def failing(*_: object) -> None:
            raise MemoryError

        with monkeypatch.context() as patched:
            patched.setattr("matching.writer.encode", failing)
            with pytest.raises(MemoryError):
                writer.add([document(1)])
        writer.add([document(2)])
        writer.commit()

        assert (seen(tmp_path), worded(tmp_path, "激光")) == ([2], [2])


def test_another_encoder_needs_a_rebuild(tmp_path: Path) -> None:
    IndexWriter(ENCODER, tmp_path).close()
    with pytest.raises(IndexNeedsRebuild) as caught:
        SnapshotKeeper(tmp_path, WordEncoder(16).id).get()
    assert caught.value.code == "encoder"


def test_another_schema_needs_a_rebuild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    IndexWriter(ENCODER, tmp_path).close()
    monkeypatch.setattr("matching.store.SCHEMA", store.SCHEMA + 1)
    with pytest.raises(IndexNeedsRebuild) as caught:
        SnapshotKeeper(tmp_path, ENCODER.id).get()
    assert caught.value.code == "schema"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("vectors.faiss", "damaged"),
        ("documents.bin", "damaged"),
        ("columns/key.npy", "damaged"),
        ("meta.json", "foreign"),
    ],
)
def test_a_cut_file_needs_a_rebuild_and_can_be_rebuilt(
    tmp_path: Path, name: str, code: str
) -> None:
    IndexWriter.rebuild(ENCODER, tmp_path, [document(1)])
    path = store.current_generation(tmp_path) / name
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(IndexNeedsRebuild) as caught:
        SnapshotKeeper(tmp_path, ENCODER.id).get()
    assert caught.value.code == code
    IndexWriter.rebuild(ENCODER, tmp_path, [document(2)])
    assert seen(tmp_path) == [2]


@pytest.mark.parametrize("content", [b"", b"../../etc", b"g000099\n", b"\xff\xfe"])
def test_a_foreign_pointer_needs_a_rebuild(tmp_path: Path, content: bytes) -> None:
    IndexWriter(ENCODER, tmp_path).close()
    (tmp_path / "CURRENT").write_bytes(content)
    with pytest.raises(IndexNeedsRebuild):
        SnapshotKeeper(tmp_path, ENCODER.id).get()


KILLED_BETWEEN = """
import os, sys
from pathlib import Path
from matching import lexical
from matching.writer import IndexWriter
from tests.unit.matching.small_encoder import WordEncoder
from tests.unit.matching.test_writer import document
writer = IndexWriter(WordEncoder(), Path(sys.argv[1]))
writer.add([document(1), document(2)])
lexical.LexicalWriter.commit = lambda self: os._exit(9)
writer.commit()
"""


def test_a_writer_finishes_what_a_killed_one_left_out_of_the_words(tmp_path: Path) -> None:
    """The journal is durable before the words are: a kill in between must not show."""
    command = [sys.executable, "-c", KILLED_BETWEEN, str(tmp_path)]
    killed = subprocess.run(command, cwd=ROOT, check=False)
    before = (seen(tmp_path), worded(tmp_path, "激光"))

    with IndexWriter(ENCODER, tmp_path):
        after = (seen(tmp_path), worded(tmp_path, "激光"))

    assert (killed.returncode, before, after) == (9, ([1, 2], []), ([1, 2], [1, 2]))


WORKER = """
import sys
from pathlib import Path
from tests.unit.matching.small_encoder import WordEncoder
from tests.unit.matching.test_writer import document
from matching import writer as module
module.FOLD_AT = 7
with module.IndexWriter(WordEncoder(), Path(sys.argv[1])) as writer:
    for key in range(int(sys.argv[2]), int(sys.argv[2]) + 100000):
        writer.add([document(key)])
        writer.commit()
        print(key, flush=True)
"""


def test_killing_the_writer_at_any_moment_loses_nothing_committed(tmp_path: Path) -> None:
    acknowledged: set[int] = set()
    for round_number in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(tmp_path), str(round_number * 1000)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert process.stdout is not None
        for _ in range(5 + 3 * round_number):
            acknowledged.add(int(process.stdout.readline()))
        time.sleep(0.01 * round_number)
        process.send_signal(signal.SIGKILL)
        acknowledged |= {int(line) for line in process.stdout if line.endswith("\n")}
        process.stdout.close()
        process.wait()
        with IndexWriter(ENCODER, tmp_path):
            found = set(seen(tmp_path))
            # at most the one being written when the kill came is there unacknowledged
            assert acknowledged <= found
            assert len(found - acknowledged) <= round_number + 1
            acknowledged = found
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.fold()
    assert set(seen(tmp_path)) == acknowledged
    assert set(worded(tmp_path, "激光")) <= acknowledged


def _watch(folder: Path, key: int, ready: object, answer: object) -> None:
    reader = SnapshotKeeper(folder, ENCODER.id)
    reader.get()
    ready.set()  # type: ignore[attr-defined]  # multiprocessing's types name no public class
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if key in keys(reader.get()):
            answer.put(True)  # type: ignore[attr-defined]  # the same
            return
        time.sleep(0.01)


def test_another_process_finds_a_publication(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add(document(key) for key in range(500))
        writer.fold()
        ready, answer = context.Event(), context.Queue()
        watcher = context.Process(target=_watch, args=(tmp_path, 9001, ready, answer))
        watcher.start()
        assert ready.wait(60)
        writer.add([document(9001)])
        writer.commit()
        assert answer.get(timeout=120)
        watcher.join()

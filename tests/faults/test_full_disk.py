"""A disk that is really full: a small file system of its own, or a limit on files' size."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from matching.documents import Document
from matching.recoding import FOLDER, Recoding
from matching.snapshot import SnapshotKeeper
from matching.writer import IndexWriter
from tests.faults.moments import FIRST, SECOND, document

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES = 12
LEFT = (0, 20, 120, 400)
"""Kilobytes that are free when the work begins: it stops in other places."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of some megabytes; a folder with nothing special where none may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    size = f"size={MEGABYTES}m"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and not subprocess.run(command, check=False).returncode
    yield folder
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextlib.contextmanager
def full(disk: Path, left: int) -> Iterator[None]:
    """Fill the disk but for so many kilobytes; without one of its own, let no file grow beyond."""
    if not os.path.ismount(disk):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (left * 1024, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        return
    ballast = disk / "ballast"
    status = os.statvfs(disk)
    free = status.f_bavail * status.f_frsize - left * 1024
    with ballast.open("wb") as file:
        file.write(b"\0" * max(free, 0))
    try:
        yield
    finally:
        ballast.unlink()


def _long(key: int) -> Document:
    return document(key, "激光切割" + " ".join(f"{key}w{n}" for n in range(300)))


def _seen(folder: Path, encoder: str = FIRST.id) -> set[int]:
    snapshot = SnapshotKeeper(folder, encoder).get()
    return {int(key) for key in snapshot.column("key", snapshot.live_rows())}


def _told(error: BaseException) -> bool:
    """Whether an error says that there is no room, in whichever library's words."""
    number = getattr(error, "errno", None) in (errno.ENOSPC, errno.EFBIG, errno.EIO)
    words = ("No space", "too large", "write", "read", "commit", "killed", "index")
    return number or any(word in str(error) for word in words)


@pytest.mark.parametrize("left", LEFT)
def test_commit_counts_whole_or_not_at_all(small_disk: Path, left: int) -> None:
    folder = small_disk / "index"
    IndexWriter.rebuild(FIRST, folder, [_long(key) for key in range(20)])
    writer = IndexWriter(FIRST, folder)
    refused: Exception | None = None
    with full(small_disk, left):
        try:
            writer.add([_long(key) for key in range(20, 60)])
            writer.commit()
        except Exception as error:  # noqa: BLE001  # each library has its own
            refused = error
        # readers go on meanwhile
        assert _seen(folder) in ({*range(20)}, {*range(60)})
        with contextlib.suppress(Exception):
            writer.close()
    assert refused is None or _told(refused), refused
    assert left > 60 or refused is not None
    with IndexWriter(FIRST, folder) as again:
        again.add([_long(key) for key in range(20, 60)])
    assert _seen(folder) == {*range(60)}


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("work", ["fold", "rebuild", "encode"])
def test_build_that_finds_no_room_leaves_the_old_index(
    small_disk: Path, work: str, left: int
) -> None:
    folder = small_disk / "index"
    IndexWriter.rebuild(FIRST, folder, [_long(key) for key in range(40)])
    with IndexWriter(FIRST, folder) as writer:
        writer.add([_long(40)])
    refused: Exception | None = None
    with full(small_disk, left):
        try:
            _do(work, folder)
        except Exception as error:  # noqa: BLE001  # each library has its own
            refused = error
        if refused is not None:
            assert _seen(folder) == {*range(41)}
    assert refused is None or _told(refused), refused
    assert left > 20 or refused is not None
    if refused is not None:
        _do(work, folder)
    assert _seen(folder, (SECOND if work == "encode" else FIRST).id) == {*range(41)}
    assert len(list(folder.glob("g*"))) <= 2


def _do(work: str, folder: Path) -> None:
    if work == "rebuild":
        IndexWriter.rebuild(FIRST, folder, [_long(key) for key in range(41)])
        return
    writer = IndexWriter(FIRST, folder)
    try:
        if work == "fold":
            writer.fold()
            return
        moving = Recoding(folder, FIRST.id, SECOND)
        while not moving.step(0).complete:
            pass
        writer.move_to(SECOND, moving.vectors_of)
        moving.close()
    finally:
        with contextlib.suppress(Exception):
            writer.close()


def test_what_was_encoded_before_the_disk_was_full_is_kept(small_disk: Path) -> None:
    folder = small_disk / "index"
    IndexWriter.rebuild(FIRST, folder, [_long(key) for key in range(40)])
    moving = Recoding(folder, FIRST.id, SECOND)
    moving.step(0)
    size = (folder / FOLDER / "vectors.bin").stat().st_size
    with full(small_disk, 0), contextlib.suppress(OSError):
        while not moving.step(0).complete:
            pass
    assert (folder / FOLDER / "vectors.bin").stat().st_size >= size > 0
    while not moving.step(0).complete:
        pass
    with IndexWriter(FIRST, folder) as writer:
        writer.move_to(SECOND, moving.vectors_of)
    assert _seen(folder, SECOND.id) == {*range(40)}


READER = """
import os, sys
from pathlib import Path
from matching.journal import JournalWriter
from matching.snapshot import SnapshotKeeper
from matching.writer import IndexWriter
from tests.faults.moments import FIRST, document
folder = Path(sys.argv[1])
reader = SnapshotKeeper(folder, FIRST.id)
writer = IndexWriter(FIRST, folder)
real = os.fsync
def look_and_fail(handle):
    reader.get()  # sees the records that are about to be cut off again
    os.fsync = real
    raise OSError(28, "No space left on device")
writer.add([document(1), document(2)])
os.fsync = look_and_fail
try:
    writer.commit()
except OSError:
    pass
writer.add([document(3), document(4)])
writer.commit()
snapshot = reader.get()
print(sorted(snapshot.column("key", snapshot.live_rows()).tolist()))
"""


def test_reader_that_saw_records_which_were_cut_off_forgets_them(tmp_path: Path) -> None:
    IndexWriter.rebuild(FIRST, tmp_path, [])
    command = [sys.executable, "-c", READER, str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "[3, 4]\n"

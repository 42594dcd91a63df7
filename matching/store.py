"""The index folder: one folder per build, a pointer to the current one, a writer's lock.

::

    folder/
      CURRENT            name of the current generation and a word that no other CURRENT had
                         (written, fsynced, renamed)
      LOCK               held (flock) by the one writer
      g000007/           a generation: never changed after CURRENT names it, except
        meta.json        schema, encoder, dimensions, sizes of the files below
        columns/ ...     facets as columns (matching.columns)
        documents.bin    the public text, one JSON record after another
        vectors.faiss    every vector; clusters.faiss beyond some 200,000 (matching.sizes)
        journal.bin      ... the journal, which grows, and
        words/           ... the lexical index, which the writer commits to

Readers map the files and follow CURRENT. A build that was cut short is a folder that
CURRENT does not name; the next writer removes it. Knows nothing of what the files mean.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from matching.errors import IndexLocked, IndexMissing, IndexNeedsRebuild

SCHEMA: Final = 2
"""Raised whenever the form of the files or of the words in them changes."""

POINTER: Final = "CURRENT"
LOCK: Final = "LOCK"
META: Final = "meta.json"
COLUMNS: Final = "columns"
DOCUMENTS: Final = "documents.bin"
VECTORS: Final = "vectors.faiss"
CLUSTERS: Final = "clusters.faiss"
JOURNAL: Final = "journal.bin"
WORDS: Final = "words"

_NAME = re.compile(r"g\d{6,}")
_GROWING: Final = (JOURNAL, WORDS, META)


@dataclass(frozen=True, slots=True)
class Meta:
    """What a generation says of itself.

    Attributes:
        schema: ``SCHEMA`` at the time of the build.
        encoder: id of the encoder that made the vectors.
        dimensions: length of a vector.
        documents: rows in the columns.
        next_serial: the first serial that the columns do not use.
        sizes: bytes of every file that does not grow, by path relative to the folder.
    """

    schema: int
    encoder: str
    dimensions: int
    documents: int
    next_serial: int
    sizes: dict[str, int]


def fsync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, content: str) -> None:
    """Replace a small file so that after a crash it holds the old or the new, whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)


def pointer_stamp(folder: Path) -> bytes | None:
    """Return what changes whenever CURRENT is replaced; None if it is absent.

    It is what stands in the file, some twenty bytes: times and inodes come back where a clock
    jumps, is coarse, or a file's number is used again.
    """
    try:
        return (folder / POINTER).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        return repr(error).encode()


def current_generation(folder: Path) -> Path:
    """Return the folder that CURRENT names.

    Raises:
        IndexMissing: there is no CURRENT.
        IndexNeedsRebuild: CURRENT names no generation of this folder.
    """
    try:
        name, *_ = [*(folder / POINTER).read_text(encoding="utf-8").split(), ""]
    except FileNotFoundError:
        raise IndexMissing(folder) from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexNeedsRebuild("damaged", f"{POINTER}: {error}", folder) from error
    if not _NAME.fullmatch(name) or not (folder / name).is_dir():
        raise IndexNeedsRebuild("damaged", f"{POINTER} names {name!r}", folder)
    return folder / name


def read_meta(generation: Path, encoder: str | None = None) -> Meta:
    """Read and check a generation's meta file and the sizes of its files.

    Args:
        generation: the generation's folder.
        encoder: the id that the vectors must be of; None to leave that unchecked.

    Raises:
        IndexNeedsRebuild: of another schema or encoder, damaged, or not ours at all.
    """
    folder = generation.parent
    try:
        meta = Meta(**json.loads((generation / META).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise IndexNeedsRebuild("foreign", f"{META}: {error}", folder) from error
    if meta.schema != SCHEMA:
        raise IndexNeedsRebuild("schema", f"has {meta.schema}, wants {SCHEMA}", folder)
    if encoder is not None and meta.encoder != encoder:
        raise IndexNeedsRebuild("encoder", f"has {meta.encoder}, wants {encoder}", folder)
    found = _sizes(generation)
    for name, size in meta.sizes.items():
        if found.get(name) != size:
            raise IndexNeedsRebuild(
                "damaged", f"{name} has {found.get(name)} bytes, wants {size}", folder
            )
    return meta


def finish_generation(
    generation: Path, *, encoder: str, dimensions: int, documents: int, next_serial: int
) -> Meta:
    """Write the meta file over what the folder holds and make all of it durable."""
    for path in generation.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
    meta = Meta(SCHEMA, encoder, dimensions, documents, next_serial, _sizes(generation))
    write_durably(generation / META, json.dumps(asdict(meta), indent=1))
    return meta


def _sizes(generation: Path) -> dict[str, int]:
    return {
        path.relative_to(generation).as_posix(): path.stat().st_size
        for path in sorted(generation.rglob("*"))
        if path.is_file() and path.relative_to(generation).parts[0] not in _GROWING
    }


def bytes_used(generation: Path) -> int:
    """Return the bytes of all files of a generation; files that vanish meanwhile count 0."""
    total = 0
    for path in generation.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def new_generation(folder: Path) -> Path:
    """Make the next generation's empty folder. For the holder of the lock only."""
    numbers = [int(path.name[1:]) for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    generation = folder / f"g{max(numbers, default=0) + 1:06d}"
    (generation / COLUMNS).mkdir(parents=True)
    (generation / WORDS).mkdir()
    return generation


def switch_to(generation: Path) -> None:
    """Point CURRENT at a finished generation. For the holder of the lock only.

    Pointing it where it points already makes all readers open their files anew.
    """
    write_durably(generation.parent / POINTER, f"{generation.name} {secrets.token_hex(8)}\n")


def kept_for_readers(folder: Path) -> set[Path]:
    """Return the generation that is current, if any: a reader may be opening its files."""
    try:
        return {current_generation(folder)}
    except (IndexMissing, IndexNeedsRebuild):
        return set()


def remove_stale(folder: Path, keep: set[Path]) -> None:
    """Remove every generation but those to keep. For the holder of the lock only.

    Readers that still map a removed generation go on: the files live until they let go.
    """
    for path in folder.iterdir():
        if _NAME.fullmatch(path.name) and path not in keep:
            shutil.rmtree(path, ignore_errors=True)


class WriterLock:
    """The right to write: an exclusive lock on LOCK that dies with its process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            raise IndexLocked(folder) from None

    def release(self) -> None:
        """Let the lock go; harmless when repeated."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

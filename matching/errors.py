"""The errors of the matching library. They carry facts; the site words them.

::

    MatchingError
    ├── IndexMissing          no index was ever built in this folder
    ├── IndexNeedsRebuild     it is there but cannot be used: damaged, or of another
    │                         encoder or schema; the caller rebuilds from the database
    ├── IndexLocked           another process is the writer
    └── EncoderUnusable       a model that cannot be loaded or fails the self-check
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class MatchingError(Exception):
    """Base of every error that this library raises on purpose."""


class IndexMissing(MatchingError):
    """No index was ever built in the folder.

    Args:
        folder: the index folder that was asked for.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(f"no index in {folder}: build it first")
        self.folder = folder


class IndexNeedsRebuild(MatchingError):
    """The index exists but cannot be used as it is.

    Args:
        code: ``schema``, ``encoder``, ``damaged`` or ``foreign``.
        detail: what was found, for a log line.
        folder: the index folder.
    """

    def __init__(self, code: str, detail: str, folder: Path) -> None:
        super().__init__(f"the index in {folder} needs a rebuild ({code}): {detail}")
        self.code = code
        self.detail = detail
        self.folder = folder


class IndexLocked(MatchingError):
    """Another process holds the writer's lock of this folder.

    Args:
        folder: the index folder.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(f"another process is writing the index in {folder}")
        self.folder = folder


class EncoderUnusable(MatchingError):
    """A model that cannot be loaded, or that fails the Chinese-English self-check."""


@contextmanager
def opening(folder: Path, name: str) -> Iterator[None]:
    """Turn whatever a library says of a file that it cannot use into one error.

    Args:
        folder: the index folder.
        name: of the file, for the message.

    Raises:
        IndexNeedsRebuild: the file is damaged.
        OSError: the disk is full.
    """
    try:
        yield
    except (MatchingError, MemoryError):
        raise
    except BaseException as error:
        if "No space left" in str(error):
            raise OSError(errno.ENOSPC, f"No space left on device, for {name}") from error
        if isinstance(error, Exception) or is_panic(error):
            raise IndexNeedsRebuild("damaged", f"{name}: {error!r}", folder) from error
        raise


@contextmanager
def asking(folder: Path, name: str) -> Iterator[None]:
    """Do the same where something is asked of a file that was opened: most errors are no damage.

    Raises:
        IndexNeedsRebuild: the file is damaged.
    """
    try:
        yield
    except BaseException as error:
        if is_panic(error) or isinstance(error, OSError) or "corrupt" in str(error).lower():
            raise IndexNeedsRebuild("damaged", f"{name}: {error!r}", folder) from error
        raise


def is_panic(error: BaseException) -> bool:
    """Whether a library written in Rust gave up in the middle; no Exception, and it has no name."""
    return type(error).__name__ == "PanicException"

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

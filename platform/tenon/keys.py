"""Secrets that lie in files outside the database: made on first use, whole or not at all.

Knows nothing of what they are for.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def read_or_make(file: Path, make: Callable[[], bytes]) -> bytes:
    """Return what ``file`` holds; where it is missing, write what ``make`` gives first.

    Only its owner can read it. Two processes that start at once end with the same secret, and one
    that is cut off leaves no half of it.
    """
    with contextlib.suppress(FileNotFoundError):
        return file.read_bytes()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(make())
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):  # somebody else was first: theirs counts
            os.link(draft, file)
    finally:
        Path(draft).unlink()
    return file.read_bytes()

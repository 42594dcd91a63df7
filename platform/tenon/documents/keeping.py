"""Files of documents under their SHA-256: written whole or not at all, read only if unharmed."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path


def place(folder: Path, digest: str) -> Path:
    """Return where the file of a hash lies; raises ValueError for anything that is no hash."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError(f"not a SHA-256: {digest!r}")
    return folder / digest[:2] / digest


def keep(folder: Path, content: bytes) -> str:
    """Write a file and return its SHA-256 in hex; the same content is kept once."""
    digest = hashlib.sha256(content).hexdigest()
    path = place(folder, digest)
    if read(folder, digest) == content:
        return digest
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{digest[:8]}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return digest


def read(folder: Path, digest: str) -> bytes | None:
    """Return a file's content, or None where it is gone or is not what its name says."""
    try:
        content = place(folder, digest).read_bytes()
    except FileNotFoundError:
        return None
    return content if hashlib.sha256(content).hexdigest() == digest else None


def forget(folder: Path, digest: str) -> None:
    """Delete a file; one that is gone already is no fault."""
    place(folder, digest).unlink(missing_ok=True)

"""Where uploaded files wait until they are imported, and how far each has come.

Progress lies in a small file beside the upload and not in the database: the import's own
transaction holds SQLite's single writer, so a row could not be seen to change before its end.
Told of its folder once a process, as handlers of the outbox have no request to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tenon import settings as environment
from tenon.settings import Settings


@dataclass(frozen=True, slots=True)
class Storage:
    """What this process needs to work on uploads.

    Attributes:
        folder: of the uploads; processes that share the outbox share it.
        listing_days: days until what an operator imports expires.
        largest: bytes that one file may have.
    """

    folder: Path
    listing_days: int
    largest: int

    def file(self, public_id: str) -> Path:
        """Return where a job's file lies."""
        return self.folder / f"{public_id}.upload"

    def note_progress(self, public_id: str, rows: int) -> None:
        """Write down how many rows are done."""
        self._progress_file(public_id).write_text(str(rows), encoding="ascii")

    def progress(self, public_id: str) -> int:
        """Return how many rows are done, as far as known."""
        try:
            text = self._progress_file(public_id).read_text(encoding="ascii")
        except FileNotFoundError:
            return 0
        return int(text) if text.isdigit() else 0

    def remove(self, public_id: str) -> None:
        """Delete a job's file, if it is still there."""
        self.file(public_id).unlink(missing_ok=True)
        self._progress_file(public_id).unlink(missing_ok=True)

    def _progress_file(self, public_id: str) -> Path:
        return self.folder / f"{public_id}.progress"


_current: Storage | None = None


def configure(settings: Settings) -> Storage:
    """Keep uploads as ``settings`` say from now on."""
    global _current  # noqa: PLW0603  # one process serves one site
    _current = Storage(
        settings.files_folder / "imports", settings.listing_days, settings.max_upload_bytes
    )
    return _current


def current() -> Storage:
    """Return this process's storage; configured by the environment where nobody did it."""
    return _current or configure(environment.load())

"""Outbox handlers of statements, and their registrations: witness, words, personal data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon import settings
from tenon.credit.statements import personal, proving, telling
from tenon.documents import keeping
from tenon.outbox import handles

__all__ = ["personal", "proving", "telling"]  # imported for their registrations


# Alone: the dispatcher shares the folder of files with the web processes, a worker need not.
@handles("statements.file_dropped", alone=True)
def file_dropped(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Delete the file of a person who was erased."""
    folder = personal.folder_of(settings.load().files_folder)
    keeping.forget(folder, payload["sha256"])

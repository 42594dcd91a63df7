"""After a change of TENON_ENCODER: the index encoded anew in the background, and how far that is.

Work of the outbox, a slice at a time, so that what is published meanwhile is handled in between;
it goes on where a killed process stopped, and done twice changes nothing. Must not know pages.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from matching import recoding, store
from matching.encoder import Encoder
from matching.errors import EncoderUnusable, IndexMissing, IndexNeedsRebuild
from matching.recoding import Progress, Recoding
from tenon.clock import utc_now
from tenon.db import Database
from tenon.matches import encoders
from tenon.matches.encoders import Chosen
from tenon.matches.indexing import keeper_of
from tenon.outbox.services import emit_again
from tenon.settings import Settings

log = logging.getLogger("tenon.matches")

TOPIC = "index.encode"
SLICE_SECONDS = 0.5
"""For so long nothing else of the index is done."""

LOG_SECONDS = 15.0
STATE = "ENCODING"
"""File in the index folder: how far the work is, or why it does not go on."""

_lock = threading.Lock()
_works: dict[Path, _Work] = {}


@dataclass(slots=True)
class _Work:
    """What this process keeps between two slices."""

    recoding: Recoding
    old: str
    logged: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """How the index stands to the model that the settings want; from small files alone.

    Attributes:
        encoder: id of the model that the index is of; None where there is no index.
        setting: by which it is loaded; None if that was never noted.
        wanted: the setting that the index is on its way to; None while there is none.
        done, total: documents, while it is on its way.
        error: why the wanted model is not used; empty if it can be.
    """

    encoder: str | None
    setting: str | None
    wanted: str | None = None
    done: int = 0
    total: int = 0
    error: str = ""

    @property
    def words(self) -> str:
        """Return one line for an operator; empty while the index is of the wanted model."""
        if self.wanted is None:
            return ""
        if self.error:
            return (
                f"{encoders.words_of(self.wanted)} is not used, the old model goes on: "
                f"{self.error}; name another model in TENON_ENCODER or mend this one, and restart"
            )
        return (
            f"being encoded anew with {encoders.words_of(self.wanted)}: "
            f"{self.done} of {self.total} documents"
        )


def is_due(settings: Settings) -> bool:
    """Whether the index is of another model than the settings want, as far as is noted."""
    held = encoders.id_in(settings.index_folder)
    noted = encoders.noted_in(settings.index_folder)
    return held is not None and noted.get(held) != encoders.setting_of(settings)


def ask(database: Database, settings: Settings) -> bool:
    """Queue the work where it is due, and forget it where it no longer is; whether it is due."""
    if not is_due(settings):
        if (settings.index_folder / STATE).exists():
            _end(settings.index_folder)
        return False
    with database.writing() as session:
        queue(session, now=utc_now())
    return True


def queue(session: Session, *, now: datetime) -> None:
    """Let the work begin, or go on with its next slice."""
    emit_again(session, TOPIC, {}, now=now, key=TOPIC)


def state(settings: Settings) -> State:
    """Return how the index stands to the wanted model."""
    folder = settings.index_folder
    held = encoders.id_in(folder)
    setting = None if held is None else encoders.noted_in(folder).get(held)
    if held is None or not is_due(settings):
        return State(held, setting)
    told = _told(folder)
    wanted = encoders.setting_of(settings)
    if told.get("wanted") != wanted:
        return State(held, setting, wanted)
    done, total, error = told.get("done"), told.get("total"), told.get("error")
    return State(held, setting, wanted, int(done or 0), int(total or 0), str(error or ""))


def step(session: Session, settings: Settings, *, seconds: float) -> bool:
    """Do one slice of about so long; return whether there is more to do.

    Raises:
        OSError: the disk is full or failing.
    """
    folder = settings.index_folder
    held = encoders.id_in(folder)
    if held is None or not is_due(settings):
        _end(folder)
        return False
    try:
        wanted = encoders.wanted(settings)
    except EncoderUnusable as error:
        _refuse(settings, held, error)
        return False
    if wanted.encoder.id == held:
        encoders.note(folder, wanted)
        _end(folder)
        return False
    try:
        return _encode(session, settings, held, wanted, seconds)
    except (IndexMissing, IndexNeedsRebuild) as error:
        log.warning("encoding anew stops, since the index must be built: %s", error)
        _end(folder)
        return False
    except BaseException:
        _let_go(folder)
        raise


def _encode(
    session: Session, settings: Settings, held: str, wanted: Chosen, seconds: float
) -> bool:
    folder = settings.index_folder
    work = _work_of(folder, held, wanted.encoder)
    progress = work.recoding.step(seconds)
    _tell(folder, wanted.setting, progress)
    if time.monotonic() - work.logged > LOG_SECONDS:
        work.logged = time.monotonic()
        _log_progress(wanted, progress)
    if not progress.complete:
        return True
    _log_progress(wanted, progress)
    # Noted before the move: from then on every process asks how the new model is loaded.
    encoders.note(folder, wanted)
    with keeper_of(session, settings).writing() as writer:
        moved = writer.move_to(wanted.encoder, work.recoding.vectors_of)
    log.info("the index is of %s now: %d documents", moved.encoder, moved.documents)
    encoders.keep_only(wanted.setting)
    _end(folder)
    return False


def _work_of(folder: Path, held: str, encoder: Encoder) -> _Work:
    with _lock:
        known = _works.get(folder)
        if known is None or known.old != held or known.recoding.encoder.id != encoder.id:
            if known is not None:
                known.recoding.close()
            known = _works[folder] = _Work(Recoding(folder, held, encoder), held)
        return known


def _let_go(folder: Path) -> None:
    """Close the files; the next slice opens them again."""
    with _lock:
        known = _works.pop(folder, None)
    if known is not None:
        known.recoding.close()


def _end(folder: Path) -> None:
    _let_go(folder)
    recoding.forget(folder)
    (folder / STATE).unlink(missing_ok=True)


def _refuse(settings: Settings, held: str, error: EncoderUnusable) -> None:
    """Say that the wanted model is not used, and what to do."""
    folder = settings.index_folder
    _let_go(folder)
    setting = encoders.setting_of(settings)
    _write(folder, {"wanted": setting, "error": str(error)})
    log.error(
        "%s is not used, the site goes on with %s: %s; name another model in TENON_ENCODER or "
        "mend this one, and restart (it is also tried every hour)",
        encoders.words_of(setting),
        held,
        error,
    )


def _log_progress(wanted: Chosen, progress: Progress) -> None:
    log.info(
        "encoding the index anew with %s: %d of %d documents",
        wanted.encoder.id,
        progress.done,
        progress.total,
    )


def _tell(folder: Path, setting: str, progress: Progress) -> None:
    _write(folder, {"wanted": setting, "done": progress.done, "total": progress.total})


def _write(folder: Path, told: dict[str, Any]) -> None:
    store.write_durably(folder / STATE, json.dumps(told))


def _told(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}

"""The process's encoder and match engine: opened when first asked for, shared by all threads.

The engine follows the writer by itself, so nothing here has to be told of news. Must not know
listings or pages.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from flask import Flask

from matching.documents import Document
from matching.encoder import Encoder, load_encoder
from matching.engine import MatchEngine
from matching.errors import MatchingError
from tenon.settings import Settings

log = logging.getLogger("tenon.matches")

_lock = threading.Lock()
_encoders: dict[str, Encoder] = {}
_engines: dict[tuple[Path, str], MatchEngine] = {}


def encoder_of(settings: Settings) -> Encoder:
    """Return the site's encoder.

    Raises:
        matching.errors.EncoderUnusable: the model cannot be loaded or fails its self-check.
    """
    with _lock:
        return _encoder(settings)


def engine_of(settings: Settings) -> MatchEngine:
    """Return the engine on the site's index folder; errors as for ``encoder_of``."""
    place = settings.index_folder, settings.encoder
    with _lock:
        if place not in _engines:
            _engines[place] = MatchEngine(_encoder(settings), settings.index_folder)
        return _engines[place]


def _encoder(settings: Settings) -> Encoder:
    if settings.encoder not in _encoders:
        _encoders[settings.encoder] = load_encoder(settings.encoder or None)
    return _encoders[settings.encoder]


def warm(app: Flask) -> None:
    """Load the model and the index, and answer one question, before the first visitor asks."""
    settings: Settings = app.extensions["tenon.settings"]
    try:
        engine_of(settings).match(Document(0, "need", "en", "", "warming up"), 1)
    except MatchingError as error:
        log.warning("cannot warm up: %s", error)

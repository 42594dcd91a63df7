"""The process's match engine: opened when first asked for, shared by all threads.

There is one for the model that the index is of. When the index moves to another model, an engine
for that one is made ready beside, and answers from then on; until then the old one answers from
the last state of its own, so that no question is ever encoded by one model and answered from the
vectors of another. Must not know listings or pages.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask

from matching import store
from matching.documents import Document
from matching.encoder import Encoder
from matching.engine import MatchEngine
from matching.errors import MatchingError
from matching.learning.running import RunningWeights
from tenon.matches import encoders
from tenon.matches.encoders import Chosen
from tenon.settings import Settings

log = logging.getLogger("tenon.matches")

TRY_AGAIN_AFTER = 30.0
"""Seconds after which a move to a model that could not be loaded is tried again."""

_QUESTION = Document(0, "need", "en", "", "warming up")


@dataclass(frozen=True, slots=True)
class _Held:
    """An engine, its model, and the index's pointer when it was last looked at."""

    engine: MatchEngine
    chosen: Chosen
    stamp: bytes | None


_lock = threading.Lock()
_held: dict[Path, _Held] = {}
_remotes: dict[str, MatchEngine] = {}
_moving: dict[Path, tuple[threading.Thread, float]] = {}


def encoder_of(settings: Settings) -> Encoder:
    """Return the encoder that the site's index is of, or before there is one the wanted one.

    Raises:
        matching.errors.EncoderUnusable: the model cannot be loaded or fails its self-check.
    """
    return encoders.serving(settings).encoder


def engine_of(settings: Settings) -> MatchEngine:
    """Return the engine on the site's index folder; errors as for ``encoder_of``.

    To be asked for each question anew: looking for news costs reading one small file.
    """
    if settings.index != "files":
        return _remote(settings)
    folder = settings.index_folder
    stamp = store.pointer_stamp(folder)
    held = _held.get(folder)
    if held is not None and held.stamp == stamp:
        return held.engine
    identity = encoders.id_in(folder)
    with _lock:
        held = _held.get(folder)
        if held is None or (held.stamp is None and identity not in (None, held.chosen.encoder.id)):
            held = _held[folder] = _open(settings, encoders.serving(settings), stamp)
        elif identity is None or identity == held.chosen.encoder.id:
            held = _held[folder] = replace(held, stamp=stamp)
        else:
            _move_beside(settings, identity)
        return held.engine


def _remote(settings: Settings) -> MatchEngine:
    """Return the engine on the site's Milvus, with the model that the settings name."""
    with _lock:
        if settings.index not in _remotes:
            # Imported here: nobody else needs it, and its package is optional.
            from matching.milvus import MilvusKeeper, Place  # noqa: PLC0415

            encoder = encoders.wanted(settings).encoder
            keeper = MilvusKeeper(Place.of(settings.index), encoder.id)
            weights = RunningWeights(settings.ranking_file)
            _remotes[settings.index] = MatchEngine(encoder, keeper, weights)
        return _remotes[settings.index]


def _open(settings: Settings, chosen: Chosen, stamp: bytes | None) -> _Held:
    weights = RunningWeights(settings.ranking_file)
    return _Held(MatchEngine(chosen.encoder, settings.index_folder, weights), chosen, stamp)


def _move_beside(settings: Settings, identity: str) -> None:
    """Make an engine of the new model ready in a thread, unless one is at it."""
    folder = settings.index_folder
    thread, began = _moving.get(folder, (None, 0.0))
    if thread is not None and (thread.is_alive() or time.monotonic() - began < TRY_AGAIN_AFTER):
        return
    thread = threading.Thread(
        target=_move, args=(settings, identity), name="tenon-encoder", daemon=True
    )
    _moving[folder] = thread, time.monotonic()
    thread.start()


def _move(settings: Settings, identity: str) -> None:
    """Load the model that the index is of now, warm it up, and let it answer."""
    folder = settings.index_folder
    stamp = store.pointer_stamp(folder)
    try:
        chosen = encoders.by_id(settings, identity)
        if chosen is None:
            log.error(
                "the index is of the model %s, which this process cannot load: it goes on with "
                "the index as it was; see what TENON_ENCODER names, or run: tenon index rebuild",
                identity,
            )
            return
        ready = _open(settings, chosen, stamp)
        ready.engine.match(_QUESTION, 1)
    except MatchingError as error:
        log.error("the index's new model is not ready: %s", error)
        return
    with _lock:
        _held[folder] = ready
        _moving.pop(folder, None)
    encoders.keep_only(chosen.setting)
    log.info("answering with the model %s", identity)


def warm(app: Flask) -> None:
    """Load the model and the index, and answer one question, before the first visitor asks."""
    settings: Settings = app.extensions["tenon.settings"]
    try:
        engine_of(settings).match(_QUESTION, 1)
    except MatchingError as error:
        log.warning("cannot warm up: %s", error)

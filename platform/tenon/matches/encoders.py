"""Which models make vectors here: the one that the index is of, and the one the settings want.

The index remembers, beside each model's id, by which value of TENON_ENCODER it is loaded, so that
after a change of the setting the old model serves until the index has been encoded anew. Must not
know how an index is written, listings or pages.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matching import store
from matching.encoder import SHIPPED_MODEL, Encoder, load_encoder
from matching.errors import EncoderUnusable, MatchingError
from tenon.settings import Settings

log = logging.getLogger("tenon.matches")

NOTES = "ENCODERS"
"""File in the index folder: id of a model -> the setting by which it is loaded."""

SHIPPED = ""
FORGET_FAILURE_AFTER = 60.0
"""Seconds for which a model that could not be loaded is not tried again."""

_lock = threading.RLock()
_loaded: dict[str, Encoder] = {}
_failed: dict[str, tuple[float, EncoderUnusable]] = {}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A loaded model, and the setting by which it was."""

    encoder: Encoder
    setting: str


def setting_of(settings: Settings) -> str:
    """Return the setting in the form that is kept: a folder by its whole path."""
    named = settings.encoder.strip()
    return str(Path(named).resolve()) if named and Path(named).is_dir() else named


def words_of(setting: str) -> str:
    """Return a setting as an operator would say it."""
    return setting or "the shipped model"


def load(setting: str) -> Encoder:
    """Return the model behind a setting, loaded once a process.

    Raises:
        matching.errors.EncoderUnusable: it cannot be loaded, or fails its self-check.
    """
    with _lock:
        if setting in _loaded:
            return _loaded[setting]
        at, error = _failed.get(setting, (0.0, None))
        if error is not None and time.monotonic() - at < FORGET_FAILURE_AFTER:
            raise error
        try:
            _loaded[setting] = load_encoder(setting or SHIPPED_MODEL)
        except EncoderUnusable as failure:
            _failed[setting] = time.monotonic(), failure
            raise
        return _loaded[setting]


def keep_only(setting: str) -> None:
    """Let go of every other model of this process; whoever needs one loads it again."""
    with _lock:
        for other in [each for each in _loaded if each != setting]:
            del _loaded[other]


def wanted(settings: Settings) -> Chosen:
    """Return the model that the settings name; errors as for ``load``."""
    setting = setting_of(settings)
    return Chosen(load(setting), setting)


def serving(settings: Settings) -> Chosen:
    """Return the model that the index is of; where there is none, or not this one, the wanted one.

    Raises:
        matching.errors.EncoderUnusable: neither can be loaded.
    """
    held = id_in(settings.index_folder)
    found = None if held is None else by_id(settings, held)
    return found or wanted(settings)


def for_building(settings: Settings) -> Chosen:
    """Return the model to build with: the wanted one, or while that is unusable the index's.

    Raises:
        matching.errors.EncoderUnusable: neither can be loaded.
    """
    try:
        return wanted(settings)
    except EncoderUnusable as error:
        found = _that_served(settings)
        if found is None:
            raise
        log.error("building with %s, since %s", words_of(found.setting), error)
        return found


def _that_served(settings: Settings) -> Chosen | None:
    """Return the index's model, or where that cannot be told the last one that it knows of."""
    held = id_in(settings.index_folder)
    noted = list(noted_in(settings.index_folder))[::-1]
    tried = (by_id(settings, each) for each in ([held] if held is not None else noted))
    return next((found for found in tried if found is not None), None)


def by_id(settings: Settings, held: str) -> Chosen | None:
    """Return the model with this id, by the setting noted for it; None if it is gone."""
    with _lock:
        for setting, encoder in _loaded.items():
            if encoder.id == held:
                return Chosen(encoder, setting)
        noted = noted_in(settings.index_folder).get(held)
        guesses = [noted] if noted is not None else []
        for setting in dict.fromkeys([*guesses, SHIPPED, setting_of(settings)]):
            try:
                encoder = load(setting)
            except EncoderUnusable as error:
                log.warning("the index is of %s, and a model cannot be loaded: %s", held, error)
                continue
            if encoder.id == held:
                return Chosen(encoder, setting)
    return None


def id_in(folder: Path) -> str | None:
    """Return the id of the model that the current index is of; None where none can be read."""
    try:
        content = (store.current_generation(folder) / store.META).read_text(encoding="utf-8")
        return str(json.loads(content)["encoder"])
    except (MatchingError, OSError, ValueError, TypeError, KeyError):
        return None


def noted_in(folder: Path) -> Mapping[str, str]:
    """Return id -> setting of the models that this index has been of, or is about to be."""
    try:
        found = json.loads((folder / NOTES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): str(setting) for name, setting in found.items()}


def note(folder: Path, chosen: Chosen) -> None:
    """Remember how a model is loaded; to be done before an index of it is switched to.

    Raises:
        OSError: the folder cannot be written.
    """
    noted = dict(noted_in(folder))
    if noted.get(chosen.encoder.id) == chosen.setting:
        return
    noted[chosen.encoder.id] = chosen.setting
    folder.mkdir(parents=True, exist_ok=True)
    store.write_durably(folder / NOTES, json.dumps(noted, indent=1))

"""Reasons for declining in words, and the advice that goes with each: data, in ``reasons.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("reasons.toml")


@cache
def _reasons() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return found


def in_words(reason: str) -> Mapping[str, str]:
    """Return language -> a reason in words. Raises KeyError for an unknown one."""
    return {language: _reasons()[reason][language] for language in ("zh", "en")}


def advice(reason: str) -> Mapping[str, str]:
    """Return language -> what a reason advises the side that asked. Raises KeyError."""
    return {language: _reasons()[reason][f"advice_{language}"] for language in ("zh", "en")}

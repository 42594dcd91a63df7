"""Which rules there are and what the files say of them, in memory; knows no table and no page.

One file of ``tables`` a topic: what each rule means (in both languages) and its rows. Rooms add
files for topics of their own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from tenon.errors import NotFound
from tenon.rules.models import APPLIES, KINDS
from tenon.rules.values import codes_in, is_value
from tenon.taxonomy.catalogue import find, is_chinese

COUNTRY = "CN"
"""The jurisdiction above all regions."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What a file is about."""

    code: str
    title_zh: str
    title_en: str

    def title(self, language: str) -> str:
        """Return its name in ``language``."""
        return self.title_zh if is_chinese(language) else self.title_en


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the few things that a rule chooses among."""

    zh: str
    en: str

    def title(self, language: str) -> str:
        """Return its name in ``language``."""
        return self.zh if is_chinese(language) else self.en


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule as such: what it is called, measured in and good for.

    Attributes:
        choices: code -> name, of a rule that chooses among a few; the table keeps the codes chosen,
            with commas between.
        several: whether more than one of the choices, or none, may be chosen.
    """

    code: str
    topic: str
    kind: str
    unit: str
    title_zh: str
    title_en: str
    explanation_zh: str
    explanation_en: str
    choices: Mapping[str, Choice] = field(default_factory=dict)
    several: bool = False

    def title(self, language: str) -> str:
        """Return its name in ``language``."""
        return self.title_zh if is_chinese(language) else self.title_en

    def explanation(self, language: str) -> str:
        """Return what it does, in ``language``."""
        return self.explanation_zh if is_chinese(language) else self.explanation_en

    def takes(self, value: object) -> bool:
        """Whether ``value`` may stand in the table for this rule."""
        if not is_value(self.kind, value):
            return False
        if not self.choices:
            return True
        chosen = codes_in(str(value))
        known = chosen == tuple(code for code in self.choices if code in chosen)
        return known and (self.several or len(chosen) == 1)


@dataclass(frozen=True, slots=True)
class Seed:
    """A row as a file gives it; the attributes are those of the table."""

    code: str
    jurisdiction: str
    effective_from: date
    effective_to: date | None
    value: Any
    applies: str
    source_zh: str
    source_en: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All files together."""

    topics: Mapping[str, Topic]
    entries: Mapping[str, Entry]
    seeds: tuple[Seed, ...]


@cache
def catalogue() -> Catalogue:
    """Return what the files say.

    Raises:
        ValueError: a file breaks the rules of its form; names file and code.
    """
    topics: dict[str, Topic] = {}
    entries: dict[str, Entry] = {}
    seeds: list[Seed] = []
    folder = files(__package__).joinpath("tables")
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".toml"):
            continue
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        topic = Topic(file.name.removesuffix(".toml"), content["title_zh"], content["title_en"])
        topics[topic.code] = topic
        for code, said in content["codes"].items():
            if code in entries:
                raise ValueError(f"{file.name}: {code} stands in another file already")
            entries[code] = _entry(topic, code, said)
        seeds += [_seed(file.name, row, entries) for row in content.get("rows", [])]
    return Catalogue(MappingProxyType(topics), MappingProxyType(entries), tuple(seeds))


def _entry(topic: Topic, code: str, said: Mapping[str, Any]) -> Entry:
    if said["kind"] not in KINDS:
        raise ValueError(f"{topic.code}.toml: {code} is of no known kind")
    choices = {each: Choice(**words) for each, words in said.get("choices", {}).items()}
    return Entry(code=code, topic=topic.code, **{**said, "choices": choices})


def _seed(name: str, row: Mapping[str, Any], entries: Mapping[str, Entry]) -> Seed:
    entry = entries.get(row["code"])
    if entry is None or not entry.takes(row["value"]):
        raise ValueError(f"{name}: {row['code']} is not described, or its value is of another kind")
    if not is_jurisdiction(row["jurisdiction"]) or row["applies"] not in APPLIES:
        raise ValueError(f"{name}: {row['code']} holds nowhere, or in no known way")
    return Seed(**{"effective_to": None, **row})


def is_jurisdiction(code: str) -> bool:
    """Whether this is the country or one of its regions."""
    return code == COUNTRY or find("region", code) is not None


def entry(code: str) -> Entry:
    """Return what a rule means; raises NotFound."""
    found = catalogue().entries.get(code)
    if found is None:
        raise NotFound("unknown_rule", code=code)
    return found

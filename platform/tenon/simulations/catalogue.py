"""The simulator's inputs, forms and parties, as their data file has them. Knows no page."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from tenon.formulas.simulation import FORMS, PARTIES


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its name in both languages."""

    code: str
    zh: str
    en: str

    def name(self, language: str) -> str:
        """Return the name in ``zh`` or ``en``."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Input(Named):
    """One input.

    Attributes:
        kind: count, money (whole units of the currency), percent, factor, years, months, choice.
        default: what a page begins with.
        low, high: bounds, inclusive.
        step: of the slider.
        forms: the forms that it matters to; empty for all.
        choices: of a choice.
    """

    group: str
    kind: str
    default: str
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    step: Decimal = Decimal(1)
    forms: tuple[str, ...] = ()
    choices: tuple[Named, ...] = ()
    help_zh: str = ""
    help_en: str = ""

    def help(self, language: str) -> str:
        """Return what it means, where the name does not say it."""
        return self.help_zh if language.startswith("zh") else self.help_en


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The whole file."""

    groups: tuple[Named, ...]
    inputs: Mapping[str, Input]
    forms: Mapping[str, Named]
    parties: Mapping[str, Named]


@cache
def catalogue() -> Catalogue:
    """Return what the file says; raises ValueError where it does not fit the formulas."""
    text = files(__package__).joinpath("inputs.toml").read_text(encoding="utf-8")
    said = tomllib.loads(text, parse_float=Decimal)
    inputs = {each["code"]: _input(each) for each in said["inputs"]}
    forms = {each["code"]: Named(**each) for each in said["forms"]}
    parties = {each["code"]: Named(**each) for each in said["parties"]}
    if tuple(forms) != FORMS or tuple(parties) != PARTIES:
        raise ValueError("inputs.toml must name the forms and parties of the formulas, in order")
    groups = tuple(Named(**each) for each in said["groups"])
    return Catalogue(
        groups, MappingProxyType(inputs), MappingProxyType(forms), MappingProxyType(parties)
    )


def _input(said: Mapping[str, Any]) -> Input:
    values: dict[str, Any] = dict(said)
    for name in ("low", "high", "step"):
        if name in values:
            values[name] = Decimal(values[name])
    values["forms"] = tuple(values.get("forms", ()))
    values["choices"] = tuple(Named(**each) for each in values.get("choices", ()))
    return Input(**values)

"""What a listing says, as plain frozen values: what forms hand to services and versions keep.

Knows no form and no table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

OTHER_LANGUAGE: Mapping[str, str] = MappingProxyType({"zh": "en", "en": "zh"})


@dataclass(frozen=True, slots=True)
class Words:
    """The public text in one language; a need's background stands in ``summary``."""

    title: str = ""
    summary: str = ""
    problem: str = ""
    advantages: str = ""
    applications: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was written."""
        return not (
            self.title or self.summary or self.problem or self.advantages or self.applications
        )


@dataclass(frozen=True, slots=True)
class RightEntry:
    """An IP right as somebody typed it."""

    kind: str
    number: str = ""
    status: str = "none"
    filed_on: date | None = None
    granted_on: date | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True)
class RequirementEntry:
    """A requirement as written, and whether it must be met or is a wish."""

    text: str
    obligation: str = "must"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything that an author decides.

    Attributes:
        language: zh or en: the language of ``words``.
        translation: the same in the other language; None where there is none.
        fields: (scheme, code) of fields of technology (ipc, hitech) and industries (gbt4754).
        money_low, money_high: minor units of ``currency``.
        contributors: names in order.
        rights: None leaves a listing's IP rights as they are (needs have none).
        details: tier -> confidential text.
    """

    language: str
    words: Words
    translation: Words | None = None
    readiness: int | None = None
    fields: tuple[tuple[str, str], ...] = ()
    deal_forms: tuple[str, ...] = ()
    money_kind: str | None = None
    money_low: int | None = None
    money_high: int | None = None
    currency: str = "CNY"
    region: str | None = None
    contributors: tuple[str, ...] = ()
    rights: tuple[RightEntry, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[RequirementEntry, ...] = ()
    deadline: date | None = None
    anonymous: bool = False

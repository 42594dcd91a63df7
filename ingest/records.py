"""The frozen records that reading a file yields: one class for each of the four kinds.

They hold values that are already checked in form: codes, dates, integer minor units, tuples.
Whether a reference leads anywhere is for the sink to say, since only it sees the database.
An absent text is ``""``; an absent number, date, code or reference is ``None``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal, NamedTuple

Kind = Literal["organisations", "people", "achievements", "needs"]
KINDS: tuple[Kind, ...] = ("organisations", "people", "achievements", "needs")


class Code(NamedTuple):
    """A term of a taxonomy: ``Code("ipc", "G02")``."""

    scheme: str
    code: str


class RequirementText(NamedTuple):
    """One requirement as written; ``must`` is False for a wish."""

    text: str
    must: bool


@dataclass(frozen=True, slots=True)
class IpRecord:
    """One patent or other right of intellectual property."""

    number: str
    kind: str
    status: str
    filed: date | None = None
    granted: date | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True)
class OrganisationRecord:
    """An organisation; at least one of the two names is not empty."""

    source: str
    external_id: str
    line: int
    kind: str
    name_zh: str = ""
    name_en: str = ""
    region: str | None = None
    country: str | None = None
    industries: tuple[str, ...] = ()
    website: str = ""
    about_zh: str = ""
    about_en: str = ""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A researcher or another person; at least one of the two names is not empty."""

    source: str
    external_id: str
    line: int
    name_zh: str = ""
    name_en: str = ""
    organisation: str | None = None
    title_zh: str = ""
    title_en: str = ""
    email: str = ""
    fields: tuple[Code, ...] = ()
    languages: tuple[str, ...] = ()
    availability: str = "limited"
    bio_zh: str = ""
    bio_en: str = ""


@dataclass(frozen=True, slots=True)
class AchievementRecord:
    """A research result on offer. Prices are in minor units (fen, cents) of ``currency``."""

    source: str
    external_id: str
    line: int
    language: str
    title: str
    summary: str
    organisation: str | None = None
    problem: str = ""
    advantages: str = ""
    applications: str = ""
    readiness: int | None = None
    fields: tuple[Code, ...] = ()
    industries: tuple[str, ...] = ()
    deal_forms: tuple[str, ...] = ()
    price_kind: str = "negotiable"
    price_min: int | None = None
    price_max: int | None = None
    currency: str | None = None
    region: str | None = None
    contributors: tuple[str, ...] = ()
    ip: tuple[IpRecord, ...] = ()
    detail_signed_in: str = ""
    detail_introduction: str = ""
    detail_nda: str = ""
    title_translated: str = ""
    summary_translated: str = ""
    problem_translated: str = ""
    advantages_translated: str = ""
    applications_translated: str = ""
    keywords: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class NeedRecord:
    """A technical need. Budgets are in minor units (fen, cents) of ``currency``."""

    source: str
    external_id: str
    line: int
    language: str
    title: str
    background: str
    organisation: str | None = None
    requirements: tuple[RequirementText, ...] = ()
    deadline: date | None = None
    budget_min: int | None = None
    budget_max: int | None = None
    currency: str | None = None
    readiness_sought: int | None = None
    deal_forms: tuple[str, ...] = ()
    region: str | None = None
    fields: tuple[Code, ...] = ()
    industries: tuple[str, ...] = ()
    anonymous: bool = False
    title_translated: str = ""
    background_translated: str = ""
    keywords: tuple[str, ...] = ()
    url: str = ""


Record = OrganisationRecord | PersonRecord | AchievementRecord | NeedRecord

_KIND_OF: dict[type[Record], Kind] = {
    OrganisationRecord: "organisations",
    PersonRecord: "people",
    AchievementRecord: "achievements",
    NeedRecord: "needs",
}


def kind_of(record: Record) -> Kind:
    """Return the kind's name in the import format."""
    return _KIND_OF[type(record)]


# Everything a record says; the line where it stood is not part of it.
_CONTENT: dict[type[Record], tuple[str, ...]] = {
    cls: tuple(f.name for f in fields(cls) if f.name != "line") for cls in _KIND_OF
}


def _plain(value: object) -> object:
    if isinstance(value, IpRecord):
        return [_plain(getattr(value, f.name)) for f in fields(IpRecord)]
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


def fingerprint(record: Record) -> str:
    """Return a digest of what the record says, wherever in the file it stood.

    Two records with the same fingerprint need no rewriting. 64 hexadecimal digits (SHA-256).
    """
    names = _CONTENT[type(record)]
    content = [kind_of(record), *(_plain(getattr(record, name)) for name in names)]
    packed = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(packed.encode("utf-8")).hexdigest()

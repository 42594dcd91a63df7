"""The terms as files give them, in memory: labels, parents and children without a database.

Reads each file once per process. Must not know the table, a session or a page.
Words are ``zh`` or ``en``; whatever does not begin with ``zh`` is answered in English.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from tenon.errors import NotFound

SCHEMES = ("hitech", "ipc", "gbt4754", "region", "country", "trl")
"""Every scheme there is, in the order in which pickers offer them."""

_COLUMNS = ("code", "parent_code", "label_zh", "label_en", "note_zh", "note_en", "aliases")
_UNLISTED = {"zh": "未收录的代码（{code}）", "en": "Unlisted code ({code})"}


@dataclass(frozen=True, slots=True)
class Term:
    """One term of one scheme.

    Attributes:
        position: place in its scheme, from 1; parents come before their children.
        level: 1 for terms without a parent, 2 for their children, and so on.
        label_zh, label_en: short wording for lists and filters.
        note_zh, note_en: the full wording or a definition; empty where the label says it all.
        aliases: other names that people and other systems write; never shown.
    """

    scheme: str
    code: str
    parent_code: str | None
    position: int
    level: int
    label_zh: str
    label_en: str
    note_zh: str = ""
    note_en: str = ""
    aliases: tuple[str, ...] = field(default=(), repr=False)

    def label(self, language: str) -> str:
        """Return the short wording in ``language``."""
        return self.label_zh if is_chinese(language) else self.label_en

    def note(self, language: str) -> str:
        """Return the full wording in ``language``; empty where there is none beyond the label."""
        return self.note_zh if is_chinese(language) else self.note_en


def is_chinese(language: str) -> bool:
    """Tell whether ``language`` (``zh``, ``zh_Hans``, ``en`` ...) is read as Chinese here."""
    return language[:2].lower() == "zh"


@cache
def terms(scheme: str) -> tuple[Term, ...]:
    """Return all terms of ``scheme`` in their order, parents before children.

    Raises:
        NotFound: there is no such scheme.
        ValueError: the file breaks its own rules (columns, duplicates, a parent out of order).
    """
    return tuple(_by_code(scheme).values())


@cache
def _by_code(scheme: str) -> MappingProxyType[str, Term]:
    if scheme not in SCHEMES:
        raise NotFound("unknown_scheme", scheme=scheme)
    found: dict[str, Term] = {}
    for position, row in enumerate(_rows(scheme), start=1):
        code, parent = row["code"], row["parent_code"] or None
        if code in found or (parent is not None and parent not in found):
            raise ValueError(f"terms/{scheme}.csv: {code} comes twice, or before its parent")
        found[code] = Term(
            scheme=scheme,
            code=code,
            parent_code=parent,
            position=position,
            level=1 if parent is None else found[parent].level + 1,
            label_zh=row["label_zh"],
            label_en=row["label_en"],
            note_zh=row["note_zh"],
            note_en=row["note_en"],
            aliases=tuple(filter(None, row["aliases"].split(";"))),
        )
    return MappingProxyType(found)


def _rows(scheme: str) -> Iterator[dict[str, str]]:
    text = files(__package__).joinpath("terms", f"{scheme}.csv").read_text(encoding="utf-8")
    reader = csv.DictReader(text.splitlines())
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        raise ValueError(f"terms/{scheme}.csv: columns must be {', '.join(_COLUMNS)}")
    yield from reader


@cache
def _children_of(scheme: str) -> MappingProxyType[str | None, tuple[Term, ...]]:
    grouped: dict[str | None, list[Term]] = {}
    for each in terms(scheme):
        grouped.setdefault(each.parent_code, []).append(each)
    return MappingProxyType({parent: tuple(group) for parent, group in grouped.items()})


def find(scheme: str, code: str) -> Term | None:
    """Return the term, or None where the files do not carry the code."""
    return _by_code(scheme).get(code)


def get(scheme: str, code: str) -> Term:
    """Return the term.

    Raises:
        NotFound: the files do not carry the scheme or the code.
    """
    found = find(scheme, code)
    if found is None:
        raise NotFound("unknown_term", scheme=scheme, code=code)
    return found


def children(scheme: str, code: str | None = None) -> tuple[Term, ...]:
    """Return the terms directly below ``code``, or the topmost ones for None; in order."""
    return _children_of(scheme).get(code, ())


def ancestors(scheme: str, code: str) -> tuple[Term, ...]:
    """Return the terms above ``code``, nearest first: 420111 -> 420100, 420000.

    Raises:
        NotFound: the files do not carry the code.
    """
    found: list[Term] = []
    parent = get(scheme, code).parent_code
    while parent is not None:
        found.append(get(scheme, parent))
        parent = found[-1].parent_code
    return tuple(found)


def lineage_codes(scheme: str, code: str) -> tuple[str, ...]:
    """Return ``code`` and the codes above it, nearest first: what a listing counts under."""
    return (code, *(each.code for each in ancestors(scheme, code)))


@cache
def descendant_codes(scheme: str, code: str) -> tuple[str, ...]:
    """Return ``code`` and every code below it: what a filter by ``code`` lets through."""
    get(scheme, code)
    below = [found for child in children(scheme, code) for found in _walk(scheme, child)]
    return (code, *below)


def _walk(scheme: str, top: Term) -> Iterator[str]:
    yield top.code
    for child in children(scheme, top.code):
        yield from _walk(scheme, child)


def label(scheme: str, code: str | None, language: str, *, with_code: bool = False) -> str:
    """Return the wording of a code for a page; safe to call from a template with anything.

    Empty for no code; a worded remark for a code that the files do not carry, since a bare code
    is never shown. ``with_code`` puts the code before the wording ("G02 Optics"), for readers who
    know the codes.
    """
    if not code:
        return ""
    found = find(scheme, code)
    if found is None:
        return _UNLISTED["zh" if is_chinese(language) else "en"].format(code=code)
    return f"{code} {found.label(language)}" if with_code else found.label(language)


def note(scheme: str, code: str | None, language: str) -> str:
    """Return the full wording or definition of a code; its label where there is no more to say."""
    found = find(scheme, code) if code else None
    if found is None:
        return label(scheme, code, language)
    return found.note(language) or found.label(language)


def path_label(scheme: str, code: str | None, language: str) -> str:
    """Return the wording of a code with what it lies in, which tells apart equal names.

    Regions read as addresses do in the language (湖北省武汉市洪山区; Hongshan District, Wuhan,
    Hubei); other schemes from the top down (物理 › 光学).
    """
    if not code or find(scheme, code) is None:
        return label(scheme, code, language)
    upwards = [get(scheme, each).label(language) for each in lineage_codes(scheme, code)]
    if scheme == "region":
        return "".join(reversed(upwards)) if is_chinese(language) else ", ".join(upwards)
    return " › ".join(reversed(upwards))

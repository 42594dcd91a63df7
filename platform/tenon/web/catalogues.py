"""Do the message catalogues say everything that pages say? Compares code and templates with them.

The English text is the message's id. Every room has one catalogue a language; together they are one
dictionary, so an id belongs to exactly one room. Knows nothing of what the messages mean.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from tenon import paths

PACKAGE = Path(__file__).resolve().parents[1]
KEYWORDS = DEFAULT_KEYWORDS | {
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
}
_JINJA = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true"}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|(?<!%)%[sd]|\{(\w*)\}")
# Ids are English; a Chinese one would never reach a reader of English.
_HAN = re.compile(r"[\u4e00-\u9fff]")

Places = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with one message.

    Attributes:
        kind: ``missing``, ``untranslated``, ``obsolete``, ``fuzzy``, ``duplicate``,
            ``placeholders`` or ``not_english``.
        message: the message's id, its English text.
        places: where it is said (file:line), or which rooms' catalogues hold it.
    """

    kind: str
    message: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One message in one room's catalogue."""

    room: str
    forms: tuple[str, ...]
    translations: tuple[str, ...]
    fuzzy: bool = False


@dataclass(slots=True)
class Report:
    """What a comparison found: how many messages are said, and the findings."""

    said: int
    findings: list[Finding] = field(default_factory=list)


def said_messages(package: Path = PACKAGE, templates: Path | None = None) -> dict[str, list[str]]:
    """Return message id -> places (file:line) of all code and templates."""
    templates = paths.templates() if templates is None else templates
    found: dict[str, list[str]] = defaultdict(list)
    sources: tuple[tuple[Path, list[tuple[str, str]], dict[str, dict[str, str]]], ...] = (
        (package, [("**.py", "python")], {}),
        (templates, [("**.html", "jinja2"), ("**.txt", "jinja2")], {"**": _JINJA}),
    )
    for root, methods, options in sources:
        for file, line, message, _comments, _context in extract_from_dir(
            root, method_map=methods, options_map=options, keywords=KEYWORDS
        ):
            key = message[0] if isinstance(message, tuple) else message
            found[key].append(f"{root.name}/{file}:{line}")
    return dict(found)


def catalogue_entries(folders: Iterable[Path] | None = None) -> dict[str, list[Entry]]:
    """Return message id -> its entries over all rooms, without those marked obsolete."""
    entries: dict[str, list[Entry]] = defaultdict(list)
    for room in paths.translations() if folders is None else folders:
        for source in sorted(room.glob("*/LC_MESSAGES/*.po")):
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parent.parent.name)
            for message in catalogue:
                if message.id:
                    entries[_forms(message.id)[0]].append(_entry(room.name, message))
    return dict(entries)


def _forms(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (str(value or ""),)


def _entry(room: str, message: Message) -> Entry:
    return Entry(room, _forms(message.id), _forms(message.string), message.fuzzy)


def compare(said: Mapping[str, list[str]], entries: Mapping[str, list[Entry]]) -> Report:
    """Compare what is said with what the catalogues hold.

    Args:
        said: message id -> places.
        entries: message id -> entries.
    """
    findings: list[Finding] = []
    for message, places in said.items():
        if _HAN.search(message):
            findings.append(Finding("not_english", message, tuple(places)))
        if message not in entries:
            findings.append(Finding("missing", message, tuple(places)))
    for message, held in entries.items():
        rooms = tuple(entry.room for entry in held)
        if message not in said:
            findings.append(Finding("obsolete", message, rooms))
        if len(held) > 1:
            findings.append(Finding("duplicate", message, rooms))
        for entry in held:
            findings += [Finding(kind, message, (entry.room,)) for kind in _bad(entry)]
    return Report(len(said), sorted(findings, key=lambda one: (one.kind, one.message)))


def _bad(entry: Entry) -> Iterator[str]:
    """Tell what is wrong with an entry itself."""
    if not all(text.strip() for text in entry.translations):
        yield "untranslated"
    elif any(placeholders(text) != placeholders(entry.forms[-1]) for text in entry.translations):
        yield "placeholders"
    if entry.fuzzy:
        yield "fuzzy"


def placeholders(text: str) -> frozenset[str]:
    """Return what is filled in when the message is written: ``%(name)s``, ``%s``, ``{name}``."""
    return frozenset(match.group() for match in _PLACEHOLDER.finditer(text))


def check() -> Report:
    """Compare the whole site with its catalogues."""
    return compare(said_messages(), catalogue_entries())

"""How what waits becomes one mail: sorted by choice, collapsed, grouped, and put into words.

Reads rows that its callers fetched and makes rows that they insert; knows neither a session nor
why a mail is due. Words and choices are those of the moment at which it is asked.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tenon.notices import choosing, delivery, unsubscribing, wording
from tenon.notices.choosing import EVERYTHING
from tenon.notices.rendering import Rendered, render_mail

log = logging.getLogger("tenon.notices")

LINES = 40
"""So many lines has a mail at most; the inbox has the rest."""

Kept = Mapping[tuple[int, str], tuple[bool | None, str | None]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a mail is for."""

    id: int
    public_id: str
    name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that waits to be mailed."""

    id: int
    kind: str
    facts: Mapping[str, Any]
    path: str
    created_at: datetime
    read_at: datetime | None = None


@dataclass(slots=True)
class Sorted:
    """What waits, by what is to become of it; ``spared`` needs no mail any more."""

    now: list[Waiting] = field(default_factory=list)
    digest: list[Waiting] = field(default_factory=list)
    spared: list[Waiting] = field(default_factory=list)


@dataclass(slots=True)
class Line:
    """One line of a mail: the newest of its notices in words, and how many more it stands for."""

    text: str
    link: str
    more: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one group of kinds."""

    heading: str
    lines: list[Line]


def sort(waiting: Iterable[Waiting], user_id: int, kept: Kept) -> Sorted:
    """Sort what waits for a person by their present choices.

    Spared is what was read in the site meanwhile, what is switched off by now, and what no room
    has words for any longer.
    """
    found = Sorted()
    for notice in waiting:
        kind = wording.kind_of(notice.kind)
        if kind is None:
            log.warning("a notice of the kind %s waits, which no room registers", notice.kind)
        mail = (
            "off"
            if kind is None or notice.read_at is not None
            else choosing.choice_of(kind, kept.get((user_id, notice.kind))).mail
        )
        pile = {"now": found.now, "digest": found.digest}.get(mail, found.spared)
        pile.append(notice)
    return found


def sections(waiting: Sequence[Waiting], language: str) -> tuple[list[Section], int]:
    """Return what waits as lines by group and thing, and how many notices found no room.

    Notices of one kind about one thing (they lead to the same page) are one line. Groups stand in
    their order of registration, things and lines with the newest first.
    """
    places = {group: place for place, group in enumerate(wording.groups())}
    lines: dict[tuple[str, str, str], Line] = {}
    things: dict[tuple[str, str], int] = {}
    for notice in sorted(waiting, key=lambda each: (each.created_at, each.id), reverse=True):
        group = wording.group_of(notice.kind)
        things.setdefault((group, notice.path), len(things))
        known = lines.get((group, notice.path, notice.kind))
        if known is not None:
            known.more += 1
            continue
        text = " ".join(wording.words(notice.kind, notice.facts, language).split())
        link = delivery.current().address(notice.path)
        lines[group, notice.path, notice.kind] = Line(text, link)
    in_order = sorted(lines, key=lambda key: (places.get(key[0], len(places)), things[key[:2]]))
    found: dict[str, list[Line]] = {}
    for key in in_order[:LINES]:
        found.setdefault(key[0], []).append(lines[key])
    left = sum(1 + lines[key].more for key in in_order[LINES:])
    return [Section(wording.heading(group, language), own) for group, own in found.items()], left


def scope_of(waiting: Iterable[Waiting]) -> str | None:
    """Return what "no more of this" means for a mail: its kind, its group, or all.

    None where every line is essential: there is nothing to switch off.
    """
    kinds = {notice.kind for notice in waiting}
    if all(kind.essential for code in kinds if (kind := wording.kind_of(code)) is not None):
        return None
    groups = {wording.group_of(kind) for kind in kinds}
    if len(kinds) == 1:
        return kinds.pop()
    return groups.pop() if len(groups) == 1 else EVERYTHING


def words_of(reader: Reader, waiting: Sequence[Waiting], *, digest: bool) -> Rendered:
    """Return a mail of what waits, in the reader's language, with its links."""
    found, left = sections(waiting, reader.language)
    here, scope = delivery.current(), scope_of(waiting)
    context = {
        "name": " ".join(reader.name.split()),
        "digest": digest,
        "sections": found,
        "number": len(waiting),
        "left": left,
        "only": found[0].lines[0].text if len(found) == 1 and len(found[0].lines) == 1 else None,
        "inbox": here.address("/notices"),
        "choices": here.address("/account/notices"),
        "unsubscribe": unsubscribing.link(reader.public_id, scope) if scope else None,
    }
    return render_mail("digest" if digest else "notice", reader.language, context)


def mail_row(
    reader: Reader, waiting: Sequence[Waiting], *, now: datetime, digest: bool
) -> dict[str, Any]:
    """Return a mail of what waits as a row for insertion."""
    rendered = words_of(reader, waiting, digest=digest)
    return {
        "user_id": reader.id,
        "recipient": reader.email,
        "subject": rendered.subject,
        "text": rendered.text,
        "html": rendered.html,
        "message_id": message_id(),
        "language": reader.language,
        "created_at": now,
        "kind": "digest" if digest else "notice",
        "scope": scope_of(waiting),
    }


def message_id() -> str:
    """Return a new Message-ID, which says nothing but the site's host."""
    host = urlsplit(delivery.current().base_url).hostname or "localhost"
    return f"<{uuid.uuid4().hex}@{host}>"

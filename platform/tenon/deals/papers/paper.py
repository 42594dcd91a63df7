"""A paper as it is written, before it becomes a file of one kind: headings, clauses, rows, blocks.

Knows no deal, no language and no kind of file.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A name and what stands beside it, line by line."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A numbered paragraph; the first line follows the number, others stand below it."""

    number: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with numbered paragraphs, or with rows of a table, under it."""

    heading: str
    items: tuple[Item, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Where somebody signs: who, why, and the lines to fill in."""

    who: str
    why: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper.

    Attributes:
        language: ``zh`` or ``en``.
        title: the heading; ``subtitle`` the deal's own title.
        mark: what a reader must know first (a draft, superseded); empty for an accepted version.
        opening: rows at the top: the parties, the subject.
        parts: the articles.
        blocks: signature blocks, under ``blocks_heading``.
        footer: at the foot of every page: the version and its hash.
        made_on: the version's day, ISO, as the file's own date.
    """

    language: str
    title: str
    subtitle: str
    mark: str
    opening: tuple[Row, ...]
    parts: tuple[Part, ...]
    blocks_heading: str
    blocks: tuple[Block, ...]
    footer: str
    made_on: str

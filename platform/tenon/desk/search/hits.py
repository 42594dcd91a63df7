"""What a search finds, and how words are looked for in a column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matching.script import simplify
from tenon.actors import Actor

SHORTEST, LONGEST = 2, 80
_CODE = re.compile(r"[A-Za-z0-9_-]{10,32}")


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for, by whom, and how many of each kind are wanted.

    Attributes:
        text: as typed, at least SHORTEST characters.
        by: who asks; each kind asks its own predicate about them.
        now: the moment.
        language: of the titles shown.
        limit: hits a kind; one more is read, so that a page knows that there are more.
        alone: whether one kind alone is asked for.
    """

    text: str
    by: Actor
    now: datetime
    language: str
    limit: int
    alone: bool = False

    @property
    def code(self) -> str | None:
        """The text where it may be a public id."""
        return self.text if _CODE.fullmatch(self.text) else None


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found.

    Attributes:
        title: what it is called.
        path: its page; empty where there is none for this reader.
        state: a code that ``labels`` puts into words, or empty.
        more: a line beside the title: a place, a name, the beginning of a text.
        side: of a listing.
    """

    title: str
    path: str
    state: str = ""
    more: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind; ``more`` where there are more than shown."""

    kind: str
    hits: Sequence[Hit]
    more: bool


def says(query: Query, *columns: Any) -> sa.ColumnElement[bool]:
    """Return the condition that one of the columns holds the text, in either script."""
    forms = sorted({query.text.lower(), simplify(query.text).lower()})
    return sa.or_(
        *(
            sa.func.lower(column).contains(form, autoescape=True)
            for column in columns
            for form in forms
        )
    )


def of_two(zh: str | None, en: str | None, language: str) -> str:
    """Return the words in ``language``, else in the other."""
    return (zh or en or "") if language == "zh" else (en or zh or "")

"""The clauses that contracts are made of, as data: sections of paragraphs with their conditions.

A paragraph stands where every term that it names is agreed, and where ``when`` holds and
``unless`` (any of several) does not. Must not know any form by name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tenon.deals.forms.reading import condition
from tenon.deals.forms.schema import Condition, Words

HERE = Path(__file__).parent / "clauses"
FRAME = "frame"
PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One clause.

    Attributes:
        text: with ``{term}`` where a term's words go.
        when, unless: conditions on term values.
        says: terms whose choice the text itself expresses without naming them.
        law: the article that the clause follows, where one does.
    """

    text: Words
    when: Condition | None = None
    unless: tuple[Condition, ...] = ()
    says: tuple[str, ...] = ()
    law: Words | None = None

    def names(self) -> frozenset[str]:
        """Return what its text names in braces, in either language."""
        return frozenset(PLACE.findall(self.text.zh + self.text.en))

    def stands(self, values: Mapping[str, Any], terms: Iterable[str]) -> bool:
        """Whether it stands for these values; of the names, ``terms`` must be agreed."""
        if any(values.get(code) is None for code in self.names() & set(terms)):
            return False
        if self.when is not None and not self.when.holds(values):
            return False
        return not any(each.holds(values) for each in self.unless)


@dataclass(frozen=True, slots=True)
class Section:
    """An article: terms of its ``groups`` that no paragraph says are added to it one by one."""

    code: str
    order: int
    heading: Words
    groups: tuple[str, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()


def sections(names: Iterable[str]) -> list[Section]:
    """Return the articles of the frame and of the files named, joined by code, in their order.

    The heading is the last file's.
    """
    found: dict[str, Section] = {}
    for name in (FRAME, *names):
        for section in _read(name):
            before = found.get(section.code)
            found[section.code] = (
                section
                if before is None
                else replace(
                    before,
                    heading=section.heading,
                    groups=tuple(dict.fromkeys((*before.groups, *section.groups))),
                    paragraphs=(*before.paragraphs, *section.paragraphs),
                )
            )
    return sorted(found.values(), key=lambda each: each.order)


@cache
def _read(name: str) -> tuple[Section, ...]:
    content = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
    return tuple(
        Section(
            code=row["code"],
            order=row["order"],
            heading=Words(**row["heading"]),
            groups=tuple(row.get("groups", ())),
            paragraphs=tuple(_paragraph(each) for each in row.get("paragraphs", ())),
        )
        for row in content["sections"]
    )


def _paragraph(row: Mapping[str, Any]) -> Paragraph:
    given = row.get("unless", {"any": []})
    unless = given.get("any", [given])
    return Paragraph(
        text=Words(row["zh"], row["en"]),
        when=condition(row.get("when")),
        unless=tuple(each for each in (condition(one) for one in unless) if each),
        says=tuple(row.get("says", ())),
        law=Words(**row["law"]) if "law" in row else None,
    )

"""Papers of other rooms that are statements as well: a broker's year, a certificate.

A room that comes later registers what its paper is called, which templates print and show it, and
says the rest when it asks for a draft. Code, hash, history and check page are those of statements.
Must not know those rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of paper.

    Attributes:
        code: stands in the content as ``paper``; what the room says stands there as ``said``.
        title_zh, title_en: what it is called.
        purpose: which of ``PURPOSES`` its row carries.
        template: under ``templates/documents``.
        shown: template of what its pages show of ``said``, also to anybody who checks it.
        most: how many entries it may rest on.
    """

    code: str
    title_zh: str
    title_en: str
    purpose: str
    template: str
    shown: str
    most: int

    def title(self, language: str) -> str:
        """Return what it is called in ``language`` (zh or en)."""
        return self.title_zh if language == "zh" else self.title_en


_PAPERS: dict[str, Paper] = {}


def register(paper: Paper) -> None:
    """Make a kind of paper known; raises ValueError where another one has its code."""
    if _PAPERS.setdefault(paper.code, paper) != paper:
        raise ValueError(f"{paper.code} is registered already")


def paper_of(content: Mapping[str, Any]) -> Paper | None:
    """Return which paper a statement's content is of; None for a plain statement."""
    code = content.get("paper")
    return None if code is None else _PAPERS[code]

"""What pickers and filters need: choices for select elements, and search by words.

Pure and in memory; must not know forms, templates or a session.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from tenon.taxonomy import catalogue, naming
from tenon.taxonomy.catalogue import SCHEMES, Term

_ALPHABETICAL = frozenset({"country"})
"""Flat schemes whose file is in pinyin order; in English they read by their English names."""

_FIRST = ("CN", "HK", "MO", "TW")


class ChoiceGroup(NamedTuple):
    """One group of a select element.

    ``dict(as_choices(...))`` is the grouped form that form libraries take.

    Attributes:
        label: the group's heading; empty where the scheme has no groups.
        choices: (code, wording), in order.
    """

    label: str
    choices: list[tuple[str, str]]


def as_choices(
    scheme: str, language: str, depth: int | None = None, *, with_code: bool = False
) -> list[ChoiceGroup]:
    """Return a scheme for a select element.

    ``depth`` says how many levels to offer: 1 gives one group of the topmost terms, 2 gives a
    group for each topmost term, which itself comes first in it; None means all levels. Below the
    second level a wording carries what it lies in (Hongshan District, Wuhan). ``with_code`` puts
    the code before each wording.
    """
    tops = _sorted(catalogue.children(scheme), language)
    deepest = max(each.level for each in catalogue.terms(scheme))
    if min(depth or deepest, deepest) == 1:
        return [ChoiceGroup("", [(top.code, _worded(top, language, with_code)) for top in tops])]
    return [
        ChoiceGroup(
            top.label(language),
            [
                (each.code, _worded(each, language, with_code))
                for each in _below(top, depth or deepest)
            ],
        )
        for top in tops
    ]


def flat_choices(
    scheme: str, language: str, depth: int | None = None, *, with_code: bool = False
) -> list[tuple[str, str]]:
    """Return the same as ``as_choices`` without groups."""
    groups = as_choices(scheme, language, depth, with_code=with_code)
    return [choice for group in groups for choice in group.choices]


def _sorted(terms: Sequence[Term], language: str) -> Sequence[Term]:
    if not terms or terms[0].scheme not in _ALPHABETICAL or catalogue.is_chinese(language):
        return terms
    first = [each for each in terms if each.code in _FIRST]
    rest = [each for each in terms if each.code not in _FIRST]
    return first + sorted(rest, key=lambda each: naming.normalise(each.label_en))


def _below(top: Term, depth: int) -> Iterator[Term]:
    yield top
    if top.level < depth:
        for child in catalogue.children(top.scheme, top.code):
            yield from _below(child, depth)


def _worded(term: Term, language: str, with_code: bool) -> str:  # noqa: FBT001  private, always passed by place
    wording = term.label(language)
    if term.level > 2 and term.parent_code:
        above = catalogue.label(term.scheme, term.parent_code, language)
        wording = f"{above} {wording}" if catalogue.is_chinese(language) else f"{wording}, {above}"
    return f"{term.code} {wording}" if with_code else wording


def search(words: str, schemes: Sequence[str] = SCHEMES, *, limit: int = 20) -> list[Term]:
    """Return terms whose code, names or full wording contain all of ``words``, best first.

    Either language at once, whatever the page's; traditional characters find simplified ones,
    and letters find pinyin names. A term that is named exactly comes first, then names that
    begin with the words, then names that hold them, then full wordings; higher levels first.
    """
    keys = [key for key in map(naming.normalise, words.split()) if key]
    if not keys:
        return []
    exact = {(scheme, code) for scheme in schemes for code in naming.candidates(scheme, words)}
    ranked: list[tuple[int, int, int, int, Term]] = []
    for order, scheme in enumerate(schemes):
        for term in catalogue.terms(scheme):
            rank = 0 if (scheme, term.code) in exact else _rank(term, keys)
            if rank is not None:
                ranked.append((rank, term.level, order, term.position, term))
    ranked.sort(key=lambda each: each[:4])
    return [each[4] for each in ranked[:limit]]


def _rank(term: Term, keys: list[str]) -> int | None:
    names, wording = _searched(term)
    if all(any(key in name for name in names) for key in keys):
        return 1 if any(name.startswith(keys[0]) for name in names) else 2
    return 3 if all(key in wording for key in keys) else None


@cache
def _searched(term: Term) -> tuple[tuple[str, ...], str]:
    names = (term.code, term.label_zh, term.label_en, *term.aliases)
    wording = " ".join((*names, term.note_zh, term.note_en))
    return tuple(naming.normalise(name) for name in names), naming.normalise(wording)

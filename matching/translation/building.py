"""How the table of renderings is made: which words stand beside which in pairs of one meaning.

What it is for: from a dictionary and aligned sentences to shares, by expectation and
maximisation over single words (IBM's first model) in both directions; a rendering's share is
the root of the product of both directions' probabilities, so that a word which stands beside
everything renders nothing.
What it must not know: queries, indexes, test sets.
"""

from __future__ import annotations

import lzma
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from matching.text import words
from matching.training.glosses import Headword
from matching.training.sources import Sources

ROUNDS: Final = 5
MOST_MEANINGS: Final = 6
MEANING_FADES: Final = 0.7
"""Each further meaning of a dictionary word counts this much of the one before."""

MARGINAL: Final = 0.3
"""What a place, a proper name or an idiom counts beside a word of the trade."""

LONGEST_GLOSS: Final = 5
"""Words; a longer one explains rather than renders."""

MOST_RENDERINGS: Final = 6
LEAST_SHARE: Final = 0.08
"""Of the likeliest rendering's share; what is below is left out."""

PARTS: Final = 255
_BRACKETS = re.compile(r"\([^)]*\)")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Beside:
    """Two bags of words that mean the same.

    Attributes:
        chinese, english: words in the form of the index.
        weight: how much the pair counts.
    """

    chinese: tuple[str, ...]
    english: tuple[str, ...]
    weight: float


@dataclass(frozen=True)
class _Links:
    """Every word of one side beside every word of the other, pair by pair.

    Attributes:
        kinds: which distinct (Chinese word, English word) a link is of, shape (links,).
        pairs: which pair of bags it stands in, shape (links,).
        chinese, english: word numbers of each distinct kind, shape (kinds,).
        weights: of each pair of bags.
    """

    kinds: Ints
    pairs: Ints
    chinese: Ints
    english: Ints
    weights: Floats


def pairs_of(dictionary: Mapping[str, Headword], sources: Sources) -> list[Beside]:
    """Return the pairs that the table is made from: meanings, sentences and names.

    A dictionary gives a rare word and an everyday one the same room; how often the sources say
    a word is what sets 密封 before 篆 among the renderings of "seal".
    """
    usual = Counter(word for text in sources.chinese() for word in words(text))
    found = []
    for word, headword in dictionary.items():
        weight = math.sqrt(1 + usual[word]) * (MARGINAL if headword.is_marginal else 1.0)
        for place, gloss in enumerate(headword.glosses[:MOST_MEANINGS]):
            english = words(_BRACKETS.sub(" ", gloss)) or words(gloss)
            if 0 < len(english) <= LONGEST_GLOSS:
                fading = weight * MEANING_FADES**place
                found.append(Beside((word,), tuple(sorted(set(english))), fading))
    for chinese, english_text in (*sources.pairs, *sources.names):
        left, right = sorted(set(words(chinese))), sorted(set(words(english_text)))
        if left and right:
            found.append(Beside(tuple(left), tuple(right), 1.0))
    return found


def renderings(pairs: Sequence[Beside]) -> dict[str, list[tuple[str, int]]]:
    """Return for each word of either language its renderings with parts, the likeliest first."""
    numbers_zh: dict[str, int] = {}
    numbers_en: dict[str, int] = {}
    links = _links(pairs, numbers_zh, numbers_en)
    forth = _align(links, links.chinese, links.english)
    back = _align(links, links.english, links.chinese)
    shares = np.sqrt(np.sqrt(forth * back))
    names_zh, names_en = list(numbers_zh), list(numbers_en)
    found = _strongest(links.chinese, links.english, shares, names_zh, names_en)
    found.update(_strongest(links.english, links.chinese, shares, names_en, names_zh))
    return found


def _links(
    pairs: Sequence[Beside], numbers_zh: dict[str, int], numbers_en: dict[str, int]
) -> _Links:
    left: list[int] = []
    right: list[int] = []
    owner: list[int] = []
    for number, pair in enumerate(pairs):
        others = [numbers_en.setdefault(word, len(numbers_en)) for word in pair.english]
        for word in pair.chinese:
            own = numbers_zh.setdefault(word, len(numbers_zh))
            left += [own] * len(others)
            right += others
            owner += [number] * len(others)
    flat = np.array(left, dtype=np.int64) * len(numbers_en) + np.array(right, dtype=np.int64)
    kinds, places = np.unique(flat, return_inverse=True)
    return _Links(
        kinds=places.astype(np.int64),
        pairs=np.array(owner, dtype=np.int64),
        chinese=kinds // len(numbers_en),
        english=kinds % len(numbers_en),
        weights=np.array([pair.weight for pair in pairs]),
    )


def _align(links: _Links, given: Ints, wanted: Ints) -> Floats:
    """Return the probability of each distinct link's ``wanted`` word for its ``given`` word."""
    size = int(given.max()) + 1
    chance = np.ones(len(given)) / np.bincount(given, minlength=size)[given]
    # one group for each word that a pair of bags has to account for
    _, groups = np.unique(
        links.pairs * (int(wanted.max()) + 1) + wanted[links.kinds], return_inverse=True
    )
    for _ in range(ROUNDS):
        likely = chance[links.kinds]
        likely /= np.bincount(groups, likely)[groups]
        counts = np.bincount(links.kinds, likely * links.weights[links.pairs], len(given))
        chance = counts / np.bincount(given, counts, size)[given]
    return chance


def _strongest(
    given: Ints, wanted: Ints, shares: Floats, from_names: Sequence[str], to_names: Sequence[str]
) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    order = np.lexsort((wanted, -shares, given))
    best = -1.0
    last = -1
    for place in order.tolist():
        own = int(given[place])
        if own != last:
            best, last = float(shares[place]), own
        ratio = float(shares[place]) / best
        rendered = found.setdefault(from_names[own], [])
        if ratio >= LEAST_SHARE and len(rendered) < MOST_RENDERINGS:
            rendered.append((to_names[int(wanted[place])], max(1, math.ceil(ratio * PARTS))))
    return found


def write_table(found: Mapping[str, Iterable[tuple[str, int]]], path: Path) -> int:
    """Write the table that ``RenderingTable`` reads; returns its number of words."""
    lines = []
    for word, rendered in found.items():
        parts = " ".join(f"{other} {share}" for other, share in rendered)
        if not any(mark in word + parts for mark in "\t\n") and " " not in word:
            lines.append(f"{word}\t{parts}\n".encode())
    lines.sort()
    path.write_bytes(lzma.compress(b"".join(lines), preset=9 | lzma.PRESET_EXTREME))
    return len(lines)

"""The second stage's vocabulary: words that the base lacks, and which rows may be rewritten.

What it is for: giving new words a token after the base's own, with a first vector out of what
the base says of their translation and of their parts; the base's file is not touched.
What it must not know: lessons, losses, the folder that ships.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from matching.training.glosses import Headword
from matching.training.initial import LATER_GLOSS, Vectors, unit_rows
from matching.training.sources import Sources
from matching.training.student import Bags, bags_of
from matching.training.vocabulary import (
    HAN,
    LONGEST_CHINESE,
    START,
    UNKNOWN,
    choose_chinese,
    english_words,
)
from matching.training.written_text import Written

CHINESE, ENGLISH = 0, 1

SCORE = -10.0
"""Of a new token, as that of a base word never seen: fewer words are preferred to more."""

GLOSSES_A_WORD = 3

LIKE_ITS_PARTS = 0.8
"""A Chinese term whose parts, summed, are so near its English name needs no row."""

LEAST_WEIGHT = 0.8
"""Least length given to a restored word's meaning, about that of a word rarely seen."""

SEEN_ENGLISH = 3
"""An English word that the calls for technology contain so often gets a row."""

LONGEST_ENGLISH = 24
LONGEST_TOPIC = 2500

_HAN_ONLY = re.compile(f"[{HAN}]+")


@dataclass(frozen=True)
class Limits:
    """How much the second stage may add.

    Attributes:
        restored: dictionary words, left out of the base, that get a row after all.
        rows: new and rewritten rows together.
    """

    restored: int = 7000
    rows: int = 25_000


@dataclass(frozen=True)
class Grown:
    """The base with the new words.

    Attributes:
        tokenizer: the base's, with the new tokens at its end.
        tokens: by number.
        table: float32 (tokens, dimensions).
        group: int64 (tokens,): CHINESE or ENGLISH.
        base: so many tokens, from the first, are the base's.
        open: int64, ascending: tokens whose rows may be rewritten; all new ones are among them.
    """

    tokenizer: Tokenizer
    tokens: list[str]
    table: Vectors
    group: NDArray[np.int64]
    base: int
    open: NDArray[np.int64]


class Reader:
    """Reads texts with a tokenizer and a table of rows."""

    def __init__(self, tokenizer: Tokenizer, table: Vectors) -> None:
        self.tokenizer = tokenizer
        self._table = torch.from_numpy(table)

    def bags(self, texts: Iterable[str]) -> Bags:
        """The texts as token numbers."""
        encodings = self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return bags_of([encoding.ids for encoding in encodings])

    def sums(self, texts: Iterable[str]) -> Vectors:
        """The sum of each text's rows, (n, dimensions)."""
        bags = self.bags(texts)
        summed = torch.nn.functional.embedding_bag(
            torch.from_numpy(bags.flat),
            self._table,
            torch.from_numpy(bags.starts[:-1]),
            mode="sum",
        )
        return np.asarray(summed.numpy(), dtype=np.float32)


def grow(
    tokenizer: Tokenizer,
    table: Vectors,
    headwords: Mapping[str, Headword],
    sources: Sources,
    written: Written,
    limits: Limits,
) -> Grown:
    """Choose new words and give them their first rows.

    Args:
        tokenizer: of the base.
        table: the base's rows, float32 (rows, dimensions).
        headwords: the dictionary.
        sources: the training text of others.
        written: the project's own.
        limits: how much may be added.
    """
    reader = Reader(tokenizer, table)
    known = set(tokenizer.get_vocab())
    parts = [_restored(reader, known, headwords, sources, limits.restored)]
    parts.append(_terms(reader, known | set(parts[0]), written))
    parts.append(_english(reader, known, sources, written))
    new = {word: row for part in parts for word, row in part.items()}
    extended = _extended(tokenizer, list(new))
    whole = np.concatenate([table, np.stack(list(new.values()))]) if new else table
    tokens = [extended.id_to_token(number) or UNKNOWN for number in range(len(whole))]
    group = [CHINESE if _HAN_ONLY.fullmatch(token) else ENGLISH for token in tokens]
    grown = Grown(
        extended, tokens, whole, np.asarray(group), len(table), np.zeros(0, dtype=np.int64)
    )
    return Grown(
        extended, tokens, whole, grown.group, len(table), _open(grown, sources, written, limits)
    )


def _restored(
    reader: Reader,
    known: set[str],
    headwords: Mapping[str, Headword],
    sources: Sources,
    count: int,
) -> dict[str, Vectors]:
    """Dictionary words without a row whose parts say least of their meaning."""
    words = [word for word in choose_chinese(headwords, sources.chinese()) if word not in known]
    if not words:
        return {}
    meanings = {word: headwords[word].glosses[:GLOSSES_A_WORD] for word in words}
    weights = np.power(LATER_GLOSS, np.arange(GLOSSES_A_WORD, dtype=np.float64))
    meant = _meant(reader, meanings, weights)
    summed = reader.sums(words)
    likeness = np.einsum("nd,nd->n", unit_rows(summed), meant)
    lengths = np.maximum(np.linalg.norm(summed, axis=1), LEAST_WEIGHT)
    return {
        words[place]: (summed[place] + lengths[place] * meant[place]) / 2
        for place in np.argsort(likeness, kind="stable")[:count]
    }


def _terms(reader: Reader, known: set[str], written: Written) -> dict[str, Vectors]:
    """Chinese terms without a row that are more than their parts."""
    names: dict[str, list[str]] = {}
    for chinese, english in written.terms:
        fits = _HAN_ONLY.fullmatch(chinese) and 2 <= len(chinese) <= LONGEST_CHINESE
        if fits and chinese not in known:
            names.setdefault(chinese, []).append(english)
    if not names:
        return {}
    words = sorted(names)
    most = max(len(each) for each in names.values())
    meant = _meant(reader, {word: names[word] for word in words}, np.ones(most))
    summed = reader.sums(words)
    likeness = np.einsum("nd,nd->n", unit_rows(summed), meant)
    lengths = np.linalg.norm(summed, axis=1)
    return {
        words[place]: (summed[place] + lengths[place] * meant[place]) / 2
        for place in np.flatnonzero(likeness < LIKE_ITS_PARTS)
    }


def _meant(
    reader: Reader, meanings: Mapping[str, Sequence[str]], weights: NDArray[np.float64]
) -> Vectors:
    """Unit vectors (n, d): the weighted mean of each word's English meanings."""
    flat = [meaning for each in meanings.values() for meaning in each]
    vectors = iter(unit_rows(reader.sums(flat)))
    rows = [
        sum(weights[place] * next(vectors) for place in range(len(each)))
        for each in meanings.values()
    ]
    return unit_rows(np.asarray(rows, dtype=np.float32))


def _english(
    reader: Reader, known: set[str], sources: Sources, written: Written
) -> dict[str, Vectors]:
    """English words without a row, by their marked token; they start as the sum of their pieces."""
    seen = Counter(word for text in sources.english() for word in english_words(text))
    own = {word for text in written.english() for word in english_words(text)}
    words = sorted(
        word
        for word in set(seen) | own
        if START + word not in known
        and 2 < len(word) <= LONGEST_ENGLISH
        and (seen[word] >= SEEN_ENGLISH or word in own)
    )
    return {START + word: row for word, row in zip(words, reader.sums(words), strict=True)}


def _extended(tokenizer: Tokenizer, tokens: Sequence[str]) -> Tokenizer:
    description = json.loads(tokenizer.to_str())
    description["model"]["vocab"] += [[token, SCORE] for token in tokens]
    return Tokenizer.from_str(json.dumps(description, ensure_ascii=False))


def _open(grown: Grown, sources: Sources, written: Written, limits: Limits) -> NDArray[np.int64]:
    """The new tokens, and as many of the base's, the most frequent in training text first."""
    reader = Reader(grown.tokenizer, grown.table)
    topics = [text[:LONGEST_TOPIC] for topic in sources.topics for text in topic]
    plain = [*topics, *(text for pair in (*sources.pairs, *sources.names) for text in pair)]
    plain += [title for title, _ in sources.titles]
    plain += [*written.chinese(), *written.english()]
    counts = np.bincount(reader.bags(plain).flat, minlength=len(grown.tokens)).astype(np.float64)
    # Each language by itself: there is far more English running text than Chinese.
    for language in (CHINESE, ENGLISH):
        members = grown.group == language
        counts[members] /= max(counts[members].sum(), 1.0)
    counts[0] = 0.0
    counts[grown.base :] = 2.0
    order = np.argsort(-counts, kind="stable")[: max(limits.rows, len(counts) - grown.base)]
    return np.sort(order[counts[order] > 0]).astype(np.int64)

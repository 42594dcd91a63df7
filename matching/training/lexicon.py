"""From sources to the start of training: chosen words, their vectors, the tokenizer.

What it is for: the untrained half of the recipe, from dictionary and teacher to a bilingual table.
What it must not know: lessons, training, the folder that ships.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from matching.training.glosses import Headword
from matching.training.initial import (
    Vectors,
    chinese_vectors,
    common_word_weights,
    joint_axes,
    piece_vectors,
    unit_rows,
)
from matching.training.pruning import cut_into_pieces, keep_chinese, keep_english
from matching.training.sources import Sources
from matching.training.student import Start
from matching.training.teacher import Embed, embed_all
from matching.training.vocabulary import (
    Vocabulary,
    build_tokenizer,
    choose_chinese,
    choose_english,
    choose_pieces,
    count_words,
    english_words,
)

CHINESE, ENGLISH = 0, 1


@dataclass(frozen=True)
class Lexicon:
    """What the recipe knows before it trains.

    Attributes:
        headwords: the dictionary.
        vocabulary: the rows.
        tokenizer: text to row numbers.
        start: the table to train.
    """

    headwords: Mapping[str, Headword]
    vocabulary: Vocabulary
    tokenizer: Tokenizer
    start: Start


@dataclass(frozen=True)
class _Side:
    """Words of one language with their teacher vectors and counts."""

    words: tuple[str, ...]
    vectors: Vectors
    counts: Mapping[str, int]

    def weights(self) -> Vectors:
        seen = np.asarray([self.counts.get(word, 0) for word in self.words], dtype=np.float64)
        return common_word_weights(seen)


def build_lexicon(
    headwords: Mapping[str, Headword],
    sources: Sources,
    *,
    teacher_words: list[str],
    embed: Embed,
    cache: Path,
    dimensions: int,
    pieces: int,
    quiet: bool = False,
) -> Lexicon:
    """Choose the vocabulary and give every row its first vector.

    Args:
        headwords: the dictionary.
        sources: the training text.
        teacher_words: the teacher's own vocabulary.
        embed: the teacher.
        cache: folder for the teacher's vectors.
        dimensions: of the rows.
        pieces: how many parts of English words to ask for.
        quiet: no progress bars.
    """
    words = choose_chinese(headwords, sources.chinese())
    glosses = sorted({gloss for word in words for gloss in headwords[word].glosses})
    taught = embed_all(glosses, cache=cache, name="glosses", embed=embed, quiet=quiet)
    by_gloss = dict(zip(glosses, taught, strict=True))
    chinese = _chinese_side(words, headwords, by_gloss, sources)
    english = choose_english(
        [gloss for word in words for gloss in headwords[word].glosses],
        sources.english(),
        teacher_words,
    )
    taught = embed_all(english, cache=cache, name="words", embed=embed, quiet=quiet)
    parts = choose_pieces(english, pieces)
    other = _english_side(english, taught, glosses, parts, sources)
    vocabulary = Vocabulary(chinese.words, other.words, tuple(parts), chinese.counts)
    start = _start(chinese, other, parts, dimensions)
    return Lexicon(headwords, vocabulary, build_tokenizer(vocabulary), start)


def _chinese_side(
    words: list[str],
    headwords: Mapping[str, Headword],
    by_gloss: Mapping[str, Vectors],
    sources: Sources,
) -> _Side:
    vectors = _centred(chinese_vectors(words, headwords, by_gloss))
    counts = count_words(words, sources.chinese())
    keep = keep_chinese(words, vectors, counts)
    return _Side(tuple(compress(words, keep)), vectors[keep], counts)


def _english_side(
    words: list[str], taught: Vectors, glosses: list[str], parts: list[str], sources: Sources
) -> _Side:
    vectors = _centred(taught)
    counts = Counter(word for text in sources.english() for word in english_words(text))
    everywhere = counts + Counter(word for gloss in glosses for word in english_words(gloss))
    keep = keep_english(words, vectors, everywhere, parts)
    return _Side(tuple(compress(words, keep)), vectors[keep], counts)


def _centred(vectors: Vectors) -> Vectors:
    """Without what all words of the language share, and of unit length again."""
    return unit_rows(vectors - vectors.mean(axis=0))


def _start(chinese: _Side, english: _Side, parts: list[str], dimensions: int) -> Start:
    axes = joint_axes(np.concatenate([chinese.vectors, english.vectors]), dimensions)
    weighted = english.vectors @ axes * english.weights()[:, None]
    solved = piece_vectors(cut_into_pieces(english.words, parts), weighted, len(parts))
    blank = np.zeros((1, chinese.vectors.shape[1]), dtype=np.float32)
    no_base = np.zeros((len(parts), chinese.vectors.shape[1]), dtype=np.float32)
    whole = 1 + len(chinese.words) + len(english.words)
    corrections = np.zeros((whole + len(parts), dimensions), dtype=np.float32)
    corrections[whole:] = solved
    group = np.full(len(corrections), ENGLISH, dtype=np.int64)
    group[: 1 + len(chinese.words)] = CHINESE
    ones = np.ones(len(parts), dtype=np.float32)
    return Start(
        base=np.concatenate([blank, chinese.vectors, english.vectors, no_base]),
        group=group,
        weights=np.concatenate([ones[:1], chinese.weights(), english.weights(), ones]),
        matrices=np.stack([axes, axes]),
        corrections=corrections,
    )

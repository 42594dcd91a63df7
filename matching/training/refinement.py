"""The second stage: from a base folder to the folder that ships.

What it is for: adding words and what the project's own text teaches, without rewriting the
base's large file; its lessons and their shares.
What it must not know: test sets, command lines, how the base was made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from matching.encoders.static import read_table
from matching.training.folder import write_refined
from matching.training.glosses import Headword
from matching.training.growth import (
    CHINESE,
    GLOSSES_A_WORD,
    LONGEST_TOPIC,
    Grown,
    Limits,
    Reader,
    grow,
)
from matching.training.lessons import Lesson, Pairs, Schedule, Together, keys_of, teach
from matching.training.mixtures import Mixture
from matching.training.refined import Refined, refinement_of
from matching.training.sources import Sources
from matching.training.student import Bags
from matching.training.written_text import Written

SHORT_BATCH = 1024
LONG_BATCH = 512

DICTIONARY_IN_MIXTURES = 7
"""Every seventh meaning of the dictionary is laid into mixtures, every term three times."""

SERVED = 0.5
"""Share of needs with results, and of their translations: few hundred texts are soon known."""

MIXTURES = 4.0
"""Share of the mixtures, the lesson that long texts of both languages profit from most."""

_SENTENCE_END = re.compile(r"(?<=[.;!?])\s")
LEAST_SENTENCE = 40


@dataclass(frozen=True)
class Second:
    """How the second stage learns.

    Attributes:
        limits: how much may be added.
        schedule: of the training. Short: what there is to learn from is soon learned by heart.
    """

    limits: Limits = field(default_factory=Limits)
    schedule: Schedule = field(
        default_factory=lambda: Schedule(steps=300, rate=1e-3, matrix_rate=2e-4)
    )


def refine(
    base: Path,
    out: Path,
    *,
    headwords: Mapping[str, Headword],
    sources: Sources,
    written: Written,
    second: Second,
    quiet: bool = False,
) -> str:
    """Lay a second stage over a base.

    Args:
        base: a model folder without a second stage.
        out: the folder to write.
        headwords: the dictionary.
        sources: the training text of others.
        written: the project's own.
        second: how.
        quiet: no progress bar.

    Returns:
        The sha256 of the weights.

    Raises:
        EncoderUnusable: ``base`` cannot be read.
    """
    table = read_table(base)
    grown = grow(table.tokenizer, table.wide(), headwords, sources, written, second.limits)
    pupil = Refined(grown)
    lessons = second_lessons(grown, headwords, sources, written)
    teach(pupil, lessons, second.schedule, quiet=quiet)
    over = refinement_of(pupil, grown)
    return write_refined(out, base=base, tokenizer=grown.tokenizer, over=over)


def second_lessons(
    grown: Grown, headwords: Mapping[str, Headword], sources: Sources, written: Written
) -> list[Lesson]:
    """The lessons with their shares; those that nothing is known for are left out."""
    reader = Reader(grown.tokenizer, grown.table)
    topics = [(title, text[:LONGEST_TOPIC]) for title, text in sources.topics]
    dictionary = [
        (word, gloss)
        for word, group in zip(grown.tokens, grown.group, strict=True)
        if group == CHINESE and word in headwords
        for gloss in headwords[word].glosses[:GLOSSES_A_WORD]
    ]
    halves = [_halves(text) for _, text in sources.topics]
    sentences = [pair for _, text in topics for pair in _sentences_and_rest(text)]
    found: list[Lesson | None] = [
        _pairs(reader, "sentences", 2, sources.pairs),
        _pairs(reader, "names", 1, sources.names),
        _pairs(reader, "dictionary", 2, dictionary),
        _pairs(reader, "titles", 1, topics, LONG_BATCH),
        _pairs(reader, "halves", 1, halves, LONG_BATCH),
        _pairs(reader, "sentence of text", 1, sentences, LONG_BATCH),
        _pairs(reader, "terms", 2, written.terms),
        _needs(reader, written, [text for _, text in topics]),
        *_mixtures(reader, [*written.terms * 3, *sources.names], dictionary, sources),
    ]
    return [lesson for lesson in found if lesson is not None]


def _pairs(
    reader: Reader,
    name: str,
    share: float,
    texts: Sequence[tuple[str, str]],
    batch: int = SHORT_BATCH,
    strangers: Bags | None = None,
) -> Pairs | None:
    """Pairs of which both sides have a known word; None where there are fewer than two."""
    left = reader.bags(one for one, _ in texts)
    right = reader.bags(other for _, other in texts)
    full = np.flatnonzero((np.diff(left.starts) > 0) & (np.diff(right.starts) > 0))
    if full.size < 2:
        return None
    keys = [keys_of([pair[side] for pair in texts])[full] for side in (0, 1)]
    return Pairs(name, share, left.take(full), right.take(full), keys[0], keys[1], batch, strangers)


def _needs(reader: Reader, written: Written, topics: Sequence[str]) -> Together | None:
    """Needs and results in all directions, and both as translations, in every batch.

    English results stand among calls for technology: long texts that speak of everything a
    little and would otherwise come before a short one that answers.
    """
    served = written.served
    strangers = reader.bags(topics) if topics else None
    english = {
        "need zh, result en": [(each.need_zh, each.result_en) for each in served],
        "need en, result en": [(each.need_en, each.result_en) for each in served],
    }
    chinese = {
        "need zh, result zh": [(each.need_zh, each.result_zh) for each in served],
        "need en, result zh": [(each.need_en, each.result_zh) for each in served],
    }
    translations = {
        "needs": [(each.need_zh, each.need_en) for each in served],
        "results": [(each.result_zh, each.result_en) for each in served],
    }
    found = [
        *(_pairs(reader, name, 1, texts) for name, texts in {**chinese, **translations}.items()),
        *(_pairs(reader, name, 1, texts, strangers=strangers) for name, texts in english.items()),
    ]
    lessons = tuple(lesson for lesson in found if lesson is not None)
    return Together("needs", SERVED, lessons) if lessons else None


def _mixtures(
    reader: Reader,
    terms: Sequence[tuple[str, str]],
    dictionary: Sequence[tuple[str, str]],
    sources: Sources,
) -> list[Mixture]:
    """Mixtures from Chinese to English and back."""
    pairs = [*terms, *dictionary[::DICTIONARY_IN_MIXTURES]]
    sentences = [sentence for _, text in sources.topics for sentence in text.split(". ")[1:3]]
    chinese = reader.bags(one for one, _ in pairs)
    english = reader.bags(other for _, other in pairs)
    strange_chinese = reader.bags(
        [*(one for one, _ in sources.pairs), *(title for title, _ in sources.titles)]
    )
    strange_english = reader.bags([*(other for _, other in sources.pairs), *sentences])
    half = MIXTURES / 2
    there = Mixture("to English", half, chinese, english, strange_chinese, strange_english)
    back = Mixture("to Chinese", half, english, chinese, strange_english, strange_chinese)
    return [there, back]


def _halves(text: str) -> tuple[str, str]:
    middle = len(text) // 2
    return text[:middle][:LONGEST_TOPIC], text[middle:][:LONGEST_TOPIC]


def _sentences_and_rest(text: str) -> list[tuple[str, str]]:
    """Three sentences of a text at most, each beside all others of the text."""
    sentences = [one for one in _SENTENCE_END.split(text) if len(one) > LEAST_SENTENCE]
    if len(sentences) < 3:
        return []
    return [
        (sentences[place], " ".join(sentences[:place] + sentences[place + 1 :]))
        for place in range(0, min(len(sentences), 9), 3)
    ]

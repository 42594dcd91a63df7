"""Which words the encoder knows, and the tokenizer that cuts texts into them.

What it is for: choosing Chinese words, English words and English pieces, each a row of the
table, and building the one `tokenizers` Unigram model that finds them in running text.
What it must not know: vectors, training, the folder that ships.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from matching.training.glosses import Headword

UNKNOWN = "[UNK]"
START = "▁"
"""Marks the beginning of a Latin word, so that a word and the same letters inside another word
are two rows."""

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_HAN_ONLY = re.compile(f"[{HAN}]+")
_ENGLISH_WORD = re.compile(r"[a-z]+")

LONGEST_CHINESE = 8
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class Vocabulary:
    """The rows of the table, in order: the unknown, Chinese words, English words, pieces.

    Attributes:
        chinese: dictionary words.
        english: whole English words, without the mark.
        pieces: parts of Latin words and of numbers, with the mark where they begin one.
        counts: how often a Chinese word was seen in the training text.
    """

    chinese: tuple[str, ...]
    english: tuple[str, ...]
    pieces: tuple[str, ...]
    counts: Mapping[str, int]

    def rows(self) -> list[str]:
        """Every row's token, row 0 first."""
        marked = [START + word for word in self.english]
        return [UNKNOWN, *self.chinese, *marked, *self.pieces]


def english_words(text: str) -> list[str]:
    """The lower-case runs of Latin letters in ``text``, in order."""
    return _ENGLISH_WORD.findall(text.lower())


def choose_chinese(headwords: Mapping[str, Headword], texts: Iterable[str]) -> list[str]:
    """Choose the dictionary words that may get a row.

    Kept: what the training text contains, and otherwise what is neither marginal nor a character
    that forms no word. What is left out is read by its parts.

    Args:
        headwords: the dictionary.
        texts: Chinese training text.

    Returns:
        Words in the dictionary's order.
    """
    seen = _contained(headwords, texts)
    forms_words = Counter(letter for word in headwords if len(word) > 1 for letter in set(word))
    return [
        word
        for word, entry in headwords.items()
        if _HAN_ONLY.fullmatch(word)
        and len(word) <= LONGEST_CHINESE
        and (len(word) > 1 or forms_words[word] > 1)
        and (word in seen or not entry.is_marginal)
    ]


def _contained(words: Mapping[str, Headword], texts: Iterable[str]) -> set[str]:
    """Those of ``words`` that stand anywhere in ``texts``, within longer words too."""
    lengths = range(1, LONGEST_CHINESE + 1)
    return {
        text[place : place + length]
        for text in map(str.lower, texts)
        for place in range(len(text))
        for length in lengths
        if text[place : place + length] in words
    }


def choose_english(
    glosses: Iterable[str], texts: Iterable[str], teacher_words: Iterable[str]
) -> list[str]:
    """Choose the English words that get a row, the most frequent first.

    Args:
        glosses: meanings of the chosen Chinese words.
        texts: English training text.
        teacher_words: the teacher's own vocabulary: all its whole words are kept.

    Returns:
        Lower-case words: the teacher's, and those seen twice in glosses and texts together.
    """
    counts = Counter(word for text in glosses for word in english_words(text))
    counts.update(word for text in texts for word in english_words(text))
    own = {word for word in teacher_words if _ENGLISH_WORD.fullmatch(word)}
    kept = own | {word for word, count in counts.items() if count > 1 and len(word) <= 24}
    return sorted(kept, key=lambda word: (-counts[word], word))


def choose_pieces(english: list[str], size: int) -> list[str]:
    """Parts of English words, for words outside the vocabulary.

    Args:
        english: whole words.
        size: how many pieces the Unigram trainer is asked for.

    Returns:
        Pieces, those that begin a word with the mark; always every letter and digit both ways.
    """
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=[UNKNOWN], unk_token=UNKNOWN, show_progress=False,
        max_piece_length=10,
    )  # fmt: skip
    learner = Tokenizer(models.Unigram())
    learner.train_from_iterator([START + word for word in english], trainer)
    whole = {START + word for word in english} | {UNKNOWN}
    letters = [mark + letter for letter in _LETTERS for mark in ("", START)]
    learned = sorted(set(learner.get_vocab()) - whole - set(letters) - {START})
    return [piece for piece in [*letters, START, *learned] if piece not in whole]


def count_words(words: Iterable[str], texts: Iterable[str]) -> Counter[str]:
    """How often the tokenizer would cut each of ``words`` out of ``texts``."""
    tokenizer = build_tokenizer(Vocabulary(tuple(words), (), (), {}))
    counts: Counter[str] = Counter()
    for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        counts.update(encoding.tokens)
    return counts


def build_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """One Unigram model over all rows; token number = row number.

    Text is decomposed (NFKD), stripped of accents and lower-cased; Latin words get their mark;
    only runs of Chinese characters and of Latin letters and digits are cut, the rest is dropped.
    Fewer words are preferred to more, then seen ones to unseen ones.
    """
    scores = [(UNKNOWN, -100.0)]
    scores += [(word, _chinese_score(word, vocabulary.counts)) for word in vocabulary.chinese]
    scores += [(START + word, -10.0) for word in vocabulary.english]
    scores += [(piece, _piece_score(piece)) for piece in vocabulary.pieces]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex("(?<![a-z0-9])(?=[a-z0-9])"), START),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(
        Regex(f"{START}[a-z0-9]+|[{HAN}]+"), behavior="removed", invert=True
    )
    return tokenizer


def _chinese_score(word: str, counts: Mapping[str, int]) -> float:
    single = 2.0 if len(word) == 1 else 0.0
    return -10.0 - single + 0.3 * math.log1p(counts.get(word, 0))


def _piece_score(piece: str) -> float:
    # Short pieces say little, so a cut into few long ones is preferred.
    length = len(piece.removeprefix(START))
    return -14.0 + 0.4 * min(length, 8) - (4.0 if length == 1 else 0.0)

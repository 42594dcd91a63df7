"""Which lessons are given: the training texts cut into rows and laid side by side.

What it is for: turning dictionary and sources into batches of pairs, in the mixture that
measured best.
What it must not know: losses, optimisers, test sets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tokenizers import Tokenizer

from matching.training.lessons import Pairs, keys_of
from matching.training.lexicon import Lexicon
from matching.training.sources import Sources
from matching.training.student import Bags, bags_of
from matching.training.vocabulary import Vocabulary, build_tokenizer

LONGEST_TOPIC = 2500
"""Characters of a call for technology that are read: what follows is mostly formalities."""

GLOSSES_A_WORD = 3

SHORT_BATCH = 1024
LONG_BATCH = 512


def lessons_of(lexicon: Lexicon, sources: Sources) -> list[Pairs]:
    """All lessons with their shares.

    Args:
        lexicon: vocabulary, dictionary and tokenizer.
        sources: the training text.

    Returns:
        Sentence pairs, names of disciplines, dictionary words with their meanings, the same by
        the words' parts and by the pieces of the meanings (so that a word without a row is read
        by what it is made of), titles with their texts, halves of texts.
    """
    cut = lexicon.tokenizer
    words, meanings = dictionary_pairs(lexicon)
    long = [place for place, word in enumerate(words) if len(word) > 1]
    composed = [words[place] for place in long]
    titles = [title for title, _ in sources.topics]
    texts = [text[:LONGEST_TOPIC] for _, text in sources.topics]
    heads, tails = _halves([text for _, text in sources.topics])
    meanings_of_composed = [meanings[place] for place in long]
    return [
        _texts("sentences", 3, cut, *_unzip(sources.pairs)),
        _texts("names", 1, cut, *_unzip(sources.names)),
        _texts("dictionary", 3, cut, words, meanings),
        _pairs(
            ("parts", 1, SHORT_BATCH),
            (_by_parts(composed, lexicon), _cut(cut, meanings_of_composed)),
            (composed, meanings_of_composed),
        ),
        _pairs(
            ("spelling", 0.5, SHORT_BATCH),
            (_cut(cut, words), _by_pieces(meanings, lexicon)),
            (words, meanings),
        ),
        _texts("titles", 1, cut, titles, texts, LONG_BATCH),
        _texts("halves", 1, cut, heads, tails, LONG_BATCH),
    ]


def dictionary_pairs(lexicon: Lexicon) -> tuple[list[str], list[str]]:
    """Every word of the vocabulary beside each of its first meanings."""
    pairs = [
        (word, gloss)
        for word in lexicon.vocabulary.chinese
        for gloss in lexicon.headwords[word].glosses[:GLOSSES_A_WORD]
    ]
    return _unzip(pairs)


def _unzip(pairs: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [left for left, _ in pairs], [right for _, right in pairs]


def _halves(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    middles = [len(text) // 2 for text in texts]
    heads = [text[:middle][:LONGEST_TOPIC] for text, middle in zip(texts, middles, strict=True)]
    tails = [text[middle:][:LONGEST_TOPIC] for text, middle in zip(texts, middles, strict=True)]
    return heads, tails


def _cut(tokenizer: Tokenizer, texts: Sequence[str]) -> Bags:
    encodings = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    return bags_of([encoding.ids for encoding in encodings])


def _by_parts(words: Sequence[str], lexicon: Lexicon) -> Bags:
    """Words cut as if they had no row: long ones into pairs of characters, pairs into single."""
    counts = lexicon.vocabulary.counts
    short = [word for word in lexicon.vocabulary.chinese if len(word) <= 2]
    pairs = build_tokenizer(Vocabulary(tuple(short), (), (), counts))
    single = tuple(word for word in short if len(word) == 1)
    characters = build_tokenizer(Vocabulary(single, (), (), counts))
    row = {token: place for place, token in enumerate(lexicon.vocabulary.rows())}
    return bags_of(
        [
            [
                row.get(token, 0)
                for token in (pairs if len(word) > 2 else characters)
                .encode(word, add_special_tokens=False)
                .tokens
            ]
            for word in words
        ]
    )


def _by_pieces(texts: Sequence[str], lexicon: Lexicon) -> Bags:
    """English texts cut into pieces, as if no word had a row."""
    pieces = lexicon.vocabulary.pieces
    first = len(lexicon.vocabulary.rows()) - len(pieces)
    tokenizer = build_tokenizer(Vocabulary((), (), pieces, {}))
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return bags_of([[row - 1 + first for row in each.ids if row] for each in encodings])


def _texts(
    name: str,
    share: float,
    tokenizer: Tokenizer,
    left: Sequence[str],
    right: Sequence[str],
    batch: int = SHORT_BATCH,
) -> Pairs:
    bags = _cut(tokenizer, left), _cut(tokenizer, right)
    return _pairs((name, share, batch), bags, (left, right))


def _pairs(
    head: tuple[str, float, int],
    bags: tuple[Bags, Bags],
    texts: tuple[Sequence[str], Sequence[str]],
) -> Pairs:
    """Pairs of which both sides have at least one known word."""
    name, share, batch = head
    left, right = bags
    full = np.flatnonzero((np.diff(left.starts) > 0) & (np.diff(right.starts) > 0))
    key_left, key_right = (keys_of(side)[full] for side in texts)
    return Pairs(name, share, left.take(full), right.take(full), key_left, key_right, batch)

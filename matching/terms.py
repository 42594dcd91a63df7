"""Words that two sentences share, in one language or across two (电池, battery), and where.

What it is for: telling a reader which words a reason rests on, and marking them in both sentences.
What it must not know: which sentences belong together, indexes, pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from matching.results import SharedTerm
from matching.translation.table import renderings_of

LEAST_RENDERING: Final = 0.08
"""A word renders another if the table gives it at least this share of the other's renderings."""

MOST_TRANSLATIONS: Final = 4
MOST_SAME: Final = 8

# Chinese words of one character say nothing of a subject, unless they name a thing.
_THINGS: Final = frozenset(
    "铜铁钢铝锌锡铅镍钛铬钨钼镁锂钠钾钙硅硫磷氮氢氧氯氟氨碳金银锰钴镉砷汞铀钒锆铂油气水煤"
    "砂石土泥灰渣盐酸碱糖酒茶米麦豆菜果鱼虾猪牛羊鸡蛋奶棉麻丝毛布纸胶漆膜板管线轴轮泵阀炉窑"
    "塔罐桥路车船桨箱瓶桶网针刀锯钻模壳芯片屏键灯雾霜冰雪雨风雷火烟尘菌酶藻虫草花树木竹血骨"
    "肝肺心脑眼耳牙皮毒药苗粪肥"
)

_COMPARING: Final = frozenset(
    """
    小于 大于 高于 低于 少于 多于 不低于 不高于 不大于 不小于 不超过 超过 达到 至少 以上 以下 以内
    左右 more less least most up
    """.split()  # noqa: SIM905 - quoted one by one they would take a page
)
"""Words around figures: two limits of different things share them."""


@lru_cache(maxsize=16384)
def said_across(words: tuple[str, ...]) -> Mapping[str, str]:
    """Return words of the other language that say some of ``words``, each with the word it says.

    Args:
        words: in the form of the index.
    """
    found: dict[str, str] = {}
    best: dict[str, float] = {}
    for word in words:
        if _says_something(word):
            for rendering, share in renderings_of(word):
                if _says_something(rendering) and share >= max(
                    LEAST_RENDERING, best.get(rendering, 0.0)
                ):
                    found[rendering], best[rendering] = word, share
    return found


def _says_something(word: str) -> bool:
    if word in _COMPARING:
        return False
    if word.isascii():
        return len(word) > 2 and not word.isdigit()
    return len(word) > 1 or word in _THINGS


def shared_terms(own: Mapping[str, str], other: Mapping[str, str]) -> tuple[SharedTerm, ...]:
    """Return the words of both sentences, then pairs that mean the same across languages.

    Args:
        own: the query sentence's words, from the form of the index to the form shown.
        other: the candidate sentence's words likewise.
    """
    # A character by itself (加, 大) mostly says nothing of a subject.
    same = [
        SharedTerm(shown, other[word])
        for word, shown in own.items()
        if word in other and len(word) > 1 and word not in _COMPARING
    ]
    return (*same[:MOST_SAME], *_translations(own, other)[:MOST_TRANSLATIONS])


def _translations(own: Mapping[str, str], other: Mapping[str, str]) -> list[SharedTerm]:
    """Return pairs of words of different languages, the surest first; each word once."""
    own, other = _with_things(own), _with_things(other)
    found: list[tuple[float, str, str]] = []
    for word in own:
        if _says_something(word) and word not in other:
            found += [
                (share, word, rendering)
                for rendering, share in renderings_of(word)
                if share >= LEAST_RENDERING
                and rendering in other
                and rendering not in own
                and _says_something(rendering)
            ]
    found.sort(key=lambda one: (-one[0], one[1]))
    pairs: dict[str, str] = {}
    for _, word, rendering in found:
        if word not in pairs and rendering not in pairs.values():
            pairs[word] = rendering
    return [SharedTerm(own[a], other[b], translated=True) for a, b in pairs.items()]


def _with_things(words: Mapping[str, str]) -> Mapping[str, str]:
    """Add the things of one character that stand in longer words: 铜 of 铜件."""
    inside = {
        character: shown[place]
        for word, shown in words.items()
        if len(word) > 1 and not word.isascii() and len(shown) == len(word)
        for place, character in enumerate(word)
        if character in _THINGS
    }
    return {**inside, **words}


def places_of(sentence: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Return where the words stand in a sentence, as (start, end), in order, never overlapping.

    Longer words come first; a Latin word is found as a whole word only. Every slice
    ``sentence[start:end]`` is one of ``words``, whatever its case.
    """
    taken: list[tuple[int, int]] = []
    for word in sorted(dict.fromkeys(words), key=lambda word: (-len(word), word)):
        if not word:
            continue
        edge = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
        before = edge[0] if word[0].isascii() else ""
        after = edge[1] if word[-1].isascii() else ""
        for found in re.finditer(before + re.escape(word) + after, sentence, re.IGNORECASE):
            start, end = found.span()
            if all(end <= low or start >= high for low, high in taken):
                taken.append((start, end))
    return sorted(taken)

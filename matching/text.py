"""Text to words: normal form, language, and the words that the lexical index is made of.

Chinese is cut by rjieba after being made simplified; Latin runs are cut by one regular
expression and stemmed. The same function cuts what is indexed and what is asked, so that
the two meet. Knows nothing of indexes or documents.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache
from typing import Final

import rjieba
import Stemmer

from matching.documents import Language
from matching.script import simplify

_CJK: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff〇"
_CJK_CHARACTER = re.compile(f"[{_CJK}]")
_EAST_ASIAN = re.compile("[\u2e80-\U0010ffff]")
"""Whatever might be Chinese, or become so in normal form (radicals, enclosed characters)."""
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_RUN = re.compile(
    f"[{_CJK}]+"
    r"|c\+\+|c#|\.net\b"
    r"|°[cCfF]\b"
    rf"|\d+(?:\.\d+)+"
    rf"|[^\W_{_CJK}]+"
)

CHARACTERS_PER_CHINESE_WORD: Final = 1.6
"""Mean length of a word in running technical Chinese, as rjieba cuts it."""

CHINESE_SHARE: Final = 0.3
"""From this share of Chinese words on a text counts as Chinese: technical Chinese carries
many Latin names and symbols, while English text carries hardly any Chinese."""

STOP_WORDS: Final = frozenset(
    """
    a about above after again all also am an and any are as at be because been before being
    between both but by can could did do does doing down during each few for from further had
    has have having he her here his how i if in into is it its itself just may me might more
    most must my no nor not now of off on once only or other our out over own per same shall
    she should so some such than that the their them then there these they this those through
    to too under until up upon very was we were what when where whether which while who whom
    why will with within without would you your °c °f
    的 了 和 与 及 或 在 是 为 对 以 于 将 把 被 从 到 由 向 等 中 上 下 内 并 而 且 但 也 都 还 又
    就 其 该 此 这 那 这个 那个 这种 那种 一个 一种 我 我们 你 他 它 他们 它们 之 所 可 可以 能 能够
    进行 通过 采用 使用 利用 具有 以及 因此 如何 什么 怎么 怎样 哪些 是否 有 没有 不 很 更 最 要 想
    需要 希望 目前 现在 个 吗 呢 吧 着 过 地 得 给 让 使 用 则 如 若 因 由于 如果 根据 按照 关于
    """.split()  # noqa: SIM905 - a list of 200 quoted words would be unreadable
)
"""Words that say nothing of a subject; left out of index and query alike."""

FORMS_KEPT: Final = 200_000
"""So many Latin runs' forms are remembered; beyond that they are worked out each time."""

_local = threading.local()


def normalise(text: str) -> str:
    """Return the text in the form that words are compared in.

    Unicode NFKC (full-width letters, ligatures), lower case, simplified Chinese.
    """
    if text.isascii():
        return text.lower()
    compatible = unicodedata.normalize("NFKC", text).lower()
    return simplify(compatible) if _EAST_ASIAN.search(compatible) else compatible


def detect_language(text: str) -> Language:
    """Return ``zh`` or ``en``, by the share of Chinese among the words of the text."""
    chinese = len(_CJK_CHARACTER.findall(text)) / CHARACTERS_PER_CHINESE_WORD
    if not chinese:
        return "en"
    latin = len(_LATIN_WORD.findall(text))
    return "zh" if chinese >= CHINESE_SHARE * (chinese + latin) else "en"


def words(text: str) -> list[str]:
    """Cut a text into the words of the lexical index, in order, with repetitions.

    Chinese words come whole and with the shorter words inside them (``激光器`` gives
    ``激光`` and ``激光器``); Latin words come lower-cased and stemmed; stop words are
    left out.
    """
    runs = _RUN.findall(normalise(text))
    if not _EAST_ASIAN.search(text):
        return [word for word in map(_indexed.__getitem__, runs) if word]
    found: list[str] = []
    for run in runs:
        if _is_cjk(run):
            found += rjieba.cut_for_search(run)
        elif word := _indexed[run]:
            found.append(word)
    return [word for word in found if word not in STOP_WORDS]


def surface_words(text: str) -> list[tuple[str, str]]:
    """Cut a text into pairs (word as indexed, word as a reader would show it).

    Longest Chinese words only; for telling a reader which words two sentences share.
    """
    pairs: list[tuple[str, str]] = []
    for run in _RUN.findall(text if text.isascii() else unicodedata.normalize("NFKC", text)):
        if _is_cjk(run):
            start = 0
            for word in rjieba.cut(simplify(run)):
                if word not in STOP_WORDS:
                    pairs.append((word, run[start : start + len(word)]))
                start += len(word)
        elif (lower := run.lower()) not in STOP_WORDS:
            pairs.append((_stem(lower), run))
    return pairs


def bigrams(text: str) -> list[str]:
    """Return every two neighbouring Chinese characters of the normalised text.

    The safety net of short searches: a word of two characters is found even where the
    cutter saw other words in the running text.
    """
    found: list[str] = []
    if not _EAST_ASIAN.search(text):
        return found
    for run in _RUN.findall(normalise(text)):
        if len(run) > 1 and _is_cjk(run):
            found += [run[i : i + 2] for i in range(len(run) - 1)]
    return found


def chinese_runs(text: str) -> list[str]:
    """Return the unbroken runs of Chinese characters of the normalised text, in order."""
    return [run for run in _RUN.findall(normalise(text)) if _is_cjk(run)]


def _is_cjk(run: str) -> bool:
    # the comparison alone settles it for nearly every Latin run, at a third of the cost
    return run[0] >= "〇" and _CJK_CHARACTER.match(run) is not None


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:  # one a thread: PyStemmer's objects must not be shared
        stemmer = _local.stemmer = Stemmer.Stemmer("english")
    return str(stemmer.stemWord(word))


class _IndexedForms(dict[str, str]):
    """A Latin run as it is indexed: its stem, or nothing for a stop word; each worked out once.

    Stop words are left out before stemming, which would turn some into words that the list does
    not have.
    """

    def __missing__(self, run: str) -> str:
        form = "" if run in STOP_WORDS else _stem(run)
        if form in STOP_WORDS:
            form = ""
        if len(self) < FORMS_KEPT:
            self[run] = form
        return form


_indexed = _IndexedForms()

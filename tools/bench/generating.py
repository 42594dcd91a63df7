"""Listings in any number, recombined from real texts in both languages, for measuring size.

A listing takes its sentences from several texts of one subject, so its words are as frequent as
in real listings, its vector lies among others without equalling one, and no two are alike; the
digits of figures are drawn anew, since figures are what real listings have that no other has.
Facets have the skew of real ones: a few large provinces and organisations, many small ones.
Streams: whatever the number, only the sources are in memory. Must not know indexes.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from matching.documents import Document, Facets, Language, Side
from matching.sentences import sentences

LEAST_GROUP: Final = 30
"""Subjects with fewer texts are put together: a listing must have enough to draw from."""

CHINESE_SHARE: Final = 0.6
"""Of the listings; the rest is English."""

FIRST_DAY: Final = 18_600
LAST_DAY: Final = 20_400
"""Days of publication, as epoch days."""

_DIGIT = re.compile(r"\d")
_JOINT: Final[Mapping[Language, re.Pattern[str]]] = {
    "zh": re.compile(r"(?<=的)|(?=及其)|(?=与)|(?<=对)|(?<=基于)"),
    "en": re.compile(r"(?<=\bfor )|(?<=\bof )|(?<=\busing )|(?<=\bin )|(?<=\bwith )"),
}
_LENGTHS: Final[Mapping[Side, tuple[int, ...]]] = {
    "achievement": (3, 4, 4, 5, 5, 5, 6, 6, 7, 9),
    "need": (2, 2, 3, 3, 4),
    "expert": (2, 3),
}
_WISHES: Final[Mapping[Language, tuple[str, ...]]] = {
    "zh": ("现需解决：", "我司希望：", "急需一种方法，", "寻求合作，", ""),
    "en": ("We are looking for this: ", "Needed: ", "Our plant has this problem. ", ""),
}
_READINESS: Final = (None, None, 1, 2, 3, 3, 4, 4, 4, 5, 5, 6, 6, 7, 8, 9)
_DEALS: Final = ("licence", "transfer", "joint", "equity", "service")
_KINDS: Final = ("university", "institute", "enterprise", "university", "enterprise")


@dataclass(frozen=True, slots=True)
class Source:
    """A real text, cut: its title and its sentences."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """All real texts: for each language, groups of one subject each, larger ones first."""

    groups: Mapping[Language, Sequence[Sequence[Source]]]


def read_sources(data: Path) -> Sources:
    """Read the texts below the data folder (its ``train`` and ``listings``).

    Raises:
        FileNotFoundError: there are none of one of the languages.
    """
    found: dict[Language, dict[str, list[Source]]] = {"zh": {}, "en": {}}
    for row in _rows(data / "listings" / "csl_achievements.jsonl.gz"):
        _take(found["zh"], str(row["discipline"]), row["title"], row["abstract"])
    for row in _rows(data / "train" / "csldcp.jsonl.gz"):
        _take(found["zh"], str(row["discipline"]), "", row["text"])
    for row in _rows(data / "listings" / "sbir_awards.jsonl.gz"):
        _take(found["en"], str(row.get("agency")), row["title"], row["text"])
    for row in _rows(data / "train" / "sbir_topics_unpaired.jsonl.gz"):
        _take(found["en"], "topics", row["title"], row["text"])
    if not (found["zh"] and found["en"]):
        raise FileNotFoundError(f"no texts to recombine in {data}")
    return Sources({language: _grouped(groups) for language, groups in found.items()})


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _take(groups: dict[str, list[Source]], subject: str, title: str, text: str) -> None:
    cut = tuple(dict.fromkeys(sentences(text)))
    if len(cut) >= 2:
        groups.setdefault(subject, []).append(Source(title or cut[0][:30], cut))


def _grouped(groups: dict[str, list[Source]]) -> list[list[Source]]:
    large = [group for group in groups.values() if len(group) >= LEAST_GROUP]
    small = [one for group in groups.values() if len(group) < LEAST_GROUP for one in group]
    return sorted([*large, *([small] if small else [])], key=len, reverse=True)


def listings(
    number: int, sources: Sources, *, seed: int = 1, side: Side = "achievement", first_key: int = 1
) -> Iterator[Document]:
    """Yield ``number`` documents of one side with keys from ``first_key`` on.

    The same arguments give the same documents, and a smaller number the first of them.
    """
    chance = random.Random(f"{seed} {side}")  # noqa: S311 - repeatable, and no secret
    shares = {
        language: list(accumulate(map(len, groups))) for language, groups in sources.groups.items()
    }
    for key in range(first_key, first_key + number):
        language: Language = "zh" if chance.random() < CHINESE_SHARE else "en"
        subject = bisect(shares[language], chance.random() * shares[language][-1])
        group = sources.groups[language][subject]
        title, text = _words_of(group, language, side, chance)
        facets = _facets(subject, side, chance)
        yield Document(key, side, language, title, text, facets)


def _words_of(
    group: Sequence[Source], language: Language, side: Side, chance: random.Random
) -> tuple[str, str]:
    """Return a title and a text: one text leads, two or three more of its subject add to it."""
    lead = group[int(chance.random() * len(group))]
    wanted = chance.choice(_LENGTHS[side])
    own = chance.sample(lead.sentences, min(len(lead.sentences), max(1, wanted // 2)))
    while len(own) < wanted:
        other = group[int(chance.random() * len(group))]
        own.append(other.sentences[int(chance.random() * len(other.sentences))])
    other = group[int(chance.random() * len(group))]
    joint = "" if language == "zh" else " "
    text = _DIGIT.sub(lambda _: chance.choice("0123456789"), joint.join(own))
    if side == "need":
        text = chance.choice(_WISHES[language]) + text
    return _title(lead.title, other.title, language), text


def _title(one: str, other: str, language: Language) -> str:
    """Join the head of one title with the tail of another where both can be parted."""
    heads, tails = _JOINT[language].split(one, 1), _JOINT[language].split(other, 1)
    if len(heads) == 2 and len(tails) == 2:
        return heads[0] + tails[1]
    return one


def _facets(subject: int, side: Side, chance: random.Random) -> Facets:
    """Draw facets: fields go with the subject, places and organisations are skewed."""
    province = f"{11 + _skewed(chance, 31):02d}"
    city = f"{province}{1 + _skewed(chance, 14):02d}"
    district = f"{city}{1 + _skewed(chance, 12):02d}"
    published = chance.randrange(FIRST_DAY, LAST_DAY)
    readiness = chance.choice(_READINESS)
    return Facets(
        organisation=1 + _skewed(chance, 20_000),
        organisation_kind=chance.choice(_KINDS),
        fields=(f"hitech:{1 + subject % 8}", f"ipc:{'ABCDEFGH'[_skewed(chance, 8)]}"),
        region=(district, f"{city}00", f"{province}0000"),
        readiness=readiness if side == "achievement" else None,
        readiness_sought=readiness if side == "need" else None,
        deal_forms=tuple(chance.sample(_DEALS, chance.randrange(3))),
        published=published,
        expires=published + 1_800 if chance.random() < 0.3 else None,
    )


def _skewed(chance: random.Random, number: int) -> int:
    """Draw 0 to number - 1, small ones far more often (as the inverse of the rank)."""
    return int(number ** chance.random() * (1 + 1e-9)) - 1 if number > 1 else 0

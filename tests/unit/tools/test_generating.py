"""Made-up listings: as many as asked for, no two alike, with words as frequent as the sources'."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from matching.sentences import sentences
from matching.text import words
from tenon import demo
from tools.bench.generating import Source, Sources, listings, read_sources


@pytest.fixture(scope="module")
def sources() -> Sources:
    """The demo set's texts, which any checkout has."""
    texts: dict[str, list[Source]] = {"zh": [], "en": []}
    for path in sorted((Path(demo.__file__).parent / "set").glob("*_needs.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            for tail, language in (("", row["language"]), ("_translated", "en")):
                cut = tuple(sentences(str(row.get(f"background{tail}") or "")))
                if len(cut) > 2:
                    texts[language].append(Source(str(row[f"title{tail}"]), cut))
    return Sources({"zh": [texts["zh"]], "en": [texts["en"]]})


def test_the_same_seed_gives_the_same_listings_and_fewer_are_the_first(sources: Sources) -> None:
    whole = list(listings(200, sources, seed=3))

    assert list(listings(50, sources, seed=3)) == whole[:50]
    assert list(listings(50, sources, seed=4)) != whole[:50]
    assert [each.key for each in whole] == list(range(1, 201))


def test_any_number_streams(sources: Sources) -> None:
    assert len(list(islice(listings(10**12, sources), 10))) == 10


def test_no_two_are_alike_though_the_sources_are_few(sources: Sources) -> None:
    made = [each.full_text for each in listings(2_000, sources)]

    assert len(set(made)) >= 0.99 * len(made)


def test_both_languages_and_all_kinds_of_facets_occur(sources: Sources) -> None:
    made = list(listings(1_000, sources))

    assert {each.language for each in made} == {"zh", "en"}
    assert 0.5 < sum(each.language == "zh" for each in made) / len(made) < 0.7
    provinces = Counter(each.facets.region[-1] for each in made).most_common()
    assert provinces[0][1] > 5 * provinces[-1][1]
    assert {each.facets.readiness for each in made} >= {None, 1, 9}
    assert any(each.facets.expires for each in made)


def test_frequent_words_are_those_of_the_sources(sources: Sources) -> None:
    given = Counter(
        word for text in sources.groups["zh"][0] for one in text.sentences for word in words(one)
    )
    made = Counter(
        word
        for each in listings(500, sources)
        if each.language == "zh"
        for word in words(each.text)
    )
    frequent = [word for word, _ in given.most_common(30) if not word.isdigit()]

    assert len({word for word, _ in made.most_common(120)} & set(frequent)) >= 0.8 * len(frequent)


def test_without_texts_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no texts"):
        read_sources(tmp_path)

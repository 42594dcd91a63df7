"""Renderings: how they are made, kept and found."""

from __future__ import annotations

import lzma

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.training.glosses import Headword
from matching.training.sources import Sources
from matching.translation.building import Beside, pairs_of, renderings, write_table
from matching.translation.table import TABLE, RenderingTable, renderings_of

WORDS = st.text(st.characters(blacklist_categories=["Cs", "Z", "C"]), min_size=1, max_size=6)


@settings(
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.dictionaries(WORDS, st.lists(st.tuples(WORDS, st.integers(1, 255)), min_size=1), min_size=1)
)
def test_every_word_that_was_written_is_found(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, list[tuple[str, int]]]
) -> None:
    path = tmp_path_factory.mktemp("table") / "words.tsv.xz"
    assert write_table(table, path) == len(table)
    reader = RenderingTable(path)

    for word, rendered in table.items():
        found = reader.of(word)
        assert [other for other, _ in found] == [other for other, _ in rendered]
        assert sum(share for _, share in found) == pytest.approx(1.0)
    assert reader.of("\x00") == reader.of("zzzzzzz") == ()


def test_words_that_stand_beside_each_other_render_each_other() -> None:
    found = renderings(
        [
            Beside(("激光", "切割"), ("cut", "laser"), 1.0),
            Beside(("激光", "焊接"), ("laser", "weld"), 1.0),
            Beside(("切割",), ("cut",), 1.0),
        ]
    )

    assert {word: rendered[0][0] for word, rendered in found.items()} == {
        "激光": "laser", "切割": "cut", "焊接": "weld",
        "laser": "激光", "cut": "切割", "weld": "焊接",
    }  # fmt: skip


def test_a_word_that_is_said_often_comes_before_one_that_is_not() -> None:
    dictionary = {
        "篆": Headword("篆", ("seal",), is_marginal=False),
        "密封": Headword("密封", ("seal",), is_marginal=False),
    }
    said = tuple((f"密封的研究{number}", "工学") for number in range(20))
    sources = Sources(pairs=(), names=(), topics=(), titles=said)

    assert renderings(pairs_of(dictionary, sources))["seal"][0][0] == "密封"


@pytest.mark.parametrize(
    ("word", "rendering"),
    [
        ("电池", "batteri"),
        ("激光", "laser"),
        ("laser", "激光"),
        ("weld", "焊接"),
        ("腐蚀", "corros"),
    ],
)
def test_the_table_that_ships_knows_the_trade(word: str, rendering: str) -> None:
    assert renderings_of(word)[0][0] == rendering


def test_the_table_that_ships_is_sorted_and_of_the_size_that_git_holds() -> None:
    lines = lzma.decompress(TABLE.read_bytes()).splitlines()

    assert lines == sorted(lines)
    assert len(lines) > 100_000
    assert TABLE.stat().st_size < 2_000_000

"""Words: finding, replacing, filters."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.asking import LexicalQuery
from matching.documents import Document, Language, Where
from matching.lexical import LexicalReader, LexicalWriter, copy_index
from tests.unit.matching.strategies import documents, filters

EVERYTHING = Where()


def index(folder: Path, texts: list[str], language: Language = "zh") -> LexicalReader:
    writer = LexicalWriter(folder)
    for serial, text in enumerate(texts):
        writer.add(Document(serial + 1, "achievement", language, "", text), serial)
    writer.close()
    return LexicalReader(folder)


def found(reader: LexicalReader, text: str, language: Language = "zh") -> list[int]:
    hits = reader.search(LexicalQuery.of(text), language, 10, EVERYTHING)
    return [int(serial) for serial in hits.serials]


@pytest.mark.parametrize("asked", ["激光", "雷达", "生命", "光刻", "GaN器件", "雷達"])
def test_two_character_words_are_found(tmp_path: Path, asked: str) -> None:
    texts = {
        "激光": "新型激光器的研制",
        "雷达": "船用雷达天线",
        "生命": "研究生命科学的仪器",
        "光刻": "深紫外光刻胶",
        "GaN器件": "用于快充的GaN功率器件",
    }
    reader = index(tmp_path, [*texts.values(), "水稻种植技术"])

    assert found(reader, asked)[0] == list(texts).index("雷达" if asked == "雷達" else asked)


def test_words_of_the_title_count_more(tmp_path: Path) -> None:
    writer = LexicalWriter(tmp_path)
    writer.add(Document(1, "achievement", "en", "Drying of grain", "with a solar collector"), 0)
    writer.add(Document(2, "achievement", "en", "Solar drying", "of grain with a collector"), 1)
    writer.close()

    assert found(LexicalReader(tmp_path), "solar", "en") == [1, 0]


def test_what_is_removed_is_gone_after_commit(tmp_path: Path) -> None:
    reader = index(tmp_path, ["激光切割", "激光焊接"])
    writer = LexicalWriter(tmp_path)
    writer.remove([1])

    assert sorted(found(reader, "激光")) == [0, 1]
    writer.commit()
    reader.reload()
    assert found(reader, "激光") == [1]
    writer.close()


def test_rolled_back_changes_never_were(tmp_path: Path) -> None:
    reader = index(tmp_path, ["激光切割"])
    writer = LexicalWriter(tmp_path)
    writer.remove([1])
    writer.rollback()
    writer.close()
    reader.reload()

    assert found(reader, "激光") == [0]


def test_a_copy_goes_its_own_way(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    original = index(first, ["激光切割"])
    copy_index(first, second)
    writer = LexicalWriter(second)
    writer.add(Document(2, "achievement", "zh", "", "激光焊接"), 5)
    writer.close()
    original.reload()

    assert (found(original, "激光"), sorted(found(LexicalReader(second), "激光"))) == ([0], [0, 5])


def test_known_share_tells_how_much_of_a_query_a_language_has(tmp_path: Path) -> None:
    reader = index(tmp_path, ["激光切割钢板", "焊接铝板"])

    def known(text: str) -> float:
        return reader.search(LexicalQuery.of(text), "zh", 5, EVERYTHING).known

    assert known("激光切割") == 1.0
    assert known("laser cutting") == 0.0
    assert 0 < known("激光 cutting") < 1


def test_stop_words_alone_find_nothing(tmp_path: Path) -> None:
    assert found(index(tmp_path, ["激光的切割"]), "的和这个") == []


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(documents, min_size=1, max_size=8), filters)
def test_filters_agree_with_their_definition(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Document], where: Where
) -> None:
    folder = tmp_path_factory.mktemp("words")
    writer = LexicalWriter(folder)
    for serial, document in enumerate(rows):
        writer.add(document, serial)
    writer.close()
    reader = LexicalReader(folder)
    query = LexicalQuery.of("激光 laser 水稻 rice 锂电池")
    hits: set[int] = set()
    for language in where.languages if where.languages is not None else ("zh", "en"):
        found_here = reader.search(query, language, 50, where)
        hits |= {int(serial) for serial in found_here.serials}

    assert hits == {serial for serial, row in enumerate(rows) if where.admits(row)}

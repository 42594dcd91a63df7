"""The writer over Milvus: commits, builds, what a killed one leaves, what is refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from matching.asking import LexicalQuery
from matching.documents import Document, Facets, Language, Where
from matching.errors import IndexMissing, IndexNeedsRebuild
from matching.milvus import MilvusKeeper, MilvusUnavailable, MilvusView, MilvusWriter, Place
from matching.milvus.connection import builds_of, connect
from tests.unit.matching.small_encoder import WordEncoder

pytestmark = pytest.mark.milvus

ENCODER = WordEncoder()


def document(key: int, text: str = "激光切割", language: Language = "zh") -> Document:
    return Document(key, "achievement", language, f"第{key}号", text, Facets(organisation=key))


def view_of(place: Place) -> MilvusView:
    return MilvusKeeper(place, ENCODER.id, look_seconds=0).get()


def worded(view: MilvusView, text: str) -> list[int]:
    hits = view.worded(LexicalQuery.of(text), "zh", 50, Where())
    return sorted(view.column("key", hits.serials).tolist())


def test_what_is_not_there_or_of_another_encoder_is_named(place: Place) -> None:
    with pytest.raises(IndexMissing):
        view_of(place)
    with pytest.raises(IndexMissing):
        MilvusWriter(ENCODER, place, create_missing=False)
    MilvusWriter(ENCODER, place).close()
    with pytest.raises(IndexNeedsRebuild, match="encoder"):
        MilvusKeeper(place, WordEncoder(16).id).get()


def test_a_commit_makes_findable_and_a_keeper_follows(place: Place) -> None:
    with MilvusWriter(ENCODER, place) as writer:
        keeper = MilvusKeeper(place, ENCODER.id, look_seconds=0)
        writer.add([document(1), document(2, "水稻种植")])
        assert keeper.get().documents_by_language == {}
        writer.commit()
        assert worded(keeper.get(), "激光") == [1]
        writer.add([document(1, "水稻种植")])
        writer.remove([2, 99])
        writer.commit()
        assert (worded(keeper.get(), "激光"), worded(keeper.get(), "水稻")) == ([], [1])
        assert writer.state().listings == 1


def test_texts_of_any_length_come_back_as_they_were(place: Place) -> None:
    long = "激光切割不锈钢板，".join(["很长的一段\n文字"] * 9_000)
    documents = [document(1, long), document(2, ""), document(3, 'a "quoted" \\ text 𠮷')]
    MilvusWriter.rebuild(ENCODER, place, documents)
    view = view_of(place)
    rows = [8, 16, 24, 32]
    assert view.documents(rows) == dict(zip(rows, documents, strict=False))
    with MilvusWriter(ENCODER, place) as writer:
        writer.add([document(1, "短")])
        writer.commit()
        (row,) = writer._client.query(view.build.texts, filter="id < 16384")
    assert view_of(place).documents([8])[8].text == "短"
    assert row["id"] == 8 * 1024


def test_a_listing_of_nine_documents_has_no_number(place: Place) -> None:
    with MilvusWriter(ENCODER, place) as writer, pytest.raises(ValueError, match="no number"):
        writer.add([document(1)] * 9)


def test_readers_see_the_old_build_until_the_new_one_is_whole(place: Place) -> None:
    MilvusWriter.rebuild(ENCODER, place, [document(1)])
    seen = []

    def documents() -> Iterator[Document]:
        yield document(2)
        seen.append(worded(view_of(place), "激光"))
        yield document(3)

    MilvusWriter.rebuild(ENCODER, place, documents())
    assert (seen, worded(view_of(place), "激光")) == ([[1]], [2, 3])
    for key in (4, 5):
        MilvusWriter.rebuild(ENCODER, place, [document(key)])
    assert len(builds_of(connect(place), place.name)) == 2


def test_a_reader_stays_with_its_model_when_the_index_moves_to_another(place: Place) -> None:
    MilvusWriter.rebuild(ENCODER, place, [document(1)])
    keeper = MilvusKeeper(place, ENCODER.id, look_seconds=0)
    keeper.get()
    MilvusWriter.rebuild(WordEncoder(16), place, [document(2)])
    assert worded(keeper.get(), "激光") == [1]
    assert keeper.get().documents([8])[8].key == 1


def test_a_build_that_fails_changes_nothing(place: Place) -> None:
    MilvusWriter.rebuild(ENCODER, place, [document(1)])

    def broken() -> Iterator[Document]:
        yield document(2)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        MilvusWriter.rebuild(ENCODER, place, broken())
    assert worded(view_of(place), "激光") == [1]
    assert len(builds_of(connect(place), place.name)) == 1


@pytest.mark.parametrize("again", [False, True], ids=["another writer", "the same again"])
@pytest.mark.parametrize("step", ["write", "delete", "add_counts"])
def test_what_a_commit_left_half_done_is_mended(
    place: Place, monkeypatch: pytest.MonkeyPatch, step: str, *, again: bool
) -> None:
    MilvusWriter.rebuild(ENCODER, place, [document(1), document(1, "laser", "en"), document(2)])
    writer = MilvusWriter(ENCODER, place)
    writer.add([document(1, "水稻种植"), document(3)])
    with monkeypatch.context() as patched:

        def failing(*_: object) -> None:
            raise ConnectionError("killed here")

        patched.setattr(f"matching.milvus.writing.{step}", failing)
        with pytest.raises(ConnectionError):
            writer.commit()
    if again:
        writer.commit()
    else:
        # What the dispatcher does after a crash: a new writer, and the same changes again.
        with MilvusWriter(ENCODER, place, create_missing=False) as other:
            other.add([document(1, "水稻种植"), document(3)])
    view = view_of(place)
    anew = Place(place.uri, name=f"{place.name}_anew", dense_index="FLAT")
    MilvusWriter.rebuild(ENCODER, anew, [document(1, "水稻种植"), document(2), document(3)])
    for text in ("激光", "水稻", "第1号"):
        asked = LexicalQuery.of(text)
        mine, fresh = (one.worded(asked, "zh", 50, Where()) for one in (view, view_of(anew)))
        assert (mine.known, mine.best) == pytest.approx((fresh.known, fresh.best))
        assert sorted(mine.serials.tolist()) == sorted(fresh.serials.tolist())
    assert view.documents_by_language == {"zh": 3}


def test_what_goes_while_an_answer_is_made_is_left_out(place: Place) -> None:
    with MilvusWriter(ENCODER, place) as writer:
        writer.add([document(1), document(2)])
        writer.commit()
        view = view_of(place)
        writer.remove([1])
        writer.commit()
    assert list(view.documents([8, 16])) == [16]
    assert not view.vectors(view.column("serial", view.background_serials["zh"][:1])).any()


def test_a_missing_package_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(MilvusUnavailable, match="not installed"):
        connect(place)


@pytest.mark.parametrize("name", ["", "a b", "1st", "x" * 101])
def test_a_name_that_milvus_would_not_take_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        Place("somewhere", name=name)

"""Milvus against the index files: the same documents, operations, filters and questions."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.asking import LexicalQuery
from matching.columns import IntArray
from matching.documents import LANGUAGES, Document, Language, Where
from matching.engine import MatchEngine
from matching.lexical import LexicalHits
from matching.milvus import MilvusKeeper, MilvusView, MilvusWriter, Place
from matching.protocols import View, Writer
from matching.snapshot import Snapshot, SnapshotKeeper
from matching.writer import IndexWriter
from tests.unit.matching.milvus.drawing import listing
from tests.unit.matching.small_encoder import WordEncoder
from tests.unit.matching.strategies import TEXTS, filters

pytestmark = pytest.mark.milvus

ENCODER = WordEncoder()
ASKED = (
    *TEXTS,
    "激光",
    "涂层",
    "rice pest control",
    "涂层 coating 激光切割",
    "quite another thing",
)


def near(view: View, text: str, where: Where, k: int = 500) -> list[float]:
    vector = ENCODER.encode_queries([text])
    ((rows, cosines),) = view.nearest(vector, k, view.mask(where))
    assert np.allclose(view.cosines(vector[0], rows), cosines, atol=1e-5)
    return [round(float(cosine), 4) for cosine in cosines]


def rows_near(view: View, text: str, where: Where) -> list[tuple[int, Language, str]]:
    vector = ENCODER.encode_queries([text])
    ((rows, _),) = view.nearest(vector, 500, view.mask(where))
    read = view.documents(rows.tolist())
    return sorted((d.key, d.language, repr(d)) for d in read.values())


def by_words(view: View, hits: LexicalHits) -> list[tuple[int, Language, str, float]]:
    rows: IntArray = view.rows_of_serials(hits.serials)
    read = view.documents(rows.tolist())
    return sorted(
        (read[row].key, read[row].language, repr(read[row]), round(float(score), 3))
        for row, score in zip(rows.tolist(), hits.scores, strict=True)
    )


def view_of(place: Place) -> MilvusView:
    return MilvusKeeper(place, ENCODER.id, look_seconds=0).get()


def snapshot_of(folder: Path) -> Snapshot:
    return SnapshotKeeper(folder, ENCODER.id).get()


@pytest.fixture(scope="module")
def both(
    milvus_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[MilvusView, Snapshot]:
    """The same 60 listings, built anew in both."""
    chance = random.Random(7)
    documents = [one for key in range(1, 61) for one in listing(key, chance)]
    folder = tmp_path_factory.mktemp("reference")
    place = Place(str(milvus_file), name="both", dense_index="FLAT")
    MilvusWriter.rebuild(ENCODER, place, documents)
    IndexWriter.rebuild(ENCODER, folder, documents)
    return view_of(place), snapshot_of(folder)


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(where=filters, text=st.sampled_from(ASKED))
def test_every_filter_admits_the_same_at_the_same_distance(
    both: tuple[MilvusView, Snapshot], where: Where, text: str
) -> None:
    milvus, files = both
    assert near(milvus, text, where) == pytest.approx(near(files, text, where), abs=2e-4)
    assert rows_near(milvus, text, where) == rows_near(files, text, where)


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(where=filters, text=st.sampled_from(ASKED), language=st.sampled_from(LANGUAGES))
def test_words_score_the_same_under_every_filter(
    both: tuple[MilvusView, Snapshot], where: Where, text: str, language: Language
) -> None:
    milvus, files = both
    own = replace(where, languages=(language,))
    asked = LexicalQuery.of(text)
    theirs, ours = milvus.worded(asked, language, 500, own), files.worded(asked, language, 500, own)
    assert (theirs.known, theirs.rendered, theirs.best) == pytest.approx(
        (ours.known, ours.rendered, ours.best)
    )
    assert dict(theirs.masses) == pytest.approx(dict(ours.masses))
    found, wanted = by_words(milvus, theirs), by_words(files, ours)
    assert [one[:3] for one in found] == [one[:3] for one in wanted]
    assert [one[3] for one in found] == pytest.approx([one[3] for one in wanted], abs=2e-3)


@pytest.mark.parametrize("text", ASKED)
def test_the_engine_answers_the_same(
    both: tuple[MilvusView, Snapshot], milvus_file: Path, text: str
) -> None:
    milvus, files = both

    class Given:
        def __init__(self, view: View) -> None:
            self._view = view

        def get(self) -> View:
            return self._view

    ours, theirs = MatchEngine(ENCODER, Given(files)), MatchEngine(ENCODER, Given(milvus))
    need = Document(999, "need", "zh", "", text)
    for mine, its in (
        (ours.match(need, 20), theirs.match(need, 20)),
        (ours.search(text, 20), theirs.search(text, 20)),
        (ours.similar(need, 5), theirs.similar(need, 5)),
        (ours.match_many([need], 20)[0], theirs.match_many([need], 20)[0]),
    ):
        assert {one.key: one.band for one in its} == {one.key: one.band for one in mine}
        assert sorted(one.score for one in its) == pytest.approx(
            sorted(one.score for one in mine), abs=1e-3
        )
    assert sorted(dict(theirs.find(text))) == sorted(dict(ours.find(text)))


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_changes_leaves_the_same_listings(
    place: Place, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    with MilvusWriter(ENCODER, place) as milvus, IndexWriter(ENCODER, tmp_path) as files:
        writers: tuple[Writer, Writer] = (milvus, files)
        for _ in range(6):
            for _ in range(chance.randint(1, 4)):
                key = chance.randint(1, 12)
                if chance.random() < 0.3:
                    assert [writer.remove([key]) for writer in writers] == [1, 1]
                else:
                    documents = listing(key, chance)
                    assert [writer.add(documents) for writer in writers] == 2 * [len(documents)]
            for writer in writers:
                writer.commit()
            theirs, ours = view_of(place), snapshot_of(tmp_path)
            assert theirs.documents_by_language == ours.documents_by_language
            assert dict(milvus.versions()) == dict(files.versions())
            text = chance.choice(ASKED)
            assert near(theirs, text, Where()) == pytest.approx(near(ours, text, Where()), abs=2e-4)
            assert rows_near(theirs, text, Where()) == rows_near(ours, text, Where())
        _the_words_count_as_if_built_anew(milvus, place, tmp_path)


def _the_words_count_as_if_built_anew(milvus: MilvusWriter, place: Place, folder: Path) -> None:
    """Frequencies that were kept up by differences equal those of a build."""
    before = view_of(place)
    rows = np.array(sorted(row for row in _all_rows(before)), dtype=np.int64)
    documents = sorted(before.documents(rows.tolist()).values(), key=lambda one: one.key)
    asked = [LexicalQuery.of(text) for text in ASKED]
    kept = [before.worded(one, language, 50, Where()) for one in asked for language in LANGUAGES]
    milvus.replace_all(documents)
    after = view_of(place)
    anew = [after.worded(one, language, 50, Where()) for one in asked for language in LANGUAGES]
    for old, new in zip(kept, anew, strict=True):
        assert (old.known, old.rendered, old.best) == pytest.approx(
            (new.known, new.rendered, new.best)
        )
        assert sorted(old.serials.tolist()) == sorted(new.serials.tolist())


def _all_rows(view: MilvusView) -> list[int]:
    vector = ENCODER.encode_queries([TEXTS[0]])
    ((rows, _),) = view.nearest(vector, 500, Where())
    return [int(row) for row in rows]

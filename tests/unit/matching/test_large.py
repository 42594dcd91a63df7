"""What only a large index does, done by a small one: other files, filters applied afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import matching.build
import matching.generation
import matching.retrieval
import matching.snapshot
from matching.asking import LexicalQuery
from matching.dense import DenseBuilder, DenseIndex
from matching.documents import Document, Facets, Where
from matching.encoder import Encoder, load_encoder
from matching.engine import MatchEngine
from matching.sizes import SIZES
from matching.snapshot import SnapshotKeeper
from matching.writer import IndexWriter

LARGE = replace(SIZES, exact=200, gathered=20)
SUBJECTS = ("激光焊接", "水稻种植", "锂电池隔膜", "污水处理", "齿轮减速器", "光纤传感", "陶瓷涂层")
THINGS = ("设备", "工艺", "方法", "系统", "材料", "装置", "传感器", "软件")
ENDS = ("效率高", "成本低", "寿命长", "无污染", "精度高", "耐高温", "能耗低", "便于维护")
WHERES = (
    Where(),
    Where(sides=("achievement",), today=150),
    Where(published_since=500),
    Where(regions=("420100",)),
    Where(regions=("420111",), organisation_not=(3,)),
    Where(keys=frozenset({5, 7, 9})),
)


def listings() -> Iterator[Document]:
    drawn = np.random.default_rng(5)
    for key in range(1_000):
        parts = [drawn.choice(each) for each in (SUBJECTS, THINGS, ENDS, ENDS, SUBJECTS)]
        region = ("420111", "420100") if key % 30 == 0 else ("420100",) if key % 9 == 0 else ()
        yield Document(
            key,
            "achievement",
            "zh",
            f"{parts[0]}{parts[1]}",
            f"{parts[0]}的{parts[1]}，{parts[2]}，{parts[3]}，也用于{parts[4]}。编号{key}。",
            Facets(organisation=key % 7, region=region, published=key, expires=key or None),
        )


NEEDS = [
    Document(5_000 + place, "need", "zh", f"{one}要改进", f"希望{one}的{other}{end}。")
    for place, (one, other, end) in enumerate(zip(SUBJECTS, THINGS, ENDS, strict=False))
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def small(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    IndexWriter.rebuild(encoder, folder, listings())
    return folder


@pytest.fixture
def large(encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same documents under the thresholds of a large index."""
    monkeypatch.setattr(matching.build, "DenseBuilder", partial(DenseBuilder, sizes=LARGE))
    monkeypatch.setattr(matching.generation, "DenseIndex", partial(DenseIndex, sizes=LARGE))
    monkeypatch.setattr(matching.snapshot, "POST_FILTERED", 10)
    IndexWriter.rebuild(encoder, tmp_path, listings())
    assert list(tmp_path.glob("g*/clusters.faiss"))
    return tmp_path


@pytest.mark.parametrize("where", WHERES)
def test_words_find_the_same_whenever_the_filter_is_applied(
    encoder: Encoder, large: Path, where: Where
) -> None:
    snapshot = SnapshotKeeper(large, encoder.id).get()
    own = replace(where, languages=("zh",))
    for need in NEEDS:
        asked = LexicalQuery.of(need.full_text)
        found = snapshot.worded(asked, "zh", 20, own)
        expected = snapshot.generation.lexical.search(asked, "zh", 20, own)

        assert np.allclose(found.scores, expected.scores, rtol=1e-5)
        assert (found.known, found.best) == (expected.known, expected.best)
        admitted = {d.key for d in listings() if own.admits(d)}
        rows = snapshot.rows_of_serials(found.serials)
        assert set(snapshot.column("key", rows).tolist()) <= admitted


@pytest.mark.parametrize("where", WHERES)
def test_a_large_index_matches_as_a_small_one_does(
    encoder: Encoder, small: Path, large: Path, where: Where
) -> None:
    exact, approximate = MatchEngine(encoder, small), MatchEngine(encoder, large)
    scores = [
        ([m.score for m in exact.match(need, 5, where)],
         [m.score for m in approximate.match(need, 5, where)])
        for need in NEEDS
    ]  # fmt: skip

    # documents of equal score may come in another order; float16 moves a score a little
    assert all(len(a) == len(b) for a, b in scores)
    assert all(np.allclose(a, b, atol=0.01) for a, b in scores)


def test_a_large_index_follows_changes(encoder: Encoder, large: Path) -> None:
    engine = MatchEngine(encoder, large)
    best = engine.match(NEEDS[0], 1)[0].key
    fresh = replace(next(listings()), key=9_000, title=NEEDS[0].title, text=NEEDS[0].text)
    with IndexWriter(encoder, large) as writer:
        writer.remove([best])
        writer.add([fresh])

    found = [match.key for match in engine.match(NEEDS[0], 10)]
    assert found[0] == fresh.key
    assert best not in found


@pytest.mark.parametrize("spare", [0, 2, 1_000])
def test_many_together_are_matched_as_one_by_one(
    encoder: Encoder, large: Path, monkeypatch: pytest.MonkeyPatch, spare: int
) -> None:
    """Each need leaves out its own organisation's results, however many they are."""
    monkeypatch.setattr(matching.retrieval, "_EXCLUDED", spare)
    engine = MatchEngine(encoder, large)
    asked = [replace(need, facets=Facets(organisation=n % 7)) for n, need in enumerate(NEEDS)]
    mixed: list[Document | Sequence[Document]] = [*asked[:3], asked[3:5], *asked[5:]]
    together = engine.match_many(mixed, 8, Where(today=100))
    alone = [engine.match(one, 8, Where(today=100)) for one in mixed]

    assert [[(m.key, m.band) for m in found] for found in together] == [
        [(m.key, m.band) for m in found] for found in alone
    ]

"""The engine as the site uses it, with the encoder that ships."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.asking import LexicalQuery
from matching.documents import Document, Facets, Where
from matching.encoder import Encoder, load_encoder
from matching.engine import MatchEngine
from matching.errors import IndexMissing
from matching.ranking import load_weights
from matching.results import Band, Verdict
from matching.retrieval import Mode, Retriever
from matching.snapshot import SnapshotKeeper
from matching.writer import IndexWriter
from tests.unit.matching.small_encoder import WordEncoder
from tests.unit.matching.strategies import documents, filters

ACHIEVEMENTS = (
    (
        "zh",
        "耐高温环氧涂层",
        "研制了用于汽车排气管的环氧涂层，耐温达230℃，附着力好，成本约25元/kg。",
    ),
    (
        "en",
        "Biological control of the rice stem borer",
        "A parasitic wasp keeps the stem borer of rice below the damage threshold. No pesticide.",
    ),
    (
        "zh",
        "锂电池隔膜的陶瓷涂布工艺",
        "隔膜表面涂布氧化铝，热收缩率低于2%，提高锂离子电池安全性。",
    ),
    (
        "en",
        "Laser welding of thin aluminium sheets",
        "A fibre laser welds sheets of 0.5 mm without pores; a camera inspects the seam.",
    ),
    (
        "zh",
        "北斗农机自动导航系统",
        "拖拉机作业直线精度±2.5 cm，适用于播种和喷药。",
    ),
    (
        "zh",
        "中药复方治疗慢性心力衰竭的研究",
        "观察患者心功能分级和不良反应，随访六个月。",
    ),
)
NEED = Document(
    100,
    "need",
    "zh",
    "水稻钻心虫防治不想打农药",
    "我们合作社种水稻，钻心虫危害大，希望用天敌等办法控制，不再打药。",
    Facets(organisation=50),
)


def listing(key: int, language: str, title: str, text: str, **facets: object) -> Document:
    own = Facets(organisation=key, **facets)  # type: ignore[arg-type]  # test's own keywords
    return Document(key, "achievement", language, title, text, own)  # type: ignore[arg-type]  # str


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def folder(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("index")
    rows = [listing(n, *parts) for n, parts in enumerate(ACHIEVEMENTS, 1)]
    need = replace(NEED, key=200, facets=Facets(organisation=51))
    IndexWriter.rebuild(encoder, place, [*rows, need])
    return place


@pytest.fixture(scope="module")
def engine(encoder: Encoder, folder: Path) -> MatchEngine:
    return MatchEngine(encoder, folder)


def test_without_an_index_the_engine_says_so(encoder: Encoder, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        MatchEngine(encoder, tmp_path).match(NEED)


def test_a_chinese_need_finds_the_english_result(engine: MatchEngine) -> None:
    best = engine.match(NEED)[0]

    assert (best.key, best.side, best.languages) == (2, "achievement", ("en",))
    assert best.band != Band.WEAK


def test_reasons_are_verbatim_from_both_sides(engine: MatchEngine) -> None:
    best = engine.match(NEED)[0]
    _, title, text = ACHIEVEMENTS[1]

    assert best.reasons
    for reason in best.reasons:
        assert reason.query_sentence in f"{NEED.title}\n{NEED.text}"
        assert reason.candidate_sentence in f"{title}\n{text}"
        assert (reason.query_language, reason.candidate_language) == ("zh", "en")


def test_a_result_finds_needs_by_the_same_call(engine: MatchEngine) -> None:
    result = listing(0, *ACHIEVEMENTS[1])

    assert [match.key for match in engine.match(result)] == [200]


def test_requirements_are_checked_with_the_sentence(engine: MatchEngine) -> None:
    need = Document(
        0, "need", "zh", "高温涂层", "排气管用的耐高温涂层",
        Facets(requirements=("耐温≥200℃", "?成本低于20元/kg", "寿命10年以上")),
    )  # fmt: skip
    checks = engine.match(need)[0].requirements

    assert [(c.verdict, c.wish) for c in checks] == [
        (Verdict.MET, False),
        (Verdict.NOT_MET, True),
        (Verdict.NOT_STATED, False),
    ]
    assert checks[0].sentence is not None
    assert checks[0].sentence in ACHIEVEMENTS[0][2]


def test_the_own_organisation_never_comes_out(engine: MatchEngine) -> None:
    own = replace(NEED, facets=Facets(organisation=2))

    assert 2 not in [match.key for match in engine.match(own)]


def test_the_listing_itself_never_comes_out(engine: MatchEngine) -> None:
    own = replace(NEED, key=2)

    assert 2 not in [match.key for match in engine.match(own)]


def test_a_filter_narrows_and_an_empty_set_finds_nothing(engine: MatchEngine) -> None:
    assert engine.match(NEED, where=Where(keys=frozenset())) == []
    assert engine.match(NEED, where=Where(keys_not=frozenset({2})))[:1] != engine.match(NEED)[:1]
    assert all(m.languages == ("zh",) for m in engine.match(NEED, where=Where(languages=("zh",))))


@pytest.mark.parametrize(
    ("text", "key"),
    [("涂层", 1), ("隔膜", 3), ("鋰電池", 3), ("北斗", 5), ("laser", 4), ("rice borer", 2)],
)
def test_search_finds_short_words_of_either_script(
    engine: MatchEngine, text: str, key: int
) -> None:
    assert engine.search(text)[0].key == key


def test_search_of_nothing_finds_nothing(engine: MatchEngine) -> None:
    assert engine.search("  ") == []


def test_match_many_finds_what_match_finds(engine: MatchEngine) -> None:
    asked = [NEED, replace(NEED, key=101, title="锂电池隔膜", text="怕高温下收缩短路")]

    assert [[m.key for m in found] for found in engine.match_many(asked)] == [
        [m.key for m in engine.match(one)] for one in asked
    ]


def test_two_languages_of_a_listing_are_one_match(encoder: Encoder, tmp_path: Path) -> None:
    rows = [listing(1, "zh", "激光焊接铝板", "光纤激光焊接薄铝板"),
            listing(1, "en", "Laser welding of aluminium", "Welding of thin sheets")]  # fmt: skip
    IndexWriter.rebuild(encoder, tmp_path, rows)
    found = MatchEngine(encoder, tmp_path).search("激光焊接 laser welding")

    assert [(m.key, set(m.languages)) for m in found] == [(1, {"zh", "en"})]


def test_near_duplicates_are_hinted_at_and_only_of_the_same_side(engine: MatchEngine) -> None:
    _, title, text = ACHIEVEMENTS[2]
    draft = Document(0, "achievement", "zh", title, text + "已小批量生产。")

    assert [match.key for match in engine.similar(draft)] == [3]
    assert engine.similar(replace(draft, side="need")) == []
    assert engine.similar(replace(draft, title="养鸡场通风", text="风机控制")) == []


def test_a_draft_knows_language_title_and_requirements(engine: MatchEngine) -> None:
    text = "求耐高温涂层\n用于排气管，要求耐温不低于200℃，成本不超过30元/kg。"
    draft = engine.draft(text, "need")

    assert (draft.key, draft.language, draft.title) == (0, "zh", "求耐高温涂层")
    assert draft.facets.requirements == ("要求耐温不低于200℃", "成本不超过30元/kg")
    assert engine.match(draft)[0].key == 1


def test_a_published_listing_is_found_at_once_and_a_withdrawn_one_is_gone(
    encoder: Encoder, tmp_path: Path
) -> None:
    with IndexWriter(encoder, tmp_path) as writer:
        reading = MatchEngine(encoder, tmp_path)
        before = reading.search("激光")
        writer.add([listing(7, "zh", "激光清洗设备", "用于除锈")])
        writer.commit()
        during = reading.search("激光")
        writer.remove([7])
        writer.commit()

        assert ([m.key for m in before], [m.key for m in during]) == ([], [7])
        assert reading.search("激光") == []


class Reference:
    """The same answers by plain numpy over all documents: no files, no FAISS, no filters."""

    def __init__(self, encoder: Encoder, rows: list[Document]) -> None:
        self._encoder = encoder
        self._rows = rows
        self._vectors = encoder.encode_documents([row.full_text for row in rows])

    def nearest(self, text: str, where: Where) -> list[tuple[int, float]]:
        """Return key and best cosine of each admitted listing, best first."""
        cosines = self._vectors @ self._encoder.encode_queries([text])[0]
        best: dict[int, float] = {}
        for row, cosine in zip(self._rows, cosines, strict=True):
            if where.admits(row):
                best[row.key] = max(best.get(row.key, -2.0), float(cosine))
        return sorted(best.items(), key=lambda pair: (-round(pair[1], 5), pair[0]))


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(documents, min_size=1, max_size=14), filters, st.booleans())
def test_the_index_answers_as_plain_numpy_does(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Document], where: Where, fold: bool
) -> None:
    """Half of the documents lie in the build, half in the journal; some are replaced."""
    small, place = WordEncoder(), tmp_path_factory.mktemp("congruence")
    rows.sort(key=lambda row: row.key)
    with IndexWriter(small, place) as writer:
        half = len(rows) // 2
        writer.add(rows[:half])
        writer.fold()
        writer.add(rows[half:])
        writer.commit()
        if fold:
            writer.fold()
    replaced = {row.key for row in rows[half:]}
    kept = [row for row in rows[:half] if row.key not in replaced] + rows[half:]
    snapshot = SnapshotKeeper(place, small.id).get()
    retriever = Retriever(small, load_weights().fusion, Mode.DENSE)
    (query,) = retriever.queries(["激光切割 rice"])
    found: dict[int, float] = {}
    for candidate in retriever.candidates(snapshot, query, 50, where):
        found.setdefault(candidate.key, candidate.cosine)
    expected = Reference(small, kept).nearest("激光切割 rice", where)

    assert sorted(found) == sorted(key for key, _ in expected)
    assert np.allclose([found[key] for key, _ in expected], [c for _, c in expected], atol=1e-5)


def test_queries_are_cut_as_documents_are() -> None:
    assert "激光" in LexicalQuery.of("激光器").weights

"""What a bundle has to cover, and what each result covers of it."""

from __future__ import annotations

import pytest

from matching.documents import Document, Facets
from matching.encoder import load_encoder
from matching.musts import Read, asked_of, bundle_of
from matching.reasons import Explainer
from matching.requirements import check_all, parse_all
from matching.results import Band

TEXT = "我厂蒸汽管道靠人工测温。需要连续测温，不能停产。外壳要能防水。"


def need(*requirements: str) -> Document:
    """Return a need that asks for these."""
    facets = Facets(requirements=requirements)
    return Document(0, "need", "zh", "求测温办法", TEXT, facets)


def read(key: int, text: str, asked: Document, band: Band = Band.GOOD) -> Read:
    """Return a result as the engine reads it."""
    checks = check_all(parse_all(asked.facets.requirements), text)
    return Read(Document(key, "achievement", "zh", "测温装置", text), 1 / key, band, checks)


def test_musts_are_asked_and_wishes_are_not() -> None:
    assert asked_of(need("耐温≥200℃", "?价格低于3万元", "误差≤0.5℃")) == ("耐温≥200℃", "误差≤0.5℃")


def test_a_need_of_one_must_asks_by_its_sentences_too() -> None:
    assert asked_of(need("耐温≥200℃")) == (
        "耐温≥200℃",
        "需要连续测温，不能停产。",
        "外壳要能防水。",
    )


@pytest.mark.parametrize(("band", "found"), [(Band.POSSIBLE, True), (Band.WEAK, False)])
def test_only_what_fits_takes_part(band: Band, *, found: bool) -> None:
    asked = need("耐温≥200℃", "响应时间≤50 ms")
    results = [read(1, "探头耐温230℃。", asked), read(2, "响应时间20 ms。", asked, band)]
    bundle = bundle_of(asked, results, Explainer(load_encoder()))

    assert (bundle is not None) == found
    if bundle is not None:
        assert [part.key for part in bundle.parts] == [1, 2]
        assert [part.covers[0].found for part in bundle.parts] == ["230℃", "20 ms"]


def test_a_must_without_a_figure_is_covered_by_a_sentence_that_speaks_to_it() -> None:
    asked = need("耐温≥200℃", "外壳防水防尘")
    results = [read(1, "探头耐温230℃。", asked), read(2, "装置的外壳防水防尘。", asked)]
    bundle = bundle_of(asked, results, Explainer(load_encoder()))

    assert bundle is not None
    assert bundle.covered == 2
    assert (bundle.parts[1].covers[0].sentence, bundle.parts[1].covers[0].found) == (
        "装置的外壳防水防尘。",
        None,
    )

"""Texts of every kind, the whole way: added, committed, matched, searched, explained, on a page."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from matching.documents import Document, Facets, Language, Side
from matching.encoder import Vectors
from matching.engine import MatchEngine
from matching.writer import IndexWriter
from tenon.app import create_app
from tenon.clock import utc_now
from tenon.db import Database
from tenon.matches import indexing
from tenon.settings import Settings
from tests.factories.listings import make_achievement
from tests.faults import EVERYTHING
from tests.unit.matching.small_encoder import WordEncoder

SHARE = 1 if os.environ.get(EVERYTHING) else 100
"""Asking a text of a million characters in every way takes minutes; part of it shows the same."""

TEXTS = {
    "nothing": "",
    "one character": "焊",
    "one letter": "x",
    "blanks": " \t\n\r  ",
    "a million characters": "激光切割 laser cutting of steel. " * (30_000 // SHARE),
    "one word of a million letters": "a" * (1_000_000 // SHARE),
    "a million ideographs without a break": "焊" * (1_000_000 // SHARE),
    "one word 100,000 times": "laser " * (100_000 // SHARE),
    "arabic": "نبحث عن حلول لتنقية المياه في المناطق الصحراوية",
    "cyrillic": "Лазерная сварка меди без брызг",
    "hebrew and english": "ריתוך laser נחושת",
    "thai": "การเชื่อมด้วยเลเซอร์",
    "emoji": "🔬🔥👩‍🔬👨‍👩‍👧‍👦🇨🇳",
    "combining marks": "a" + "\u0301" * 5_000,
    "turned round": "\u202egnittuc resal\u202c \u200f\u200e\u2066x\u2069",
    "half a pair": "激光\ud800切割\udfff",
    "markup": "<script>alert(1)</script><b>laser</b> [x](javascript:alert(2)) # h1 {{ 7*7 }}",
    "control characters": "laser\x01\x02\x07\x08\x1b[31m\x7f\x85cutting",
    "nul": "laser\x00cutting",
    "digits": "1234567890 " * 50,
    "punctuation": "。，、；：？！…—（）《》.,;:?!-()[]{}" * 50,
    "syntax of a query": 'body_en:laser AND (title:"x" OR -y)~2^3 [1 TO *] \\ / * ?',
    "private and unassigned": "\ue000\U000f0000\uffff\U0010ffff",
    "variants": "ｌａｓｅｒ ㎏ ﬁ ① 鐳射 鋰",
    "noncharacter joins": "激\u200b光\ufeff切\u2060割",
}
PLAIN = Document(1, "achievement", "zh", "激光切割机", "切割钢板的激光设备。")
ASKED = Document(0, "need", "zh", "求激光切割", "要切割钢板的激光设备")


def _engine(folder: Path, documents: Sequence[Document]) -> MatchEngine:
    encoder = WordEncoder()
    with IndexWriter(encoder, folder) as writer:
        writer.add(documents)
        writer.commit()
        writer.fold()
    return MatchEngine(encoder, folder)


def _ask_all(engine: MatchEngine, text: str, languages: Sequence[Language] = ("zh", "en")) -> None:
    """Ask a text in every way; what comes out is whole: verbatim, finite, ordered."""
    sides: tuple[Side, ...] = ("need", "achievement")
    for side in sides:
        for language in languages:
            document = Document(0, side, language, text[:80], text)
            found = engine.match(document, 5)
            scores = [match.score for match in found]
            assert np.isfinite(scores).all()
            assert scores == sorted(scores, reverse=True)
            for match in found:
                for reason in match.reasons:
                    assert reason.query_sentence in document.full_text
                    assert np.isfinite(reason.similarity)
        engine.similar(Document(0, side, "zh", "", text))
        engine.draft(text, side)
    assert all(0 <= score <= 1 for _, score in engine.find(text, 10))
    engine.search(text, 5, reasons=True)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_text_does_no_harm_as_a_document_or_a_question(tmp_path: Path, text: str) -> None:
    written: list[tuple[Language, str]] = [("zh", ""), ("en", text[:300])]
    odd = [
        Document(
            10 + place, "achievement", language, title, text, Facets(requirements=(text[:99],))
        )
        for place, (language, title) in enumerate(written)
    ]
    need = Document(20, "need", "zh", text[:100], text, Facets(requirements=(text[:200],)))
    engine = _engine(tmp_path, [PLAIN, *odd, need])

    assert engine.state().documents == 4
    assert 1 in {key for key, _ in engine.find("激光切割")}
    best = engine.match(ASKED, 5)
    assert 1 in {match.key for match in best}
    _ask_all(engine, text, ("zh",) if len(text) > 10_000 else ("zh", "en"))


_ANY = st.text(st.characters(), max_size=60) | st.sampled_from(
    [text for text in TEXTS.values() if len(text) < 1_000]
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(_ANY, _ANY), min_size=1, max_size=5), _ANY)
def test_any_texts_can_be_added_and_asked(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]], asked: str
) -> None:
    documents = [
        Document(2 + place, "achievement", "zh" if place % 2 else "en", title, text)
        for place, (title, text) in enumerate(texts)
    ]
    engine = _engine(tmp_path_factory.mktemp("any"), [PLAIN, *documents])
    assert engine.state().documents == 1 + len(documents)
    assert 1 in {key for key, _ in engine.find("激光切割")}
    _ask_all(engine, asked)


class Faulty(WordEncoder):
    """Gives what no model should give, for texts that say so."""

    def _encode(self, texts: Sequence[str]) -> Vectors:
        made = super()._encode(texts)
        for place, text in enumerate(texts):
            for word, value in (("nan", np.nan), ("inf", np.inf), ("null", 0.0)):
                if word in text:
                    made[place] = np.float32(value)
                    made[place, 0] = 0
        return made


def test_vectors_that_are_no_numbers_spoil_nobody_elses_answers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    encoder = Faulty()
    odd = [
        Document(2 + place, "achievement", "en", word, f"{word} laser cutting")
        for place, word in enumerate(("nan", "inf", "null"))
    ]
    with IndexWriter(encoder, tmp_path) as writer:
        writer.add([PLAIN, *odd])
        writer.commit()
        writer.fold()
        writer.add([Document(9, "achievement", "en", "nan", "nan in the journal")])
        writer.commit()
    engine = MatchEngine(encoder, tmp_path)

    assert "vectors with NaN or infinity; zeroed" in caplog.text
    assert 1 in {match.key for match in engine.match(ASKED, 5)}
    # found by their words all the same
    assert {2, 3, 4} <= {key for key, _ in engine.find("laser cutting")}
    for word in ("nan", "inf", "null", "nan laser"):
        _ask_all(engine, word)


ON_A_PAGE = [name for name in TEXTS if name not in ("nothing", "blanks", "nul", "half a pair")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_listings_of_every_kind_of_text_are_indexed_and_shown(
    session: Session, database: Database, site: Settings
) -> None:
    plain = make_achievement(session, state="published", title="激光切割机", problem="切割钢板。")
    for name in ON_A_PAGE:
        make_achievement(session, state="published", title=TEXTS[name][:60], problem=TEXTS[name])
    session.commit()
    with database.reading() as reader:
        indexing.rebuild(reader, now=utc_now())
        assert indexing.compare(reader, now=utc_now()).none
    session.rollback()
    client = create_app(site, database).test_client()
    for name, text in TEXTS.items():
        asked = text[:300].encode("utf-8", "replace").decode()
        for address in ("/search", "/match"):
            fields = {"q": asked} if address == "/search" else {"text": asked, "side": "need"}
            answer = client.get(address, query_string=fields)
            expected = {"nul": {400}, "nothing": {200, 302}}.get(name, {200, 302, 422})
            assert answer.status_code in expected, (name, address)
            assert "<script>alert(1)" not in answer.text, name
            assert not any(unicodedata.category(char) == "Cs" for char in answer.text), name
    assert plain.public_id in client.get("/search?q=激光切割机").text

"""What a match's page shows of its reasons: marked words, verdicts, results that cover together."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from sqlalchemy.orm import Session

from tenon.listings.models import Listing
from tenon.matches.views.showing import mark_words
from tests.factories.accounts import make_organisation
from tests.factories.listings import make_achievement, make_need
from tests.matches.conftest import Index


def without_marks(page: str) -> str:
    """Return a page's source without the marks."""
    return re.sub(r'<mark class="shared">(.*?)</mark>', r"\1", page)


@pytest.fixture
def english(client: FlaskClient) -> FlaskClient:
    """A browser that asks for English."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@settings(deadline=None)
@given(
    st.text(alphabet="电池 battery<>&\"'-Ｂ℃", max_size=60),
    st.lists(st.text(alphabet='电池batery<&"', max_size=6), max_size=4),
)
def test_marked_sentence_is_the_sentence_and_nothing_of_it_is_markup(
    sentence: str, words: list[str]
) -> None:
    marked = mark_words(sentence, words)
    bare = marked.replace(Markup('<mark class="shared">'), "").replace(Markup("</mark>"), "")

    assert unescape(str(bare)) == sentence
    assert "<" not in str(bare)


def test_words_are_marked_whole_and_in_any_case() -> None:
    marked = mark_words("Battery packs; the BMS of batteries", ["battery", "BMS", "pack", None])

    assert re.findall(r'<mark class="shared">(.*?)</mark>', str(marked)) == ["Battery", "BMS"]


def test_shared_words_are_marked_in_both_sentences_and_named(
    english: FlaskClient, session: Session, index: Index
) -> None:
    need = make_need(
        session,
        state="published",
        title="储能站电池过热",
        summary="储能集装箱里的电池夏天过热，要给电池散热的办法。",
        requirements=[],
    )
    make_achievement(
        session,
        state="published",
        language="en",
        title="Immersion cooling of storage batteries",
        summary="Each battery is cooled by a dielectric liquid, so that a battery never overheats.",
        problem="Air leaves hot spots.",
        advantages="Small.",
        applications="Containers.",
    )
    index()
    page = english.get(f"/listings/{need.public_id}/matches").text

    assert '<mark class="shared">电池</mark>' in page
    assert '<mark class="shared">battery</mark>' in page
    # each word in its own language, so that a screen reader says it right
    assert '<span lang="zh-Hans">电池</span> = <span lang="en">battery</span>' in page


def test_markup_in_a_listing_stays_text_between_marks(
    english: FlaskClient, session: Session, index: Index
) -> None:
    need = make_need(session, state="published")
    make_achievement(
        session,
        state="published",
        summary="蒸汽管道外壁<script>alert(1)</script>连续测温，耐温≥230℃。",
    )
    index()
    page = english.get(f"/listings/{need.public_id}/matches").text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in without_marks(page)


def test_every_verdict_is_said_in_words_with_its_sentence(
    english: FlaskClient, session: Session, index: Index
) -> None:
    need = make_need(
        session,
        state="published",
        requirements=[
            "测温误差≤0.8℃",
            "耐温≥200℃",
            "重量不超过12公斤",
            "防护等级不低于IP67",
            "响应时间≤50 ms",
            "对人眼安全",
        ],
    )
    make_achievement(
        session,
        state="published",
        summary="装置在管道外壁连续测温，测温误差小于0.5℃。",
        advantages="探头耐温180℃。整机重量为300 N。",
    )
    index()
    page = without_marks(english.get(f"/listings/{need.public_id}/matches").text)
    rows = re.findall(
        r'requirement__outcome">.*?</svg>([^<]*)</span>\s*'
        r'<span class="requirement__text">(.*?)</li>',
        page,
        re.DOTALL,
    )
    said = {
        re.sub(r"<[^>]*>", "", text).split("\n")[0].strip(): outcome.strip()
        for outcome, text in rows
    }

    assert said == {
        "测温误差≤0.8℃装置在管道外壁连续测温，测温误差小于0.5℃。": "Met",
        "耐温≥200℃探头耐温180℃。": "Not met",
        "重量不超过12公斤整机重量为300 N。": "Not comparable",
        "防护等级不低于IP67响应时间≤50 ms": "Not stated",
        "对人眼安全": "No figure to compare",
    }


PARTS = (
    "探头耐温230℃，连续测温不停产。",
    "蒸汽管道外壁测温装置的测温误差小于0.3℃，响应时间20 ms。",
)


def _two_halves(session: Session) -> tuple[Listing, list[Listing]]:
    need = make_need(
        session,
        state="published",
        requirements=["耐温≥200℃", "测温误差≤0.5℃", "响应时间≤50 ms", "防护等级不低于IP67"],
    )
    owners = [make_organisation(session) for _ in PARTS]
    halves = [
        make_achievement(
            session, organisation=owner, state="published", summary="高温蒸汽管道在线测温装置。",
            title=title, advantages=text, problem=None, applications=None,
        )
        for owner, text, title in zip(owners, PARTS, ("光纤测温探头", "红外测温装置"), strict=True)
    ]  # fmt: skip
    return need, halves


def test_results_that_cover_more_together_are_shown_together(
    english: FlaskClient, session: Session, index: Index
) -> None:
    need, halves = _two_halves(session)
    index()
    page = without_marks(english.get(f"/listings/{need.public_id}/matches").text)
    bundle = page[page.index('id="bundle"') : page.index("</section>", page.index('id="bundle"'))]

    assert "Together these cover 3 of 4 requirements" in bundle
    assert all(f"/listings/{half.public_id}" in bundle for half in halves)
    assert all(text in bundle for text in PARTS)
    assert "防护等级不低于IP67" in bundle[bundle.index("Covered by none") :]


def test_a_bundle_falls_apart_when_one_of_it_is_withdrawn(
    english: FlaskClient, session: Session, index: Index
) -> None:
    need, halves = _two_halves(session)
    index()
    halves[0].state = "withdrawn"  # and the index does not know yet
    session.commit()
    page = english.get(f"/listings/{need.public_id}/matches").text

    assert 'id="bundle"' not in page
    assert halves[0].public_id not in page


def test_there_is_no_bundle_where_one_result_covers_all(
    english: FlaskClient, session: Session, index: Index
) -> None:
    need, _ = _two_halves(session)
    make_achievement(
        session, state="published", title="全能测温装置", summary="高温蒸汽管道在线测温装置。",
        advantages="".join(PARTS),
    )  # fmt: skip
    index()

    assert 'id="bundle"' not in english.get(f"/listings/{need.public_id}/matches").text

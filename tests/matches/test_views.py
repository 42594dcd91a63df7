"""Pages: the box, search, a listing's matches, with and without an index, to every reader."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.actors import VISITOR
from tenon.app import create_app
from tenon.db import Database
from tenon.listings.duplicates import find_similar
from tenon.matches.models import MatchFeedback
from tenon.settings import Settings
from tests.factories.accounts import (
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    post,
    sign_in,
)
from tests.factories.listings import make_achievement, make_expert, make_need
from tests.matches.conftest import Index

NEED = "蒸汽管道外壁测温靠人工，漏报多，想要连续测温，耐温≥180℃。"


@pytest.fixture
def english(client: FlaskClient) -> FlaskClient:
    """A browser that asks for English."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_home_shows_box_and_figures_without_an_index(
    english: FlaskClient, session: Session
) -> None:
    make_achievement(session, state="published")
    make_need(session, state="draft")
    session.commit()
    page = english.get("/")
    assert page.status_code == 200
    assert 'name="text"' in page.text
    assert '<strong class="figures__number">1</strong> result' in page.text
    assert '<strong class="figures__number">0</strong> needs' in page.text


def test_box_answers_with_reasons_and_requirements(
    english: FlaskClient, session: Session, index: Index
) -> None:
    found = make_achievement(session, state="published", advantages="探头耐温230℃，寿命五年。")
    make_achievement(session, state="published", title="水稻育种", summary="耐盐水稻新品种。")
    index()
    page = english.post("/match", data={"text": NEED})
    assert page.status_code == 200
    assert f"/listings/{found.public_id}" in page.text
    bare = re.sub(r"</?mark[^>]*>", "", page.text)
    assert "装置在200℃以上的管道外壁连续测温，误差小于0.5℃。" in bare
    assert "requirement--met" in page.text
    assert "Post this as a need" in page.text


def test_htmx_gets_the_results_alone(english: FlaskClient, session: Session, index: Index) -> None:
    make_achievement(session, state="published")
    index()
    page = english.post("/match", data={"text": NEED}, headers={"HX-Request": "true"})
    assert page.text.lstrip().startswith("<section")
    assert page.headers["HX-Push-Url"].startswith("/match?text=")


def test_short_question_can_be_shared_by_its_address(
    english: FlaskClient, session: Session, index: Index
) -> None:
    found = make_achievement(session, state="published")
    index()
    page = english.get("/match", query_string={"text": NEED, "side": "need"})
    assert f"/listings/{found.public_id}" in page.text


def test_text_that_fits_nothing_is_told_so(
    english: FlaskClient, session: Session, index: Index
) -> None:
    make_achievement(session, state="published")
    index()
    page = english.post("/match", data={"text": "We need a caterer for a wedding of sixty guests"})
    assert "Nothing here fits" in page.text
    assert "Strong match" not in page.text


@pytest.mark.parametrize(("text", "status"), [("", 422), ("。。", 422), ("长" * 5001, 422)])
def test_box_refuses_plainly_what_it_cannot_answer(
    english: FlaskClient, session: Session, index: Index, text: str, status: int
) -> None:
    index()
    page = english.post("/match", data={"text": text})
    assert page.status_code == status
    assert "alert--warn" in page.text


def test_site_without_an_index_says_that_it_is_not_ready(english: FlaskClient) -> None:
    page = english.post("/match", data={"text": NEED})
    assert page.status_code == 503
    assert "Not ready yet" in page.text
    assert english.get("/search").status_code == 200


def test_one_click_takes_the_text_for_the_other_side(
    english: FlaskClient, session: Session, index: Index
) -> None:
    need = make_need(session, state="published")
    index()
    as_need = english.post("/match", data={"text": NEED})
    assert "This reads like a need." in as_need.text
    assert need.public_id not in as_need.text
    as_result = english.post("/match", data={"text": NEED, "side": "achievement"})
    assert "Taken as a result." in as_result.text
    assert need.public_id in as_result.text


def test_anonymous_firm_is_never_named(
    english: FlaskClient, session: Session, index: Index
) -> None:
    owner = make_organisation(
        session, kind="enterprise", name_zh="隐名制造", name_en="Hidden Works"
    )
    need = make_need(session, organisation=owner, state="published", anonymous=True)
    result = make_achievement(session, state="published")
    index()
    for address in ("/search", "/search?q=高温管道", f"/listings/{result.public_id}/matches"):
        page = english.get(address)
        assert need.public_id in page.text
        assert "隐名制造" not in page.text
        assert "Hidden Works" not in page.text


def test_matches_of_a_draft_are_for_its_own_organisation(
    english: FlaskClient, session: Session, index: Index
) -> None:
    author = make_user(session)
    owner = make_organisation(session, kind="enterprise")
    make_membership(session, author, owner, role="editor")
    draft = make_need(session, organisation=owner, author=author)
    found = make_achievement(session, state="published")
    stranger = make_user(session)
    make_membership(session, stranger, make_organisation(session))
    index()
    address = f"/listings/{draft.public_id}/matches"
    assert english.get(address).status_code == 404
    assert sign_in(english, stranger).get(address).status_code == 404
    page = sign_in(english, author).get(address)
    assert found.public_id in page.text
    assert "Once the listing is published" in page.text


def test_interest_is_said_shown_and_taken_back(
    english: FlaskClient, session: Session, index: Index
) -> None:
    editor = make_user(session)
    owner = make_organisation(session, kind="enterprise")
    make_membership(session, editor, owner, role="editor")
    need = make_need(session, organisation=owner, state="published")
    result = make_achievement(session, state="published")
    index()
    sign_in(english, editor)
    address = f"/listings/{need.public_id}/matches"
    pair = f"{address}/{result.public_id}"
    done = post(english, pair, kind="interested", position="1")
    assert done.status_code == 303
    session.expire_all()
    word = session.query(MatchFeedback).one()
    assert (word.kind, word.side, word.position, word.own) == ("interested", "need", 1, False)
    session.rollback()
    assert "You are interested" in english.get(address).text
    post(english, f"{pair}/unsay")
    session.expire_all()
    assert session.query(MatchFeedback).count() == 0


def test_decline_wants_a_reason(english: FlaskClient, session: Session, index: Index) -> None:
    editor = make_user(session)
    owner = make_organisation(session, kind="enterprise")
    make_membership(session, editor, owner, role="editor")
    need = make_need(session, organisation=owner, state="published")
    result = make_achievement(session, state="published")
    index()
    sign_in(english, editor)
    address = f"/listings/{need.public_id}/matches/{result.public_id}"
    assert post(english, address, kind="declined").status_code == 422
    assert post(english, address, kind="declined", reason="too_early").status_code == 303


def test_brokers_see_the_words_and_visitors_do_not(
    english: FlaskClient, session: Session, index: Index, now: datetime
) -> None:
    need = make_need(session, state="published")
    result = make_achievement(session, state="published")
    session.add(
        MatchFeedback(
            need_id=need.id,
            achievement_id=result.id,
            side="need",
            kind="declined",
            reason="too_early",
            remark="内部看法",
            organisation_id=need.organisation_id,
            at=now,
        )
    )
    broker = grant_role(session, make_user(session), "broker")
    index()
    address = f"/listings/{need.public_id}/matches"
    assert "内部看法" not in english.get(address).text
    assert "内部看法" in sign_in(english, broker).get(address).text


def test_search_page_keeps_its_filters_in_its_address(
    english: FlaskClient, session: Session, index: Index
) -> None:
    wanted = make_need(session, state="published", fields=[("hitech", "1")])
    other = make_achievement(session, state="published", fields=[("hitech", "1")])
    expert = make_expert(session)
    index()
    everything = english.get("/search")
    for shown in (wanted, other, expert):
        assert shown.public_id in everything.text
    page = english.get("/search?hitech=1&side=need&q=高温管道")
    assert wanted.public_id in page.text
    assert other.public_id not in page.text
    assert 'href="/search?q=%E9%AB%98%E6%B8%A9%E7%AE%A1%E9%81%93&amp;hitech=1"' in page.text


def test_search_that_finds_nothing_advises(
    english: FlaskClient, session: Session, index: Index
) -> None:
    make_need(session, state="published")
    index()
    page = english.get("/search?side=expert&q=高温")
    assert "Nothing found" in page.text
    assert "Search without filters" in page.text


def test_listings_page_shows_its_best_matches(
    english: FlaskClient, session: Session, background: None, index: Index
) -> None:
    need = make_need(session, state="published")
    result = make_achievement(
        session,
        state="published",
        title="蒸汽管道外壁连续测温装置",
        summary="蒸汽管道外壁连续测温，不靠人工，漏报少。高温管道在线测温办法。",
    )
    index()
    page = english.get(f"/listings/{need.public_id}")
    assert "What fits this need" in page.text
    assert f"/listings/{result.public_id}" in page.text


def test_listings_page_stands_without_an_index(english: FlaskClient, session: Session) -> None:
    need = make_need(session, state="published")
    session.commit()
    page = english.get(f"/listings/{need.public_id}")
    assert page.status_code == 200
    assert "What fits this need" not in page.text


def test_near_duplicates_are_public_ones_of_the_same_side(
    session: Session, index: Index, app: Flask
) -> None:
    twin = make_achievement(session, state="published")
    closed = make_achievement(session, state="published")
    make_need(session, state="published", title=twin.texts[0].title)
    index()
    closed.state = "withdrawn"
    session.commit()
    text = twin.texts[0]
    body = "\n".join(filter(None, [text.summary, text.problem, text.advantages, text.applications]))
    found = find_similar(
        session, side="achievement", language="zh", title=text.title, text=body, actor=VISITOR
    )
    assert list(found) == [twin.id]


def test_box_is_limited_for_each_address(settings: Settings, database: Database) -> None:
    limited = create_app(dataclasses.replace(settings, rate_limits=True), database).test_client()
    statuses = [limited.get("/match?text=x").status_code for _ in range(31)]
    assert statuses[-2:] == [503, 429]  # no index here; asking counts all the same

"""Error pages: a status, words in the reader's language, a way on; and problem documents."""

from __future__ import annotations

import re

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from tenon import errors
from tenon.web.access import Access
from tenon.web.errors import words
from tests.web.wellformed import faults

STATUSES = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 502, 503)
HEADERS = {"en": {"Accept-Language": "en"}, "zh": {"Accept-Language": "zh-CN"}}


@pytest.fixture
def failing(frame: Flask) -> FlaskClient:
    """A site whose page /fail/N fails with status N."""

    def fail(status: int) -> str:
        abort(status)

    frame.add_url_rule("/fail/<int:status>", "fail", fail)
    frame.extensions["tenon.access"]["fail"] = Access.PUBLIC
    return frame.test_client()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("status", STATUSES)
def test_error_page_is_whole_and_leads_on(failing: FlaskClient, status: int, language: str) -> None:
    answer = failing.get(f"/fail/{status}", headers=HEADERS[language])
    assert answer.status_code == status
    assert faults(answer.text) == []
    assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in answer.text
    assert 'class="button button--primary" href="/' in answer.text
    assert ("To the home page" if language == "en" else "返回首页") in answer.text


def test_every_status_has_its_own_words_in_both_languages(frame: Flask) -> None:
    for language, headers in HEADERS.items():
        with frame.test_request_context("/", headers=headers):
            said = {status: words(status) for status in STATUSES}
            titles = {title for title, _ in said.values()}
            # 405 and 415 say what 400 says, 502 what 500 says.
            assert len(titles) == len(STATUSES) - 3
            chinese = [bool(re.search("[\u4e00-\u9fff]", "".join(two))) for two in said.values()]
            assert chinese == [language == "zh"] * len(STATUSES)


def test_server_error_asks_neither_session_nor_actor(
    failing: FlaskClient, frame: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise AssertionError("the error page asked who acts")

    frame.extensions["tenon.load_actor"] = broken
    frame.before_request_funcs.clear()  # the fence asks who acts before the page fails
    assert failing.get("/fail/503").status_code == 503


def test_part_of_a_page_gets_a_message_and_not_a_page(failing: FlaskClient) -> None:
    answer = failing.get("/fail/429", headers=HEADERS["en"] | {"HX-Request": "true"})
    assert answer.status_code == 429
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text
    assert "Too many requests" in answer.text


def test_program_gets_a_problem_document(failing: FlaskClient) -> None:
    answer = failing.get("/fail/404", headers=HEADERS["en"] | {"Accept": "application/json"})
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json() == {
        "type": "urn:tenon:error:404",
        "title": "Nothing here",
        "status": 404,
    }


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (errors.NotFound(), 404, "Nothing here"),
        (errors.Forbidden("own_review"), 403, "You cannot review your own listing"),
        (errors.Conflict("changed_meanwhile"), 409, "Somebody else changed this in the meantime"),
        (errors.Invalid({"title": "required"}), 422, "Some of what you entered does not fit"),
    ],
)
def test_domain_error_becomes_its_status(
    frame: Flask, error: errors.DomainError, status: int, title: str
) -> None:
    def fail() -> str:
        raise error

    frame.add_url_rule("/fail", "fail", fail)
    frame.extensions["tenon.access"]["fail"] = Access.PUBLIC
    answer = frame.test_client().get("/fail", headers=HEADERS["en"])
    assert answer.status_code == status
    assert title in answer.text

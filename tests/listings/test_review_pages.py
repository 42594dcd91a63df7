"""The broker's desk through HTTP."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.listings.models import Listing, Review
from tests.factories.listings import NOW, make_need
from tests.listings.conftest import Browser, rows
from tests.listings.people import People

SCORES = {"substance": "4", "clarity": "3", "expectations": "4", "wording": "3"}


def _version(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_queue_shows_what_waits_longest_first_and_never_ones_own(
    guest: Browser, people: People, committed: Session
) -> None:
    make_need(committed, organisation=people.firm, state="in_review", title="晚", submitted_at=NOW)
    make_need(
        committed,
        organisation=people.firm,
        state="in_review",
        title="早",
        submitted_at=NOW - timedelta(days=2),
    )
    make_need(committed, state="in_review", title="我的", author=people.broker, submitted_at=NOW)
    make_need(committed, state="published", title="改过的", text_version=2, reviewed_version=1)
    make_need(committed, state="on_hold", title="搁置的")
    committed.commit()
    guest.sign_in(people.broker)
    titles = re.compile(r'lang="zh-Hans" href="/listings/[^"]+/review[^"]*">([^<]+)<')
    assert titles.findall(guest.get("/review").text) == ["早", "晚"]
    assert titles.findall(guest.get("/review?queue=edited").text) == ["改过的"]
    assert titles.findall(guest.get("/review?queue=on_hold").text) == ["搁置的"]
    assert titles.findall(guest.get("/review?side=achievement").text) == []
    assert guest.get("/review?queue=other").status_code == 404
    assert guest.sign_in(people.researcher).get("/review").status_code == 403


def test_broker_publishes(guest: Browser, people: People, committed: Session) -> None:
    listing = make_need(committed, organisation=people.firm, state="in_review")
    committed.commit()
    path = f"/listings/{listing.public_id}/review"
    page = guest.sign_in(people.broker).get(path)
    assert "What has to be solved" in page.text
    form = SCORES | {"outcome": "publish", "version": _version(page.text)}
    assert guest.post(path, form).location == "/review"
    assert rows(committed, sa.select(Listing.state)) == ["published"]


def test_broker_returns_with_ready_remarks_in_the_authors_language(
    guest: Browser, people: People, committed: Session
) -> None:
    listing = make_need(committed, organisation=people.firm, state="in_review")
    committed.commit()
    path = f"/listings/{listing.public_id}/review"
    guest.sign_in(people.broker)
    form = SCORES | {"outcome": "return", "canned": ["measurable"], "remarks": "谢谢"}
    guest.post(path, form)
    review = rows(committed, sa.select(Review))[0]
    assert review.remarks.startswith("请把要求写成可以衡量的")
    assert review.remarks.endswith("谢谢")
    owner = guest.sign_in(people.engineer).get(f"/listings/{listing.public_id}")
    assert "请把要求写成可以衡量的" in owner.text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"outcome": "publish"}, "Please choose a score."),
        (SCORES, "Please choose an outcome."),
        (SCORES | {"outcome": "reject", "remarks": "x"}, "The scores do not allow this outcome."),
        (SCORES | {"outcome": "return"}, "Please fill this in."),
    ],
)
def test_review_errors_are_shown_and_nothing_is_recorded(
    guest: Browser, people: People, committed: Session, form: dict[str, object], words: str
) -> None:
    listing = make_need(committed, organisation=people.firm, state="in_review")
    committed.commit()
    answer = guest.sign_in(people.broker).post(f"/listings/{listing.public_id}/review", form)
    assert answer.status_code == 422
    assert words in answer.text
    assert rows(committed, sa.select(Review)) == []


def test_two_brokers_at_once_one_is_told(
    guest: Browser, people: People, committed: Session, app: Flask
) -> None:
    listing = make_need(committed, organisation=people.firm, state="in_review")
    committed.commit()
    path = f"/listings/{listing.public_id}/review"
    first = guest.sign_in(people.broker)
    second = Browser(app.test_client()).sign_in(people.second_broker)
    versions = [_version(each.get(path).text) for each in (first, second)]
    forms = [SCORES | {"outcome": "publish", "version": version} for version in versions]
    statuses = [first.post(path, forms[0]).status_code, second.post(path, forms[1]).status_code]
    assert statuses == [302, 409]
    assert len(rows(committed, sa.select(Review))) == 1


def test_own_review_is_refused_with_its_reason(
    guest: Browser, people: People, committed: Session
) -> None:
    listing = make_need(committed, state="in_review", author=people.broker)
    committed.commit()
    answer = guest.sign_in(people.broker).get(f"/listings/{listing.public_id}/review")
    assert answer.status_code == 403
    assert "You cannot review your own listing" in answer.text


def test_taking_over_tells_the_firm_of_an_anonymous_need(
    guest: Browser, people: People, committed: Session
) -> None:
    listing = make_need(committed, organisation=people.firm, state="in_review", anonymous=True)
    committed.commit()
    path = f"/listings/{listing.public_id}"
    name = people.firm.name_zh or ""
    guest.sign_in(people.broker)
    assert name not in guest.get(f"{path}/review").text
    assert name not in guest.get("/review").text
    assert guest.post(f"{path}/take").location == f"{path}/review"
    assert name in guest.get(f"{path}/review").text
    assert name in guest.get("/review").text


def test_two_brokers_in_the_same_moment_one_is_told(
    people: People, committed: Session, app: Flask
) -> None:
    listing = make_need(committed, organisation=people.firm, state="in_review")
    committed.commit()
    path = f"/listings/{listing.public_id}/review"
    start = Barrier(2)

    def judge(user: User) -> int:
        desk = Browser(app.test_client()).sign_in(user)
        form = SCORES | {"outcome": "publish", "version": _version(desk.get(path).text)}
        start.wait(timeout=60)
        return desk.post(path, form).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(judge, (people.broker, people.second_broker)))
    assert sorted(statuses) == [302, 409]
    assert len(rows(committed, sa.select(Review))) == 1

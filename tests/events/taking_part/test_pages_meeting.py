"""Pages of wishes, suggestions and pair rules; what all pages ask of the database."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenon import demo
from tenon.clock import utc_now
from tenon.db import Database
from tenon.events.models import PairRule, Registration, Wish
from tenon.matches import indexing
from tenon.matches.sites import remember_site
from tenon.settings import Settings
from tests.events.taking_part.cast import Cast, browser, read_anew, words
from tests.factories.accounts import post
from tests.factories.events import make_registration, make_wish, slots
from tests.factories.listings import make_achievement, make_expert
from tests.introductions.browsing import counted

LANGUAGES = ("en", "zh")
PAGES = ("people", "my-part")
TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')
TEXT = "高温管道在线测温：传感器可在二百五十度下连续工作一年，误差小于一度。"


def _fill_index(session: Session) -> None:
    """Add experts of many fields: how well something fits is judged against what any text has."""
    for name in ("a_needs", "b_needs"):
        lines = (Path(demo.__file__).parent / "set" / f"{name}.jsonl").read_text(encoding="utf-8")
        for line in lines.splitlines():
            make_expert(session, bio_zh=json.loads(line)["background"])


def _main(answer: TestResponse) -> str:
    """What a page says, without what differs from one request to the next."""
    return TOKEN.sub("", words(answer).split("<main")[1].split("</main>")[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_wish_goes_to_and_fro(
    app: Flask, settled: Cast, committed: Session, parts: dict[str, Registration], language: str
) -> None:
    place = f"/events/{settled.event.public_id}/wishes"
    asks = browser(app, settled.people["buyer"], language)
    answer = post(
        asks, place, to=parts["maker"].public_id, kind="must", message="想看样品", back=place
    )
    assert answer.status_code == 303
    wish = read_anew(committed, sa.select(Wish))
    answers = browser(app, settled.people["maker"], language)
    page = words(answers.get(place))
    assert "想看样品" in page
    assert f"/events/wishes/{wish.public_id}/accept" in page
    ask = f"/events/wishes/{wish.public_id}/decline"
    assert answers.get(ask).status_code == 200
    refused = post(answers, ask, version="1", reason="other")
    assert refused.status_code == 422
    assert 'value="other"' in refused.text
    done = post(answers, ask, version="1", reason="competitor", remark="同类产品")
    assert done.status_code == 303
    assert "同类产品" in words(asks.get(place))
    assert post(answers, ask, version="1", reason="no_fit").status_code == 409


def test_rather_not_never_shows_on_the_others_pages(
    app: Flask, settled: Cast, committed: Session, parts: dict[str, Registration]
) -> None:
    place = f"/events/{settled.event.public_id}"
    own, theirs = settled.people["buyer"], settled.people["maker"]
    before = [_main(browser(app, theirs).get(f"{place}/{each}")) for each in PAGES]
    post(
        browser(app, own), f"{place}/wishes", to=parts["maker"].public_id, kind="rather_not",
    )  # fmt: skip
    after = [_main(browser(app, theirs).get(f"{place}/{each}")) for each in PAGES]
    assert after == before
    assert "The other side is never told" in words(browser(app, own).get(f"{place}/wishes"))
    organiser = browser(app, settled.people["broker"])
    assert "Rather not" not in words(organiser.get(f"{place}/pair-rules"))


def test_suggestions_come_from_the_index_among_those_registered(
    app: Flask,
    settled: Cast,
    committed: Session,
    database: Database,
    settings: Settings,
    parts: dict[str, Registration],
) -> None:
    _fill_index(committed)
    outside = make_achievement(committed, organisation=settled.university, state="published")
    for listing in (settled.need, settled.result, outside):
        listing.texts[0].title, listing.texts[0].summary = "高温管道在线测温", TEXT
    words_only = make_registration(
        committed, settled.event, user=settled.people["nobody"], about="管道测温与传感器标定"
    )
    committed.commit()
    remember_site(settings)
    with database.reading() as session:
        indexing.rebuild(session, now=utc_now())
    client = browser(app, settled.people["buyer"])
    page = words(client.get(f"/events/{settled.event.public_id}/wishes"))
    suggested = page.split('id="suggestions"')[1].split('id="wishes-title"')[0]
    assert "maker person" in suggested
    assert "quote-pair" in suggested  # with a reason
    assert settled.result.public_id in suggested
    assert outside.public_id not in page  # nobody brings it
    assert words_only.public_id in suggested  # by their words
    post(
        client,
        f"/events/{settled.event.public_id}/wishes",
        to=parts["maker"].public_id,
        kind="would",
        score="1000",  # not asked for, not believed
        suggested="1",
    )
    wish = read_anew(committed, sa.select(Wish))
    assert wish.score is not None
    assert 0 < wish.score < 1000
    assert (wish.listing_id, wish.own_listing_id) == (settled.result.id, settled.need.id)
    assert wish.suggested
    committed.delete(wish)
    committed.commit()
    low, high = sorted((parts["buyer"].id, parts["maker"].id))
    committed.add(
        PairRule(event_id=settled.event.id, a_id=low, b_id=high, rule="forbid", made_at=utc_now())
    )
    committed.commit()
    page = words(client.get(f"/events/{settled.event.public_id}/wishes"))
    assert "maker person" not in page
    indexing.release(settings)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pair_rules_are_shown_before_they_are_made(
    app: Flask, settled: Cast, committed: Session, parts: dict[str, Registration], language: str
) -> None:
    make_wish(committed, parts["buyer"], parts["maker"])
    committed.commit()
    client = browser(app, settled.people["broker"], language)
    place = f"/events/{settled.event.public_id}/pair-rules"
    a, b = parts["buyer"].code, parts["maker"].code
    assert f'value="{a} {b}"' in client.get(place).text
    rows = f"{a},{b},2,1\nNOSUCH {b}\n{a}\n"
    preview = post(client, place, rule="fix", rows=rows, go="preview")
    page = words(preview)
    assert preview.status_code == 200
    assert ("1 of 3 can be done" if language == "en" else "3 行中有 1 行") in page
    assert read_anew(committed, sa.select(sa.func.count(PairRule.id))) == 0
    assert post(client, place, rule="fix", rows=rows, go="change").status_code == 200
    assert post(client, place, rule="", rows="", go="preview").status_code == 422
    assert post(client, place, rule="fix", rows=rows, go="do").status_code == 303
    rule = read_anew(committed, sa.select(PairRule))
    assert rule.slot_id == slots(committed, settled.event)[1].id
    committed.commit()
    page = client.get(place).text
    assert rule.public_id in page
    assert post(client, f"{place}/remove").status_code == 303
    assert post(client, f"{place}/remove", chosen=rule.public_id).status_code == 303
    assert read_anew(committed, sa.select(sa.func.count(PairRule.id))) == 0
    sent = BytesIO(f"{a};{b}".encode("utf-8-sig")), "pairs.csv"
    from_file = post(client, place, rule="add", file=sent, go="preview")
    assert a.upper() in words(from_file)  # in its row
    assert f"{a};{b}" in words(from_file)  # and carried on to the doing
    ticked = post(client, place, rule="forbid", pair=f"{a} {b}", go="do")
    assert ticked.status_code == 303
    assert read_anew(committed, sa.select(PairRule.rule)) == "forbid"


@pytest.mark.parametrize("role", ["buyer", "broker"])
def test_pages_ask_no_more_for_thirty_than_for_one(
    app: Flask, settled: Cast, committed: Session, database: Database,
    parts: dict[str, Registration], role: str,
) -> None:  # fmt: skip
    event = f"/events/{settled.event.public_id}"
    pages = {
        "buyer": ("people", "wishes", "my-part", "register", ""),
        "broker": ("people", "people?state=confirmed", "pair-rules", ""),
    }[role]

    def more(number: int) -> None:
        for _ in range(number):
            result = make_achievement(committed, organisation=settled.university, state="published")
            other = make_registration(
                committed, settled.event, organisation=settled.university, listings=[result],
                about="测温",
            )  # fmt: skip
            make_registration(committed, settled.event, state="pending")
            make_wish(committed, parts["buyer"], other)
            there = make_registration(
                committed, settled.event, organisation=settled.university, about="装置"
            )
            make_wish(committed, there, parts["buyer"])
        committed.commit()

    def asked() -> dict[str, int]:
        found = {}
        for page in pages:
            client = browser(app, settled.people[role])
            assert client.get(f"{event}/{page}".rstrip("/")).status_code in (200, 302)
            with counted(database) as statements:
                client.get(f"{event}/{page}".rstrip("/"))
            found[page] = len(statements)
        return found

    more(1)
    one = asked()
    more(14)
    assert asked() == one
    assert max(one.values()) <= 42, one

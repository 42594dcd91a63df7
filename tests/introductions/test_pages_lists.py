"""Lists and threads through HTTP: order, filters, counts, pages, and how much they ask."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon import demo
from tenon.db import Database
from tenon.introductions import permissions
from tenon.introductions.models import Introduction
from tenon.introductions.queries import inbox
from tenon.introductions.states import STATES
from tenon.introductions.views.display import waits_for
from tenon.listings.models import Listing
from tenon.matches import indexing
from tenon.matches.sites import remember_site
from tenon.settings import Settings
from tests.conftest import NOW
from tests.factories.introductions import make_introduction, make_message
from tests.factories.listings import make_achievement, make_expert, make_need
from tests.introductions.browsing import browser, counted, words
from tests.introductions.cast import NAMES, PERSON, Cast, bring_to

ADDRESS = re.compile(r'href="/introductions/([\w-]{16})"')


def make_all(session: Session, cast: Cast) -> list[Introduction]:
    """The firm's requests at every stage, and agreements that either side or nobody confirmed."""
    made = [
        make_introduction(
            session,
            state=state,
            listing=make_achievement(session, organisation=cast.university, state="published"),
            from_organisation=cast.firm,
            now=NOW - timedelta(hours=number),
        )
        for number, state in enumerate((*STATES, "nda", "nda"))
    ]
    for it, side in zip(made[-2:], ("from", "to"), strict=True):
        assert it.nda is not None
        setattr(it.nda, f"{side}_confirmed_at", NOW)
    session.flush()
    return made


@pytest.mark.parametrize("role", ["from_member", "to_member", "stranger", "nobody"])
def test_list_holds_what_the_side_knows_and_counts_its_turns(
    session: Session, cast: Cast, role: str
) -> None:
    actor = cast.actor(role)
    made = make_all(session, cast)
    known = {
        each.id
        for each in made
        if permissions.is_party(actor, each) and permissions.may_see_as_party(actor, each)
    }
    rows = inbox.inbox(session, by=actor, limit=100)
    assert {row.introduction.id for row in rows} == known
    turns = [waits_for(row.introduction, row.side) for row in rows]
    assert turns == sorted(turns, reverse=True), "what waits for us comes first"
    counts = inbox.group_counts(session, by=actor)
    assert inbox.waiting_count(session, by=actor) == sum(turns) == counts["ours"]
    for group, number in counts.items():
        assert len(inbox.inbox(session, by=actor, group=group, limit=100)) == number
    assert sum(counts.values()) == len(known)
    own_side = role.partition("_")[0]
    other = {"from": "to", "to": "from"}.get(own_side, "from")
    assert inbox.inbox(session, by=actor, side=other) == []


def test_pages_of_the_list(app: Flask, settled: Cast, committed: Session) -> None:
    made = [
        make_introduction(
            committed,
            state="checking",
            listing=make_achievement(committed, state="published"),
            from_organisation=settled.firm,
            now=NOW - timedelta(hours=number),
        ).public_id
        for number in range(25)
    ]
    committed.commit()
    client = browser(app, settled, "from_member")
    pages = [ADDRESS.findall(client.get(f"/introductions?page={n}").text) for n in (1, 2)]
    assert pages == [made[:20], made[20:]]
    assert ADDRESS.findall(client.get("/introductions?side=to").text) == []
    assert ADDRESS.findall(client.get("/introductions?group=over").text) == []


def test_list_of_one_listing_is_for_those_who_may_see_it(
    app: Flask, settled: Cast, committed: Session
) -> None:
    it = make_introduction(committed, listing=settled.result, own_listing=settled.need)
    make_introduction(
        committed, own_listing=settled.need, listing=make_achievement(committed, state="published")
    )
    committed.commit()
    address = f"/introductions?listing={settled.result.public_id}"
    assert ADDRESS.findall(browser(app, settled, "from_member").get(address).text) == [it.public_id]
    draft = make_achievement(committed, organisation=settled.university)
    committed.commit()
    hidden = f"/introductions?listing={draft.public_id}"
    assert browser(app, settled, "from_member").get(hidden).status_code == 404


def test_menu_says_how_much_waits(app: Flask, settled: Cast, committed: Session) -> None:
    client = browser(app, settled, "to_editor")
    assert "waiting:" not in client.get("/").text
    for _ in range(2):
        make_introduction(
            committed, listing=settled.result, own_listing=make_need(committed, state="published")
        )
    committed.commit()
    page = client.get("/").text
    assert re.search(r"waiting: </span>2</span>", page)
    assert "waiting:" not in browser(app, settled, "visitor").get("/").text


def test_older_messages_are_on_earlier_pages(app: Flask, settled: Cast, committed: Session) -> None:
    it = bring_to(committed, settled, "connected", now=NOW)
    for number in range(130):
        at = NOW + timedelta(minutes=number)
        make_message(committed, it, speaker="to", text=f"第{number}条。", at=at)
    committed.commit()
    client = browser(app, settled, "from_member")
    place = f"/introductions/{it.public_id}"
    page = client.get(place).text
    assert "第129条。" in page
    assert "第20条。" not in page
    before = re.search(r"before=(\d+)", page)
    assert before is not None
    earlier = client.get(f"{place}?before={before[1]}").text
    assert "第20条。" in earlier
    assert "第129条。" not in earlier


@pytest.mark.parametrize("state", [each for each in STATES if each != "void"])
def test_pages_before_consent_hold_no_name(
    app: Flask, settled: Cast, committed: Session, state: str
) -> None:
    it = bring_to(committed, settled, state, now=NOW)
    committed.commit()
    place = f"/introductions/{it.public_id}"
    addresses = [place, "/introductions", f"/listings/{settled.result.public_id}"]
    for role in ("to_editor", "to_member", "other_broker", "stranger", "visitor"):
        client = browser(app, settled, role)
        if role.startswith("to_") and it.opened_at is not None:
            continue
        for address in addresses:
            answer = client.get(address)
            said = words(answer) + str(answer.headers)
            assert not any(secret in said for secret in (*NAMES, PERSON)), f"{role} {address}"
    for role in ("from_editor", "to_editor"):
        page = words(browser(app, settled, role).get(place))
        title = page.partition("<title>")[2].partition("</title>")[0]
        assert not any(secret in title for secret in NAMES)


def test_named_listing_is_kept_back_with_the_name(
    app: Flask, settled: Cast, committed: Session
) -> None:
    own = make_need(
        committed, organisation=settled.firm, state="published", title="求一种只有我们会提的办法"
    )
    it = make_introduction(committed, listing=settled.result, own_listing=own, unnamed=True)
    committed.commit()
    place = f"/introductions/{it.public_id}"
    for role in ("to_editor", "other_broker"):
        page = words(browser(app, settled, role).get(place))
        assert own.public_id not in page
        assert "只有我们会提" not in page
    assert own.public_id in browser(app, settled, "from_member").get(place).text
    listed = words(browser(app, settled, "to_editor").get("/introductions"))
    assert it.public_id in listed
    assert "只有我们会提" not in listed


@pytest.mark.parametrize("page", ["list", "thread", "listing"])
def test_pages_ask_as_much_for_30_as_for_1(
    app: Flask, database: Database, settled: Cast, committed: Session, page: str
) -> None:
    it = bring_to(committed, settled, "connected", now=NOW)
    address = {
        "list": "/introductions",
        "thread": f"/introductions/{it.public_id}",
        "listing": f"/listings/{settled.need.public_id}",
    }[page]
    asked = []
    for number in (1, 29):
        for _ in range(number):
            other = make_introduction(
                committed,
                state="nda",
                listing=make_achievement(committed, state="published"),
                own_listing=settled.need,
            )
            author = settled.people["to_editor"]
            for each in (it, other):
                make_message(committed, each, speaker="to", author=author)
            make_introduction(
                committed,
                state="declined",
                listing=make_achievement(committed, state="published"),
                own_listing=settled.need,
            )
        committed.commit()
        client = browser(app, settled, "from_editor")
        client.get(address)
        with counted(database) as sent:
            assert client.get(address).status_code == 200
        asked.append(len(sent))
    assert asked[0] == asked[1]


@pytest.fixture
def indexed(settings: Settings, committed: Session, settled: Cast) -> Iterator[list[str]]:
    """Nine results beside the first, indexed among texts of many fields; their public ids."""
    for line in (
        (Path(demo.__file__).parent / "set" / "a_needs.jsonl").read_text("utf-8").splitlines()
    ):
        make_expert(committed, bio_zh=json.loads(line)["background"])
    others = [
        make_achievement(committed, state="published", title=f"高温管道测温方法之{number}")
        for number in range(9)
    ]
    committed.commit()
    remember_site(settings)
    indexing.rebuild(committed, now=NOW)
    committed.commit()
    yield [settled.result.public_id, *(each.public_id for each in others)]
    indexing.release(settings)


def test_match_cards_lead_to_introductions(
    app: Flask, database: Database, settled: Cast, committed: Session, indexed: list[str]
) -> None:
    client = browser(app, settled, "from_editor")
    address = f"/listings/{settled.need.public_id}/matches"
    client.get(address)
    with counted(database) as before:
        page = words(client.get(address))
    shown_ids = [each for each in indexed if f'id="m-{each}"' in page]
    assert len(shown_ids) > 1
    for each in shown_ids:
        assert f"/introductions/new?listing={each}&own={settled.need.public_id}" in page
    its = [
        make_introduction(
            committed,
            listing=committed.scalars(sa.select(Listing).where(Listing.public_id == each)).one(),
            own_listing=settled.need,
        ).public_id
        for each in shown_ids
    ]
    committed.commit()
    with counted(database) as after:
        page = words(client.get(address))
    assert all(f"/introductions/{each}" in page for each in its)
    assert "/introductions/new" not in page
    assert len(after) == len(before)


def test_box_leads_to_introductions(
    app: Flask, settled: Cast, committed: Session, indexed: list[str]
) -> None:
    for role, leads in (("visitor", True), ("from_editor", True), ("from_member", False)):
        page = words(
            browser(app, settled, role).get("/match?side=need&text=高温管道外壁如何连续测温")
        )
        assert 'id="m-' in page
        assert ("/introductions/new?listing=" in page) == leads
        assert "own=" not in page

"""Visibility down the service network's tree: roles x states of a need x tiers, by every way in.

What must hold stands as tables in sight_scene.py. It is asked of the services and of the pages:
whoever may not know of a need finds its title in no page, list, count, file, notice, mail or log.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenon.accounts.models import User
from tenon.db import Database
from tenon.desk.queries.sight import in_care
from tenon.errors import Forbidden, NotFound
from tenon.introductions import permissions as introduction_permissions
from tenon.introductions.queries import find
from tenon.listings import permissions, queries
from tenon.listings import services as listings
from tenon.listings.models import Listing
from tenon.listings.rubric import Scores
from tenon.matches import indexing
from tenon.matches.permissions import may_see_feedback
from tenon.matches.sites import remember_site
from tenon.network.queries.portfolio import live_row
from tenon.network.services.portfolio import give_up, take
from tenon.network.services.tree import move_station
from tenon.notices.models import Mail, Notice
from tenon.outbox.dispatcher import drain
from tenon.rights import permissions as rights_permissions
from tenon.rights import queries as rights
from tenon.settings import Settings
from tests.factories.accounts import post
from tests.guards.sight_scene import (
    AFTER_CONSENT,
    BROKERS,
    FIRM,
    IN_CARE,
    INTRODUCED,
    KNOWS,
    MARK,
    NAMES,
    READS,
    ROLES,
    STATES,
    TIERS,
    WAITING,
    Scene,
    bring_to,
    browser_of,
    mark_of,
)

DIRECTORIES = ("/organisations", "/network/firms")
"""Lists of houses, which name every approved one and no need."""

UNKNOWING = {"visitor", "stranger", "sibling", "other_node", "outside"}
"""Who may know of nothing but what is public."""


@pytest.fixture
def site(
    app: Flask, database: Database, settings: Settings, scene: tuple[Session, Scene], now: datetime
) -> Iterator[Flask]:
    """The site with its index of what is public."""
    remember_site(settings)
    with database.reading() as session:
        indexing.rebuild(session, now=now)
    yield app
    indexing.release(settings)


@pytest.fixture(autouse=True)
def _logs_tell_nothing(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No line of the log bears a title or a firm's name, whoever asked."""
    caplog.set_level(logging.INFO)
    yield
    assert MARK not in caplog.text
    assert FIRM not in caplog.text


def _told(text: str) -> set[str]:
    """Return the states of the needs whose titles a text bears; ``firm`` for the hidden name."""
    said = unescape(text)
    found = {state for state in STATES if mark_of(state) in said}
    return found | ({"firm"} if FIRM in said else set())


def _text_of(answer: TestResponse) -> str:
    """Return what a page says, or a workbook in all its parts."""
    content: bytes = answer.data
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with ZipFile(BytesIO(content)) as book:
        return " ".join(book.read(name).decode(errors="replace") for name in book.namelist())


def _known(role: str) -> set[str]:
    """Return what a role's pages may tell."""
    firm = {"firm"} if role in NAMES["asked"] else set()
    return {state for state in STATES if role in KNOWS[state]} | firm


@pytest.mark.parametrize("state", STATES)
def test_services_know_who_may_know(
    scene: tuple[Session, Scene], now: datetime, state: str
) -> None:
    session, made = scene
    need = made.needs[state]
    seen = set()
    for role in ROLES:
        actor = made.actor(role)
        row = sa.select(Listing.id).where(Listing.id == need.id, queries.visible_to(actor, now=now))
        in_sql = session.scalar(row) is not None
        assert in_sql == permissions.may_see(actor, need, now), role
        if in_sql:
            seen.add(role)
            assert queries.find_listing(session, need.public_id, by=actor, now=now) is need
            continue
        with pytest.raises(NotFound):
            queries.find_listing(session, need.public_id, by=actor, now=now)
        with pytest.raises(NotFound):
            listings.take(session, need, by=actor, now=now)
    assert seen == KNOWS[state]


def test_what_is_public_has_a_past_and_words_that_are_not(
    scene: tuple[Session, Scene], now: datetime
) -> None:
    session, made = scene
    need, result = made.needs["published"], made.result
    assert result is not None
    above = {"station", "node", "centre", "operator"}
    result.station_id = made.tree.station.id
    session.flush()
    right = result.ip_rights[0]
    for role in (*BROKERS, "operator"):
        actor = made.actor(role)
        assert permissions.may_review(actor, need) is (role in above), role
        assert permissions.may_see_history(actor, need, now) is (role in above), role
        assert may_see_feedback(actor, need) is (role in above), role
        for subject in (result, right):
            owners = rights.owners(session, subject, on=now.date())
            in_sight = rights.in_sight(session, subject, by=actor)
            reads = rights_permissions.may_see_owners(actor, owners, in_sight=in_sight)
            assert reads is (role in above), role
        if role not in above:
            with pytest.raises(Forbidden):
                listings.take(session, need, by=actor, now=now)


def test_the_queue_holds_what_its_reader_may_judge(
    scene: tuple[Session, Scene],
) -> None:
    session, made = scene
    for role, expected in WAITING.items():
        actor = made.actor(role)
        assert queries.queue_counts(session, by=actor) == expected, role
        for queue, number in expected.items():
            rows, total = queries.review_queue(session, queue=queue, by=actor)
            assert (len(rows), total) == (number, number), (role, queue)
            assert all(permissions.may_review(actor, each) for each in rows)


def test_tiers_open_to_those_who_agreed_and_to_no_broker(
    scene: tuple[Session, Scene], now: datetime
) -> None:
    session, made = scene
    need = made.needs["published"]

    def readers() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {tier: set() for tier in TIERS}
        for role in ROLES:
            for tier in queries.open_tiers(session, need, to=made.actor(role), now=now):
                found[tier].add(role)
        return found

    assert readers() == TIERS
    for stage, expected in AFTER_CONSENT.items():
        nested = session.begin_nested()
        bring_to(session, made, stage, now)
        assert readers() == expected, stage
        nested.rollback()
        session.expire_all()


@pytest.mark.parametrize("stage", INTRODUCED)
def test_introductions_before_and_after_consent(
    scene: tuple[Session, Scene], now: datetime, stage: str
) -> None:
    session, made = scene
    it = bring_to(session, made, stage, now)
    assert it.to_station_id == made.tree.station.id
    session.flush()
    knows, reads = set(), set()
    for role in ROLES:
        actor = made.actor(role)
        if introduction_permissions.may_see(actor, it):
            knows.add(role)
            assert find(session, it.public_id, by=actor) is it
            if introduction_permissions.may_read(actor, it):
                reads.add(role)
        else:
            with pytest.raises(NotFound):
                find(session, it.public_id, by=actor)
    assert knows == INTRODUCED[stage]
    assert reads == (knows if stage == "checking" else READS)


@pytest.mark.parametrize("stage", NAMES)
def test_an_anonymous_firm_is_named_to_nobody_too_early(
    scene: tuple[Session, Scene], now: datetime, stage: str
) -> None:
    session, made = scene
    assert made.anonymous is not None
    made.needs["published"] = made.anonymous
    it = bring_to(session, made, stage if stage == "asked" else "nda", now)
    named = {
        role for role in ROLES
        if introduction_permissions.may_see(made.actor(role), it)
        and introduction_permissions.may_know_name(made.actor(role), it, "to")
    }  # fmt: skip
    assert named == NAMES[stage]
    owners = {
        role for role in ROLES if permissions.may_know_owner(made.actor(role), made.anonymous)
    }
    assert owners == NAMES["asked"]


def test_who_takes_a_firm_learns_nothing_of_what_it_seeks_unnamed(
    scene: tuple[Session, Scene], now: datetime, site: Flask
) -> None:
    """Its broker alone finds it among their own; all others as everybody does, by a search."""
    session, made = scene
    assert made.anonymous is not None
    made.anonymous.expires_at = datetime.now(UTC) + timedelta(days=20)
    session.commit()
    firm = made.hidden_firm.public_id
    for role in BROKERS:
        client, actor = browser_of(site, made, role), made.actor(role)
        assert take(session, [made.hidden_firm], by=actor, now=now).given, role
        kept = sa.select(Listing.id).where(Listing.id == made.anonymous.id, in_care(actor))
        assert (session.scalar(kept) is not None) is (role in IN_CARE), role
        session.commit()
        told = {
            path
            for path in (
                "/desk", "/desk/needs", "/desk/expiring", "/desk/map/needs?scope=mine",
                "/desk/map/without_supply?scope=mine", f"/desk/firms/{firm}", "/searches",
                "/network/portfolio", f"/organisations/{firm}",
            )
            if "无名装置" in client.get(path).text
        }  # fmt: skip
        assert bool(told) is (role in IN_CARE), (role, told)
        row = live_row(session, made.hidden_firm.id)
        assert row is not None
        give_up(session, row, by=actor, now=now)
        session.commit()


def test_a_place_that_moves_takes_its_needs_along(
    scene: tuple[Session, Scene], now: datetime, site: Flask
) -> None:
    session, made = scene
    need = made.needs["in_review"]
    asked = bring_to(session, made, "checking", now)
    tree = made.tree
    for parent, sees in ((tree.other_node, "other_node"), (tree.node, "node")):
        move_station(session, tree.station, parent, by=made.actor("operator"), now=now)
        session.commit()
        for role in ("node", "other_node", "centre", "station", "sibling"):
            expected = role in ("centre", "station", sees)
            actor = made.actor(role)
            assert permissions.may_see(actor, need, now) is expected
            assert introduction_permissions.may_see(actor, asked) is expected
            client = browser_of(site, made, role)
            page = client.get(f"/listings/{need.public_id}")
            assert page.status_code == (200 if expected else 404), role
            queue = client.get("/review")
            assert ("in_review" in _told(queue.text)) is expected, role


def test_pages_of_a_need_are_there_for_those_who_may_know(
    scene: tuple[Session, Scene], site: Flask
) -> None:
    _session, made = scene
    for role in ROLES:
        client = browser_of(site, made, role)
        for state, knowing in KNOWS.items():
            place = f"/listings/{made.needs[state].public_id}"
            page = client.get(place)
            if role in knowing:
                assert page.status_code == 200, (role, state)
                assert mark_of(state) in unescape(page.text).partition("</title>")[0]
                continue
            assert page.status_code == 404, (role, state)
            for answer in (page, client.get(f"{place}/history"), post(client, f"{place}/take")):
                assert answer.status_code in (302, 303, 401, 403, 404), (role, state)
                assert _told(answer.text) == set(), (role, state)


def test_no_page_tells_of_a_need_to_who_tries_its_id_or_its_firm_s(
    scene: tuple[Session, Scene], site: Flask, now: datetime
) -> None:
    session, made = scene
    it = bring_to(session, made, "checking", now)
    session.commit()
    rules = [
        rule.rule for rule in site.url_map.iter_rules()
        if rule.arguments <= {"public_id", "tier"} and "public_id" in rule.arguments
        and "GET" in (rule.methods or ())
    ]  # fmt: skip
    assert len(rules) > 80
    need, firm = made.needs["in_review"].public_id, made.firm.public_id
    client = browser_of(site, made, "sibling")
    for rule in rules:
        for key in (need, firm, it.public_id):
            path = rule.replace("<public_id>", key).replace("<tier>", "nda")
            answer = client.get(path, buffered=True)
            assert _told(_text_of(answer)) <= _known("sibling"), path
            assert key == firm or answer.status_code in (302, 303, 403, 404), path


def test_no_list_feed_or_search_tells_what_its_reader_may_not_know(
    scene: tuple[Session, Scene], site: Flask, database: Database
) -> None:
    session, made = scene
    session.commit()
    plain = sorted(
        rule.rule for rule in site.url_map.iter_rules()
        if not rule.arguments and "GET" in (rule.methods or ())
        and not rule.rule.startswith("/account/")  # signs people in and out
    )  # fmt: skip
    asked = f"?q={MARK}&text={MARK}&whose=all&queue=on_hold&side=need&name=墨屿"
    for role in ("stranger", "sibling", "station"):
        client = browser_of(site, made, role)
        told, answered = set(), 0
        for path in plain:
            for query in ("", asked) if role == "sibling" else ("",):
                answer = client.get(path + query, buffered=True)
                said = _told(_text_of(answer))
                if path in DIRECTORIES:
                    said.discard("firm")
                assert said <= _known(role), (role, path + query)
                told |= said
                answered += answer.status_code == 200
        assert answered > (40 if role in BROKERS else 20), role
        assert told >= _known(role) & {"in_review", "published"}, role
        similar = post(
            client,
            "/listings/similar",
            side="need",
            title=f"求{MARK}装置的办法",
            summary="装置" * 9,
        )
        assert _told(similar.text) <= _known(role), role


def test_everybody_s_search_finds_and_counts_the_same(
    scene: tuple[Session, Scene], site: Flask
) -> None:
    _session, made = scene
    for query in ("?side=need", f"?q={MARK}"):
        pages = {
            role: browser_of(site, made, role)
            .get(f"/search{query}")
            .text.partition('role="status">')[2]
            for role in ("sibling", "station", "operator", "stranger", "visitor")
        }
        counts = {text.partition("</p>")[0] for text in pages.values()}
        assert len(counts) == 1, counts
        assert all(_told(text) <= {"published", "firm"} for text in pages.values())
        assert {role for role, text in pages.items() if "firm" in _told(text)} <= NAMES["asked"]


def test_the_board_and_its_file_hold_what_lies_in_sight(
    scene: tuple[Session, Scene], site: Flask, now: datetime
) -> None:
    session, made = scene
    it = bring_to(session, made, "checking", now)
    session.commit()
    for role in (*BROKERS, "operator"):
        client = browser_of(site, made, role)
        knows = role in INTRODUCED["checking"]
        place = f"/introductions/{it.public_id}"
        assert client.get(place).status_code == (200 if knows else 404), role
        assert client.get(f"{place}/check").status_code == (200 if knows else 404), role
        for whose in ("needs", "unassigned", "all"):
            for query in ("", "&stage=checking", f"&q={MARK}"):
                page = client.get(f"/introductions/board?whose={whose}{query}")
                assert page.status_code == 200
                assert (place in page.text) is knows, (role, whose, query)
        sent = post(client, "/introductions/board/export?whose=all")
        assert (it.public_id in sent.text) is knows, role
        chosen = post(
            client, "/introductions/board/many", step="take_over", chosen=f"{it.public_id}:1", go=""
        )
        assert (f'href="{place}"' in chosen.text) is knows, role


def test_what_happens_is_told_to_nobody_out_of_sight(
    scene: tuple[Session, Scene], site: Flask, database: Database, now: datetime
) -> None:
    session, made = scene
    need = made.needs["in_review"]
    station = made.actor("station")
    listings.take(session, need, by=station, now=now)
    listings.review(
        session, need, scores=Scores(substance=2, clarity=2, expectations=2, wording=2),
        outcome="hold", remarks="请补充工况。", by=station, now=now, listing_days=365,
    )  # fmt: skip
    listings.withdraw(session, need, by=made.actor("member"), now=now)
    assert made.anonymous is not None
    made.needs["published"] = made.anonymous
    bring_to(session, made, "nda", now)
    session.commit()
    for hours in (0, 2, 12, 30, 240):
        drain(database, now=now + timedelta(hours=hours))
    roles = {user.id: role for role, user in made.people.items()}
    with database.reading() as reading:
        notices = reading.scalars(sa.select(Notice)).all()
        mails = reading.scalars(sa.select(Mail)).all()
        addresses = {
            user.email: roles.get(user.id, "") for user in reading.scalars(sa.select(User))
        }
    told: set[str] = set()
    for notice in notices:
        role = roles.get(notice.user_id or 0, "")
        said = _told(str(notice.facts))
        told |= {role} if said else set()
        assert said <= _known(role) | ({"firm"} if role in NAMES["connected"] else set()), role
    for mail in mails:
        role = addresses.get(mail.recipient, "")
        said = _told(f"{mail.subject} {mail.text} {mail.html or ''}")
        assert said <= _known(role) | ({"firm"} if role in NAMES["connected"] else set()), role
    assert {"member"} <= told
    assert {roles.get(each.user_id or 0) for each in notices} & UNKNOWING == set()

"""Search over the desk: words, scripts, codes, and nothing that the reader may not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tenon.desk.about import find_thing
from tenon.desk.search import works
from tenon.desk.search.finding import KINDS, search_desk
from tenon.desk.search.hits import Hit
from tenon.desk.services.notes import write_note
from tenon.desk.services.tasks import set_task
from tenon.matches import indexing
from tenon.matches.engine import engine_of
from tenon.matches.sites import remember_site
from tenon.routing.models import Visit
from tenon.settings import Settings
from tests.desk.scenes import NOW, Desk
from tests.factories import deals, events
from tests.factories.introductions import make_introduction
from tests.factories.listings import make_achievement, make_need


@pytest.fixture
def indexed(session: Session, desk: Desk, settings: Settings) -> Iterator[Desk]:
    """The scene with things of every kind about 测温, and an index of what is public."""
    broker, by = desk.people["broker"], desk.actor("broker")
    here = desk.here
    make_need(session, organisation=desk.firm, state="in_review", title="测温探头待审", **here)
    make_introduction(
        session, state="asked", listing=desk.need, broker=broker, now=NOW,
        to_station_id=desk.tree.station.id, from_station_id=desk.tree.station.id,
    )  # fmt: skip
    deals.make_deal(session, broker=broker, title="测温许可")
    events.make_event(session, title_zh="测温对接会", title_en="Thermometry")
    events.make_event(session, title_zh="测温内部稿", state="draft")
    firm = find_thing(session, "organisation", desk.firm.public_id, by=by, now=NOW, language="zh")
    write_note(session, about=firm, text="对测温很急。", audience="place", by=by, now=NOW)
    set_task(session, title="问测温预算", due_on=NOW.date(), by=by, now=NOW)
    session.add(
        Visit(
            organisation_id=desk.firm.id,
            broker_id=broker.id,
            station_id=desk.tree.station.id,
            key="k",
            visited_on=NOW.date(),
            words="测温靠人工。",
            language="zh",
            created_at=NOW,
        )
    )
    for turn in range(12):  # so that a word tells something
        make_achievement(session, state="published", title=f"小麦育种方法{turn}", summary="抗旱。")
    session.commit()
    remember_site(settings)
    indexing.rebuild(session, now=NOW)
    yield desk
    indexing.release(settings)


def _find(
    session: Session, settings: Settings, desk: Desk, name: str, text: str
) -> Mapping[str, list[Hit]]:
    groups = search_desk(
        session,
        engine_of(settings),
        text=text,
        kind=None,
        by=desk.actor(name),
        now=NOW,
        language="zh",
    )
    return {group.kind: list(group.hits) for group in groups}


def _two_characters_find_every_kind_in_both_scripts(
    session: Session, settings: Settings, indexed: Desk
) -> None:
    for text in ("测温", "測溫"):
        found = _find(session, settings, indexed, "broker", text)
        assert set(found) == set(KINDS) - {"firms", "people"}, text
        titles = {hit.title for hit in found["listings"]}
        assert {indexed.need.texts[0].title, "测温探头待审"} <= titles
        assert [hit.title for hit in found["events"]] == ["测温对接会"]


def _others_find_only_what_they_may_see(
    session: Session, settings: Settings, indexed: Desk
) -> None:
    sibling = _find(session, settings, indexed, "sibling", "测温")
    assert set(sibling) == {"listings", "events"}
    assert "测温探头待审" not in {hit.title for hit in sibling["listings"]}
    colleague = _find(session, settings, indexed, "colleague", "测温")
    assert {"notes", "visits"} <= set(colleague)
    assert not {"tasks", "deals", "introductions"} & set(colleague)


def _firms_by_name_code_and_id_with_the_page_that_is_open(
    session: Session, settings: Settings, indexed: Desk
) -> None:
    key = indexed.firm.public_id
    for text in ("精工", "precision", "91110000600037341l", key):
        (hit,) = _find(session, settings, indexed, "broker", text)["firms"]
        assert hit.path == f"/desk/firms/{key}"
        (hit,) = _find(session, settings, indexed, "sibling", text)["firms"]
        assert hit.path == f"/organisations/{key}"
    (person,) = _find(session, settings, indexed, "operator", "Firm Member")["people"]
    assert person.path.startswith("/admin/people/")
    assert "people" not in _find(session, settings, indexed, "broker", "Firm Member")
    assert "people" in _find(session, settings, indexed, "sibling", "Broker Bai")


def _an_unnamed_firms_need_is_not_found_by_its_name_nor_named(
    session: Session, settings: Settings, indexed: Desk
) -> None:
    assert "listings" not in _find(session, settings, indexed, "colleague", "示例精工机械")
    found = _find(session, settings, indexed, "colleague", "气孔率")["listings"]
    assert [hit.title for hit in found] == [indexed.secret.texts[0].title]
    assert "精工" not in str(found)


def _codes_and_texts_that_are_too_short(
    session: Session, settings: Settings, indexed: Desk
) -> None:
    (hit,) = _find(session, settings, indexed, "sibling", indexed.need.public_id)["listings"]
    assert hit.path == f"/listings/{indexed.need.public_id}"
    assert _find(session, settings, indexed, "broker", "测") == {}
    assert _find(session, settings, indexed, "broker", "%%") == {}


def test_others_unpublished_listings_are_looked_at_from_the_latest_on(
    session: Session, settings: Settings, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(works, "LOOKED_AT", 2)
    broker = desk.people["broker"]
    for day in range(4):  # the later, the longer ago
        make_need(
            session, organisation=desk.firm, state="in_review", title=f"求测温{day}",
            updated_at=NOW - timedelta(days=day),
            broker_id=broker.id if day == 3 else None, **desk.here,
        )  # fmt: skip
    make_need(session, state="on_hold", title="求测温久远", updated_at=NOW - timedelta(days=9))
    session.commit()
    remember_site(settings)

    def titles(name: str) -> list[str]:
        return [hit.title for hit in _find(session, settings, desk, name, "测温")["listings"]]

    # Of each state the latest, the latest first; and whatever is one's own.
    assert titles("colleague") == ["求测温0", "求测温1", "求测温久远"]
    assert titles("broker") == ["求测温0", "求测温1", "求测温3", "求测温久远"]
    monkeypatch.setattr(works, "LOOKED_AT", 3)
    assert titles("colleague") == ["求测温0", "求测温1", "求测温2", "求测温久远"]


def test_what_a_search_finds_and_what_it_never_does(
    session: Session, settings: Settings, indexed: Desk
) -> None:
    """One index serves all of these: building it is what takes time."""
    for check in (
        _two_characters_find_every_kind_in_both_scripts,
        _others_find_only_what_they_may_see,
        _firms_by_name_code_and_id_with_the_page_that_is_open,
        _an_unnamed_firms_need_is_not_found_by_its_name_nor_named,
        _codes_and_texts_that_are_too_short,
    ):
        check(session, settings, indexed)

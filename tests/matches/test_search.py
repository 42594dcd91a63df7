"""Browse and search: what is found, what never is, and counts that the lists keep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from tenon.db import Database
from tenon.listings.documents import expert_key
from tenon.matches.search.filters import DIMENSIONS, read_search
from tenon.matches.search.finding import Results, run_search
from tests.factories.accounts import make_organisation
from tests.factories.listings import make_achievement, make_expert, make_need
from tests.matches.conftest import Index


def _search(
    session: Session,
    engine: MatchEngine,
    now: datetime,
    text: str = "",
    sort: str | None = None,
    **chosen: str,
) -> Results:
    values = {name: value.split(",") for name, value in chosen.items()}
    return run_search(session, engine, read_search(text, values, sort), now=now, limit=100)


def _keys(results: Results) -> list[int]:
    listings = {hit: hit.listing.id for hit in results.hits if hit.listing}
    experts = {hit: expert_key(hit.expert.id) for hit in results.hits if hit.expert}
    return [(listings | experts)[hit] for hit in results.hits]


@pytest.fixture
def varied(session: Session, index: Index) -> None:
    """Listings and experts that differ in everything that can be filtered."""
    places = ["420111", "420106", "420100", "420500", "440300", None]
    kinds = ["university", "institute", "enterprise"]
    owners = [
        make_organisation(session, kind=kinds[n % 3], region=places[n], country="CN")
        for n in range(6)
    ]
    owners.append(make_organisation(session, kind="enterprise", region=None, country="US"))
    forms = ["service", "consulting", "licence_sole", "assignment"]
    fields = [("hitech", "1"), ("hitech", "4"), ("ipc", "G02"), ("ipc", "H04"), ("gbt4754", "39")]
    fields += [("gbt4754", "C"), ("gbt4754", "83")]
    for n in range(21):
        make = make_achievement if n % 3 else make_need
        make(
            session,
            organisation=owners[n % 7],
            state="published",
            region=places[n % 5] if n % 2 else None,
            readiness=1 + n % 9 if n % 4 else None,
            deal_forms=forms[: n % 4],
            fields=fields[n % 4 : n % 4 + n % 4],
            anonymous=n % 6 == 0,
            language="en" if n % 5 == 0 else "zh",
            translated={"title": "高温测温", "summary": "高温管道测温。"} if n % 5 == 0 else None,
        )
    for n in range(4):
        make_expert(
            session,
            organisation=owners[n] if n else None,
            fields=fields[n : n + 2],
            bio_en="Fibre sensing." if n % 2 else None,
        )
    make_achievement(session, state="draft", organisation=owners[0])
    index()


@pytest.mark.parametrize("text", ["", "高温管道测温"])
@pytest.mark.parametrize(
    "others",
    [{}, {"side": "achievement,need"}, {"region": "420100"}, {"hitech": "1,4", "language": "zh"}],
)
def test_every_count_is_what_the_list_then_holds(
    session: Session,
    engine: MatchEngine,
    varied: None,
    now: datetime,
    text: str,
    others: dict[str, str],
) -> None:
    search = read_search(text, {name: value.split(",") for name, value in others.items()}, None)
    results = run_search(session, engine, search, now=now, limit=100)
    checked = 0
    for dimension in DIMENSIONS:
        for value, number in results.counts[dimension].items():
            then = run_search(session, engine, search.only(dimension, value), now=now, limit=100)
            assert (dimension, value, then.total) == (dimension, value, number)
            assert len(then.hits) == number
            checked += 1
    assert checked > 8


@pytest.mark.parametrize("state", ["draft", "in_review", "withdrawn", "concluded", "rejected"])
@pytest.mark.parametrize("text", ["", "高温管道测温"])
def test_nothing_that_is_not_public_is_found_or_counted_by_a_stale_index(
    session: Session, index: Index, engine: MatchEngine, now: datetime, text: str, state: str
) -> None:
    kept = make_achievement(session, state="published")
    gone = make_need(session, state="published")
    index()
    gone.state = state
    session.commit()
    results = _search(session, engine, now, text)
    assert _keys(results) == [kept.id]
    assert results.total == 1
    assert results.counts["side"] == {"achievement": 1}


def test_expired_listing_is_not_found_before_anybody_marked_it(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    make_achievement(session, state="published")
    index()
    later = now + timedelta(days=366)
    assert _search(session, engine, later, "高温").total == 0
    assert _search(session, engine, later).total == 0


def test_unpublished_expert_is_not_found_by_a_stale_index(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    expert = make_expert(session)
    index()
    assert _keys(_search(session, engine, now, "光纤传感")) == [expert_key(expert.id)]
    expert.published = False
    session.commit()
    assert _search(session, engine, now, "光纤传感").total == 0
    assert _search(session, engine, now).total == 0


@pytest.mark.parametrize("text", ["激光", "激光器", "鐳射", "laser"])
def test_short_words_of_either_script_and_language_are_found(
    session: Session, index: Index, engine: MatchEngine, now: datetime, text: str
) -> None:
    wanted = make_achievement(
        session,
        state="published",
        title="高功率激光器",
        summary="用于薄板焊接的激光器，也称镭射。",
        translated={"title": "High-power laser", "summary": "A laser for thin sheets."},
    )
    make_achievement(session, state="published", title="水稻育种", summary="耐盐水稻新品种。")
    index()
    assert _keys(_search(session, engine, now, text))[0] == wanted.id


def test_traditional_characters_find_simplified_ones(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    wanted = make_achievement(
        session, state="published", title="锂电池热管理", summary="降低温差。"
    )
    make_achievement(session, state="published", title="水稻育种", summary="耐盐水稻新品种。")
    index()
    assert _keys(_search(session, engine, now, "鋰電池"))[0] == wanted.id


def test_newest_comes_first_and_readiness_when_asked(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    made = [
        make_achievement(session, state="published", readiness=level) for level in (3, 9, None, 5)
    ]
    for age, listing in enumerate(made):
        listing.published_at = now - timedelta(days=age)
    index()
    ids = [listing.id for listing in made]
    for text in ("", "高温管道"):
        newest = _search(session, engine, now, text, sort="newest")
        assert _keys(newest) == ids
        ready = _search(session, engine, now, text, sort="readiness")
        assert _keys(ready) == [ids[1], ids[3], ids[0], ids[2]]


def test_pages_follow_each_other_without_gap_or_repeat(
    session: Session, engine: MatchEngine, varied: None, now: datetime
) -> None:
    for text in ("", "高温管道测温"):
        search = read_search(text, {}, None)
        whole = run_search(session, engine, search, now=now, limit=100)
        parts = [
            key
            for offset in range(0, 30, 7)
            for key in _keys(run_search(session, engine, search, now=now, offset=offset, limit=7))
        ]
        assert parts == _keys(whole)


def test_anonymous_need_does_not_stand_under_its_owners_region(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    owner = make_organisation(session, region="420111")
    make_need(session, organisation=owner, state="published", anonymous=True)
    named = make_need(session, organisation=owner, state="published")
    index()
    assert _keys(_search(session, engine, now, region="420000")) == [named.id]


def test_unknown_values_of_an_old_address_are_dropped() -> None:
    search = read_search("  a   b ", {"side": ["x", "need"], "region": ["420000", "1"]}, "by_size")
    assert search.address() == {"q": "a b", "side": ["need"], "region": ["420000"]}


@pytest.mark.parametrize("text", ["", "高温管道测温"])
def test_statements_do_not_grow_with_results(
    session: Session,
    database: Database,
    index: Index,
    engine: MatchEngine,
    now: datetime,
    text: str,
) -> None:
    counts = []
    for number in (1, 30):
        for _ in range(number):
            expert = make_expert(session, fields=[("hitech", "1")])
            make_achievement(
                session, state="published", contributors=[expert], deal_forms=["service"]
            )
        index()
        with database.reading() as reader, _counting(database) as statements:
            run_search(reader, engine, read_search(text, {}, None), now=now, limit=20)
        counts.append(len(statements))
    assert counts[1] <= counts[0] <= 18


@contextmanager
def _counting(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*args: object) -> None:
        statements.append(str(args[2]))

    sa.event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(database.engine, "before_cursor_execute", note)

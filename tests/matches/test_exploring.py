"""On a few pages one place goes to a new listing; what is not new or does not fit gets none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from matching.documents import Where
from matching.engine import MatchEngine
from matching.learning.exploring import FIRST_PLACE, draw
from matching.ranking import load_weights
from matching.results import Band
from tenon.listings.documents import documents_of
from tenon.listings.models import Listing
from tenon.matches import engine as engines
from tenon.matches import queries
from tenon.matches.learning.exploring import (
    NEW_DAYS,
    SELDOM,
    UNSEEN_FROM,
    with_new_listing,
)
from tenon.matches.models import MatchImpression
from tenon.matches.queries import BEST, MatchView, epoch_day
from tenon.settings import Settings
from tests.factories.listings import NOW, make_achievement, make_need
from tests.matches.conftest import Index
from tests.matches.learnt import add, impression

pytestmark = pytest.mark.usefixtures("background")

OLD = NOW - timedelta(days=300)
ALWAYS = 50


@dataclass
class Place:
    """A need with a full page of old results, and what may be new."""

    need: Listing
    session: Session
    engine: MatchEngine

    def plain(self, now: datetime) -> list[MatchView]:
        """What the ranking says."""
        return queries.counterparts(self.session, self.engine, listing=self.need, now=now)

    def page(self, now: datetime, percent: int = ALWAYS) -> list[MatchView]:
        """What the page shows."""
        return with_new_listing(
            self.session,
            self.engine,
            listing=self.need,
            found=self.plain(now),
            now=now,
            percent=percent,
        )

    def day(self) -> datetime:
        """The first day on which the lot falls on the page, among those that may explore."""
        for days in range(60):
            now = NOW + timedelta(days=days)
            if draw(f"{self.need.public_id}/{epoch_day(now)}", ALWAYS).explores:
                return now
        raise AssertionError("no lot in sixty days")


def engine_with(site: Settings, possible: float) -> MatchEngine:
    """An engine that calls everything of at least that score possible, and the rest weak."""
    bands = {Band.STRONG: 0.9, Band.GOOD: 0.5, Band.POSSIBLE: possible, Band.WEAK: 0.0}
    weights = replace(load_weights(), bands=bands)
    return MatchEngine(engines.encoder_of(site), site.index_folder, weights)


@pytest.fixture
def place(session: Session, site: Settings) -> Place:
    """A need, and eleven old results that all say what it asks for."""
    for number in range(11):
        make_achievement(
            session,
            state="published",
            published_at=OLD,
            title=f"面向高温管道的光纤连续测温装置 {number} 型",
        )
    return Place(make_need(session, state="published"), session, engine_with(site, 0.0))


def newcomer(session: Session, **values: str) -> Listing:
    """A result published today that fits less well than the others."""
    texts: dict[str, Any] = {
        "title": "管道外壁贴片测温",
        "summary": "贴片贴在管道外壁，连续测温。",
        "problem": None,
        "advantages": None,
        "applications": None,
    }
    return make_achievement(session, state="published", **(texts | values))


def test_a_new_listing_gets_a_place_and_everything_else_keeps_its_order(
    place: Place, session: Session, index: Index
) -> None:
    new = newcomer(session)
    index()
    now = place.day()
    before, page = place.plain(now), place.page(now)
    explored = [view for view in page if view.explored]
    assert [view.listing.id for view in explored] == [new.id]
    (view,) = explored
    assert view.band in {"strong", "good", "possible"}
    assert FIRST_PLACE <= view.position <= BEST
    assert view.place > view.position
    assert [view.position for view in page] == list(range(1, len(page) + 1))
    assert len(page) <= BEST
    others = [one.listing.id for one in page if not one.explored]
    assert others == [one.listing.id for one in before if one.listing.id != new.id][: len(others)]
    assert all(one.place == at for at, one in enumerate(page, 1) if one.position < view.position)
    assert place.page(now + timedelta(hours=3)) == page


def test_pages_without_the_lot_are_as_ranked(place: Place, session: Session, index: Index) -> None:
    newcomer(session)
    index()
    assert place.page(place.day(), percent=0) == place.plain(place.day())
    calm = next(
        now
        for now in (NOW + timedelta(days=days) for days in range(60))
        if not draw(f"{place.need.public_id}/{epoch_day(now)}", ALWAYS).explores
    )
    assert place.page(calm) == place.plain(calm)


def test_what_is_old_gets_no_place(place: Place, session: Session, index: Index) -> None:
    newcomer(session).published_at = NOW - timedelta(days=NEW_DAYS + 1)
    index()
    now = place.day()
    assert place.page(now) == place.plain(now)


def test_what_was_shown_often_gets_no_place(place: Place, session: Session, index: Index) -> None:
    new = newcomer(session)
    seen = [
        impression(place.need, new, NOW - timedelta(days=days)) for days in range(1, SELDOM + 1)
    ]
    add(session, MatchImpression, seen)
    index()
    now = place.day()
    assert place.page(now) == place.plain(now)


def test_what_does_not_fit_gets_no_place(
    place: Place, session: Session, site: Settings, index: Index
) -> None:
    new = newcomer(session, title="耐盐水稻新品种", summary="水稻在盐碱地上高产，株型紧凑。")
    index()
    now = place.day()
    assert place.page(now) != place.plain(now)
    where = Where(today=epoch_day(now))
    found = place.engine.match(documents_of(place.need), 20, where, reasons=False)
    scores = {match.key: match.score for match in found}
    assert scores[new.id] == min(scores.values())
    place.engine = engine_with(site, scores[new.id] * 1.01)
    assert place.page(now) == place.plain(now)


def test_what_stands_high_anyway_is_not_moved(
    session: Session, site: Settings, index: Index
) -> None:
    place = Place(make_need(session, state="published"), session, engine_with(site, 0.0))
    for _ in range(UNSEEN_FROM - 1):
        newcomer(session)
    index()
    now = place.day()
    assert place.page(now) == place.plain(now)
    assert not any(view.explored for view in place.page(now))


def test_the_page_marks_it(
    app: Flask,
    place: Place,
    session: Session,
    index: Index,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newcomer(session)
    index()
    monkeypatch.setattr("tenon.matches.views.pairs.engine_of", lambda _: place.engine)
    now = place.day()
    monkeypatch.setattr("tenon.web.requests.utc_now", lambda: now)
    object.__setattr__(app.extensions["tenon.settings"], "explored_percent", ALWAYS)
    path = f"/listings/{place.need.public_id}/matches"
    client = app.test_client()
    english = client.get(path, headers={"Accept-Language": "en"}).text
    assert english.count("New here") == 1
    assert "新发布" in client.get(path, headers={"Accept-Language": "zh"}).text

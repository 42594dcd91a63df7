"""What was shown is logged once a day, for those whose word counts, and forgotten in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from tenon.accounts.models import User
from tenon.actors import SYSTEM
from tenon.clock import utc_now
from tenon.db import Database
from tenon.listings.models import Listing
from tenon.matches import queries
from tenon.matches.learning import versions
from tenon.matches.learning.impressions import (
    OPEN_WEAK,
    forget_impressions,
    in_sight,
    log_impressions,
    seldom_seen,
    unlogged,
)
from tenon.matches.models import MatchImpression
from tenon.matches.queries import MatchView, epoch_day
from tenon.matches.tasks import tidy_impressions
from tenon.settings import Settings
from tests.factories.accounts import make_membership, make_organisation, make_user, sign_in
from tests.factories.listings import make_achievement, make_need
from tests.matches.conftest import Index
from tests.matches.learnt import add, better_trial, impression

pytestmark = pytest.mark.usefixtures("background")


def rows(session: Session) -> Sequence[MatchImpression]:
    session.rollback()
    return session.scalars(sa.select(MatchImpression).order_by(MatchImpression.id)).all()


@pytest.fixture
def need(session: Session) -> Listing:
    """A published need, asked for by a firm."""
    return make_need(session, state="published")


@pytest.fixture
def editor(session: Session, need: Listing) -> User:
    """An editor of the firm."""
    user = make_user(session)
    make_membership(session, user, need.organisation, role="editor")
    return user


def test_a_page_of_an_editor_is_logged_once_a_day(
    app: Flask,
    session: Session,
    need: Listing,
    editor: User,
    index: Index,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = utc_now()
    monkeypatch.setattr("tenon.web.requests.utc_now", lambda: now)
    result = make_achievement(session, state="published", region=None)
    index()
    client = sign_in(app.test_client(), editor)
    path = f"/listings/{need.public_id}/matches"
    for _ in range(3):
        assert client.get(path).status_code == 200
    (row,) = rows(session)
    assert (row.need_id, row.achievement_id) == (need.id, result.id)
    assert (row.organisation_id, row.side, row.page) == (need.organisation_id, "need", "matches")
    assert (row.position, row.place, row.explored, row.ranking) == (1, 1, False, 0)
    assert row.day == epoch_day(now)
    assert set(row.seen) >= {"relevance", "freshness"}
    assert all(0 <= value <= 1 for value in row.seen.values())


def test_what_others_see_is_not_logged(
    app: Flask, session: Session, need: Listing, index: Index
) -> None:
    make_achievement(session, state="published")
    member = make_user(session)
    make_membership(session, member, need.organisation, role="member")
    stranger = make_user(session)
    make_membership(session, stranger, make_organisation(session), role="editor")
    index()
    path = f"/listings/{need.public_id}/matches"
    assert app.test_client().get(path).status_code == 200
    for user in (member, stranger):
        assert sign_in(app.test_client(), user).get(path).status_code == 200
    assert rows(session) == []


def test_a_result_logs_the_needs_it_was_shown(
    app: Flask, session: Session, need: Listing, index: Index
) -> None:
    result = make_achievement(session, state="published")
    seller = make_user(session)
    make_membership(session, seller, result.organisation, role="editor")
    index()
    sign_in(app.test_client(), seller).get(f"/listings/{result.public_id}/matches")
    (row,) = rows(session)
    assert (row.need_id, row.achievement_id, row.side) == (need.id, result.id, "achievement")
    assert row.organisation_id == result.organisation_id


def test_each_row_names_the_version_that_ranked_it(
    app: Flask, session: Session, site: Settings, need: Listing, editor: User, index: Index
) -> None:
    make_achievement(session, state="published")
    trial = better_trial(1)
    assert trial.learned is not None
    generous = replace(trial, learned=replace(trial.learned, intercept=5.0))
    versions.keep(session, generous, by=SYSTEM, now=utc_now())
    versions.let_run(session, 1, by=SYSTEM, now=utc_now())
    index()
    versions.publish(session, site)
    sign_in(app.test_client(), editor).get(f"/listings/{need.public_id}/matches")
    assert [row.ranking for row in rows(session)] == [1]


def test_the_page_goes_on_where_it_cannot_be_logged(
    app: Flask,
    session: Session,
    database: Database,
    need: Listing,
    editor: User,
    index: Index,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_achievement(session, state="published")
    index()

    def locked(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr("tenon.matches.views.pairs.log_impressions", locked)
    answer = sign_in(app.test_client(), editor).get(f"/listings/{need.public_id}/matches")
    assert answer.status_code == 200
    assert rows(session) == []


def test_what_is_new_on_the_page_is_added_the_same_day(
    session: Session, engine: MatchEngine, need: Listing, index: Index, now: datetime
) -> None:
    make_achievement(session, state="published")
    index()
    views = queries.counterparts(session, engine, listing=need, now=now)
    log_impressions(session, need, views, now=now)
    assert unlogged(session, need, views, now=now + timedelta(hours=2)) == []
    assert unlogged(session, need, views, now=now + timedelta(days=1)) == views
    make_achievement(session, state="published", title="高温管道红外测温装置")
    index()
    views = queries.counterparts(session, engine, listing=need, now=now)
    assert len(unlogged(session, need, views, now=now)) == 1
    log_impressions(session, need, views, now=now)
    session.commit()
    assert len(rows(session)) == 2


def test_folded_away_is_not_in_sight(need: Listing) -> None:
    def view(position: int, band: str) -> MatchView:
        return MatchView(position, need, band, (), (), ())

    mixed = [view(1, "good"), view(2, "possible"), view(3, "weak")]
    assert in_sight(mixed) == mixed[:2]
    weak = [view(number, "weak") for number in range(1, 8)]
    assert in_sight(weak) == weak[:OPEN_WEAK]
    assert in_sight([]) == []


def test_seldom_seen_counts_what_was_shown_not_who_asked(
    session: Session, need: Listing, now: datetime
) -> None:
    often, seldom = make_achievement(session), make_achievement(session)
    days = [now + timedelta(days=number) for number in range(3)]
    add(session, MatchImpression, [impression(need, often, day) for day in days])
    add(session, MatchImpression, [impression(need, seldom, day) for day in days[:2]])
    both = {often.id, seldom.id}
    assert seldom_seen(session, both, less_than=3) == {seldom.id}
    assert seldom_seen(session, {need.id}, less_than=1) == {need.id}
    assert seldom_seen(session, set(), less_than=1) == set()


def test_what_is_old_is_forgotten(session: Session, site: Settings, now: datetime) -> None:
    need, result = make_need(session), make_achievement(session)
    ages = (0, site.impression_days, site.impression_days + 1, 900)
    seen = [impression(need, result, now - timedelta(days=age)) for age in ages]
    add(session, MatchImpression, seen)
    tidy_impressions(session, {}, now)
    session.commit()
    assert [epoch_day(now) - row.day for row in rows(session)] == [0, site.impression_days]
    assert forget_impressions(session, before_day=epoch_day(now) + 1) == 2

"""Who stands in sees and works the needs of who is away, wherever they lie, and for so long."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.clock import utc_now
from tenon.db import Database
from tenon.errors import Forbidden, NotFound
from tenon.network.models import Absence
from tenon.notices.models import Notice
from tenon.routing import notifying, queries, services
from tenon.routing.models import NeedCase
from tenon.routing.queries import site_day
from tests.factories.accounts import post, sign_in
from tests.factories.listings import NOW
from tests.routing.scenes import (
    HONGSHAN,
    Scene,
    actor,
    assert_log_tells,
    hand_in,
    make_firm,
    make_scene,
    moves,
    stand_in,
)

DAY = timedelta(days=1)


def cases_of(session: Session, scene: Scene) -> list[NeedCase]:
    """One need of the first broker's, one of the second's, one that nobody has; at one station."""
    firm, person = make_firm(session, region=HONGSHAN)
    found = []
    for number, broker in enumerate((scene.broker, scene.second, None)):
        need = hand_in(session, firm, person, title=f"需求{number}号：稳定水温")
        case = services.receive(session, need, now=NOW)
        assert case is not None
        if broker is not None:
            services.assign(session, case, broker, by=actor(scene.head), now=NOW)
        found.append(case)
    return found


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


@pytest.fixture
def three(session: Session, scene: Scene) -> list[NeedCase]:
    return cases_of(session, scene)


def seen(session: Session, scene: Scene, now: datetime) -> list[NeedCase]:
    """What the sibling's list holds, each of which opens."""
    by = actor(scene.sibling)
    found, total = queries.cases(session, queries.CaseFilter(), by=by, now=now)
    assert total == len(found) == queries.case_counts(session, by=by, now=now)["all"]
    for each in found:
        assert queries.find_case(session, each.public_id, by=by, now=now) is each
    return list(found)


def test_a_deputy_elsewhere_sees_these_needs_and_only_for_so_long(
    session: Session, scene: Scene, three: list[NeedCase]
) -> None:
    first = three[0]
    day, by = site_day(NOW), actor(scene.sibling)
    stand_in(session, scene.broker, scene.sibling, first=day + DAY, last=day + 2 * DAY)
    for now in (NOW, NOW + 3 * DAY):  # the day before, the day after
        assert seen(session, scene, now) == []
        for each in three:
            with pytest.raises(NotFound):
                queries.find_case(session, each.public_id, by=by, now=now)
            with pytest.raises(NotFound):
                services.reply(session, each, text="Soon.", by=by, now=now)
            with pytest.raises(NotFound):
                services.take(session, each, by=by, now=now)
    meanwhile = NOW + DAY
    assert seen(session, scene, meanwhile) == [first]
    for other in three[1:]:
        with pytest.raises(NotFound):
            services.reply(session, other, text="Soon.", by=by, now=meanwhile)
    with pytest.raises(Forbidden):
        services.assign(session, first, scene.second, by=by, now=meanwhile)
    with pytest.raises(Forbidden):
        services.route(session, first, scene.tree.sibling, by=by, now=meanwhile)
    with pytest.raises(Forbidden):
        services.pass_on(session, first, reason="no_time", by=by, now=meanwhile)
    services.reply(session, first, text="两家研究所可以做。", by=by, now=meanwhile)
    assert (first.state, first.broker_id) == ("answered", scene.broker.id)
    services.take(session, first, by=by, now=meanwhile)
    assert moves(session, first)[-1].reasons == [{"code": "stands_in", "for": scene.broker.id}]
    assert_log_tells(session, first)
    found, _total = queries.cases(
        session, queries.CaseFilter(state="answered"), by=by, now=NOW + 3 * DAY
    )
    assert list(found) == [first]  # what they took stays theirs


def test_nobody_stands_in_who_is_no_broker_any_more(
    session: Session, scene: Scene, three: list[NeedCase]
) -> None:
    day = site_day(NOW)
    stand_in(session, scene.broker, scene.sibling, first=day, last=day)
    assert seen(session, scene, NOW) == three[:1]
    scene.sibling.roles.clear()
    session.flush()
    assert seen(session, scene, NOW) == []


def test_the_reminders_link_opens_and_the_day_says_for_whom(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    assert "desk.today" in app.view_functions
    now = utc_now()
    today = site_day(now)
    with database.writing() as session:
        scene = make_scene(session)
        made = cases_of(session, scene)
        for each in made:
            each.due_on = today
        paths = [f"/routing/cases/{each.public_id}" for each in made]
    sign_in(client, scene.sibling)
    _assert_nothing(client, paths)
    with database.writing() as session:
        stand_in(session, scene.broker, scene.sibling, first=today - DAY, last=today + DAY)
        case = session.get_one(NeedCase, made[0].id)
        notifying.tell_reminder(session, case, today=today, now=now)
        session.flush()
        notice = session.scalars(
            sa.select(Notice).where(Notice.user_id == scene.sibling.id, Notice.kind.like("rout%"))
        ).one()
        link = notice.path
    assert link == paths[0]
    page = client.get(link)
    assert page.status_code == 200
    assert "you stand in today" in page.text
    assert 'name="text"' in page.text
    day = client.get("/desk").text
    assert "and you stand in for First." in day
    assert "需求0号" in day
    assert "需求1号" not in day + client.get("/routing/cases?whose=all").text
    for other in paths[1:]:
        assert client.get(other).status_code == 404
        assert post(client, f"{other}/reply", text="A").status_code == 404
    assert post(client, f"{link}/reply", text="两家研究所可以做。").status_code == 302
    with database.writing() as session:
        session.execute(sa.update(Absence).values(last_day=today - DAY))
        session.execute(
            sa.update(NeedCase).values(state="open", answered_at=None, answered_how=None)
        )
    _assert_nothing(client, paths)


def _assert_nothing(client: FlaskClient, paths: list[str]) -> None:
    """Nothing of these needs is there: not their pages, not in the list, not in the day."""
    for path in paths:
        assert client.get(path).status_code == 404
        assert post(client, f"{path}/reply", text="A").status_code == 404
        assert post(client, f"{path}/take").status_code == 404
    assert "稳定水温" not in client.get("/routing/cases?whose=all").text
    assert "稳定水温" not in client.get("/desk").text

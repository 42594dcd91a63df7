"""Pages of targets: set, read, taken apart, taken in from a file; who gets 404."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.db import Database
from tenon.insight.models import Target
from tenon.insight.targets import setting
from tests.deals.browsing import counted, words
from tests.factories.accounts import actor_for, csrf_token, grant_role, make_user, post, sign_in
from tests.factories.network import make_station, make_station_member, make_tree
from tests.insight.going_on import Stage, stage
from tests.insight.test_targets import EVENTS, NOW
from tests.insight_reports.test_funnel import handed_in

FILLED = {
    "measure": "needs_collected", "value": "1,200", "currency": "CNY", "period": "year",
    "year": "2026", "scope": "site", "source_document": "某市行动方案",
    "source_paragraph": "二（四）",
    "source_sentence": "全年征集企业技术需求 1200 项。",
}  # fmt: skip


FIRST, LAST = (datetime.now(UTC).date() + timedelta(days=each) for each in (-365, 365))


@pytest.fixture
def operator(committed: Session) -> User:
    """Who sets targets."""
    person = grant_role(committed, make_user(committed, name="Op"), "operator")
    committed.commit()
    return person


@pytest.fixture
def made(committed: Session) -> Stage:
    """One of everything, in March."""
    found = stage(committed, date(2026, 3, 10))
    committed.commit()
    return found


def a_target(committed: Session, operator: User, **columns: object) -> str:
    """A target, committed; its public id."""
    said = replace(EVENTS, **columns)  # type: ignore[arg-type]  # a test's own columns
    target = setting.set_target(committed, said, by=actor_for(operator), now=NOW)
    committed.commit()
    return target.public_id


def english(app: Flask, person: User | None):  # type: ignore[no-untyped-def]  # a test client
    """A browser signed in as somebody, in English."""
    client = app.test_client()
    if person is not None:
        sign_in(client, person)
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    return client


def test_an_operator_sets_changes_and_withdraws(
    app: Flask, committed: Session, operator: User, database: Database
) -> None:
    """Bad input comes back at its field with what was typed; good input becomes a page."""
    client = english(app, operator)
    bad = post(client, "/targets/new", **{**FILLED, "value": "many", "lead": "Nobody Ltd"})
    assert bad.status_code == 422
    assert 'value="many"' in words(bad)
    assert "No single approved organisation" in words(bad)
    good = post(client, "/targets/new", **FILLED)
    assert good.status_code == 303
    page = client.get(good.location)
    assert "1,200" in words(page)
    assert "全年征集企业技术需求 1200 项。" in words(page)
    twice = post(client, "/targets/new", **FILLED)
    assert twice.status_code == 422
    assert "stands already" in words(twice)
    edit = f"{good.location}/edit"
    assert 'value="1200"' in client.get(edit).text
    changed = post(client, edit, **{**FILLED, "value": "1300", "version": "1"})
    assert changed.status_code == 303
    late = post(client, edit, **{**FILLED, "value": "1400", "version": "1"})
    assert late.status_code == 409
    assert post(client, f"{good.location}/withdraw", version="2").status_code == 303
    with database.reading() as session:
        target = session.scalars(sa.select(Target)).one()
        assert (target.value, target.version, target.live_key) == (1300, 3, None)


def test_a_page_says_how_far_and_what_is_behind(
    app: Flask, committed: Session, operator: User, made: Stage
) -> None:
    """Figure, words, chart with table, parts, list with links; as of a day before: nothing yet."""
    own = a_target(
        committed, operator, measure="needs_collected", value=4, scope="station",
        station_id=made.station.id, public=False,
    )  # fmt: skip
    client = english(app, made.broker)
    page = words(client.get(f"/targets/{own}?by=broker"))
    assert "Needs collected" in page
    assert "of 4" in page
    assert "Step by step" in page
    assert made.broker.name in page
    listed = words(client.get(f"/targets/{own}/list"))
    assert f"/listings/{made.need.public_id}" in listed or made.need.public_id in listed
    before = words(client.get(f"/targets/{own}?as_of=2026-03-09"))
    assert "As known at the end of" in before
    assert client.get(f"/targets/{own}/chart.csv").mimetype == "text/csv"


def test_a_past_day_is_past_for_the_targets_below_as_well(
    app: Flask, committed: Session, operator: User
) -> None:
    """As of March the place below stands where it stood in March, and its link keeps the day."""
    tree = make_tree(committed)
    here: dict[str, Any] = {"station_id": tree.station.id, "region": "420100"}
    handed_in(committed, date(2026, 3, 10), **here)
    for _ in range(3):
        handed_in(committed, date(2026, 9, 10), **here)
    said: dict[str, Any] = {"measure": "needs_collected", "scope": "station", "public": False}
    above = a_target(committed, operator, value=8, station_id=tree.node.id, **said)
    below = a_target(committed, operator, value=4, station_id=tree.station.id, **said)
    client = english(app, operator)

    def row(day: str) -> str:
        page = words(client.get(f"/targets/{above}?as_of={day}"))
        return page.split(f"/targets/{below}?as_of={day}")[1].split("</tr>")[0]

    def reached(day: str) -> str:
        return row(day).split('data-label="Reached"')[1].split(">")[1].split("<")[0]

    assert (reached("2026-03-31"), reached("2026-09-30")) == ("1", "4")
    assert "1 of 4" in row("2026-03-31")
    now = words(client.get(f"/targets/{above}"))
    assert "as_of=" not in now.split("Targets below it")[1].split("</table>")[0]


def test_each_part_of_a_target_opens_a_list_of_as_many(
    app: Flask, committed: Session, operator: User
) -> None:
    """For the operator, and for a broker of the place; not beyond the place."""
    tree = make_tree(committed)
    outside = make_station(committed)
    day = date(2026, 3, 10)
    for place, number in ((tree.station, 2), (tree.sibling, 1), (outside, 4)):
        for _ in range(number):
            handed_in(committed, day, station_id=place.id, region="420100")
    said: dict[str, Any] = {"measure": "needs_collected", "scope": "station", "public": False}
    target = a_target(committed, operator, value=8, station_id=tree.node.id, **said)
    broker = make_station_member(committed, tree.node)
    committed.commit()
    for person in (operator, broker):
        client = english(app, person)
        for by in ("station", "region", "field", "institution"):
            page = client.get(f"/targets/{target}?by={by}&as_of=2026-03-31").text
            part = page.split('id="parts"')[1].split("</section>")[0]
            links = re.findall(r'<a href="(/targets/[^"]+/list[^"]+)">(\d+)<', part)
            if by in ("station", "region") or person is operator:
                assert sum(int(number) for _, number in links) == (0 if by == "field" else 3), by
            for address, number in links:
                assert "as_of=2026-03-31" in address
                listed = client.get(address.replace("&amp;", "&"))
                assert listed.text.count('<td data-label="Counted item">') == int(number)
        address = f"/targets/{target}/list?by=station&value={outside.public_id}"
        assert client.get(address).status_code == 404
        assert client.get(f"/targets/{target}/list?by=luck&value=1").status_code == 404
        assert client.get(f"/targets/{target}/list?by=region&value=nowhere").status_code == 404


def test_out_of_sight_is_404_and_public_is_the_figure_alone(
    app: Flask, committed: Session, operator: User, made: Stage
) -> None:
    """Another place's broker: not there. A visitor of a public target: no parts, no list."""
    own = a_target(
        committed, operator, measure="needs_collected", value=4, scope="station",
        station_id=made.station.id, public=False,
    )  # fmt: skip
    public = a_target(committed, operator, measure="needs_collected", value=9)
    elsewhere = make_station_member(committed, made_elsewhere(committed))
    committed.commit()
    for person in (elsewhere, None):
        client = english(app, person)
        for path in ("", "/list", "/chart.csv"):
            assert client.get(f"/targets/{own}{path}").status_code == 404, path
        assert own not in client.get("/targets").text
    visitor = english(app, None)
    page = words(visitor.get(f"/targets/{public}?by=broker"))
    assert "of 9" in page
    assert made.broker.name not in page
    assert visitor.get(f"/targets/{public}/list").status_code == 404
    for path in ("/targets/new", "/targets/import", f"/targets/{public}/edit"):
        assert visitor.get(path).status_code in (302, 401, 403)
        assert english(app, elsewhere).get(path).status_code == 403


def made_elsewhere(session: Session):  # type: ignore[no-untyped-def]  # a station
    """Another place."""
    from tests.factories.network import make_station

    return make_station(session)


def test_a_file_is_looked_at_then_taken_in(
    app: Flask, committed: Session, operator: User, database: Database
) -> None:
    """Each row with its outcome; a second step sets the good ones; the template can be read."""
    client = english(app, operator)
    rows = (
        "measure,value,period,year,scope,of\n"
        "events_held,300,year,2026,site,\n"
        "luck,1,year,2026,site,\n"
    )
    token = csrf_token(client)
    answer = client.post(
        "/targets/import",
        data={"csrf_token": token, "file": (io.BytesIO(rows.encode()), "t.csv")},
    )
    page = words(answer)
    assert "stays out" in page
    assert "Set 1 target" in page
    packed = page.split('name="rows" value="')[1].split('"')[0]
    done = client.post("/targets/import", data={"csrf_token": token, "rows": packed})
    assert done.status_code == 303
    with database.reading() as session:
        assert session.scalars(sa.select(Target.measure)).all() == ["events_held"]
    assert client.get("/targets/import/template.csv").status_code == 200
    empty = client.post("/targets/import", data={"csrf_token": token})
    assert empty.status_code == 422


def test_the_list_asks_no_more_for_twenty_than_for_one(
    app: Flask, committed: Session, operator: User, made: Stage, database: Database
) -> None:
    """Places share their statements; the page's number of statements stays within bounds."""
    from tests.factories.network import make_station

    client = english(app, operator)

    def asked() -> int:
        client.get("/targets")
        with counted(database) as sent:
            assert client.get("/targets").status_code == 200
        return len(sent)

    one = made.station
    base = {"measure": "deals_signed", "value": 4, "scope": "station", "public": False}
    a_target(
        committed, operator, **base, station_id=one.id, first=FIRST,
        last=LAST, period="span",
    )  # fmt: skip
    few = asked()
    for _ in range(19):
        place = make_station(committed, parent=one.parent, level="station")
        a_target(
            committed, operator, **base, station_id=place.id, first=FIRST,
            last=LAST, period="span",
        )  # fmt: skip
    assert asked() <= few + 1

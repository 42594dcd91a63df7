"""The pages: who is let in where, what visitors see, forms that come back, statements bounded."""

from __future__ import annotations

import io
import re
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tenon.db import Database
from tenon.network.models import Absence, CalendarDay, Handover, PortfolioFirm, Station
from tenon.network.queries import people
from tenon.network.queries.portfolio import keeper_of
from tests.factories.accounts import csrf_token, make_user, post, sign_in
from tests.factories.network import make_station, make_station_member
from tests.introductions.browsing import counted
from tests.network.cast import Cast, firm, make_cast


@pytest.fixture
def cast(database: Database) -> Cast:
    """The network, committed."""
    with database.writing() as session:
        return make_cast(session)


def as_(client: FlaskClient, cast: Cast, role: str) -> FlaskClient:
    return sign_in(client, getattr(cast, role))


def test_visitors_read_where_places_are_and_nothing_of_their_inside(
    client: FlaskClient, cast: Cast, database: Database
) -> None:
    with database.writing() as session:
        place = session.get_one(Station, cast.tree.station.id)
        place.address, place.region = "示例路 9 号", "420100"
        session.get_one(Station, cast.tree.sibling.id).state = "closed"
    page = client.get("/network").text
    assert "示例路 9 号" in page
    assert str(cast.tree.sibling.name_zh) not in page
    inside = client.get(f"/network/places/{cast.tree.station.public_id}").text
    assert "示例路 9 号" in inside
    assert cast.chief.name not in inside.replace("Chief", "")
    assert client.get(f"/network/places/{cast.tree.sibling.public_id}").status_code == 404
    assert str(cast.tree.far.name_en) not in client.get("/network?region=420100").text


# Page -> who opens it; the others are refused, by 403 or 404.
OPENS = {
    "/network/manage": "operator top head chief broker sibling far",
    "/network/places/new": "operator top head chief",
    "/network/places/{station}/edit": "operator top head chief",
    "/network/places/{station}/move": "operator top head",
    "/network/places/{station}/close": "operator top head",
    "/network/brokers/{broker}": "operator top head chief broker",
    "/network/brokers/{broker}/profile": "operator top head chief broker",
    "/network/brokers/{broker}/hand-over": "operator top head chief",
    "/network/portfolio?broker={broker}": "operator top head chief broker",
    "/network/hand-overs/{handover}": "operator head broker",
    "/network/absence": "operator top head chief broker sibling far loose",
    "/network/import": "operator",
    "/network/export.csv": "operator",
    "/network/calendar/import": "operator",
}


def test_who_opens_which_page(
    client: FlaskClient, cast: Cast, database: Database, now: datetime
) -> None:
    with database.writing() as session:
        row = Handover(from_user_id=cast.broker.id, by_id=cast.head.id, counts={}, at=now)
        session.add(row)
    ids = {
        "station": cast.tree.station.public_id,
        "broker": cast.broker.public_id,
        "handover": row.public_id,
    }
    roles = ("operator", "top", "head", "chief", "broker", "sibling", "far", "loose", "reader")
    for path, who in OPENS.items():
        answers = {}
        for role in roles:
            answer = as_(client, cast, role).get(path.format(**ids))
            answers[role] = answer.status_code
            assert answer.status_code in (200, 403, 404), (path, role)
        assert [role for role in roles if answers[role] == 200] == who.split(), path


def test_members_are_added_and_what_was_typed_comes_back(client: FlaskClient, cast: Cast) -> None:
    path = f"/network/places/{cast.tree.station.public_id}"
    as_(client, cast, "chief")
    wrong = post(client, f"{path}/members", person="nobody@example.org", role="broker")
    assert wrong.status_code == 422
    assert "nobody@example.org" in wrong.text
    assert "Only who holds the role of a broker" in wrong.text
    right = post(client, f"{path}/members", person=cast.loose.email, role="liaison")
    assert right.location.endswith(path)
    assert "loose" in client.get(path).text
    as_(client, cast, "sibling")
    assert post(client, f"{path}/members", person=cast.far.email, role="broker").status_code == 404


def test_a_tree_is_imported_by_page_in_two_steps(
    client: FlaskClient, cast: Cast, database: Database
) -> None:
    as_(client, cast, "operator")
    text = f"code,level,parent,name_en\nS-NEW,station,{cast.tree.node.code},New station\n"
    token = csrf_token(client)
    shown = client.post(
        "/network/import",
        data={"csrf_token": token, "file": (io.BytesIO(text.encode()), "tree.csv")},
    )
    assert shown.status_code == 200
    assert "Take in 1 place" in shown.text
    with database.reading() as session:
        assert session.scalar(sa.select(Station.id).where(Station.code == "S-NEW")) is None
    rows = f"2,S-NEW,station,{cast.tree.node.code},,New station,,,,\r\n"
    assert post(client, "/network/import", rows=rows).status_code == 302
    with database.reading() as session:
        assert session.scalar(sa.select(Station.id).where(Station.code == "S-NEW")) is not None
    empty = post(client, "/network/import")
    assert empty.status_code == 422


def test_firms_are_taken_given_and_given_up_by_page(
    client: FlaskClient, cast: Cast, database: Database
) -> None:
    with database.writing() as session:
        one, other = firm(session, "甲示例有限公司"), firm(session, "乙示例有限公司")
    as_(client, cast, "broker")
    assert "甲示例有限公司" in client.get("/network/firms?q=甲示例").text
    post(client, "/network/firms", firms=one.public_id, go="take")
    assert "甲示例有限公司" in client.get("/network/portfolio").text
    as_(client, cast, "sibling")
    said = post(client, "/network/firms", firms=one.public_id, go="take")
    assert "not taken" in client.get(said.location).text
    as_(client, cast, "head")
    given = {"firms": [one.public_id, other.public_id], "broker": cast.sibling.public_id}
    assert post(client, "/network/firms", go="give", **given).status_code == 302
    with database.reading() as session:
        assert keeper_of(session, one.id) == keeper_of(session, other.id) == cast.sibling.id
    as_(client, cast, "far")
    path = f"/network/firms/{one.public_id}/give-up"
    assert post(client, path).status_code == 404
    as_(client, cast, "sibling")
    assert post(client, path).status_code == 302
    with database.reading() as session:
        assert keeper_of(session, one.id) is None


def test_a_limit_is_asked_about_on_the_page(
    client: FlaskClient, cast: Cast, database: Database
) -> None:
    with database.writing() as session:
        house = firm(session)
    as_(client, cast, "broker")
    own = f"/network/brokers/{cast.broker.public_id}/profile"
    wrong = post(client, own, most_firms="many", regions="Atlantis", codes="Z9")
    assert wrong.status_code == 422
    assert "Atlantis" in wrong.text
    kept = {"most_firms": "0", "languages": "zh", "hitech": "1", "certificate": ""}
    assert post(client, own, **kept).status_code == 302
    asked = post(client, "/network/firms", firms=house.public_id, go="take")
    assert asked.status_code == 422
    assert "even_over_limit" in asked.text
    post(client, "/network/firms", firms=house.public_id, go="take", even_over_limit="y")
    with database.reading() as session:
        assert keeper_of(session, house.id) == cast.broker.id


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_profile_comes_back_as_it_was_saved(
    client: FlaskClient, cast: Cast, database: Database, language: str
) -> None:
    with database.writing() as session:
        session.get_one(type(cast.broker), cast.broker.id).language = language
    as_(client, cast, "broker")
    path = f"/network/brokers/{cast.broker.public_id}/profile"
    said = {"regions": "420100\n420111\n130600", "codes": "H01, 26", "certificate": ""}
    codes = ["130600", "420100", "420111"]
    for _ in range(2):
        assert post(client, path, **said).status_code == 302
        with database.reading() as session:
            assert people.regions_of(session, cast.broker.id) == codes
            assert people.fields_of(session, cast.broker.id) == [("gbt4754", "26"), ("ipc", "H01")]
        shown = re.search(r"<textarea[^>]*>\s*([^<]*)</textarea>", client.get(path).text)
        assert shown is not None
        said["regions"] = shown[1]


def test_a_hand_over_is_shown_first_then_done(
    client: FlaskClient, cast: Cast, database: Database, now: datetime
) -> None:
    with database.writing() as session:
        one, other = firm(session), firm(session)
        for each in (one, other):
            session.add(PortfolioFirm(organisation_id=each.id, broker_id=cast.broker.id, since=now))
    as_(client, cast, "head")
    path = f"/network/brokers/{cast.broker.public_id}/hand-over"
    chosen = {
        "everything": cast.colleague.public_id,
        f"firm-{one.public_id}": cast.sibling.public_id,
    }
    assert post(client, path, go="do").status_code == 422
    shown = post(client, path, go="preview", **chosen)
    assert shown.status_code == 200
    with database.reading() as session:
        assert keeper_of(session, one.id) == cast.broker.id
    done = post(client, path, go="do", end_places="y", **chosen)
    assert done.status_code == 302
    assert client.get(done.location).status_code == 200
    with database.reading() as session:
        assert keeper_of(session, one.id) == cast.sibling.id
        assert keeper_of(session, other.id) == cast.colleague.id


def test_the_calendar_and_absences_by_page(
    client: FlaskClient, cast: Cast, database: Database
) -> None:
    as_(client, cast, "broker")
    assert post(client, "/network/calendar", day="2027-01-01", kind="holiday").status_code == 403
    days = {"first_day": "2099-02-01", "last_day": "2099-02-05"}
    assert post(client, "/network/absence", first_day="soon").status_code == 422
    assert post(client, "/network/absence", **days).status_code == 302
    with database.reading() as session:
        absence = session.scalars(sa.select(Absence)).one()
        assert absence.user_id == cast.broker.id
    as_(client, cast, "sibling")
    assert post(client, f"/network/absence/{absence.id}/cancel").status_code == 404
    as_(client, cast, "operator")
    assert post(client, "/network/calendar/published", year="2026").status_code == 302
    post(client, "/network/calendar/clear", day="2026-01-01")
    with database.reading() as session:
        assert session.get(CalendarDay, date(2026, 1, 1)) is None
        assert session.get(CalendarDay, date(2026, 1, 4)) is not None


def test_pages_ask_no_more_for_thirty_than_for_one(
    client: FlaskClient, cast: Cast, database: Database, now: datetime
) -> None:
    paths = (
        "/network",
        "/network/manage",
        f"/network/places/{cast.tree.station.public_id}",
        "/network/portfolio",
        "/network/firms",
        "/network/absence",
    )

    def fill(number: int) -> None:
        with database.writing() as session:
            for _ in range(number):
                session.add(
                    PortfolioFirm(
                        organisation_id=firm(session).id,
                        broker_id=cast.chief.id,
                        station_id=cast.tree.station.id,
                        since=now,
                    )
                )
                colleague = make_station_member(session, cast.tree.station, make_user(session))
                make_station(session, parent=cast.tree.node)
                session.add(
                    Absence(
                        user_id=colleague.id,
                        deputy_id=cast.chief.id,
                        first_day=date(2027, 1, 1),
                        last_day=date(2027, 1, 2),
                        created_at=now,
                    )
                )

    def ask(path: str) -> int:
        as_(client, cast, "chief")
        with counted(database) as sent:
            assert client.get(path).status_code == 200
        return len(sent)

    fill(1)
    few = {path: ask(path) for path in paths}
    fill(29)
    many = {path: ask(path) for path in paths}
    assert many == few
    assert max(few.values()) <= 30


def test_an_organisations_page_says_who_looks_after_it_to_whom_it_concerns(
    client: FlaskClient, cast: Cast, database: Database, now: datetime
) -> None:
    with database.writing() as session:
        house = firm(session)
        session.add(
            PortfolioFirm(
                organisation_id=house.id,
                broker_id=cast.chief.id,
                station_id=cast.tree.station.id,
                since=now,
            )
        )
        session.get_one(type(cast.chief), cast.chief.id).name = "Keeper Example"
    path = f"/organisations/{house.public_id}"
    for role, sees in (("head", True), ("operator", True), ("far", False), ("reader", False)):
        page = as_(client, cast, role).get(path).text
        assert ("Keeper Example" in page) is sees, role

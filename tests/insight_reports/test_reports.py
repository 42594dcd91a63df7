"""Reports make themselves once each, say the same when computed again, and are for who may see."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.db import Database
from tenon.insight.measures.recording import record_staff
from tenon.insight.models import Target, TargetVersion
from tenon.insight.reports import comparing, making
from tenon.insight.reports.content import hash_of
from tenon.insight.reports.models import KINDS, SITE, Report
from tenon.insight.reports.periods import Period, period_of
from tenon.insight.reports.tasks import report as handler
from tenon.insight.reports.tasks import reports_due
from tenon.insight.targets import setting
from tenon.insight.targets.saying import Said
from tenon.listings.models import Listing
from tenon.network.models import Station, StationAncestor, StationMember
from tenon.notices.models import Notice
from tenon.outbox import OutboxMessage
from tests.factories.accounts import actor_for, grant_role, make_user, sign_in
from tests.factories.network import make_station, make_station_member, make_tree
from tests.insight.going_on import DAY, at, go_on, stage
from tests.insight_reports.counting import statements
from tests.insight_reports.test_funnel import handed_in

MARCH = date(2026, 3, 10)
NEEDS = Said(
    measure="needs_collected",
    value=400,
    period="year",
    first=date(2026, 1, 1),
    last=date(2026, 12, 31),
)
_COMPARED = ("now", "before", "year")
LATER = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "first", "last", "before", "last_year"),
    [
        ("week", date(2026, 3, 9), date(2026, 3, 15), date(2026, 3, 2), date(2025, 3, 10)),
        ("month", date(2026, 3, 1), date(2026, 3, 31), date(2026, 2, 1), date(2025, 3, 1)),
        ("quarter", date(2026, 1, 1), date(2026, 3, 31), date(2025, 10, 1), date(2025, 1, 1)),
        ("year", date(2026, 1, 1), date(2026, 12, 31), date(2025, 1, 1), date(2025, 1, 1)),
    ],
)
def test_periods_and_those_that_they_are_compared_with(
    kind: str, first: date, last: date, before: date, last_year: date
) -> None:
    period = period_of(kind, MARCH)
    assert period == Period(kind, first, last)
    assert (period.before.first, period.last_year.first) == (before, last_year)
    assert period.before.after == period


def _make(session: Session, kind: str = "month", scope: str = SITE) -> Report:
    made = making.make(
        session, kind=kind, first=period_of(kind, MARCH).first, scope=scope, now=LATER
    )
    assert made is not None
    return made


def test_made_again_as_of_its_day_a_report_says_the_same(session: Session) -> None:
    """One of everything happens in March; in June all of it is changed, and it happens again."""
    before = stage(session, MARCH)
    report = _make(session)
    place = _make(session, scope=before.station.public_id)
    figures = report.content["figures"]
    assert figures["needs_collected"]["now"] == {"number": 2}
    assert figures["contract_value"]["now"]["sums"] == {"CNY": 10_000_000}
    assert figures["payments_received"]["now"]["sums"] == {"CNY": 500_000}
    assert place.content["figures"]["deals_signed"]["now"]["number"] == 1
    assert report.sha256 == hash_of(report.content)
    june = date(2026, 6, 10)
    go_on(session, before, june)
    stage(session, june)
    for each in (report, place):
        found = comparing.check(session, each)
        assert found.differences == ()
        assert found.equal
        assert found.sha256 == each.sha256


def test_targets_are_those_of_the_day_with_what_they_said_then(session: Session) -> None:
    """400 in March and 500 since April; a later one, one withdrawn by then, one of another year.

    Computed again in June, after all has changed, the reports say the same.
    """
    operator = actor_for(grant_role(session, make_user(session), "operator"))
    before = stage(session, MARCH)
    elsewhere = make_station(session)

    def aim(day: date, **columns: Any) -> Target:
        said = replace(NEEDS, **columns)
        return setting.set_target(session, said, by=operator, now=at(day))

    february, april = date(2026, 2, 1), date(2026, 4, 20)
    whole = aim(february)
    here = aim(february, scope="station", station_id=before.station.id, value=4)
    person = aim(february, scope="broker", broker_id=before.broker.id, value=8)
    aim(february, scope="station", station_id=elsewhere.id)
    aim(february, scope="broker", broker_id=make_station_member(session, elsewhere).id)
    aim(april, scope="region", region="420000")
    gone = aim(february, scope="region", region="330000")
    setting.withdraw_target(session, gone, by=operator, now=at(MARCH), expected_version=None)
    aim(february, scope="region", region="110000", first=date(2027, 1, 1), last=date(2027, 12, 31))
    setting.change_target(session, whole, replace(NEEDS, value=500), by=operator, now=at(april))

    report, place = _make(session), _make(session, scope=before.station.public_id)
    said = {each["target"]: each for each in report.content["targets"]["aims"]}
    assert [each["scope"] for each in said.values()] == ["site", "station", "station"]
    assert (said[whole.public_id]["value"], said[whole.public_id]["reached"]) == (400, 2)
    passed, days = said[whole.public_id]["days"]
    assert said[whole.public_id]["expected"] == round(400 * passed / days)
    low, middle, high = said[whole.public_id]["forecast"]
    assert low <= middle == 2 + round(2 * (days - passed) / passed) <= high
    own = [each["target"] for each in place.content["targets"]["aims"]]
    assert own == [here.public_id, person.public_id]
    go_on(session, before, date(2026, 6, 10))
    session.execute(sa.update(StationAncestor).values(ancestor_id=elsewhere.id).where(
        StationAncestor.station_id == before.station.id, StationAncestor.distance > 0
    ))  # fmt: skip
    setting.withdraw_target(session, here, by=operator, now=LATER, expected_version=None)
    for each in (report, place):
        assert comparing.check(session, each).differences == ()
    session.execute(sa.update(TargetVersion).values(value=TargetVersion.value + 1))
    session.expire_all()
    parts = {(each.part, each.code) for each in comparing.check(session, place).differences}
    assert parts == {("targets", here.public_id), ("targets", person.public_id)}


def test_a_report_of_before_there_were_targets_is_compared_as_it_was(session: Session) -> None:
    report = _make(session)
    content = {**report.content, "form": 1}
    del content["targets"]
    report.content, report.sha256 = content, hash_of(content)
    session.flush()
    found = comparing.check(session, report)
    assert found.equal
    assert found.sha256 == report.sha256


def test_a_figure_that_is_counted_anew_says_so_in_an_earlier_report(session: Session) -> None:
    report = _make(session)
    said = {**report.content["figures"]}
    said["needs_answered_in_time"] = {each: {"number": 1, "whole": 1} for each in _COMPARED}
    content = {**report.content, "form": 2, "figures": said}
    report.content, report.sha256 = content, hash_of(content)
    session.flush()
    (found,) = comparing.check(session, report).differences
    assert (found.code, found.reason) == ("needs_answered_in_time", "counted_anew")


def test_who_no_longer_sees_a_broker_s_target_reads_the_report_without_it(
    app: Flask, shown: Shown, committed: Session
) -> None:
    """The broker went to the sibling: their target went along, out of an old report's pages too."""
    operator = actor_for(shown.people["operator"])
    keys = {name: shown.people[name].id for name in ("broker", "sibling")}
    said = replace(NEEDS, scope="broker", broker_id=keys["broker"], value=47)
    setting.set_target(committed, said, by=operator, now=at(date(2026, 2, 1)))
    committed.execute(sa.delete(Report))
    report = _make(committed, scope=shown.station).public_id
    committed.commit()

    def told() -> list[bool]:
        client = sign_in(app.test_client(), shown.people["head"])
        _speak(client, "en")
        address = f"/insight/reports/{report}"
        book = load_workbook(io.BytesIO(client.get(f"{address}/report.xlsx").data))
        paper = PdfReader(io.BytesIO(client.get(f"{address}/report.pdf").data))
        return [
            "Ida Probe" in client.get(address).text,
            "Ida Probe" in "".join(each.extract_text() for each in paper.pages),
            "Targets" in book.sheetnames and book["Targets"]["B2"].value == "Ida Probe",
        ]

    assert told() == [True, True, True]
    there = committed.scalars(
        sa.select(StationMember.station_id).filter_by(user_id=keys["sibling"])
    ).one()
    committed.execute(
        sa.update(StationMember).filter_by(user_id=keys["broker"]).values(station_id=there)
    )
    committed.commit()
    assert told() == [False, False, False]


def test_what_differs_is_named_with_the_reason(session: Session) -> None:
    """A need that moves to another city moves a part; one never handed in moves a total."""
    make_station(session, level="centre", region="420000")
    need = handed_in(session, MARCH, region="420100")
    gone = handed_in(session, MARCH, region="420100")
    report = _make(session)
    need.region = "420500"
    session.flush()
    found = comparing.check(session, report)
    assert {(each.part, each.code, each.reason) for each in found.differences} == {
        ("parts", "needs_collected.region", "moved_elsewhere")
    }
    session.execute(sa.update(Listing).where(Listing.id == gone.id).values(first_handed_in_at=None))
    session.expire_all()
    found = comparing.check(session, report)
    reasons = {(each.part, each.code): each.reason for each in found.differences}
    assert reasons["figures", "needs_collected"] == "rows_changed"
    assert reasons["funnel", "entered"] == "rows_changed"
    session.execute(sa.update(Report).values(sha256="0" * 64))
    session.expire_all()
    assert not comparing.check(session, report).intact


def test_the_clock_makes_each_report_once_and_catches_up(database: Database) -> None:
    """First those of the last ended periods; after three weeks without the site, three more."""
    with database.writing() as session:
        operator = make_user(session)
        grant_role(session, operator, "operator")
        station = make_station(session, level="centre")
        session.execute(sa.update(Station).values(created_at=at(date(2020, 1, 1))))
        head = make_station_member(session, station, role="head")
        keys = operator.id, head.id
    now = datetime(2026, 3, 9, 1, tzinfo=UTC)  # a Monday morning in Wuhan
    assert _turn(database, now) == 2 * len(KINDS)
    assert _turn(database, now + timedelta(hours=3)) == 0
    with database.reading() as session:
        week = session.scalars(sa.select(Report).filter_by(kind="week", scope=SITE)).one()
        assert (week.first, week.last) == (date(2026, 3, 2), date(2026, 3, 8))
        assert week.as_of == week.last
        told = session.execute(sa.select(Notice.user_id, sa.func.count()).group_by(Notice.user_id))
        assert dict(told.all()) == {keys[0]: 4, keys[1]: 4}
    assert _turn(database, now + timedelta(weeks=3)) == 2 * 3
    with database.reading() as session:
        weeks = session.scalars(
            sa.select(Report.first).filter_by(kind="week", scope=SITE).order_by(Report.first)
        )
        assert list(weeks) == [date(2026, 3, day) for day in (2, 9, 16, 23)]


def _turn(database: Database, now: datetime) -> int:
    """Let the clock ask, and work what it queued; return how many reports were made."""
    with database.writing() as session:
        reports_due(session, {}, now)
    with database.reading() as session:
        queued = session.scalars(
            sa.select(OutboxMessage.payload).where(
                OutboxMessage.topic == "insight.report", OutboxMessage.done_at.is_(None)
            )
        ).all()
    made = 0
    for payload in queued:
        with database.reading() as session:
            then = handler(session, payload, now)
        if then is not None:
            made += 1
            with database.writing() as session:
                assert callable(then)
                then(session)
    return made


def test_a_period_that_has_not_ended_has_no_report(session: Session) -> None:
    with pytest.raises(ValueError, match="has not ended"):
        making.make(session, kind="month", first=MARCH, scope=SITE, now=at(MARCH))


def test_the_number_of_statements_does_not_grow(session: Session) -> None:
    period = period_of("month", MARCH).first
    handed_in(session, MARCH, region="420100")
    with statements(session) as few:
        making.compute(session, kind="month", first=period, scope=SITE)
    for days in range(30):
        handed_in(session, MARCH + days * DAY, region="420500")
    with statements(session) as many:
        making.compute(session, kind="month", first=period, scope=SITE)
    assert len(many) == len(few)


@dataclass(frozen=True)
class Shown:
    """A report of the site and one of a place, and who asks for them."""

    people: Mapping[str, User]
    site: str
    place: str
    station: str


@pytest.fixture
def shown(app: Flask, committed: Session) -> Shown:
    """A need came in at the place in March."""
    tree = make_tree(committed)
    handed_in(committed, MARCH, station_id=tree.station.id, region="420100")
    people = {
        "operator": make_user(committed),
        "head": make_station_member(committed, tree.station, role="head"),
        "broker": make_station_member(
            committed, tree.station, make_user(committed, name="Ida Probe"), since=date(2026, 1, 1)
        ),
        "above": make_station_member(committed, tree.node),
        "sibling": make_station_member(committed, tree.sibling),
        "stranger": make_user(committed),
    }
    grant_role(committed, people["operator"], "operator")
    record_staff(committed, now=at(MARCH))
    whole, place = _make(committed), _make(committed, scope=tree.station.public_id)
    committed.commit()
    return Shown(people, whole.public_id, place.public_id, tree.station.public_id)


def test_who_reads_which_report(app: Flask, shown: Shown) -> None:
    """A place's is for those who see it; to its siblings it does not exist."""
    pages = ("", "/check", "/report.pdf", "/report.xlsx")
    for role, site, place in (
        ("operator", 200, 200),
        ("head", 404, 200),
        ("above", 404, 200),
        ("sibling", 404, 404),
        ("stranger", 403, 403),
    ):
        client = sign_in(app.test_client(), shown.people[role])
        for wanted, status in ((shown.site, site), (shown.place, place)):
            # What is let in is drawn by the test below; here the page is enough.
            for page in pages if status != 200 else pages[:1]:
                address = f"/insight/reports/{wanted}{page}"
                assert client.get(address).status_code == status, (role, address)
    listed = sign_in(app.test_client(), shown.people["sibling"]).get("/insight/reports").text
    assert shown.place not in listed
    assert shown.site not in listed


def test_a_report_as_page_paper_and_workbook(app: Flask, shown: Shown) -> None:
    client = sign_in(app.test_client(), shown.people["operator"])
    _speak(client, "en")
    address = f"/insight/reports/{shown.site}"
    page = client.get(address).text
    assert "Mar 2026" in page
    assert "data-chart=" in page
    assert "the report is the same" in client.get(f"{address}/check").text
    paper = PdfReader(io.BytesIO(client.get(f"{address}/report.pdf").data))
    words = "".join(each.extract_text() for each in paper.pages)
    assert len(paper.pages) >= 2
    assert "Needs collected" in words
    book = load_workbook(io.BytesIO(client.get(f"{address}/report.xlsx").data))
    rows = {row[0]: row[1] for row in book["Figures"].iter_rows(min_row=2, values_only=True)}
    assert rows["Needs collected"] == "1"
    assert book["About"]["B6"].value == find_hash(client, address)
    _speak(client, "zh")
    assert "月报" in client.get(address).text


def test_every_figure_of_a_report_opens_a_list_of_as_many(
    app: Flask, shown: Shown, committed: Session
) -> None:
    """This period, the one before, the year before, each step, part and stage; site and place."""
    place = committed.scalars(sa.select(Station).filter_by(public_id=shown.station)).one()
    for day in (date(2026, 2, 9), date(2026, 2, 10), date(2025, 3, 9)):
        handed_in(committed, day, station_id=place.id, region="420100")
    site, own = _make(committed, "quarter"), _make(committed, "quarter", shown.station)
    addresses = {role: each.public_id for role, each in (("operator", site), ("head", own))}
    committed.commit()
    for role, public_id in addresses.items():
        client = sign_in(app.test_client(), shown.people[role])
        _speak(client, "en")
        page = client.get(f"/insight/reports/{public_id}").text
        links = {
            (address.replace("&amp;", "&"), int(number))
            for address, number in re.findall(r'<a href="(/insight/[^"]+)">(\d+)<', page)
            if "measure=needs_collected" in address or "/funnel/" in address
        }
        of_days = {
            days: number
            for address, number in links
            for days in re.findall(r"first=([\d-]+)&last=([\d-]+)", address)
            if "/funnel/" not in address and not re.search("region|field|broker", address)
        }
        assert of_days["2026-01-01", "2026-03-31"] == 3
        assert of_days["2026-02-01", "2026-02-28"] == 2
        assert of_days["2025-10-01", "2025-12-31"] == 0
        assert of_days["2025-01-01", "2025-03-31"] == 1
        assert any("region=420000" in address for address, _ in links)
        assert any("stage=entered" in address for address, _ in links)
        assert all("as_of=2026-03-31" in address for address, _ in links)
        assert all((shown.station in address) == (role == "head") for address, _ in links)
        for address, number in links:
            listed = client.get(address).text
            items = len(re.findall(r'<td data-label="(?:What it is|Listing)"', listed))
            assert items == number, address


def _speak(client: FlaskClient, language: str) -> None:
    with client.session_transaction() as kept:
        kept["language"] = language


def find_hash(client: FlaskClient, address: str) -> str:
    """The hash that the page shows."""
    found = re.search(r"SHA-256 ([0-9a-f]{64})", client.get(address).text)
    assert found is not None
    return found.group(1)

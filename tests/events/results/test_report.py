"""The report: every figure is its rows, and what counts towards the year is held and attended."""

from __future__ import annotations

import io
from datetime import date, timedelta
from fractions import Fraction

import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.credit.models import CreditEntry
from tenon.events.models import Event
from tenon.events.results.queries.held import events_held, within
from tenon.events.results.queries.report import report
from tenon.events.results.queries.rows import rows_of
from tenon.events.results.services.following_up import begin_deal, begin_introduction
from tenon.events.results.services.reaching import count_reached
from tenon.figures.models import ContractRecord
from tests.conftest import NOW
from tests.events.results.cast import Cast, check_in, make_cast, say
from tests.events.results.conftest import Browse
from tests.factories import events
from tests.factories.accounts import make_user


def _fill(session: Session, cast: Cast) -> None:
    """Two checked in, three wishes, a held meeting, a no-show, one that was called off."""
    for each in (cast.here, cast.there):
        check_in(session, each)
    events.make_registration(session, cast.event, group="company", state="cancelled")
    events.make_wish(session, cast.here, cast.there, "must")
    events.make_wish(session, cast.there, cast.here, "would")
    events.make_wish(session, cast.here, cast.rival, "would", state="withdrawn")
    events.make_wish(session, cast.rival, cast.here, "must")
    cast.meeting.state = "held"
    slots = events.slots(session, cast.event)
    events.make_meeting(session, cast.here, cast.rival, slots[1], state="no_show")
    events.make_meeting(session, cast.here, cast.rival, slots[2], state="called_off")
    say(session, cast.meeting, cast.here, "nda", 5)
    say(session, cast.meeting, cast.there, "follow_up", 4, remark="Only the organiser reads this")


def _sign(session: Session, cast: Cast, minor: int = 120_000_00) -> int:
    """Make the meeting a deal, and write down that it was signed; return its key."""
    deal = begin_deal(
        session,
        cast.meeting,
        form="licence_nonexclusive",
        language="zh",
        by=cast.actor("company"),
        now=NOW,
    )
    session.add(
        ContractRecord(
            deal_id=deal.id,
            sequence=1,
            recorded_at=NOW,
            change="signed",
            form=deal.form,
            contract="licence",
            signed_on=date(2026, 11, 22),
            currency="CNY",
            value_minor=minor,
            seller_id=deal.seller_organisation_id,
            seller_kind="university",
            buyer_id=deal.buyer_organisation_id,
            buyer_country="CN",
        )
    )
    session.flush()
    return deal.id


def test_figures(session: Session, cast: Cast) -> None:
    _fill(session, cast)
    begin_introduction(session, cast.meeting, language="zh", by=cast.actor("company"), now=NOW)
    _sign(session, cast)
    found = report(session, cast.event)
    numbers = {
        "registered": 4,
        "registered.confirmed": 3,
        "registered.confirmed.company": 2,
        "registered.cancelled.company": 1,
        "checked_in": 2,
        "checked_in.researcher": 1,
        "wished": 3,
        "wished.must": 2,
        "wished.would": 1,
        "wished.mutual": 1,
        "scheduled": 2,
        "held": 1,
        "no_show": 1,
        "called_off": 1,
        "answered": 2,
        "outcome.nda.researcher": 1,
        "outcome.nda.company": 0,
        "outcome.follow_up": 1,
        "stars.5": 1,
        "agree": 0,
        "differ": 1,
        "best": 1,
        "introductions": 1,
        "deals": 1,
        "signed": 1,
    }
    assert {code: found.number(code) for code in numbers} == numbers
    assert found.satisfaction == Fraction(9, 2)
    assert found.signed == {"CNY": 120_000_00}


def test_every_figure_leads_to_as_many_rows(session: Session, cast: Cast) -> None:
    _fill(session, cast)
    begin_introduction(session, cast.meeting, language="zh", by=cast.actor("company"), now=NOW)
    _sign(session, cast)
    actor = cast.actor("operator")
    figures = report(session, cast.event).figures
    assert {each.of for each in figures.values()} == {
        "people", "wishes", "meetings", "sides", "introductions", "deals",
    }  # fmt: skip
    for code, figure in figures.items():
        assert len(rows_of(session, figure, by=actor)) == len(figure), code


def test_another_events_figures_stay_out(session: Session, cast: Cast) -> None:
    _fill(session, cast)
    _sign(session, cast)
    other = make_cast(session)
    found = report(session, other.event)
    counted = {code for code in found.figures if found.number(code)}
    assert counted == {
        "registered",
        "registered.confirmed",
        "registered.confirmed.researcher",
        "registered.confirmed.company",
        "scheduled",
        "planned",
    }
    assert found.signed == {}


def test_rows_of_deals_keep_what_is_not_the_readers(session: Session, cast: Cast) -> None:
    _sign(session, cast)
    figure = report(session, cast.event).figures["deals"]
    [(hidden, meeting)] = rows_of(session, figure, by=cast.actor("host"))
    assert (hidden, meeting.id) == (None, cast.meeting.id)
    [(seen, _)] = rows_of(session, figure, by=cast.actor("company"))
    assert seen is not None


def test_event_counts_once_when_over_and_attended(session: Session, cast: Cast) -> None:
    house, year = cast.event.organisation_id, cast.event.starts_at.year
    cast.event.region = "420100"
    assert count_reached(session, now=NOW) == 0
    check_in(session, cast.here)
    assert count_reached(session, now=cast.event.ends_at - timedelta(minutes=1)) == 0
    assert count_reached(session, now=NOW) == 1
    assert count_reached(session, now=NOW + timedelta(days=1)) == 0
    assert cast.event.reached_at == NOW
    entry = session.scalars(sa.select(CreditEntry)).one()
    assert (entry.act, entry.thing_id) == ("hosted", cast.event.public_id)
    assert entry.user_id == cast.people["broker"].id
    assert events_held(session, year, organisation_id=house) == 1
    assert events_held(session, year, owner_id=cast.people["broker"].id) == 1
    assert events_held(session, year - 1, organisation_id=house) == 0
    assert events_held(session, year, region="420000", organisation_id=house) == 1
    assert events_held(session, year, region="430000", organisation_id=house) == 0
    assert events_held(session, year, owner_id=cast.people["host"].id) == 0


@pytest.mark.parametrize("state", ["draft", "called_off"])
def test_an_event_that_was_not_held_does_not_count(session: Session, state: str) -> None:
    cast = make_cast(session)
    cast.event.state = state
    check_in(session, cast.here)
    assert count_reached(session, now=NOW) == 0
    assert session.scalars(sa.select(CreditEntry)).all() == []


@pytest.mark.parametrize(
    ("region", "begins"), [("420000", "42"), ("420100", "4201"), ("420106", "420106")]
)
def test_what_lies_within_a_division(region: str, begins: str) -> None:
    assert within(region) == begins


def test_page_rows_and_files(browse: Browse, settled: Cast, committed: Session) -> None:
    _fill(committed, settled)
    committed.commit()
    place = f"/events/{settled.event.public_id}/report"
    client = browse("host")
    page = client.get(place)
    assert page.status_code == 200
    assert "4.5 / 5" in page.text
    codes = list(report(committed, settled.event).figures)
    committed.rollback()
    for code in codes:
        rows = client.get(f"{place}/rows?figure={code}")
        assert rows.status_code == 200, code
    assert "Only the organiser reads this" in client.get(f"{place}/rows?figure=answered").text
    assert client.get(f"{place}/rows?figure=made_up").status_code == 404
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{place}.xlsx").data))
    sheet = book["Figures"]
    figures = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=2)}
    assert (figures["Registered in all"], figures["No-shows"]) == (4, 1)
    assert book["Participants"].max_row == 5
    assert "Only the organiser reads this" in str(list(book["Meetings of the event"].values))
    paper = client.get(f"{place}.pdf")
    assert paper.data.startswith(b"%PDF")
    chinese = browse("broker", "zh")
    assert "活动报告" in chinese.get(place).text
    assert chinese.get(f"{place}.pdf").data.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("role", "status"),
    [("researcher", 403), ("rival", 403), ("stranger", 403), ("visitor", 302), ("operator", 200)],
)
def test_who_may_read_the_report(browse: Browse, settled: Cast, role: str, status: int) -> None:
    client = browse(role)
    for ending in ("/report", "/report/rows?figure=registered", "/report.xlsx", "/report.pdf"):
        answer = client.get(f"/events/{settled.event.public_id}{ending}")
        assert answer.status_code == status, ending


def test_an_event_without_anybody_has_a_report(
    browse: Browse, settled: Cast, committed: Session
) -> None:
    owner = make_user(committed)
    empty: Event = events.make_event(committed, organisation=settled.houses["host"], owner=owner)
    committed.commit()
    for ending in ("/report", "/report.xlsx", "/report.pdf", "/overdue", "/mailings"):
        answer = browse("host").get(f"/events/{empty.public_id}{ending}")
        assert answer.status_code == 200, ending

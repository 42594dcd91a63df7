"""The day: what stands on it and why, what is done goes, and how many statements it takes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.commissions.models import Payout, Receiver, Share, Split
from tenon.db import Database
from tenon.desk.models import DeskTask, ListingFit
from tenon.desk.today.commissions import commissions
from tenon.desk.today.gathering import day_of
from tenon.desk.today.parts import COUNTED, FIRST, Part
from tenon.events.models import Event, TimetableDraft, Wish
from tenon.matches.models import MatchFeedback
from tenon.network.models import Absence, BrokerProfile
from tenon.payments.models import Obligation
from tenon.routing.models import NeedCase
from tenon.trials.models import Trial
from tests.desk.scenes import NOW, Desk, browser, keep
from tests.factories import deals, events
from tests.factories.accounts import make_membership, make_organisation, post
from tests.factories.commissions import follow, make_agreement, make_line, make_split
from tests.factories.introductions import make_introduction
from tests.factories.listings import make_need
from tests.factories.sharing import make_income
from tests.introductions.browsing import counted

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


def _day(session: Session, desk: Desk, name: str = "broker") -> dict[str, Part]:
    found = day_of(session, by=desk.actor(name), now=NOW, language="zh")
    return {part.name: part for part in found}


def _fill(session: Session, desk: Desk, number: int) -> None:
    """Give every source so many things of the broker's."""
    broker, here = desk.people["broker"], desk.tree.station.id
    at: dict[str, Any] = {"station_id": here, "handling_station_id": here}
    for turn in range(number):
        firm = make_organisation(session, kind="enterprise")
        keep(session, firm, broker, here)
        make_need(session, organisation=firm, state="in_review", **at)
        make_introduction(session, state="checking", now=NOW - 30 * DAY, broker=broker)
        need = make_need(
            session, organisation=firm, state="published", expires_at=NOW + 3 * DAY, **at
        )
        _case(session, desk, need.id)
        _deal(session, desk, turn)
        _event(session, desk)
        _share(session, desk, turn)
        session.add(
            DeskTask(
                title=f"任务{turn}",
                due_on=TODAY - DAY,
                owner_id=broker.id,
                created_by=broker.id,
                created_at=NOW,
            )
        )
    session.add(BrokerProfile(user_id=broker.id, certified_until=TODAY + 10 * DAY, updated_at=NOW))
    session.flush()


def _case(session: Session, desk: Desk, listing_id: int) -> None:
    here = desk.tree.station.id
    session.add(
        NeedCase(
            listing_id=listing_id,
            entry_station_id=here,
            station_id=here,
            state="open",
            broker_id=desk.people["broker"].id,
            received_at=NOW,
            due_on=TODAY - DAY,
        )
    )


def _deal(session: Session, desk: Desk, turn: int) -> None:
    deal = deals.make_deal(
        session, form="pay_after_use", state="in_force.in_use", broker=desk.people["broker"]
    )
    deal.ends_on = TODAY + 5 * DAY
    session.add(Trial(deal_id=deal.id, started_on=TODAY - 9 * DAY, ends_on=TODAY + 2 * DAY))
    session.add(
        Obligation(
            deal_id=deal.id,
            key=f"k{turn}",
            kind="up_front",
            debtor="buyer",
            net_minor=1,
            currency="CNY",
            due_on=TODAY - DAY,
            state="due",
            booked_on=TODAY - DAY,
            facts={},
            created_at=NOW,
        )
    )


def _event(session: Session, desk: Desk) -> None:
    begun = NOW - 40 * DAY
    event = events.make_event(session, starts_at=begun, owner=desk.people["broker"])
    here, there = (events.make_registration(session, event) for _ in range(2))
    events.make_meeting(session, here, there, events.slots(session, event)[0])
    _unreleased(session, desk)


def _unreleased(session: Session, desk: Desk) -> Event:
    """An event whose requests have closed, with a wish and a deadline in two days."""
    event = events.make_event(
        session,
        starts_at=NOW + 3 * DAY,
        owner=desk.people["broker"],
        requests_until=NOW - DAY,
        schedule_until=NOW + 2 * DAY,
    )
    here, there = (events.make_registration(session, event) for _ in range(2))
    events.make_wish(session, here, there)
    return event


def test_a_timetable_is_on_the_day_from_near_its_deadline_until_it_is_released(
    session: Session, desk: Desk
) -> None:
    event = _unreleased(session, desk)
    (row,) = _day(session, desk)["timetables"].rows
    assert (row.due, row.late) == (TODAY + 2 * DAY, False)
    assert row.path == f"/events/{event.public_id}/timetables"
    assert "timetables" not in _day(session, desk, "sibling")
    event.requests_until = NOW + DAY  # it cannot be made yet
    session.flush()
    assert "timetables" not in _day(session, desk)
    event.requests_until, event.schedule_until = NOW - DAY, NOW + 4 * DAY
    session.flush()
    assert "timetables" not in _day(session, desk)
    event.schedule_until = NOW - DAY
    session.flush()
    (row,) = _day(session, desk)["timetables"].rows
    assert row.late
    assert row.why.startswith("Its timetable should have been released")
    draft = TimetableDraft(
        event_id=event.id, number=1, state="released", created_at=NOW, released_at=NOW
    )
    session.add(draft)
    session.flush()
    assert "timetables" not in _day(session, desk)
    session.delete(draft)
    session.execute(sa.update(Wish).values(kind="rather_not"))
    assert "timetables" not in _day(session, desk)  # there is nothing to release


def _share(session: Session, desk: Desk, turn: int) -> None:
    """A share that waits for the broker's word, and a payment said to be made to them."""
    broker = desk.people["broker"]
    deal = deals.make_deal(session, title=f"佣金{turn}")
    receiver = Receiver(deal_id=deal.id, user_id=broker.id, kind="person", name=broker.name)
    split = Split(deal_id=deal.id, number=1, live_key=str(deal.id), proposed_at=NOW)
    session.add_all([receiver, split])
    session.flush()
    share = Share(split_id=split.id, position=1, receiver_id=receiver.id, percent=Decimal(100))
    session.add(share)
    session.add(
        Payout(
            deal_id=deal.id, receiver_id=receiver.id, side="buyer", currency="CNY",
            minor=1_234_500, paid_on=TODAY, reference="1", key="1", recorded_at=NOW,
        )
    )  # fmt: skip


def test_commission_is_on_the_day_until_it_is_seen_to(
    app: Flask, settled: Desk, committed: Session
) -> None:
    """A share to confirm, a receipt to confirm; confirmed, the part is gone."""
    _share(committed, settled, 1)
    committed.commit()
    client = browser(app, settled, "broker")
    page = client.get("/desk").text
    assert "Your share of the commission waits for your word." in page
    assert "Commission of 12,345.00 CNY was paid, says who paid it" in page
    assert f"/commissions/shares/{committed.scalars(sa.select(Split.public_id)).one()}" in page
    committed.execute(sa.update(Share).values(state="confirmed", answered_at=NOW))
    committed.execute(sa.update(Payout).values(state="received", answered_at=NOW))
    committed.commit()
    assert 'id="commissions"' not in client.get("/desk").text


def test_commission_to_pay_takes_few_statements_however_much_there_is(
    database: Database, settled: Desk, committed: Session
) -> None:
    """Of somebody whose organisations pay: proposals to answer, sums due within a fortnight."""
    broker, asked = settled.people["broker"], []
    for number in (1, 2):
        for _ in range(number):
            line = make_line(committed)
            make_membership(committed, broker, line.buyer, "administrator")
            make_agreement(committed, line, seller_percent=Decimal(0), pay_within_days=5)
            make_split(committed, line)
            make_income(committed, line.deal, 1_000_000)
            follow(committed, line)
            make_agreement(committed, line, agreed=False, percent=Decimal(7))
        committed.commit()
        by = settled.actor("broker")
        with database.reading() as session, counted(database) as sent:
            found = commissions(session, by=by, now=NOW, language="zh")
        asked.append(len(sent))
    assert found.number == 3 * (3 + 1)
    assert {row.due for row in found.rows} == {NOW.date() + 5 * DAY}
    assert asked[0] == asked[1] <= 8, asked


def test_every_source_says_what_is_there_and_what_is_done_goes(
    session: Session, desk: Desk
) -> None:
    _fill(session, desk, 1)
    parts = _day(session, desk)
    assert set(parts) == {
        "answers", "reviews", "needs", "cases", "follow_ups", "deadlines", "expiring", "tasks",
        "certificates", "commissions", "timetables",
    }  # fmt: skip
    assert parts["tasks"].number == 1
    assert parts["tasks"].late == 1
    assert [row.facts for row in parts["follow_ups"].rows] == [{"number": 1}]
    order = list(parts)
    assert order.index("tasks") < order.index("certificates")  # what is late comes first
    session.execute(sa.update(DeskTask).values(done_at=NOW))
    session.execute(
        sa.update(NeedCase).values(state="answered", answered_at=NOW, answered_how="reply")
    )
    session.execute(sa.update(Obligation).values(state="paid"))
    left = _day(session, desk)
    assert "tasks" not in left
    assert "cases" not in left
    assert left["deadlines"].number == parts["deadlines"].number - 1
    assert set(_day(session, desk, "sibling")) <= {"reviews", "answers"}


def test_who_stands_in_finds_these_needs_in_their_day_marked_for_whom(
    session: Session, desk: Desk
) -> None:
    _case(session, desk, desk.need.id)
    away = Absence(
        user_id=desk.people["broker"].id, deputy_id=desk.people["sibling"].id,
        first_day=TODAY - DAY, last_day=TODAY, created_at=NOW,
    )  # fmt: skip
    session.add(away)
    session.flush()
    (row,) = _day(session, desk, "sibling")["cases"].rows
    assert row.why == "A firm's need waits for an answer, and you stand in for %(person)s."
    assert row.facts == {"person": "Broker Bai"}
    assert [step.label for step in row.steps] == ["Open"]
    assert _day(session, desk)["cases"].rows[0].why == "A firm's need waits for your answer."
    for first, last in ((TODAY - 2 * DAY, TODAY - DAY), (TODAY + DAY, TODAY + 2 * DAY)):
        away.first_day, away.last_day = first, last
        session.flush()
        assert "cases" not in _day(session, desk, "sibling")


def test_a_need_goes_once_something_is_on_its_way(session: Session, desk: Desk) -> None:
    rows = {row.path: row for row in _day(session, desk)["needs"].rows}
    path = f"/listings/{desk.need.public_id}"
    assert len(rows) == 2
    assert rows[path].why.startswith("Public, and nothing is on its way; the matcher looks")
    session.add(
        ListingFit(
            listing_id=desk.need.id,
            side="need",
            band=None,
            fitting=0,
            text_version=1,
            looked_at=NOW,
        )
    )
    session.flush()
    rows = {row.path: row for row in _day(session, desk)["needs"].rows}
    assert rows[path].why == "Public, and no published result fits well yet."
    make_introduction(session, state="asked", listing=desk.need, now=NOW)
    session.add(
        MatchFeedback(
            need_id=desk.secret.id,
            achievement_id=desk.result.id,
            side="need",
            kind="interested",
            organisation_id=desk.firm.id,
            at=NOW,
        )
    )
    session.flush()
    assert "needs" not in _day(session, desk)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_day_says_so(app: Flask, settled: Desk, language: str) -> None:
    page = browser(app, settled, "sibling", language).get("/desk").text
    said = {"zh": "今天没有待办", "en": "Nothing waits for you today"}[language]
    assert said in page


def test_the_page_takes_few_statements_however_much_there_is(
    app: Flask, database: Database, settled: Desk, committed: Session
) -> None:
    asked = []
    for number in (1, 29):
        _fill(committed, settled, number) if number == 1 else _more(committed, settled, number)
        committed.commit()
        client = browser(app, settled, "broker")
        client.get("/desk")
        with counted(database) as sent:
            page = client.get("/desk")
        assert page.status_code == 200
        asked.append([each for each in sent if each.lstrip().upper().startswith("SELECT")])
    assert len(asked[1]) <= len(asked[0]) + 1, "\n".join(asked[1])
    assert len(asked[1]) <= 33, len(asked[1])


def _more(session: Session, desk: Desk, number: int) -> None:
    session.execute(sa.delete(BrokerProfile))
    _fill(session, desk, number)


def test_more_than_a_hundred_are_counted_as_so_many(session: Session, desk: Desk) -> None:
    broker = desk.people["broker"]
    session.add_all(
        DeskTask(title="x", due_on=TODAY, owner_id=broker.id, created_at=NOW)
        for _ in range(COUNTED + 5)
    )
    session.flush()
    part = _day(session, desk)["tasks"]
    assert (part.number, len(part.rows)) == (COUNTED, FIRST)


def test_done_from_the_page_by_one_click(app: Flask, settled: Desk, committed: Session) -> None:
    broker = settled.people["broker"]
    task = DeskTask(title="回电话", due_on=date(2026, 6, 1), owner_id=broker.id, created_at=NOW)
    committed.add(task)
    committed.commit()
    client = browser(app, settled, "broker")
    page = client.get("/desk").text
    assert "回电话" in page
    assert "overdue: <time" in page
    done = post(client, f"/desk/tasks/{task.public_id}/done", next="/desk")
    assert done.headers["Location"] == "/desk"
    assert "回电话" not in client.get("/desk").text

"""Which reports are due, as the terms say, as they are amended and end; late ones are chased."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import SYSTEM
from tenon.notices.models import Notice
from tenon.payments.models import Obligation
from tenon.payments.reports import chasing, queries, services
from tests.factories.listings import make_ip_right
from tests.payments.reports.scenes import (
    NOW,
    amend,
    hand_in,
    make_scene,
)

# What is due.


def test_every_period_that_has_begun_is_expected_once(session: Session) -> None:
    cast, reports = make_scene(session)
    assert [(each.period, each.due_on) for each in reports] == [
        ("2025Q1", date(2025, 4, 30)),
        ("2025Q2", date(2025, 7, 30)),
        ("2025Q3", date(2025, 10, 30)),
        ("2025Q4", date(2026, 1, 30)),
        ("2026Q1", date(2026, 4, 30)),
    ]
    assert {each.state for each in reports} == {"due"}
    assert services.expect(session, cast.deal, now=NOW) == []


def test_the_next_period_is_made_once_the_latest_is_over(session: Session) -> None:
    make_scene(session)
    assert services.expect_next(session, now=NOW) == 0
    assert services.expect_next(session, now=datetime(2026, 4, 2, tzinfo=UTC)) == 1
    assert services.expect_next(session, now=datetime(2026, 4, 2, tzinfo=UTC)) == 0


def test_an_end_cuts_the_period_and_what_comes_after_it(session: Session) -> None:
    cast, reports = make_scene(session)
    hand_in(session, cast, reports[0])
    cast.deal.ended_on = date(2025, 8, 15)
    services.expect(session, cast.deal, now=NOW)
    left = queries.of_deal(session, cast.deal)
    assert [(each.period, each.ends_on) for each in left] == [
        ("2025Q3", date(2025, 8, 15)),
        ("2025Q2", date(2025, 6, 30)),
        ("2025Q1", date(2025, 3, 31)),
    ]


def test_a_patent_licence_without_an_end_is_reported_until_its_last_patent_expires(
    session: Session,
) -> None:
    """Civil Code 865: filed on 16 June 2005, an invention ends on 15 June 2025."""
    right = make_ip_right(session, filed_on=date(2005, 6, 16))
    _, reports = make_scene(session, ends_on=None, rights=[right])
    assert [(each.period, each.ends_on) for each in reports] == [
        ("2025Q1", date(2025, 3, 31)),
        ("2025Q2", date(2025, 6, 15)),
    ]


def test_a_buy_out_ends_the_reports_on_its_day(session: Session) -> None:
    cast, _ = make_scene(session)
    chain = ("deal", cast.deal.public_id)
    then = datetime(2025, 8, 20, 4, 0, tzinfo=UTC)
    history.record(session, chain=chain, kind="buy_out", by=SYSTEM, now=then)
    services.expect(session, cast.deal, now=NOW)
    latest = queries.of_deal(session, cast.deal)[0]
    assert (latest.period, latest.ends_on) == ("2025Q3", date(2025, 8, 20))


def test_after_a_trial_reports_begin_with_the_conversion(session: Session) -> None:
    cast, reports = make_scene(
        session,
        form="pay_after_use",
        state="in_force.converted",
        terms={"payment_mode": "sales_share"},
    )
    assert reports == []
    chain = ("deal", cast.deal.public_id)
    then = datetime(2025, 5, 10, 4, 0, tzinfo=UTC)
    history.record(session, chain=chain, kind="convert", by=SYSTEM, now=then)
    found = services.expect(session, cast.deal, now=NOW)
    assert [(each.period, each.starts_on) for each in found[:2]] == [
        ("2025Q2", date(2025, 5, 10)),
        ("2025Q3", date(2025, 7, 1)),
    ]


def test_an_amended_period_changes_only_what_nobody_wrote_to(session: Session) -> None:
    cast, reports = make_scene(session)
    hand_in(session, cast, reports[0])
    amend(session, cast, report_period="half_year", report_days=45)
    services.expect(session, cast.deal, now=NOW)
    found = queries.of_deal(session, cast.deal)
    assert [(each.period, each.starts_on, each.due_on) for each in reversed(found)] == [
        ("2025Q1", date(2025, 1, 1), date(2025, 4, 30)),
        ("2025H1", date(2025, 4, 1), date(2025, 8, 14)),
        ("2025H2", date(2025, 7, 1), date(2026, 2, 14)),
        ("2026H1", date(2026, 1, 1), date(2026, 8, 14)),
    ]


def test_terms_without_a_running_share_expect_nothing(session: Session) -> None:
    _, reports = make_scene(session, terms={"payment_mode": "single"})
    assert reports == []


def test_sublicence_income_alone_is_reported_and_shared(session: Session) -> None:
    terms = {
        "payment_mode": "single",
        "sublicensing": "allowed",
        "sublicence_share": "30",
        "sublicence_period": "year",
        "sublicence_report_days": 10,
        "sublicence_days": 5,
        "minimum_annual": None,
    }
    cast, reports = make_scene(session, terms=terms)
    assert [(each.period, each.due_on, each.pay_on) for each in reports] == [
        ("2025", date(2026, 1, 10), date(2026, 1, 15)),
        ("2026", date(2027, 1, 10), date(2027, 1, 15)),
    ]
    by = cast.actor("buyer_editor")
    services.write(session, reports[0], {"sublicence": "250,000"}, by=by, now=NOW)
    services.submit(session, reports[0], by=by, now=NOW)
    made = services.accept(session, reports[0], by=cast.actor("seller_editor"), now=NOW)
    assert made.payable_minor == 75_000_00
    [row] = session.scalars(sa.select(Obligation).where(Obligation.key == "royalty:2025"))
    assert (row.kind, row.net_minor) == ("sublicence", 75_000_00)


# Late ones.


def test_late_reports_are_chased_and_the_seller_and_broker_are_told(session: Session) -> None:
    cast, reports = make_scene(session)
    now = datetime(2026, 1, 31, 4, 0, tzinfo=UTC)
    for report in reports[:3]:
        report.remind_on = None
    session.flush()
    chasing.chase(session, now=now)
    told = session.execute(sa.select(Notice.kind, Notice.user_id).order_by(Notice.id)).all()
    people = cast.people
    assert [tuple(row) for row in told] == [
        ("use_report_late", people["buyer_charge"].id),
        ("use_report_late_theirs", people["seller_charge"].id),
        ("use_report_late_theirs", people["broker"].id),
    ]
    assert reports[3].remind_on == date(2026, 2, 13)
    assert chasing.chase(session, now=now) == 0


def test_before_it_is_late_only_the_buyer_is_reminded(session: Session) -> None:
    cast, reports = make_scene(session)
    for report in reports[:3]:
        report.remind_on = None
    session.flush()
    assert chasing.chase(session, now=datetime(2026, 1, 27, 4, 0, tzinfo=UTC)) == 1
    [notice] = session.scalars(sa.select(Notice))
    assert (notice.kind, notice.user_id) == ("use_report_due", cast.people["buyer_charge"].id)


def test_a_question_without_an_answer_is_reminded_of_every_other_week(session: Session) -> None:
    cast, reports = make_scene(session)
    for report in reports:
        report.remind_on = None
    hand_in(session, cast, reports[3])
    services.query(session, reports[3], reason="?", by=cast.actor("seller_editor"), now=NOW)
    assert chasing.chase(session, now=NOW + timedelta(days=13)) == 0
    assert chasing.chase(session, now=NOW + timedelta(days=14)) == 1
    [notice] = session.scalars(sa.select(Notice))
    assert (notice.kind, notice.user_id) == (
        "use_report_unanswered",
        cast.people["buyer_charge"].id,
    )
    assert reports[3].remind_on == (NOW + timedelta(days=28)).date()


def test_what_was_handed_in_is_not_chased(session: Session) -> None:
    cast, reports = make_scene(session)
    for report in reports[:4]:
        hand_in(session, cast, report)
    assert chasing.chase(session, now=datetime(2026, 3, 1, tzinfo=UTC)) == 0

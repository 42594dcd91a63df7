"""What follows from a deal's steps and from time, by the outbox's handlers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.notices.models import Notice
from tenon.payments.reports import queries, tasks
from tenon.payments.reports.hooks import reports_settled
from tenon.payments.reports.models import UseReport
from tests.payments.cast import make_cast
from tests.payments.reports.scenes import NOW, TERMS, accept, make_scene


def test_a_deal_that_takes_effect_expects_its_reports(session: Session) -> None:
    cast = make_cast(session, now=NOW, terms=TERMS, effective_on=date(2025, 11, 1))
    payload = {"id": cast.deal.id, "change": "take_effect", "from": "signed", "to": "in_force"}
    tasks.deal_moved(session, payload, NOW)
    found = queries.of_deal(session, cast.deal)
    assert [(each.period, each.starts_on) for each in reversed(found)] == [
        ("2025Q4", date(2025, 11, 1)),
        ("2026Q1", date(2026, 1, 1)),
    ]
    tasks.terms_accepted(session, {"id": cast.deal.id, "version_id": 0}, NOW)
    assert len(queries.of_deal(session, cast.deal)) == 2


def test_a_deal_in_negotiation_expects_nothing(session: Session) -> None:
    cast = make_cast(
        session, now=NOW, terms=TERMS, state="terms", effective_on=None, scheduled=False
    )
    tasks.deal_moved(session, {"id": cast.deal.id, "change": "talk"}, NOW)
    assert queries.of_deal(session, cast.deal) == []


def test_the_watch_begins_periods_and_chases(session: Session) -> None:
    make_scene(session)
    tasks.watch(session, {}, datetime(2026, 5, 2, 4, 0, tzinfo=UTC))
    assert session.scalar(sa.select(sa.func.count(UseReport.id))) == 6
    kinds = set(session.scalars(sa.select(Notice.kind)))
    assert kinds == {"use_report_late", "use_report_late_theirs"}


def test_a_deal_is_not_completed_before_its_last_report_is_accepted(session: Session) -> None:
    cast, reports = make_scene(session, ends_on=date(2025, 6, 30))
    assert [each.period for each in reports] == ["2025Q1", "2025Q2"]
    refusal = reports_settled(session, cast.deal, step="complete", now=NOW)
    assert refusal is not None
    assert refusal.facts == {"count": 2}
    for report in reports:
        accept(session, cast, report)
    assert reports_settled(session, cast.deal, step="complete", now=NOW) is None


def test_a_period_that_no_row_was_made_for_yet_counts_too(session: Session) -> None:
    cast = make_cast(session, now=NOW, terms=TERMS, effective_on=date(2025, 11, 1))
    refusal = reports_settled(session, cast.deal, step="complete", now=NOW)
    assert refusal is not None
    assert refusal.facts == {"count": 2}


def test_an_acceptance_is_told_once_the_outbox_runs(session: Session) -> None:
    cast, [report, *_] = make_scene(session)
    accept(session, cast, report)
    tasks.report_moved(session, {"id": report.id, "change": "accept"}, NOW)
    [notice] = session.scalars(sa.select(Notice))
    assert notice.kind == "use_report_accepted"
    assert notice.facts["period"] == {"zh": "2025 年第 1 季度", "en": "Q1 2025"}

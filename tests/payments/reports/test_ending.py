"""A licence that ends within a period that somebody is reporting; a minimum that was given up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.services.moving import take_step
from tenon.errors import Conflict
from tenon.payments.models import Obligation
from tenon.payments.obligations import services as obligations
from tenon.payments.reports import queries, services, tasks
from tenon.payments.reports.hooks import reports_settled
from tenon.payments.reports.models import RoyaltyStatement, UseReport
from tenon.payments.reports.views import display
from tests.payments.cast import Cast, yuan
from tests.payments.reports.scenes import accept, figures, hand_in, make_scene

AUGUST = datetime(2025, 8, 1, 4, 0, tzinfo=UTC)
END = datetime(2025, 8, 20, 4, 0, tzinfo=UTC)
AFTER = datetime(2025, 8, 21, 4, 0, tzinfo=UTC)


def draft(session: Session) -> tuple[Cast, UseReport]:
    """A licence of 2025 whose third quarter the buyer began to report on 1 August."""
    cast, reports = make_scene(session, now=AUGUST, terms={"buy_out": yuan(900_000)})
    for report in reports[:2]:
        accept(session, cast, report, now=AUGUST)
    by = cast.actor("buyer_editor")
    services.write(session, reports[2], figures(gross="400,000"), by=by, now=AUGUST)
    return cast, reports[2]


def end(session: Session, cast: Cast, step: str) -> None:
    """The buyer ends the licence, or buys its royalties out, on 20 August."""
    by = cast.actor("buyer_administrator")
    reason = "agreed" if step == "terminate" else None
    take_step(session, cast.deal, step, by=by, now=END, reason=reason)
    tasks.deal_moved(session, {"id": cast.deal.id}, END)


@pytest.mark.parametrize("step", ["terminate", "buy_out"])
def test_a_draft_ends_with_the_licence_and_is_stated(session: Session, step: str) -> None:
    """July and August, and the minimum of 300,000 for seven months and twenty of 31 days."""
    cast, report = draft(session)
    version = report.version
    end(session, cast, step)
    assert (report.state, report.ends_on, report.due_on) == (
        "draft",
        date(2025, 8, 20),
        date(2025, 9, 19),
    )
    assert report.figures is not None
    assert report.figures["gross"] == 400_000_00
    assert report.version == version + 1  # a page shown before does not hand it in unseen
    by = cast.actor("buyer_editor")
    services.submit(session, report, by=by, now=AFTER)
    made = services.accept(session, report, by=cast.actor("seller_editor"), now=AFTER)
    minimum = round(300_000_00 * (7 + 20 / 31) / 12)
    assert made.payable_minor - made.top_up_minor == 20_000_00
    assert made.top_up_minor == minimum - 120_000_00
    assert reports_settled(session, cast.deal, step="complete", now=AFTER) is None


def test_expecting_again_changes_nothing(session: Session) -> None:
    cast, report = draft(session)
    end(session, cast, "terminate")
    version = report.version
    services.expect(session, cast.deal, now=AFTER)
    assert (report.version, report.ends_on) == (version, date(2025, 8, 20))


def test_a_queried_report_ends_with_the_licence_and_keeps_its_question(session: Session) -> None:
    cast, reports = make_scene(session)
    hand_in(session, cast, reports[0])
    services.query(session, reports[0], reason="?", by=cast.actor("seller_editor"), now=AFTER)
    asked = reports[0].remind_on
    cast.deal.ended_on = date(2025, 2, 10)
    services.expect(session, cast.deal, now=AFTER)
    assert (reports[0].state, reports[0].ends_on) == ("queried", date(2025, 2, 10))
    assert reports[0].remind_on == asked


@pytest.mark.parametrize("answer", ["query", "take_back"])
def test_what_was_handed_in_is_cut_once_it_is_given_back(session: Session, answer: str) -> None:
    """It was hashed with its period: accepted it is not, and nothing else is rewritten."""
    cast, reports = make_scene(session)
    hand_in(session, cast, reports[0])
    cast.deal.ended_on = date(2025, 2, 10)
    services.expect(session, cast.deal, now=AFTER)
    assert reports[0].ends_on == date(2025, 3, 31)
    with pytest.raises(Conflict, match="licence_ended"):
        services.accept(session, reports[0], by=cast.actor("seller_editor"), now=AFTER)
    if answer == "query":
        services.query(session, reports[0], reason="?", by=cast.actor("seller_editor"), now=AFTER)
    else:
        services.take_back(session, reports[0], by=cast.actor("buyer_editor"), now=AFTER)
    assert reports[0].ends_on == date(2025, 2, 10)
    services.submit(session, reports[0], by=cast.actor("buyer_editor"), now=AFTER)
    assert services.accept(session, reports[0], by=cast.actor("seller_editor"), now=AFTER)


def test_what_was_written_of_a_time_after_the_end_is_asked_for_no_more(session: Session) -> None:
    cast, report = draft(session)
    cast.deal.ended_on = date(2025, 6, 30)
    services.expect(session, cast.deal, now=AFTER)
    assert report.remind_on is None
    assert report.figures is not None
    assert report.figures["gross"] == 400_000_00
    assert queries.of_deal(session, cast.deal)[0].period == "2025Q3"
    assert reports_settled(session, cast.deal, step="complete", now=AFTER) is None


def poor_year(session: Session, cast: Cast, reports: list[UseReport]) -> RoyaltyStatement:
    """Four quarters of 900,000: 180,000 of royalties."""
    return [accept(session, cast, report, gross="900,000") for report in reports[:4]][3]


def test_a_minimum_that_was_given_up_is_not_charged_and_the_statement_says_so(
    session: Session,
) -> None:
    """300,000 a year, waived while it was planned, and 180,000 earned: 180,000 are owed."""
    cast, reports = make_scene(session)
    owed = session.scalars(sa.select(Obligation).where(Obligation.key == "minimum:2025")).one()
    by = cast.actor("seller_editor")
    obligations.waive(session, owed, reason="市场低迷", by=by, now=AUGUST)
    made = poor_year(session, cast, reports)
    assert (made.top_up_minor, made.payable_minor) == (0, 45_000_00)
    [step] = [each for each in made.content["steps"] if each["source"] == "minimum"]
    assert (step["what"], step["base"], step["amount"]) == ("minimum_waived", 300_000_00, "0")
    assert (owed.state, owed.net_minor) == ("waived", 300_000_00)
    assert accept(session, cast, reports[4], now=datetime(2026, 4, 2, 4, 0, tzinfo=UTC))


def test_of_a_waived_minimum_nothing_counts_towards_a_cap_on_all_royalties(
    session: Session,
) -> None:
    """180,000 earned of 400,000: 220,000 are left, where the whole minimum would leave 100,000."""
    cast, reports = make_scene(session, terms={"cap_total": yuan(400_000)})
    owed = session.scalars(sa.select(Obligation).where(Obligation.key == "minimum:2025")).one()
    by = cast.actor("seller_editor")
    obligations.waive(session, owed, reason="市场低迷", by=by, now=AUGUST)
    poor_year(session, cast, reports)
    later = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
    made = accept(session, cast, reports[4], now=later, gross="9,000,000")
    assert made.payable_minor == 220_000_00


def test_the_share_of_a_waived_minimum_is_shown_as_one() -> None:
    assert display.rate_words(Fraction(1, 4), "minimum_waived") == "1/4"

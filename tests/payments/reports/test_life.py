"""How reports are written, handed in and answered, by whom, and what follows from it."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.history import HistoryEntry
from tenon.notices.models import Notice
from tenon.payments.models import Obligation
from tenon.payments.reports import queries, services
from tenon.payments.reports.agreed import agreed
from tenon.payments.reports.models import UseReport, UseReportRevision
from tenon.payments.reports.personal import collect, erase
from tenon.payments.reports.services.writing import hash_of
from tenon.payments.reports.stating import hash_of as statement_hash
from tenon.payments.reports.stating import is_unharmed
from tenon.payments.reports.tasks import report_moved
from tests.payments.cast import ROLES, Cast, yuan
from tests.payments.reports.scenes import (
    NOW,
    TERMS,
    accept,
    amend,
    figures,
    hand_in,
    make_scene,
)


def owed(session: Session, cast: Cast) -> dict[str, tuple[int, str]]:
    rows = session.scalars(sa.select(Obligation).where(Obligation.deal_id == cast.deal.id))
    return {row.key: (row.net_minor, row.state) for row in rows}


# Writing and handing in.


def test_a_report_is_kept_handed_in_and_hashed(session: Session) -> None:
    cast, [report, *_] = make_scene(session)
    hand_in(session, cast, report, deduction_returns="20,000", deduction_freight="5000.50")
    assert (report.state, report.revision, report.first_submitted_at) == ("submitted", 1, NOW)
    [revision] = queries.revisions(session, report)
    assert revision.figures["deductions"] == {"returns": 20_000_00, "freight": 5_000_50}
    assert revision.sha256 == hash_of(report, 1, revision.figures)
    kinds = session.scalars(
        sa.select(HistoryEntry.kind).where(
            HistoryEntry.chain_kind == "deal", HistoryEntry.chain_id == cast.deal.public_id
        )
    ).all()
    assert "use_report_submitted" in kinds


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        ({"gross": ""}, {"gross": "required"}),
        ({"units": ""}, {"units": "required"}),
        ({"gross": "1e5"}, {"gross": "not_a_number"}),
        ({"gross": "1.234"}, {"gross": "too_fine"}),
        ({"gross": "-5"}, {"gross": "out_of_range"}),
        ({"gross": "1" * 20}, {"gross": "out_of_range"}),
        ({"units": "1.5"}, {"units": "not_a_number"}),
        ({"deduction_returns": "a few"}, {"deduction_returns": "not_a_number"}),
        ({"deduction_returns": "1,000,001"}, {"gross": "less_than_deductions"}),
        ({"adjustment": "-100"}, {"note": "say_why"}),
        ({"note": "x" * 2001}, {"note": "too_long"}),
    ],
)
def test_wrong_figures_are_told_at_their_field_and_nothing_is_kept(
    session: Session, typed: dict[str, str], faults: dict[str, str]
) -> None:
    cast, [report, *_] = make_scene(session)
    with pytest.raises(Invalid) as error:
        services.write(session, report, figures(**typed), by=cast.actor("buyer_editor"), now=NOW)
    assert error.value.fields == faults
    assert (report.state, report.figures) == ("due", None)


def test_what_the_terms_do_not_ask_for_is_not_read(session: Session) -> None:
    cast, [report, *_] = make_scene(session)
    typed = figures(deduction_taxes="500", sublicence="700", third_party="4")
    services.write(session, report, typed, by=cast.actor("buyer_editor"), now=NOW)
    assert report.figures is not None
    assert report.figures["deductions"] == {"returns": 0, "freight": 0}
    assert (report.figures["sublicence"], report.figures["third_party"]) == (0, "0")


def test_a_period_that_still_runs_cannot_be_handed_in(session: Session) -> None:
    cast, reports = make_scene(session)
    by = cast.actor("buyer_editor")
    services.write(session, reports[4], figures(), by=by, now=NOW)
    with pytest.raises(Invalid) as error:
        services.submit(session, reports[4], by=by, now=NOW)
    assert error.value.fields == {"period": "not_over"}


def test_what_was_handed_in_changes_only_after_it_was_taken_back(session: Session) -> None:
    cast, [report, *_] = make_scene(session)
    by = cast.actor("buyer_editor")
    hand_in(session, cast, report)
    with pytest.raises(IllegalTransition):
        services.write(session, report, figures(), by=by, now=NOW)
    services.take_back(session, report, by=by, now=NOW)
    services.write(session, report, figures(gross="2,000,000"), by=by, now=NOW)
    services.submit(session, report, by=by, now=NOW)
    assert [(each.number, each.state) for each in queries.revisions(session, report)] == [
        (2, "submitted"),
        (1, "taken_back"),
    ]


def test_figures_that_amended_terms_ask_for_no_more_are_written_anew(session: Session) -> None:
    cast, [report, *_] = make_scene(session)
    by = cast.actor("buyer_editor")
    services.write(session, report, figures(deduction_freight="500"), by=by, now=NOW)
    amend(session, cast, deductions=["returns"])
    with pytest.raises(Invalid) as error:
        services.submit(session, report, by=by, now=NOW)
    assert error.value.fields == {"figures": "terms_changed"}
    services.write(session, report, figures(), by=by, now=NOW)
    services.submit(session, report, by=by, now=NOW)
    amend(session, cast, royalty_base="gross_sales", deductions=None)
    assert services.accept(session, report, by=cast.actor("seller_editor"), now=NOW)


def test_another_currency_is_never_added_to_what_was_stated(session: Session) -> None:
    cast, reports = make_scene(session)
    accept(session, cast, reports[0])
    hand_in(session, cast, reports[1])
    cast.deal.currency = "USD"
    with pytest.raises(Conflict, match="terms_do_not_fit"):
        services.accept(session, reports[1], by=cast.actor("seller_editor"), now=NOW)


def test_of_two_who_write_at_once_the_second_is_told(session: Session) -> None:
    cast, [report, *_] = make_scene(session)
    by, seen = cast.actor("buyer_editor"), report.version
    services.write(session, report, figures(), by=by, now=NOW, expected_version=seen)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        services.write(session, report, figures(), by=by, now=NOW, expected_version=seen)


# The answer.


def test_a_query_gives_the_report_back_with_its_reason(session: Session) -> None:
    cast, [report, *_] = make_scene(session)
    hand_in(session, cast, report)
    by = cast.actor("seller_editor")
    with pytest.raises(Invalid):
        services.query(session, report, reason="  ", by=by, now=NOW)
    services.query(session, report, reason="运费高于上季度，请说明。", by=by, now=NOW)
    assert (report.state, report.remark) == ("queried", "运费高于上季度，请说明。")
    hand_in(session, cast, report, gross="1,100,000")
    services.accept(session, report, by=by, now=NOW)
    answers = [(each.state, each.reason) for each in queries.revisions(session, report)]
    assert answers == [("accepted", None), ("queried", "运费高于上季度，请说明。")]
    assert queries.revisions(session, report)[1].figures["gross"] == 1_000_000_00


def test_an_accepted_report_is_stated_and_owed(session: Session) -> None:
    """1,000,000 less 20,000 returns, 5 %: 49,000, due 30 days after the report was due."""
    cast, [report, *_] = make_scene(session)
    made = accept(session, cast, report, deduction_returns="20,000")
    assert (made.number, made.earned_minor, made.payable_minor) == (1, 49_000_00, 49_000_00)
    assert is_unharmed(session, made)
    assert made.content["terms"]["sha256"] == made.terms.sha256
    whats = [step["what"] for step in made.content["steps"]]
    assert whats == ["gross", "deduction:returns", "reported", "tier"]
    assert made.content["steps"][-1]["terms"] == ["royalty_tiers"]
    [row] = session.scalars(sa.select(Obligation).where(Obligation.key == "royalty:2025Q1"))
    assert (row.net_minor, row.due_on, row.charged) == (49_000_00, date(2025, 5, 30), True)
    assert (row.origin_kind, row.origin_id) == ("use_report", report.public_id)


def test_a_statement_that_somebody_rewrote_is_found_out(session: Session) -> None:
    cast, [report, *_] = make_scene(session)
    made = accept(session, cast, report)
    made.payable_minor = 1
    assert not is_unharmed(session, made)
    made.content = {**made.content, "payable": 1}
    assert not is_unharmed(session, made)
    made.sha256 = statement_hash(made.content)
    assert not is_unharmed(session, made)


def test_who_reported_in_time_has_until_the_day_of_acceptance_to_pay(session: Session) -> None:
    cast, reports = make_scene(session)
    for report in reports[:3]:
        accept(session, cast, report)
    hand_in(session, cast, reports[3])
    later = NOW + timedelta(days=60)
    services.accept(session, reports[3], by=cast.actor("seller_editor"), now=later)
    [row] = session.scalars(sa.select(Obligation).where(Obligation.key == "royalty:2025Q4"))
    assert row.due_on == later.date()


def test_reports_are_accepted_in_the_order_of_their_periods(session: Session) -> None:
    cast, reports = make_scene(session)
    hand_in(session, cast, reports[1])
    with pytest.raises(Conflict, match="earlier_report_open"):
        services.accept(session, reports[1], by=cast.actor("seller_editor"), now=NOW)
    assert reports[1].state == "submitted"


def test_a_year_of_reports_reaches_the_tiers_and_settles_the_minimum(session: Session) -> None:
    """2 million a quarter: 100,000 twice, 5 % and 4 % of the third, 4 % of the last: 370,000."""
    cast, reports = make_scene(session)
    made = [accept(session, cast, report, gross="2,000,000") for report in reports[:4]]
    assert [each.payable_minor for each in made] == [
        minor * 100 for minor in (100_000, 100_000, 50_000 + 40_000, 80_000)
    ]
    assert made[3].top_up_minor == 0
    assert owed(session, cast)["minimum:2025"][1] == "cancelled"


@pytest.mark.parametrize(
    ("mode", "net", "vat"),
    [("added", 50_000_00, 3_000_00), ("included", 47_169_81, 2_830_19), ("exempt", 50_000_00, 0)],
)
def test_vat_comes_on_top_lies_within_or_is_none(
    session: Session, mode: str, net: int, vat: int
) -> None:
    """50,000 at 6 %: 3,000 on top; or 50,000 / 1.06 = 47,169.81 and 2,830.19."""
    cast, [report, *_] = make_scene(session, terms={"vat_mode": mode, "vat_rate": "6"})
    accept(session, cast, report)
    [row] = session.scalars(sa.select(Obligation).where(Obligation.key == "royalty:2025Q1"))
    assert (row.net_minor, row.vat_minor) == (net, vat)


def test_a_sum_that_contains_vat_is_owed_to_the_fen(session: Session) -> None:
    """30,400 with 6 % in it: 28,679.25 net, of which 6 % would be 1,720.76, a fen too much."""
    terms = {"vat_mode": "included", "vat_rate": "6"}
    cast, [report, *_] = make_scene(session, terms=terms)
    accept(session, cast, report, gross="608,000")
    [row] = session.scalars(sa.select(Obligation).where(Obligation.key == "royalty:2025Q1"))
    assert (row.net_minor, row.vat_minor, row.gross_minor) == (28_679_25, 1_720_75, 30_400_00)


def test_a_poor_year_is_topped_up_under_the_minimums_own_key(session: Session) -> None:
    """10,000 a quarter are 500 each: 298,000 to the minimum of 300,000."""
    cast, reports = make_scene(session)
    made = [accept(session, cast, report, gross="10,000") for report in reports[:4]]
    assert (made[3].payable_minor, made[3].top_up_minor) == (298_500_00, 298_000_00)
    found = owed(session, cast)
    assert found["royalty:2025Q4"][0] == 500_00
    assert found["minimum:2025"][0] == 298_000_00


def test_an_amendment_counts_from_the_next_statement_on(session: Session) -> None:
    cast, reports = make_scene(session)
    first = accept(session, cast, reports[0])
    amend(session, cast, royalty_scheme="flat", royalty_rate="2")
    second = accept(session, cast, reports[1])
    assert (first.payable_minor, second.payable_minor) == (50_000_00, 20_000_00)
    assert (first.terms.number, second.terms.number) == (1, 2)


def test_a_correction_of_an_earlier_period_counts_with_its_reason(session: Session) -> None:
    cast, reports = make_scene(session)
    accept(session, cast, reports[0])
    made = accept(session, cast, reports[1], adjustment="-200,000", note="一季度多报一批次。")
    assert made.payable_minor == 40_000_00


def test_a_trial_fee_that_counts_is_set_off(session: Session) -> None:
    terms = {"trial_fee": yuan(30_000), "trial_fee_credited": True}
    cast, reports = make_scene(session, terms=terms)
    found = [accept(session, cast, report).payable_minor for report in reports[:2]]
    assert found == [20_000_00, 50_000_00]


def test_a_report_is_accepted_once(session: Session) -> None:
    cast, [report, *_] = make_scene(session)
    accept(session, cast, report)
    with pytest.raises(IllegalTransition):
        services.accept(session, report, by=cast.actor("seller_editor"), now=NOW)
    rows = session.scalars(sa.select(Obligation).where(Obligation.key == "royalty:2025Q1")).all()
    assert len(rows) == 1


def test_no_use_is_reported_as_nothing_and_owes_nothing(session: Session) -> None:
    cast, [report, *_] = make_scene(session, terms={"minimum_annual": None})
    made = accept(session, cast, report, units="0", gross="0")
    assert made.payable_minor == 0
    assert "royalty:2025Q1" not in owed(session, cast)


# Who may.


WRITERS = {"buyer_editor", "buyer_administrator", "buyer_charge"}
CHECKERS = {"seller_editor", "seller_administrator", "seller_charge"}


def test_only_the_buyers_people_write_and_only_the_sellers_answer(session: Session) -> None:
    cast, reports = make_scene(session)
    report = reports[0]
    for role in ROLES:
        by = cast.actor(role)
        if role not in WRITERS:
            with pytest.raises((Forbidden, NotFound)):
                services.write(session, report, figures(), by=by, now=NOW)
            with pytest.raises((Forbidden, NotFound)):
                services.submit(session, report, by=by, now=NOW)
    hand_in(session, cast, report)
    for role in ROLES:
        by = cast.actor(role)
        if role not in WRITERS:
            with pytest.raises((Forbidden, NotFound)):
                services.take_back(session, report, by=by, now=NOW)
        if role not in CHECKERS:
            with pytest.raises((Forbidden, NotFound)):
                services.query(session, report, reason="?", by=by, now=NOW)
            with pytest.raises((Forbidden, NotFound)):
                services.accept(session, report, by=by, now=NOW)
    assert report.state == "submitted"


# What follows.


def test_each_step_is_told_to_the_other_side(session: Session) -> None:
    cast, [report, *_] = make_scene(session)
    for change, role in (("submit", "seller"), ("query", "buyer"), ("accept", "buyer")):
        report_moved(session, {"id": report.id, "change": change}, NOW)
        latest = session.scalars(sa.select(Notice).order_by(Notice.id.desc()).limit(1)).one()
        assert latest.user_id == cast.people[f"{role}_charge"].id
        assert "minor" not in str(latest.facts)


def test_erasing_a_person_forgets_who_submitted(session: Session) -> None:
    cast, [report, *_] = make_scene(session)
    accept(session, cast, report)
    user = cast.people["buyer_editor"]
    assert collect(session, user)["use_reports"][0]["as"] == "submitted"
    erase(session, user, NOW)
    [revision] = session.scalars(
        sa.select(UseReportRevision).execution_options(populate_existing=True)
    )
    assert revision.submitted_by is None
    assert collect(session, user)["use_reports"] == []


def test_a_rate_by_years_is_read_from_the_terms(session: Session) -> None:
    cast, _ = make_scene(
        session,
        terms={"royalty_scheme": "by_year", "royalty_by_year": ["5", "4.5"], "royalty_tiers": None},
    )
    found = agreed(session, cast.deal)
    assert found is not None
    assert found.terms.by_year == (Fraction(5, 100), Fraction(45, 1000))
    assert TERMS["report_days"] == found.report_days


def test_a_row_that_was_written_needs_figures(session: Session) -> None:
    _, [report, *_] = make_scene(session)
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        session.execute(sa.update(UseReport).where(UseReport.id == report.id).values(state="draft"))

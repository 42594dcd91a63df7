"""Contracts counted by kind, year, region, institution, field; as known on any day."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from tenon.compliance.models import ContractRegistration
from tenon.deals.models import Deal
from tenon.figures.annual import annual
from tenon.figures.models import ContractRecord
from tenon.figures.queries import Scope, contracts, count, figures, local_conversion
from tenon.figures.recording import record_contract, record_unrecorded
from tests.deals.browsing import browser, words
from tests.deals.cast import Cast
from tests.factories.accounts import make_organisation, post
from tests.factories.deals import make_deal
from tests.factories.listings import make_ip_right

SPRING = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def signed(session: Session, cast: Cast, **columns: Any) -> Deal:
    """A licence, signed on 10 March 2026 for 100,000, and its record of that day."""
    now = columns.pop("now", SPRING)
    values = {"value_minor": 10_000_000, "state": "signed", **columns}
    deal = cast.deal(session, now=now, **values)
    record_contract(session, deal, now=now)
    return deal


def register(session: Session, deal: Deal, *, number: str, value: int, technology: int) -> None:
    """The certificate of the contract's registration, of 20 March 2026."""
    session.add(
        ContractRegistration(
            deal_id=deal.id,
            number=number,
            project_name=deal.title,
            contract="licence",
            signed_on=deal.signed_on,
            registered_on=date(2026, 3, 20),
            currency=deal.currency,
            value_minor=value,
            technology_value_minor=technology,
            seller_country="156",
            seller_division="420100",
            seller_nature="institution",
            buyer_country="156",
            buyer_nature="enterprise",
        )
    )
    session.flush()


def test_a_figure_as_of_a_past_day_stays_what_it_was(session: Session, cast: Cast) -> None:
    """Signed for 100,000 in March, amended to 150,000 in June: April still says 100,000."""
    deal = signed(session, cast)
    deal.value_minor = 15_000_000
    session.flush()
    made = record_contract(session, deal, now=SPRING + 90 * DAY)
    assert made is not None
    assert made.change == "amended"
    [then] = figures(session, Scope(as_of=date(2026, 4, 1)), by="contract")
    [now] = figures(session, Scope(), by="contract")
    assert (then.value_minor, now.value_minor) == (10_000_000, 15_000_000)
    assert figures(session, Scope(as_of=date(2026, 3, 9)), by="contract") == []


def test_nothing_changed_writes_nothing(session: Session, cast: Cast) -> None:
    """A second look at the same contract adds no row; a deal that is not signed has none."""
    deal = signed(session, cast)
    assert record_contract(session, deal, now=SPRING + DAY) is None
    talks = cast.deal(session, state="talks")
    assert record_contract(session, talks, now=SPRING) is None


def test_registered_contracts_stand_apart_with_the_certificates_values(
    session: Session, cast: Cast
) -> None:
    """Of two contracts one is registered for 90,000, of which 80,000 for technology."""
    deal = signed(session, cast)
    signed(session, cast, technology_value_minor=6_000_000)
    register(session, deal, number="2026420100000001", value=9_000_000, technology=8_000_000)
    assert record_unrecorded(session, now=SPRING + 11 * DAY) == 1
    assert record_unrecorded(session, now=SPRING + 12 * DAY) == 0
    [line] = figures(session, Scope(), by="contract")
    assert (line.count, line.value_minor, line.technology_minor) == (2, 20_000_000, 14_000_000)
    assert (line.registered_count, line.registered_minor) == (1, 9_000_000)
    assert line.registered_technology_minor == 8_000_000
    assert count(session, Scope(registered=True)) == 1


def test_amounts_of_two_currencies_stand_on_two_lines(session: Session, cast: Cast) -> None:
    """Yuan and dollars are never added."""
    signed(session, cast)
    signed(session, cast, currency="USD", value_minor=500_000)
    found = {each.currency: each.value_minor for each in figures(session, Scope(), by="year")}
    assert found == {"CNY": 10_000_000, "USD": 500_000}


def test_the_local_conversion_rate_by_count_and_by_value(session: Session, cast: Cast) -> None:
    """Wuhan to Yichang is local; to Hangzhou, and abroad, is not: 1 of 3, 100,000 of 400,000."""
    near = make_organisation(session, kind="enterprise", region="420500")
    far = make_organisation(session, kind="enterprise", region="330100")
    abroad = make_organisation(session, kind="enterprise", country="DE")
    signed(session, cast, buyer=near)
    signed(session, cast, buyer=far, value_minor=20_000_000)
    signed(session, cast, buyer=abroad)
    rate = local_conversion(session, Scope())
    assert (rate.local, rate.all) == (1, 3)
    assert rate.by_value("CNY") == Decimal(25)
    assert rate.by_value("USD") is None
    assert local_conversion(session, Scope(), province="330000").by_count is None


def test_every_figure_leads_to_its_contracts(session: Session, cast: Cast) -> None:
    """By every dimension the counts are those of the lists behind them."""
    signed(session, cast)
    signed(session, cast, form="assignment", now=SPRING - 400 * DAY)
    signed(session, cast, form="consulting", seller=make_organisation(session))
    for by in ("contract", "year", "form", "region", "institution", "field"):
        lines = figures(session, Scope(), by=by)
        assert sum(each.count for each in lines) == 3
        for each in lines:
            value = "" if each.value is None else str(each.value)
            behind = contracts(session, Scope(only={by: value}))
            assert len(behind) == each.count
            assert sum(one.record.value_minor for one in behind) == each.value_minor


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 30), st.integers(0, 10**12)),
        min_size=1,
        max_size=12,
    ),
    looks=st.integers(0, 200),
)
def test_as_of_any_day_the_sum_is_that_of_the_values_of_that_day(
    session: Session, cast: Cast, changes: list[tuple[int, int, int]], looks: int
) -> None:
    """Three contracts whose values change now and then: every past day gives its own sum."""
    whole = session.begin_nested()
    deals = [signed(session, cast, value_minor=number) for number in (1, 2, 3)]
    history = [[(SPRING, deal.value_minor or 0)] for deal in deals]
    now = SPRING
    for which, days, value in changes:
        now += days * DAY
        deals[which].value_minor = value
        session.flush()
        record_contract(session, deals[which], now=now)
        history[which].append((now, value))
    day = (SPRING + looks * DAY).date()
    expected = 0
    for known in history:
        upto = [value for at, value in known if at.date() <= day]
        expected += upto[-1] if upto else 0
    lines = figures(session, Scope(as_of=day), by="contract")
    assert sum(each.value_minor for each in lines) == expected
    whole.rollback()


def test_records_can_be_neither_changed_nor_deleted(session: Session, cast: Cast) -> None:
    """The database itself refuses."""
    signed(session, cast)
    for statement in (sa.update(ContractRecord).values(value_minor=1), sa.delete(ContractRecord)):
        with pytest.raises(sa.exc.DatabaseError), session.begin_nested():
            session.execute(statement)


def test_the_annual_metrics_of_an_institution(session: Session, cast: Cast) -> None:
    """Two licences and an option in 2026, one of the licences has ended."""
    signed(session, cast)
    ended = signed(session, cast)
    ended.stage = ended.state = "completed"
    session.flush()
    record_contract(session, ended, now=SPRING + 30 * DAY)
    signed(session, cast, form="share_subscription")
    year = annual(session, cast.university.id, 2026)
    assert (year.licences, year.options, year.active) == (2, 1, 1)
    assert annual(session, cast.university.id, 2025).licences == 0
    assert annual(session, cast.firm.id, 2026).licences == 0


def test_a_licence_that_expired_is_not_active_as_of_its_day(session: Session, cast: Cast) -> None:
    """One whose last day was in May 2027, one whose patent ended in March 2027: two, then none."""
    patent = make_ip_right(session, filed_on=date(2007, 4, 1))
    signed(session, cast, ends_on=date(2027, 5, 31))
    signed(session, cast, rights=[patent])
    signed(session, cast, ends_on=date(2027, 12, 31))
    active = [annual(session, cast.university.id, year).active for year in (2026, 2027, 2028)]
    assert active == [3, 1, 0]


PAGES = ("overview", "contracts", "contracts.xlsx", "annual")


@pytest.mark.parametrize("page", PAGES)
def test_who_sees_which_figures(app: Flask, committed: Session, settled: Cast, page: str) -> None:
    """Operators all, an organisation's editors their own, nobody else anything."""
    signed(committed, settled, title="保密的许可")
    committed.commit()
    for role, everybody, own in (
        ("operator", 200, 403),
        ("seller_editor", 403, 200),
        ("buyer_administrator", 403, 200),
        ("seller_member", 403, 403),
        ("broker", 403, 403),
        ("nobody", 403, 403),
    ):
        client = browser(app, settled, role)
        assert client.get(f"/figures/all/{page}").status_code == everybody, role
        assert client.get(f"/figures/ours/{page}").status_code == own, role
    stranger = browser(app, settled, "stranger").get("/figures/ours/contracts")
    assert "保密的许可" not in words(stranger)


def test_the_workbook_fills_the_registration_forms_fields(
    app: Flask, committed: Session, settled: Cast
) -> None:
    """The certificate's number and amounts in whole yuan; a title that begins with = is text."""
    deal = signed(committed, settled, title="=1+1")
    register(committed, deal, number="2026420100000001", value=9_000_000, technology=8_000_000)
    record_unrecorded(committed, now=SPRING + 11 * DAY)
    committed.commit()
    answer = browser(app, settled, "operator").get("/figures/all/contracts.xlsx")
    book = load_workbook(io.BytesIO(answer.data))
    header, row = list(book.worksheets[0].iter_rows(values_only=True))
    line = dict(zip(header, row, strict=True))
    assert line["Registration number"] == "2026420100000001"
    assert (line["Contract value"], line["Technology value"]) == (90_000, 80_000)
    assert line["Project name"] == "=1+1"
    assert book.worksheets[0].cell(2, 2).data_type == "s"


def test_the_workbook_as_of_a_past_day_knows_no_later_certificate(
    app: Flask, committed: Session, settled: Cast
) -> None:
    """Registered on 21 March: on the 15th neither number nor registered value is known."""
    deal = signed(committed, settled, title="换热器许可")
    register(committed, deal, number="2026420100000001", value=9_000_000, technology=8_000_000)
    record_unrecorded(committed, now=SPRING + 11 * DAY)
    committed.commit()
    client = browser(app, settled, "operator")

    def line(day: str) -> dict[Any, Any]:
        answer = client.get("/figures/all/contracts.xlsx", query_string={"as_of": day})
        sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
        header, row = sheet.iter_rows(values_only=True)
        return dict(zip(header, row, strict=True))

    before, after = line("2026-03-15"), line("2026-03-25")
    assert (before["Registration number"], before["Seller's legal nature"]) == (None, None)
    assert (before["Contract value"], before["Technology value"]) == (100_000, None)
    assert after["Registration number"] == "2026420100000001"
    assert (after["Contract value"], after["Technology value"]) == (90_000, 80_000)


def test_expenditure_is_entered_by_the_institution_itself(
    app: Flask, committed: Session, settled: Cast
) -> None:
    """What cannot be read comes back at its field, as it was typed."""
    client = browser(app, settled, "seller_editor")
    wrong = post(client, "/figures/ours/annual", year="2026", amount="viel")
    assert wrong.status_code == 422
    assert 'value="viel"' in wrong.text
    assert post(client, "/figures/ours/annual", year="2026", amount="1,200.50").status_code == 303
    assert "1,200.50" in client.get("/figures/ours/annual").text
    operator = browser(app, settled, "operator")
    house = settled.university.public_id
    sent = post(operator, f"/figures/all/annual?organisation={house}", year="2026", amount="1")
    assert sent.status_code == 403


def test_make_deal_of_another_seller(session: Session) -> None:
    """A deal without a region of its seller is counted under “not stated”."""
    deal = make_deal(session, state="in_force", seller=make_organisation(session), now=SPRING)
    record_contract(session, deal, now=SPRING)
    assert [each.value for each in figures(session, Scope(), by="region")] == [None]

"""The board: whose deals, which filters, bounded work, figures without terms."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.deals.forms.schema import OPEN_STAGES
from tenon.deals.queries.board import BoardFilter, board, counts, for_export
from tenon.deals.queries.board_forecast import forecast, likely, totals
from tests.conftest import NOW
from tests.deals.browsing import browser, counted, words
from tests.deals.cast import Cast
from tests.factories.accounts import make_organisation, post
from tests.factories.deals import make_terms

MINE, ALL = BoardFilter(), BoardFilter(whose="all")
YUAN = 100


def titles(session: Session, asked: BoardFilter, cast: Cast, role: str) -> set[str]:
    """Return what stands on a role's board."""
    views = board(session, asked, by=cast.actor(role), now=NOW, limit=50)
    return {card.deal.title for view in views for card in view.cards}


def test_a_broker_sees_their_own_and_an_operator_all(session: Session, cast: Cast) -> None:
    cast.deal(session, title="甲")
    cast.deal(session, title="乙", broker=cast.people["other_broker"])
    cast.deal(session, title="丙", broker=None)
    assert titles(session, MINE, cast, "broker") == {"甲"}
    assert titles(session, ALL, cast, "broker") == {"甲"}, "all is an operator's"
    assert titles(session, ALL, cast, "operator") == {"甲", "乙", "丙"}
    assert titles(session, MINE, cast, "operator") == set()


def test_filters_narrow_and_counts_follow(session: Session, cast: Cast) -> None:
    other = make_organisation(session, kind="enterprise")
    cast.deal(session, title="许可", state="terms", now=NOW - timedelta(days=40))
    cast.deal(session, title="服务", form="service", state="terms", buyer=other)
    signed = cast.deal(session, title="大额", state="approval", value_minor=2_000_000 * YUAN)
    cast.deal(session, title="美元", state="approval", value_minor=1, currency="USD")
    cases = {
        "form": (BoardFilter(form="service"), {"服务"}),
        "organisation": (BoardFilter(organisation_id=other.id), {"服务"}),
        "days": (BoardFilter(days=30), {"许可"}),
        "band": (BoardFilter(band="large"), {"大额"}),
        "not agreed": (BoardFilter(band="open"), {"许可", "服务"}),
    }
    for name, (asked, found) in cases.items():
        assert titles(session, asked, cast, "broker") == found, name
        numbers = counts(session, OPEN_STAGES, asked, by=cast.actor("broker"), now=NOW)
        assert sum(numbers.values()) == len(found), name
    assert signed.stage == "approval"


def test_the_longest_in_a_stage_comes_first_and_pages_follow(session: Session, cast: Cast) -> None:
    for days in range(9):
        cast.deal(session, title=f"{days}", state="terms", now=NOW - timedelta(days=days))
    by = cast.actor("broker")
    first = board(session, MINE, lanes=("terms",), by=by, now=NOW, limit=4)[0]
    rest = board(session, MINE, lanes=("terms",), by=by, now=NOW, limit=4, offset=4)[0]
    assert [card.deal.title for card in first.cards] == ["8", "7", "6", "5"]
    assert [card.deal.title for card in rest.cards] == ["4", "3", "2", "1"]
    assert first.number == 9


@pytest.mark.parametrize("role", ["broker", "operator"])
def test_statements_do_not_grow_with_the_board(
    app: Flask, settled: Cast, committed: Session, database: Database, role: str
) -> None:
    client = browser(app, settled, role)
    sent = []
    for number in (1, 30):
        for each in range(number):
            deal = settled.deal(committed, state="terms", title=f"{number}-{each}")
            make_terms(committed, deal, values={}, state="proposed")
        committed.commit()
        with counted(database) as statements:
            assert client.get("/deals/board").status_code == 200
        sent.append(len(statements))
    assert sent[0] == sent[1]
    assert sent[1] <= 18


def test_an_operator_reads_figures_and_no_terms(
    app: Flask, settled: Cast, committed: Session
) -> None:
    deal = settled.deal(
        committed, state="approval", terms={"know_how": "保密配方"}, value_minor=777 * YUAN
    )
    committed.commit()
    client = browser(app, settled, "operator")
    for page in ("/deals/board", "/deals/board?stage=approval", f"/deals/{deal.public_id}"):
        told = words(client.get(page))
        assert "777" in told
        assert "保密配方" not in told
    export = post(client, "/deals/board/export")
    assert "保密配方" not in export.data.decode("utf-8-sig")


def test_the_board_is_for_brokers_and_operators(app: Flask, settled: Cast) -> None:
    for role, status in (
        ("broker", 200),
        ("operator", 200),
        ("seller_administrator", 403),
        ("stranger", 403),
        ("visitor", 302),
    ):
        client = browser(app, settled, role)
        for page in ("/deals/board", "/deals/board/forecast"):
            assert client.get(page).status_code == status, role
        assert post(client, "/deals/board/export").status_code == status, role


def test_nonsense_in_the_address_counts_as_not_said(app: Flask, settled: Cast) -> None:
    client = browser(app, settled, "broker")
    address = "/deals/board?form=x&stage=nowhere&days=-4&value=?&organisation=none&page=999999"
    assert client.get(address).status_code == 200


def test_the_export_says_what_the_board_says(app: Flask, settled: Cast, committed: Session) -> None:
    settled.deal(committed, title="=甲", state="approval", value_minor=12_345)
    settled.deal(committed, title="乙", state="terms", broker=None)
    committed.commit()
    answer = post(browser(app, settled, "broker"), "/deals/board/export")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 1
    assert rows[0]["Contract value"] == "123.45"
    assert rows[0]["Currency"] == "CNY"
    assert not rows[0]["Name of the deal"].startswith("="), "no formula for a spreadsheet"


def test_the_export_comes_in_batches_in_order(session: Session, cast: Cast) -> None:
    for each in range(7):
        cast.deal(session, state="terms", title=f"{each}", now=NOW - timedelta(days=each))
    batches = for_export(session, MINE, stages=("terms",), by=cast.actor("broker"), now=NOW)
    assert [card.deal.title for batch in batches for card in batch] == list("6543210")


def test_the_forecast_weighs_by_stage_and_never_adds_currencies(
    session: Session, cast: Cast
) -> None:
    cast.deal(session, state="approval", value_minor=1_000_01)
    cast.deal(session, state="approval", value_minor=50_00, currency="USD")
    cast.deal(session, state="signing", value_minor=300_00)
    cast.deal(session, state="terms")
    cast.deal(session, state="completed", value_minor=9_999_00)
    rows = forecast(session, MINE, by=cast.actor("broker"), now=NOW)
    found = {row.stage: row for row in rows}
    weight = likely()["approval"]
    assert weight == Decimal(70)
    assert found["approval"].number == 2
    assert found["approval"].values == {"CNY": 1_000_01, "USD": 50_00}
    assert found["approval"].expected_values == {"CNY": 700_01, "USD": 35_00}
    assert found["approval"].expected_number == Decimal("1.4")
    assert found["terms"].unvalued == 1
    agreed, expected = totals(rows)
    assert agreed == {"CNY": 1_300_01, "USD": 50_00}
    assert expected == {"CNY": 970_01, "USD": 35_00}

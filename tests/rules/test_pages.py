"""The pages of rules: read by all who are signed in, kept by operators."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient

from tenon.accounts.models import User
from tenon.db import Database
from tenon.rules import queries
from tenon.rules.queries import RuleFilter, rule
from tests.factories.accounts import grant_role, make_user, post, sign_in

ROW = {
    "code": "price_publicity_days",
    "jurisdiction": "420100",
    "effective_from": "2026-07-01",
    "value": "20",
    "applies": "binding",
    "source_zh": "示例市条例第三条",
    "source_en": "Regulations of an invented city, article 3",
    "verified": "y",
}


@pytest.fixture
def operator(database: Database) -> User:
    with database.writing() as session:
        return grant_role(session, make_user(session), "operator")


@pytest.fixture
def reader(database: Database) -> User:
    with database.writing() as session:
        return make_user(session)


def row_of(database: Database, code: str, place: str = "CN") -> str:
    with database.reading() as session:
        rows = queries.rows(session, RuleFilter(code=code, jurisdiction=place))
        return rows[-1].public_id


def test_anybody_signed_in_reads_what_holds_with_its_source(
    client: FlaskClient, reader: User
) -> None:
    assert client.get("/rules").status_code == 302
    sign_in(client, reader)
    page = client.get("/rules?place=330100&topic=sharing").get_data(as_text=True)
    assert "70 %" in page
    assert "Zhejiang Regulations" in page
    assert "Price by agreement" not in page
    one = client.get("/rules/patent_term_design").get_data(as_text=True)
    assert "10 years" in one
    assert "15 years" in one
    assert "Not read in the source" in one
    assert client.get("/rules/price_of_tea").status_code == 404


def test_the_page_is_chinese_for_chinese_readers(database: Database, client: FlaskClient) -> None:
    with database.writing() as session:
        reader = make_user(session, language="zh")
    page = sign_in(client, reader).get("/rules/price_publicity_days").get_data(as_text=True)
    assert "15 天" in page
    assert "第十七条" in page


def test_a_day_that_is_no_day_is_ignored(client: FlaskClient, reader: User) -> None:
    assert sign_in(client, reader).get("/rules?on=tomorrow&place=x&topic=y").status_code == 200


def test_nobody_but_operators_opens_or_changes_the_table(
    client: FlaskClient, database: Database, reader: User
) -> None:
    key = row_of(database, "price_publicity_days")
    sign_in(client, reader)
    paths = ("", "/new", f"/{key}/edit", f"/{key}/end", f"/{key}/history")
    assert {client.get(f"/admin/rules{path}").status_code for path in paths} == {403}
    assert post(client, "/admin/rules/new", **ROW).status_code == 403
    assert post(client, f"/admin/rules/{key}/edit", **ROW).status_code == 403
    assert post(client, f"/admin/rules/{key}/end", on="2026-12-01").status_code == 403


def test_an_operator_adds_corrects_and_ends_a_row(
    client: FlaskClient, database: Database, operator: User
) -> None:
    sign_in(client, operator)
    assert client.get("/admin/rules?topic=publicity").status_code == 200
    assert client.get("/admin/rules/new?code=price_publicity_days").status_code == 200
    assert post(client, "/admin/rules/new", **ROW).status_code == 302
    key = row_of(database, "price_publicity_days", "420100")
    assert "20" in client.get(f"/admin/rules/{key}/edit").get_data(as_text=True)
    saved = post(client, f"/admin/rules/{key}/edit", **(ROW | {"value": "25"}))
    assert saved.status_code == 302
    assert client.get(f"/admin/rules/{key}/end").status_code == 200
    assert post(client, f"/admin/rules/{key}/end", on="2026-12-31").status_code == 302
    story = client.get(f"/admin/rules/{key}/history").get_data(as_text=True)
    assert "20 days → 25 days" in story
    assert "Wei Lan" in story
    with database.reading() as session:
        found = rule(session, "price_publicity_days", jurisdiction="420100", on=date(2026, 12, 31))
        assert found.number == 25


def test_a_row_that_shares_days_is_refused_and_what_was_typed_stays(
    client: FlaskClient, operator: User
) -> None:
    sign_in(client, operator)
    answer = post(client, "/admin/rules/new", **(ROW | {"jurisdiction": "330000"}))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "End that one first" in page
    assert "Regulations of an invented city" in page


def test_forms_without_their_token_are_refused(
    client: FlaskClient, database: Database, operator: User
) -> None:
    sign_in(client, operator)
    assert client.post("/admin/rules/new", data=ROW).status_code == 400
    key = row_of(database, "price_publicity_days")
    assert client.post(f"/admin/rules/{key}/end", data={"on": "2026-12-31"}).status_code == 400


def test_a_value_of_the_wrong_kind_is_said_at_the_field(
    client: FlaskClient, database: Database, operator: User
) -> None:
    sign_in(client, operator)
    key = row_of(database, "price_publicity_days")
    answer = post(client, f"/admin/rules/{key}/edit", **(ROW | {"value": "fifteen"}))
    assert answer.status_code == 422
    assert "Please enter a number." in answer.get_data(as_text=True)


CHOICES = ROW | {"code": "base_price_routes", "value": ["auction", "listing"]}


def test_what_a_rule_chooses_is_said_in_words(
    database: Database, client: FlaskClient, operator: User
) -> None:
    with database.writing() as session:
        reader = make_user(session, language="zh")
    page = sign_in(client, reader).get("/rules").get_data(as_text=True)
    assert "挂牌交易、拍卖" in page
    assert "仍应支付报酬" in page
    assert "listing" not in page
    english = sign_in(client, operator).get("/admin/rules").get_data(as_text=True)
    assert "Public listing, Auction" in english
    assert "The fee is owed all the same" in english


def test_an_operator_ticks_what_a_rule_chooses(
    client: FlaskClient, database: Database, operator: User
) -> None:
    sign_in(client, operator)
    assert "Routes of pricing" in client.get("/admin/rules/new").get_data(as_text=True)
    empty = client.get("/admin/rules/new?code=base_price_routes").get_data(as_text=True)
    assert 'type="checkbox" value="auction"' in empty
    assert "checked" not in empty.split('id="applies"')[0]
    assert post(client, "/admin/rules/new", **CHOICES).status_code == 302
    key = row_of(database, "base_price_routes", "420100")
    with database.reading() as session:
        found = rule(session, "base_price_routes", jurisdiction="420100", on=date(2026, 12, 31))
        assert found.codes == ("listing", "auction"), "in the order of the files"
    none = CHOICES | {"value": []}
    assert post(client, f"/admin/rules/{key}/edit", **none).status_code == 302
    story = client.get(f"/admin/rules/{key}/history").get_data(as_text=True)
    assert "Public listing, Auction → None of them" in story


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("base_price_routes", ["barter"]),
        ("grant_closing_without_fault", []),
        ("grant_closing_without_fault", ["perhaps"]),
        ("grant_closing_without_fault", ["allowed,refused"]),
    ],
)
def test_what_is_not_in_the_list_cannot_be_chosen(
    client: FlaskClient, operator: User, code: str, value: list[str]
) -> None:
    sign_in(client, operator)
    answer = post(client, "/admin/rules/new", **(ROW | {"code": code, "value": value}))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Please fill this in." in page or "Please choose from the list." in page
    assert "Regulations of an invented city" in page


def test_amounts_alone_have_a_currency(client: FlaskClient, operator: User) -> None:
    sign_in(client, operator)
    for code, amount in (("knowledge_loan_cap_highest", True), ("price_publicity_days", False)):
        page = client.get(f"/admin/rules/new?code={code}").get_data(as_text=True)
        assert ('name="currency"' in page) is amount


def test_a_row_of_no_known_rule_is_refused(client: FlaskClient, operator: User) -> None:
    sign_in(client, operator)
    assert post(client, "/admin/rules/new", **(ROW | {"code": "price_of_tea"})).status_code == 404


def test_a_row_whose_rule_the_files_no_longer_describe_can_be_corrected(
    client: FlaskClient, database: Database, operator: User
) -> None:
    with database.writing() as session:
        row = queries.rows(session, RuleFilter(code="price_publicity_days"))[0]
        row.code, key = "a_rule_of_before", row.public_id
    sign_in(client, operator)
    assert client.get(f"/admin/rules/{key}/edit").status_code == 200
    assert post(client, f"/admin/rules/{key}/edit", **ROW).status_code == 302
    assert "15 → 20" in client.get(f"/admin/rules/{key}/history").get_data(as_text=True).replace(
        " days", ""
    )

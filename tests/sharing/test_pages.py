"""Pages of income sharing: who sees what, what each may do, and a whole road through the forms."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tenon.compliance.days import day_of
from tenon.db import Database
from tenon.sharing import services
from tenon.sharing.models import Distribution
from tests.factories.accounts import grant_role, make_user, post, sign_in
from tests.factories.sharing import (
    Sharing,
    confirm_all,
    make_distribution,
    make_income,
    make_sharing,
)

TODAY = datetime.now(UTC)


@pytest.fixture
def scene(database: Database, tmp_path: Path) -> tuple[Sharing, str]:
    """A proposed distribution of a million, with a broker and an operator about."""
    with database.writing() as session:
        sharing = make_sharing(session)
        for name, role in (("broker", "broker"), ("operator", "operator")):
            sharing.people[name] = grant_role(session, make_user(session), role)
        sharing.people["stranger"] = make_user(session)
        sharing.deal.broker_id = sharing.people["broker"].id
        make_income(session, sharing.deal, 100_000_000)
        made = make_distribution(
            session, sharing, cost=6_000_000, folder=tmp_path / "var" / "files" / "sharing"
        )
        services.propose(session, made, by=sharing.actor("editor"), now=TODAY)
        return sharing, made.public_id


@pytest.fixture
def client_of(app: Flask, scene: tuple[Sharing, str]) -> Callable[[str], FlaskClient]:
    def sign(name: str) -> FlaskClient:
        client = app.test_client()
        return sign_in(client, scene[0].people[name])

    return sign


def state_of(database: Database, public_id: str) -> str:
    with database.reading() as session:
        found = session.query(Distribution).filter_by(public_id=public_id).one()
        return found.state


class TestWhoSeesWhat:
    @pytest.mark.parametrize("who", ["head", "editor"])
    def test_the_sellers_side_sees_everybody(
        self, scene: tuple[Sharing, str], client_of: Callable[[str], FlaskClient], who: str
    ) -> None:
        page = client_of(who).get(f"/sharing/{scene[1]}").text
        assert "完成人子" in page
        assert "外协丙" in page
        assert "329,000" in page
        assert "658,000" in page

    def test_a_contributor_sees_the_own_share_and_the_totals(
        self, scene: tuple[Sharing, str], client_of: Callable[[str], FlaskClient]
    ) -> None:
        page = client_of("second").get(f"/sharing/{scene[1]}").text
        assert "197,400" in page
        assert "658,000" in page
        for hidden in ("完成人子", "外协丙", "329,000", "131,600"):
            assert hidden not in page

    def test_operators_see_totals_only(
        self, scene: tuple[Sharing, str], client_of: Callable[[str], FlaskClient]
    ) -> None:
        client = client_of("operator")
        page = client.get(f"/sharing/{scene[1]}").text
        assert "658,000" in page
        for hidden in ("完成人子", "外协丙", "329,000", "代理费"):
            assert hidden not in page
        assert client.get(f"/deals/{scene[0].deal.public_id}/sharing").status_code == 200

    @pytest.mark.parametrize("who", ["firm", "broker", "member", "stranger"])
    def test_nobody_else_knows_of_it(
        self, scene: tuple[Sharing, str], client_of: Callable[[str], FlaskClient], who: str
    ) -> None:
        client = client_of(who)
        assert client.get(f"/sharing/{scene[1]}").status_code == 404
        assert client.get(f"/deals/{scene[0].deal.public_id}/sharing").status_code == 404

    @pytest.mark.parametrize("who", ["firm", "broker"])
    def test_the_deals_page_shows_it_to_the_sellers_side_only(
        self, scene: tuple[Sharing, str], client_of: Callable[[str], FlaskClient], who: str
    ) -> None:
        path = f"/deals/{scene[0].deal.public_id}"
        assert 'id="sharing"' in client_of("editor").get(path).text
        answer = client_of(who).get(path)
        assert answer.status_code == 200
        assert 'id="sharing"' not in answer.text
        assert "/sharing" not in answer.text

    def test_members_read_what_is_public_inside(
        self,
        database: Database,
        scene: tuple[Sharing, str],
        client_of: Callable[[str], FlaskClient],
        tmp_path: Path,
    ) -> None:
        sharing, public_id = scene
        with database.writing() as session:
            made = session.query(Distribution).filter_by(public_id=public_id).one()
            services.take_back(session, made, by=sharing.actor("editor"), now=TODAY)
            confirm_all(session, sharing, made, tmp_path, now=TODAY)
            services.publicise(session, made, by=sharing.actor("head"), now=TODAY)
        page = client_of("member").get(f"/sharing/{public_id}").text
        assert "外协丙" in page
        assert "131,600" in page
        assert "代理费" not in page
        assert client_of("firm").get(f"/sharing/{public_id}").status_code == 404
        answer = post(client_of("member"), f"/sharing/{public_id}/objections", text="有异议")
        assert answer.status_code == 303
        assert "有异议" in client_of("editor").get(f"/sharing/{public_id}").text

    @pytest.mark.parametrize(
        ("who", "status"),
        [("editor", 200), ("first", 200), ("operator", 403), ("firm", 404), ("broker", 404)],
    )
    def test_receipts(
        self,
        database: Database,
        scene: tuple[Sharing, str],
        client_of: Callable[[str], FlaskClient],
        who: str,
        status: int,
    ) -> None:
        with database.reading() as session:
            made = session.query(Distribution).filter_by(public_id=scene[1]).one()
            cost = made.costs[0].public_id
        with client_of(who).get(f"/sharing/{scene[1]}/costs/{cost}") as answer:
            assert answer.status_code == status
            if status == 200:
                assert "attachment" in answer.headers["Content-Disposition"]


class TestWhoMayDoWhat:
    @pytest.mark.parametrize("who", ["firm", "broker", "member", "stranger"])
    @pytest.mark.parametrize(
        "path",
        ["confirm", "dispute", "take_back", "propose", "approve", "pay", "coverage", "percentages"],
    )
    def test_strangers_get_404(
        self,
        scene: tuple[Sharing, str],
        client_of: Callable[[str], FlaskClient],
        who: str,
        path: str,
    ) -> None:
        answer = post(client_of(who), f"/sharing/{scene[1]}/{path}")
        assert answer.status_code == 404

    @pytest.mark.parametrize("who", ["first", "operator"])
    @pytest.mark.parametrize(
        "path", ["take_back", "propose", "approve", "publicise", "percentages"]
    )
    def test_those_who_only_read_get_403(
        self,
        database: Database,
        scene: tuple[Sharing, str],
        client_of: Callable[[str], FlaskClient],
        who: str,
        path: str,
    ) -> None:
        answer = post(client_of(who), f"/sharing/{scene[1]}/{path}")
        assert answer.status_code == 403
        assert state_of(database, scene[1]) == "proposed"

    @pytest.mark.parametrize("who", ["head", "editor", "operator"])
    def test_nobody_confirms_for_a_contributor(
        self, scene: tuple[Sharing, str], client_of: Callable[[str], FlaskClient], who: str
    ) -> None:
        assert post(client_of(who), f"/sharing/{scene[1]}/confirm").status_code == 403

    def test_an_editor_cannot_confirm_a_paper(
        self,
        database: Database,
        scene: tuple[Sharing, str],
        client_of: Callable[[str], FlaskClient],
    ) -> None:
        with database.reading() as session:
            made = session.query(Distribution).filter_by(public_id=scene[1]).one()
            share = made.shares[2].public_id
        paper = (io.BytesIO(b"%PDF-1.7 signed"), "signed.pdf")
        path = f"/sharing/{scene[1]}/papers/{share}"
        assert post(client_of("editor"), path, paper=paper).status_code == 403
        paper = (io.BytesIO(b"%PDF-1.7 signed"), "signed.pdf")
        assert post(client_of("head"), path, paper=paper).status_code == 303


def test_from_income_to_statement(
    app: Flask, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it through the pages, as the people do it."""
    monkeypatch.setattr("tenon.web.requests.utc_now", lambda: TODAY)
    with database.writing() as session:
        sharing = make_sharing(session)
        make_income(session, sharing.deal, 100_000_000, vat_rate=6)
        deal = sharing.deal.public_id

    def client(name: str) -> FlaskClient:
        return sign_in(app.test_client(), sharing.people[name])

    answer = post(client("editor"), f"/deals/{deal}/sharing", currency="CNY")
    assert answer.status_code == 303
    base = answer.headers["Location"]
    today = day_of(TODAY).isoformat()
    editor = client("editor")
    assert post(editor, f"{base}/coverage", through_on=today, percent="40").status_code == 303
    receipt = (io.BytesIO(b"%PDF-1.7 receipt"), "invoice.pdf")
    costs = {"kind": "agency", "amount": "60,000.00", "note": "代理", "receipt": receipt}
    assert post(editor, f"{base}/costs", **costs).status_code == 303
    with database.reading() as session:
        made = session.query(Distribution).one()
        ids = [each.public_id for each in made.shares]
    wrong = {f"percent-{ids[0]}": "5O"}
    answer = post(editor, f"{base}/percentages", **wrong)
    assert answer.status_code == 422
    assert 'value="5O"' in answer.text  # what was typed is kept
    parts = {f"percent-{key}": value for key, value in zip(ids, ("50", "30", "20"), strict=True)}
    assert post(editor, f"{base}/percentages", **parts, main=ids[0]).status_code == 303

    refused = post(editor, f"{base}/propose")
    assert refused.status_code == 409  # 40 % is below the floor of half
    assert "50" in refused.text
    assert "45" in refused.text  # the article that the floor stands in
    assert post(editor, f"{base}/coverage", through_on=today, percent="70").status_code == 303
    assert post(editor, f"{base}/propose").status_code == 303

    for name in ("first", "second"):
        assert sharing.deal.title in client(name).get("/income-shares").text
        assert post(client(name), f"{base}/confirm").status_code == 303
    paper = (io.BytesIO(b"%PDF-1.7 signed"), "signed.pdf")
    assert post(client("head"), f"{base}/papers/{ids[2]}", paper=paper).status_code == 303
    assert post(client("head"), f"{base}/publicise").status_code == 303
    assert post(client("head"), f"{base}/approve").status_code == 409  # fifteen days first
    with database.writing() as session:
        made = session.query(Distribution).one()
        made.publicity_ends_on = day_of(TODAY) - timedelta(days=1)
    assert post(client("head"), f"{base}/approve").status_code == 303
    assert post(client("head"), f"{base}/pay", paid_on=today).status_code == 303
    year = day_of(TODAY).year
    page = client("first").get(f"/income-shares/{year}")
    assert page.status_code == 200
    assert "329,000" in page.text or "32.9 万元" in page.text
    assert client("firm").get(f"/income-shares/{year}").status_code == 404
    pdf = client("first").get(f"/income-shares/{year}.pdf")
    assert pdf.data.startswith(b"%PDF")
    assert "attachment" in pdf.headers["Content-Disposition"]


def test_each_person_counts_what_waits(scene: tuple[Sharing, str], database: Database) -> None:
    from tenon.sharing import queries

    with database.reading() as session:
        waiting = {
            name: queries.waiting_for(session, user.id) for name, user in scene[0].people.items()
        }
    assert {name for name, number in waiting.items() if number} == {"first", "second"}

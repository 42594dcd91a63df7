"""The simulator's pages: inputs in the address, charts, tables, kept settings, the negotiation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tenon.accounts import personal_data
from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.db import Database
from tenon.deals.models import Deal
from tenon.history import HistoryEntry
from tenon.simulations import services, tasks
from tenon.simulations.models import Simulation
from tenon.simulations.reading import ask
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    post,
    sign_in,
)
from tests.factories.deals import make_deal
from tests.factories.listings import make_achievement

NOW = datetime.now(UTC)
FORMS = [("form", "assignment"), ("form", "licence"), ("form", "equity")]


@dataclass
class Scene:
    deal: str
    listing: str
    people: dict[str, User] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)


@pytest.fixture
def scene(database: Database) -> Scene:
    """A licence in negotiation, with an editor on each side, a broker, an operator, a stranger."""
    with database.writing() as session:
        seller = make_organisation(session, kind="university", region="420100")
        buyer = make_organisation(session, kind="enterprise")
        people = {
            name: make_user(session)
            for name in ("seller", "buyer", "broker", "operator", "stranger")
        }
        make_membership(session, people["seller"], seller, "editor")
        make_membership(session, people["buyer"], buyer, "editor")
        grant_role(session, people["broker"], "broker")
        grant_role(session, people["operator"], "operator")
        result = make_achievement(session, organisation=seller, state="published")
        deal = make_deal(
            session, seller=seller, buyer=buyer, listings=[result], broker=people["broker"]
        )
        actors = {name: actor_for(each) for name, each in people.items()}
        return Scene(deal.public_id, result.public_id, people, actors)


@pytest.fixture
def client_of(app: Flask, scene: Scene) -> Callable[[str], FlaskClient]:
    return lambda name: sign_in(app.test_client(), scene.people[name])


def query(**values: str) -> list[tuple[str, str]]:
    return [*FORMS, *values.items()]


@pytest.mark.parametrize(
    ("who", "status"),
    [("seller", 200), ("buyer", 200), ("broker", 200), ("operator", 403), ("stranger", 404)],
)
def test_who_simulates_a_deal(
    scene: Scene, client_of: Callable[[str], FlaskClient], who: str, status: int
) -> None:
    assert client_of(who).get(f"/simulations/deals/{scene.deal}").status_code == status


def test_anybody_signed_in_simulates_a_public_result(
    app: Flask, scene: Scene, client_of: Callable[[str], FlaskClient]
) -> None:
    page = client_of("stranger").get(f"/simulations/listings/{scene.listing}")
    assert page.status_code == 200
    assert page.text.count("<svg") > 5
    assert f"/simulations/listings/{scene.listing}" in (
        client_of("stranger").get(f"/listings/{scene.listing}").text
    )
    assert app.test_client().get(f"/simulations/listings/{scene.listing}").status_code == 302


def test_the_page_says_what_the_formulas_say(
    scene: Scene, client_of: Callable[[str], FlaskClient]
) -> None:
    """A sure sale for two million, no costs: 600,000 and 1,400,000 at 70 %."""
    values = {"success": "100", "transfer_cost": "0", "purchase_price": "2000000"}
    client = client_of("seller")
    page = client.get(f"/simulations/deals/{scene.deal}", query_string=query(**values)).text
    assert "¥600,000" in page
    assert "¥1,400,000" in page


def test_what_cannot_be_taken_is_said_at_its_field_and_kept(
    scene: Scene, client_of: Callable[[str], FlaskClient]
) -> None:
    client = client_of("seller")
    address = f"/simulations/deals/{scene.deal}"
    page = client.get(address, query_string=query(success="170", years="abc"))
    assert page.status_code == 200
    assert 'value="170"' in page.text
    assert 'id="in-success-fault"' in page.text
    assert 'id="in-years-fault"' in page.text


def test_a_slider_counts_without_scripts(
    scene: Scene, client_of: Callable[[str], FlaskClient]
) -> None:
    """The field was left alone and the slider moved: its nearest step counts."""
    moved = {"units": "10000", "was.units": "10000", "r.units": "25049.7"}
    page = client_of("seller").get(
        f"/simulations/deals/{scene.deal}", query_string=[*FORMS, *moved.items()]
    )
    assert 'name="units" id="in-units" value="25000"' in page.text
    both = {"units": "12000", "was.units": "10000", "r.units": "10000"}
    page = client_of("seller").get(
        f"/simulations/deals/{scene.deal}", query_string=[*FORMS, *both.items()]
    )
    assert 'name="units" id="in-units" value="12000"' in page.text


@pytest.mark.parametrize("far", ["1e999999999", "nan", "sNaN", "-inf", "abc", ""])
def test_a_slider_that_is_nowhere_breaks_nothing(
    scene: Scene, client_of: Callable[[str], FlaskClient], far: str
) -> None:
    moved = {"units": "10000", "was.units": "10000", "r.units": far}
    page = client_of("seller").get(
        f"/simulations/deals/{scene.deal}", query_string=[*FORMS, *moved.items()]
    )
    assert page.status_code == 200


def test_up_to_six_forms(scene: Scene, client_of: Callable[[str], FlaskClient]) -> None:
    every = [
        ("form", code)
        for code in (
            "assignment",
            "licence",
            "open_licence",
            "equity",
            "subscription",
            "pay_after_use",
            "invest_then_equity",
        )
    ]
    page = client_of("seller").get(f"/simulations/deals/{scene.deal}", query_string=every).text
    assert page.count('class="sim-cash"') == 6


class TestKeeping:
    def test_a_setting_is_kept_and_loaded_again(
        self, database: Database, scene: Scene, client_of: Callable[[str], FlaskClient]
    ) -> None:
        client = client_of("seller")
        answer = post(
            client,
            f"/simulations/deals/{scene.deal}/keep",
            title="谨慎方案",
            query="form=licence&form=equity&royalty_rate=7.5",
        )
        assert answer.status_code == 303
        page = client.get(answer.headers["Location"]).text
        assert 'value="7.5"' in page
        assert "谨慎方案" in page
        assert "谨慎方案" in client.get("/simulations").text
        assert "谨慎方案" not in client_of("buyer").get(f"/simulations/deals/{scene.deal}").text
        with database.reading() as session:
            assert session.query(Simulation).one().values["royalty_rate"] == "7.5"

    def test_a_shared_one_is_seen_by_both_sides_and_noted(
        self, database: Database, scene: Scene, client_of: Callable[[str], FlaskClient]
    ) -> None:
        post(
            client_of("seller"),
            f"/simulations/deals/{scene.deal}/keep",
            title="共同方案",
            shared="y",
            query="form=licence",
        )
        assert "共同方案" in client_of("buyer").get(f"/simulations/deals/{scene.deal}").text
        with database.reading() as session:
            made = session.query(Simulation).one().public_id
            kinds = [each.kind for each in session.query(HistoryEntry).filter_by(chain_kind="deal")]
        assert "share_simulation" in kinds
        assert post(client_of("buyer"), f"/simulations/{made}/drop").status_code == 403
        assert post(client_of("stranger"), f"/simulations/{made}/drop").status_code == 404
        assert post(client_of("seller"), f"/simulations/{made}/drop").status_code == 303

    def test_a_name_is_asked_for_and_the_setting_stays(
        self, scene: Scene, client_of: Callable[[str], FlaskClient]
    ) -> None:
        answer = post(
            client_of("seller"),
            f"/simulations/listings/{scene.listing}/keep",
            title=" ",
            query="form=licence&royalty_rate=9",
        )
        assert answer.status_code == 422
        assert 'value="9"' in answer.text

    def test_strangers_keep_nothing_about_a_deal(
        self, scene: Scene, client_of: Callable[[str], FlaskClient]
    ) -> None:
        path = f"/simulations/deals/{scene.deal}"
        for action in ("keep", "take"):
            answer = post(client_of("stranger"), f"{path}/{action}", title="x", query="")
            assert answer.status_code == 404
        assert post(client_of("broker"), f"{path}/take", query="form=licence").status_code == 403

    def test_a_persons_settings_come_along_and_go(self, database: Database, scene: Scene) -> None:
        with database.writing() as session:
            deal = session.query(Deal).one()
            question, _faults = ask(["licence"], {})
            services.keep(
                session, question, title="一", deal=deal, by=scene.actors["buyer"], now=NOW
            )
            user = session.get_one(User, scene.people["buyer"].id)
            (kept,) = personal_data.collect(session, user)["simulations"]["simulations"]
            assert kept["forms"] == ["licence"]
            personal_data.erase(session, user, NOW)
            assert session.query(Simulation).count() == 0


class TestNegotiation:
    def test_a_setting_begins_a_version_of_terms(
        self, scene: Scene, client_of: Callable[[str], FlaskClient]
    ) -> None:
        client = client_of("seller")
        answer = post(
            client,
            f"/simulations/deals/{scene.deal}/take",
            query="form=licence&royalty_rate=6.25&up_front=300000&minimum=80000",
        )
        assert answer.status_code == 303
        assert "/terms/new?start=simulation" in answer.headers["Location"]
        page = client.get(answer.headers["Location"])
        assert page.status_code == 200
        assert 'value="6.25"' in page.text
        assert "300000" in page.text.replace(",", "")
        assert "80000" in page.text.replace(",", "")

    def test_only_of_ones_own_or_shared_settings_of_this_deal(
        self, database: Database, scene: Scene
    ) -> None:
        with database.writing() as session:
            deal = session.query(Deal).one()
            other = make_deal(
                session, seller=deal.seller_organisation, buyer=deal.buyer_organisation
            )
            question, _faults = ask(["licence"], {"royalty_rate": "8"})
            by = scene.actors["seller"]
            made = services.keep(session, question, title="一", deal=deal, by=by, now=NOW)
            own = tasks.start_values(session, deal, by, made.public_id)
            assert own is not None
            assert own["royalty_rate"] == "8"
            assert tasks.start_values(session, deal, scene.actors["buyer"], made.public_id) is None
            assert tasks.start_values(session, other, by, made.public_id) is None
            assert tasks.start_values(session, deal, by, "nothing") is None

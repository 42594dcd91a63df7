"""What each reader of a deal's page learns of its rights, and of a licence that collides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tenon.accounts.models import User
from tenon.actors import SYSTEM
from tenon.db import Database
from tenon.deals.checks import scope as checks
from tenon.deals.models import Deal
from tenon.rights import queries, services
from tenon.rights.overlap import Scope
from tenon.rights.services import Declaration
from tests.factories.accounts import (
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    post,
    sign_in,
)
from tests.factories.deals import make_deal
from tests.factories.listings import NOW
from tests.rights.stage import TODAY, Cast, make_cast

TERMS = {"territory": ["CN"], "fields_of_use": ["管道测温"], "duration": "patent_life"}
TITLE = "测温独占许可"


@dataclass
class Scene:
    """A university that licensed exclusively once, and negotiates again with somebody else."""

    cast: Cast
    earlier: Deal
    deal: Deal
    buyer: User
    broker: User
    operator: User


@pytest.fixture
def scene(database: Database) -> Scene:
    with database.writing() as session:
        cast = make_cast(session)
        buyer, firm = make_user(session), make_organisation(session, kind="enterprise")
        make_membership(session, buyer, firm, "editor")
        broker = grant_role(session, make_user(session), "broker")
        operator = grant_role(session, make_user(session), "operator")
        common = {"seller": cast.house, "rights": [cast.right], "terms": TERMS}
        earlier = make_deal(session, state="signed", title=TITLE, **common)  # type: ignore[arg-type]  # as its parameters say
        checks.record_licence(session, earlier, step="sign", by=SYSTEM, now=NOW)
        deal = make_deal(session, state="signing", buyer=firm, broker=broker, **common)  # type: ignore[arg-type]  # the same
        return Scene(cast, earlier, deal, buyer, broker, operator)


def page(client: FlaskClient, scene: Scene, user: User) -> str:
    answer = sign_in(client, user).get(f"/deals/{scene.deal.public_id}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_granting_side_sees_the_colliding_deal(client: FlaskClient, scene: Scene) -> None:
    shown = page(client, scene, scene.cast.editor)
    assert "collides with this one" in shown
    assert scene.earlier.public_id in shown
    assert TITLE in shown


@pytest.mark.parametrize("who", ["buyer", "broker"])
def test_others_learn_only_that_there_is_one(client: FlaskClient, scene: Scene, who: str) -> None:
    shown = page(client, scene, getattr(scene, who))
    assert "collides with this one" in shown
    assert scene.earlier.public_id not in shown
    assert TITLE not in shown


def test_operators_read_no_terms_and_so_no_part(client: FlaskClient, scene: Scene) -> None:
    assert "collides with this one" not in page(client, scene, scene.operator)


def test_who_owns_how_much_is_the_granting_sides(client: FlaskClient, scene: Scene) -> None:
    words = "taken to own the whole"
    assert words in page(client, scene, scene.cast.editor)
    assert words in page(client, scene, scene.broker)
    assert words not in page(client, scene, scene.buyer)


def test_both_sides_read_how_the_patent_stands(
    client: FlaskClient, database: Database, scene: Scene
) -> None:
    with database.writing() as session:
        services.record_annuity(
            session,
            scene.cast.right,
            year=3,
            due_on=date(2025, 3, 1),
            paid_on=None,
            by=scene.cast.actor("editor"),
            now=NOW,
            today=TODAY,
        )
    for user in (scene.cast.editor, scene.buyer):
        assert "was not paid in time" in page(client, scene, user)


def test_a_licence_by_hand_is_named_to_its_owners(
    client: FlaskClient, database: Database, scene: Scene
) -> None:
    with database.writing() as session:
        services.end_licences(session, deal=scene.earlier.public_id, on=TODAY, by=SYSTEM, now=NOW)
        services.record_by_hand(
            session,
            scene.cast.right,
            scope=Scope("sole", frozenset({scene.cast.right.id}), since=date(2020, 1, 1)),
            licensee="示例石化有限公司",
            by=scene.cast.actor("editor"),
            now=NOW,
            today=TODAY,
        )
    assert "示例石化有限公司" in page(client, scene, scene.cast.editor)
    assert "示例石化有限公司" not in page(client, scene, scene.buyer)


@pytest.fixture
def declared(database: Database, scene: Scene) -> str:
    with database.writing() as session:
        services.end_licences(session, deal=scene.earlier.public_id, on=TODAY, by=SYSTEM, now=NOW)
        made = services.declare_open(
            session,
            scene.cast.right,
            declaration=Declaration(fee_mode="single", fee_minor=100, until=date(2050, 1, 1)),
            organisation_id=scene.cast.house.id,
            by=scene.cast.actor("head"),
            now=NOW,
            today=TODAY,
        )
        return made.public_id


def test_a_firm_takes_an_open_licence_once(
    client: FlaskClient, database: Database, scene: Scene, declared: str
) -> None:
    page, take = f"/open-licences/{declared}", f"/deals/from-open-licence/{declared}"
    sign_in(client, scene.buyer)
    assert take in client.get(page).get_data(as_text=True)
    first, again = post(client, take), post(client, take)
    assert first.status_code == 303
    assert first.location == again.location
    with database.reading() as session:
        [deal] = session.scalars(sa.select(Deal).where(Deal.form == "licence_open"))
        assert first.location.endswith(deal.public_id)
        assert deal.seller_organisation_id == scene.cast.house.id
        assert [right.id for right in deal.ip_rights] == [scene.cast.right.id]


def test_neither_its_owner_nor_who_represents_nobody_takes_it(
    client: FlaskClient, scene: Scene, declared: str
) -> None:
    for user in (scene.cast.head, scene.cast.stranger):
        sign_in(client, user)
        take = f"/deals/from-open-licence/{declared}"
        assert take not in client.get(f"/open-licences/{declared}").get_data(as_text=True)
        assert post(client, take).status_code == 403


def test_what_was_withdrawn_is_taken_no_more(
    client: FlaskClient, database: Database, scene: Scene, declared: str
) -> None:
    with database.writing() as session:
        services.withdraw_open(
            session,
            queries.find_open_licence(session, declared),
            reason="",
            by=scene.cast.actor("head"),
            now=NOW,
            today=TODAY,
        )
    sign_in(client, scene.buyer)
    assert post(client, f"/deals/from-open-licence/{declared}").status_code == 409

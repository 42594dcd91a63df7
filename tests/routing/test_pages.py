"""The room's pages: the list with bulk assignment, a case, visits by phone; siblings see none."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tenon.accounts.models import User
from tenon.db import Database
from tenon.listings.models import Listing
from tenon.network.models import Station
from tenon.routing import services
from tenon.routing.models import NeedCase, RoutingChoice, Visit
from tests.factories.accounts import csrf_token, post, sign_in
from tests.factories.listings import NOW
from tests.routing.scenes import (
    HONGSHAN,
    Scene,
    actor,
    hand_in,
    keep,
    make_firm,
    make_scene,
)

WORDS = "车间的冷却水温度不稳，夏天常超过35℃。想要能把水温控制在±1℃以内的办法，预算有限。"


@dataclass
class Stage:
    """Committed: the scene, a firm kept by the first broker, its person, a need at the station."""

    scene: Scene
    firm: str
    person: User
    need: str
    case: str


@pytest.fixture
def stage(database: Database) -> Stage:
    with database.writing() as session:
        scene = make_scene(session)
        firm, person = make_firm(session, region=HONGSHAN, name_zh="示例冷却设备厂")
        keep(session, firm, scene.broker, scene.tree.station)
        need = hand_in(session, firm, person, title="稳定冷却水温")
        case = services.receive(session, need, now=NOW)
        assert case is not None
        return Stage(scene, firm.public_id, person, need.public_id, case.public_id)


def visit_fields(stage: Stage, **values: object) -> dict[str, object]:
    return {
        "key": "phone-1",
        "organisation": stage.firm,
        "words": WORDS,
        "wants_need": "y",
        "consent": "publish",
        "consent_name": "某位厂长",
    } | values


def test_list_gives_out_several_at_once(
    client: FlaskClient, database: Database, stage: Stage
) -> None:
    sign_in(client, stage.scene.head)
    page = client.get("/routing/cases?whose=unassigned").text
    assert "稳定冷却水温" in page
    assert "示例冷却设备厂" in page
    with database.reading() as session:
        second = session.get_one(User, stage.scene.second.id).public_id
    assert "to look after them" in client.get(
        post(client, "/routing/cases/assign", case=[stage.case]).location
    ).text  # fmt: skip
    answer = post(client, "/routing/cases/assign", case=[stage.case], broker=second)
    assert "1 need given out." in client.get(answer.location).text
    with database.reading() as session:
        case = session.scalars(sa.select(NeedCase)).one()
        assert case.broker_id == stage.scene.second.id


def test_case_page_proposes_with_reasons_and_one_click_gives(
    client: FlaskClient, database: Database, stage: Stage
) -> None:
    sign_in(client, stage.scene.head)
    page = client.get(f"/routing/cases/{stage.case}").text
    assert "looks after the firm" in page
    assert "Give to First" in page
    post(client, f"/routing/cases/{stage.case}/assign", broker="proposed")
    page = client.get(f"/routing/cases/{stage.case}").text
    assert "as proposed; looks after the firm" in page
    with database.reading() as session:
        assert session.scalars(sa.select(NeedCase)).one().broker_id == stage.scene.broker.id


def test_a_places_page_counts_its_needs(
    client: FlaskClient, database: Database, stage: Stage
) -> None:
    with database.reading() as session:
        place = session.get_one(Station, stage.scene.tree.station.id).public_id
    sign_in(client, stage.scene.head)
    page = client.get(f"/network/places/{place}").text
    assert 'figures__number">1</span> wait for an answer here' in page
    sign_in(client, stage.scene.sibling)
    assert "wait for an answer here" not in client.get(f"/network/places/{place}").text


def test_reply_reaches_the_firm_on_its_needs_page(
    client: FlaskClient, database: Database, stage: Stage
) -> None:
    sign_in(client, stage.scene.broker)
    assert post(client, f"/routing/cases/{stage.case}/take", version=1).status_code == 302
    empty = post(client, f"/routing/cases/{stage.case}/reply", text="", version=2)
    assert empty.status_code == 422
    assert "Please fill this in." in empty.text
    sent = post(client, f"/routing/cases/{stage.case}/reply", text="两家研究所可以做。", version=2)
    assert sent.status_code == 302
    late = post(client, f"/routing/cases/{stage.case}/reply", text="再说一次。", version=2)
    assert late.status_code == 409
    assert "nothing was sent" in late.text
    assert "再说一次。</textarea>" in late.text
    version = 'name="version" value="3"'
    assert version in late.text  # sent again, it would be taken
    sign_in(client, stage.person)
    page = client.get(f"/listings/{stage.need}").text
    assert "Who looks after your need" in page
    assert "两家研究所可以做。" in page
    assert "再说一次。" not in page
    assert f"/routing/cases/{stage.case}" not in page  # the log is the network's own


def test_pass_back_wants_a_reason_at_its_field(client: FlaskClient, stage: Stage) -> None:
    sign_in(client, stage.scene.broker)
    post(client, f"/routing/cases/{stage.case}/take")
    answer = post(client, f"/routing/cases/{stage.case}/pass-on", remark="Not mine")
    assert answer.status_code == 422
    assert "Not mine" in answer.text
    answer = post(client, f"/routing/cases/{stage.case}/pass-on", reason="no_time")
    assert answer.status_code == 302
    assert "no time for it in these days" in client.get(f"/routing/cases/{stage.case}").text


@pytest.mark.parametrize("verb", ["reply", "pass-on"])
def test_what_was_typed_is_there_though_somebody_was_quicker(
    client: FlaskClient, database: Database, stage: Stage, verb: str
) -> None:
    """Another took it, or it is over: there is no form any more, the words are."""
    sign_in(client, stage.scene.broker)
    post(client, f"/routing/cases/{stage.case}/take", version=1)
    typed = {"text": "两家研究所可以做。", "remark": "两家研究所可以做。", "reason": "no_time"}
    with database.writing() as session:
        case = session.scalars(sa.select(NeedCase)).one()
        head = actor(session.get_one(User, stage.scene.head.id))
        services.reply(session, case, text="A", by=head, now=NOW)
    path = f"/routing/cases/{stage.case}"
    answer = post(client, f"{path}/{verb}", version=2, **typed)
    assert answer.status_code == 409
    assert "It changed meanwhile" in answer.text
    assert "两家研究所可以做。</textarea>" in answer.text
    with database.writing() as session:
        case = session.scalars(sa.select(NeedCase)).one()
        case.listing.state = "withdrawn"
        services.follow_listing(session, case.listing, step="withdraw", came_from="", now=NOW)
    answer = post(client, f"{path}/{verb}", version=3, **typed)
    assert answer.status_code == 409
    assert "What you typed" in answer.text
    assert "两家研究所可以做。" in answer.text
    assert "</textarea>" not in answer.text


def test_siblings_and_others_find_nothing(
    client: FlaskClient, database: Database, stage: Stage
) -> None:
    sign_in(client, stage.scene.broker)
    made = post(client, "/routing/visits/new", **visit_fields(stage))
    visit = made.location
    assert made.status_code == 303
    sign_in(client, stage.scene.sibling)
    assert "稳定冷却水温" not in client.get("/routing/cases?whose=all").text
    assert "示例冷却设备厂" not in client.get(f"/routing/visits?firm={stage.firm}").text
    for path in (f"/routing/cases/{stage.case}", visit):
        assert client.get(path).status_code == 404
    for verb in ("assign", "take", "pass-on", "reply", "route"):
        path = f"/routing/cases/{stage.case}/{verb}"
        assert post(client, path, text="A", reason="no_time").status_code == 404
    assert post(client, f"{visit}/consent", consent="none").status_code == 404
    with database.reading() as session:
        place = session.get_one(type(stage.scene.tree.station), stage.scene.tree.station.id)
        path = f"/routing/places/{place.public_id}/automatic"
    assert post(client, path, automatic="1").status_code == 404
    assert client.get(f"/routing/cases?place={place.public_id}").status_code == 404
    sign_in(client, stage.scene.broker)
    assert post(client, path, automatic="1").status_code == 403
    sign_in(client, stage.scene.node_head)
    assert post(client, path, automatic="1").status_code == 302
    with database.reading() as session:
        assert session.scalars(sa.select(RoutingChoice)).one().automatic
    sign_in(client, stage.person)
    assert client.get(f"/routing/cases/{stage.case}").status_code == 403


def test_visit_by_phone_without_scripts(
    client: FlaskClient, database: Database, stage: Stage
) -> None:
    sign_in(client, stage.scene.broker)
    page = client.get(f"/routing/visits/new?firm={stage.firm}").text
    assert f'<option selected value="{stage.firm}">' in page
    bad = post(client, "/routing/visits/new", **visit_fields(stage, words="", consent_name=""))
    assert bad.status_code == 422
    assert bad.text.count("Please fill this in.") == 4  # above and at each of the two fields
    data = visit_fields(stage, budget_high="3万", fields=["hitech:1", "nonsense"])
    data |= {"paper": (io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"\0" * 64), "photo.png")}
    answer = client.post("/routing/visits/new", data={"csrf_token": csrf_token(client)} | data)
    assert answer.status_code == 303
    shown = client.get(answer.location).text
    assert WORDS in shown
    assert "Complete the need" in shown
    with database.reading() as session:
        need = session.scalars(sa.select(Listing).where(Listing.state == "draft")).one()
        assert need.money_high == 3_000_000
        assert [(each.scheme, each.code) for each in need.fields] == [("hitech", "1")]
        assert len(need.attachments) == 1
        key = need.public_id
    assert client.get(f"/listings/{key}/edit").status_code == 200
    sign_in(client, stage.scene.second)
    assert client.get(f"/listings/{key}").status_code == 404
    sign_in(client, stage.person)
    assert "wrote this down on a visit" in client.get(f"/listings/{key}").text


def test_a_device_sends_the_same_report_again(
    client: FlaskClient, database: Database, stage: Stage
) -> None:
    sign_in(client, stage.scene.broker)
    asked = {"Accept": "application/json"}
    data = {"csrf_token": csrf_token(client)} | visit_fields(stage)
    first = client.post("/routing/visits/new", data=data, headers=asked)
    again = client.post("/routing/visits/new", data=data, headers=asked)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    other = client.post("/routing/visits/new", data=data | {"words": "另外的话。"}, headers=asked)
    assert other.status_code == 409
    bad = data | {"key": "phone-2", "consent": "none"}
    refused = client.post("/routing/visits/new", data=bad, headers=asked)
    assert refused.status_code == 422
    assert refused.json is not None
    assert "consent" in refused.json["fields"]
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Visit.id))) == 1


def test_words_are_understood_while_typing(client: FlaskClient, stage: Stage) -> None:
    sign_in(client, stage.scene.broker)
    page = post(client, "/routing/visits/understood", words="希望耐温≥200℃，寿命五年。").text
    assert "200 ℃" in page


def test_a_list_of_thirty_asks_no_more_often_than_a_list_of_one(
    client: FlaskClient, database: Database, stage: Stage
) -> None:
    sign_in(client, stage.scene.head)
    few = _statements(client, database)
    with database.writing() as session:
        firm, person = make_firm(session, region=HONGSHAN)
        head = actor(session.get_one(User, stage.scene.head.id))
        second = session.get_one(User, stage.scene.second.id)
        for _each in range(30):
            case = services.receive(session, hand_in(session, firm, person), now=NOW)
            assert case is not None
            services.assign(session, case, second, by=head, now=NOW)
    assert _statements(client, database) <= few + 1


def _statements(client: FlaskClient, database: Database) -> int:
    counted: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        counted.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        assert client.get("/routing/cases?whose=all").status_code == 200
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)
    return len(counted)

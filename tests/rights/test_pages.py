"""The pages of rights: what owners, contributors, institutions and everybody see and may do."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from tenon.db import Database
from tenon.rights import queries, services
from tenon.rights.models import OpenLicence, RightGrant
from tenon.rights.shares import Owner
from tests.factories.accounts import (
    make_membership,
    make_organisation,
    make_user,
    post,
    sign_in,
)
from tests.factories.listings import NOW
from tests.rights.stage import TODAY, Cast, make_cast, publicised


@pytest.fixture
def cast(database: Database) -> Cast:
    with database.writing() as session:
        return make_cast(session)


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_a_listings_page_tells_owners_only_to_those_concerned(
    client: FlaskClient, cast: Cast
) -> None:
    path = f"/listings/{cast.listing.public_id}"
    assert "ownership-title" not in text(client, path)
    for user, sees in ((cast.stranger, False), (cast.second, True), (cast.editor, True)):
        assert ("ownership-title" in text(sign_in(client, user), path)) is sees
        expected = 200 if sees else 404
        assert client.get(f"{path}/rights").status_code == expected
        right = client.get(f"/ip/{cast.right.public_id}/rights").status_code
        assert right == (200 if user is cast.editor else 404)


def test_an_administrator_records_owners_and_others_are_refused(
    client: FlaskClient, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        make_organisation(session, kind="enterprise", name_zh="示例光电有限公司")
    path = f"/ip/{cast.right.public_id}/owners"
    fields: dict[str, Any] = {
        "valid_from": "2026-01-01",
        "shares-0-who": "organisation",
        "shares-0-name": cast.house.name_zh,
        "shares-0-share": "55.5",
        "shares-1-who": f"person:{cast.first.id}",
        "shares-1-share": "14.5%",
        "shares-2-who": "organisation",
        "shares-2-name": "示例光电有限公司",
        "shares-2-share": "30",
        "shares-3-who": "",
    }
    for user, status in ((cast.editor, 403), (cast.stranger, 404)):
        sign_in(client, user)
        assert client.get(path).status_code == status
        assert post(client, path, **fields).status_code == status
    sign_in(client, cast.head)
    assert "100 percent" in text(client, path)
    wrong = post(client, path, **(fields | {"shares-2-share": "30.1"}))
    assert wrong.status_code == 422
    assert "sum to exactly 100 percent.</li>" in wrong.get_data(as_text=True)
    assert "示例光电有限公司" in wrong.get_data(as_text=True)
    unknown = post(client, path, **(fields | {"shares-2-name": "没有这家公司"}))
    assert "no approved organisation" in unknown.get_data(as_text=True)
    assert post(client, path, **fields).status_code == 302
    page = text(client, f"/ip/{cast.right.public_id}/rights")
    assert "55.5 %" in page
    assert "14.5 %" in page
    assert client.post(path, data=fields).status_code == 400


def test_an_editor_keeps_the_standing(client: FlaskClient, cast: Cast) -> None:
    base = f"/ip/{cast.right.public_id}"
    sign_in(client, cast.editor)
    late = {"year": "4", "due_on": "2025-03-01"}
    assert post(client, f"{base}/annuities", **late).status_code == 302
    assert "was not paid in time" in text(client, f"{base}/rights")
    paid = late | {"paid_on": "2025-02-01"}
    assert post(client, f"{base}/annuities", **paid).status_code == 302
    assert "was not paid in time" not in text(client, f"{base}/rights")
    pledge = {"pledgee": "示例银行", "since": "2026-01-01"}
    assert post(client, f"{base}/pledges", **pledge).status_code == 302
    assert "has not consented" in text(client, f"{base}/rights")
    report = {"kind": "evaluation_report", "reference": "R-1", "since": "2026-01-01"}
    assert post(client, f"{base}/conditions", **report).status_code == 302
    licence = {
        "kind": "sole",
        "licensee": "示例石化有限公司",
        "territory": "湖北省，美国",
        "fields": "管道测温",
        "since": "2025-01-01",
    }
    assert post(client, f"{base}/licences", **licence).status_code == 302
    page = text(client, f"{base}/rights")
    assert "Hubei; United States" in page
    again = post(client, f"{base}/licences", **licence)
    assert again.status_code == 409
    assert "collides with a licence on record" in again.get_data(as_text=True)
    nowhere = post(client, f"{base}/licences", **(licence | {"territory": "亚特兰蒂斯"}))
    assert nowhere.status_code == 422
    empty = post(client, f"{base}/pledges", pledgee="", since="")
    assert empty.status_code == 422


def test_what_is_on_record_is_ended_by_its_keeper_alone(
    client: FlaskClient, database: Database, cast: Cast
) -> None:
    base = f"/ip/{cast.right.public_id}"
    with database.writing() as session:
        pledge = services.record_pledge(
            session,
            cast.right,
            pledgee="示例银行",
            since=TODAY,
            until=None,
            consent=False,
            by=cast.actor("editor"),
            now=NOW,
            today=TODAY,
        )
    for step in ("consent", "end"):
        path = f"{base}/pledges/{pledge.public_id}/{step}"
        assert post(sign_in(client, cast.stranger), path).status_code == 404
        assert post(sign_in(client, cast.first), path).status_code == 403
        assert post(sign_in(client, cast.editor), path).status_code == 302


def application() -> dict[str, str]:
    return {
        "kind": "ownership",
        "share": "70",
        "members": "云舒 60\n何鸣 40",
        "statement": "拟由完成人与学校共同转化。",
    }


def test_from_application_to_agreement_through_the_pages(
    client: FlaskClient, database: Database, cast: Cast
) -> None:
    base = f"/listings/{cast.listing.public_id}/grants/new"
    assert post(sign_in(client, cast.stranger), base, **application()).status_code == 403
    sign_in(client, cast.first)
    assert "云舒" in text(client, base)
    short = post(client, base, **(application() | {"kind": "use", "years": "9"}))
    assert short.status_code == 422
    assert "shorter than the rule" in short.get_data(as_text=True)
    assert post(client, base, **application()).status_code == 302
    with database.reading() as session:
        [grant] = session.query(RightGrant)
        assert [each.user_id for each in grant.members] == [cast.first.id, cast.second.id]
    own, public = f"/rights/grants/{grant.public_id}", f"/rights/publicity/{grant.public_id}"
    assert client.get(public).status_code == 404
    assert post(client, f"{own}/approve").status_code == 403
    assert post(sign_in(client, cast.stranger), f"{own}/approve").status_code == 404
    sign_in(client, cast.head)
    assert "Approve" in text(client, own)
    assert post(client, f"{own}/approve").status_code == 302
    assert post(client, f"{own}/publicise").status_code == 302
    assert post(client, f"{own}/confirm").status_code == 409
    assert "70 % of the ownership" in text(client, public)
    assert cast.listing.public_id in text(client, own)
    assert "70 % of the ownership" in text(client, "/rights/publicity")
    assert "70 % of the ownership" in text(client, "/rights/grants")


def test_objections_and_answers_on_the_page_of_publicity(
    client: FlaskClient, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        grant = publicised(session, cast)
        # The page asks the clock: publicity must run on the day of the test.
        grant.publicity_until = date.today() + timedelta(15)  # noqa: DTZ011  # any day ahead
    path = f"/rights/publicity/{grant.public_id}"
    visitor = text(client, path)
    assert "Nobody has objected" in visitor or "没有人提出异议" in visitor
    said = post(sign_in(client, cast.stranger), f"{path}/object", text="我也是完成人。")
    assert said.status_code == 302
    assert post(client, f"{path}/object", text=" ").status_code == 422
    assert post(sign_in(client, cast.second), f"{path}/object", text="x").status_code == 403
    with database.reading() as session:
        [objection] = queries.objections(session, grant)
    answer = f"{path}/objections/{objection.public_id}/answer"
    assert post(sign_in(client, cast.editor), answer, answer="不成立").status_code == 403
    sign_in(client, cast.head)
    assert "Tao Ran" in text(client, path)
    assert post(client, answer, answer=" ").status_code == 422
    assert post(client, answer, answer="经核查，不成立。").status_code == 302
    assert "经核查" in text(sign_in(client, cast.stranger), path)
    client.delete_cookie("session")
    assert "我也是完成人" not in text(client, path)


def test_the_institution_refuses_with_a_reason(
    client: FlaskClient, database: Database, cast: Cast
) -> None:
    from tests.rights.stage import apply

    with database.writing() as session:
        grant = apply(session, cast)
    path = f"/rights/grants/{grant.public_id}"
    sign_in(client, cast.head)
    assert post(client, f"{path}/refuse", remark="").status_code == 422
    assert post(client, f"{path}/refuse", remark="与在研合同冲突。").status_code == 302
    assert "与在研合同冲突" in text(sign_in(client, cast.second), path)
    assert post(client, f"{path}/nonsense").status_code == 422


def test_an_open_licence_is_declared_shown_to_all_and_withdrawn(
    client: FlaskClient, database: Database, cast: Cast
) -> None:
    path = f"/ip/{cast.right.public_id}/open-licence"
    until = (date.today() + timedelta(300)).isoformat()  # noqa: DTZ011  # any day ahead
    fields = {"fee_mode": "single", "fee": "50,000", "until": until}
    for user, status in ((cast.editor, 403), (cast.stranger, 404)):
        sign_in(client, user)
        assert client.get(path).status_code == status
        assert post(client, path, **fields).status_code == status
    sign_in(client, cast.head)
    assert client.get(path).status_code == 200
    assert post(client, path, **(fields | {"fee": "much"})).status_code == 422
    assert post(client, path, **fields).status_code == 302
    assert post(client, path, **fields).status_code == 409
    with database.reading() as session:
        [declared] = session.query(OpenLicence)
    page = f"/open-licences/{declared.public_id}"
    client.delete_cookie("session")
    assert str(cast.right.number) in text(client, "/open-licences")
    assert str(cast.right.number) in text(client, page)
    assert page in text(client, f"/listings/{cast.listing.public_id}")
    assert post(sign_in(client, cast.editor), f"{page}/withdraw").status_code == 403
    assert post(sign_in(client, cast.head), f"{page}/withdraw", reason="x").status_code == 302
    assert str(cast.right.number) in text(client, "/open-licences?state=withdrawn")
    assert str(cast.right.number) not in text(client, "/open-licences")


def test_what_bars_a_declaration_is_shown_with_its_source(
    client: FlaskClient, database: Database
) -> None:
    with database.writing() as session:
        cast = make_cast(session, kind="design", filed_on=date(2024, 1, 1))
    sign_in(client, cast.head)
    page = text(client, f"/ip/{cast.right.public_id}/open-licence")
    assert "no evaluation report" in page
    assert "Patent Law, article 50" in page


def test_erased_people_leave_shares_without_a_name(database: Database, cast: Cast) -> None:
    from tenon.accounts.services import erase_person
    from tenon.actors import SYSTEM
    from tests.rights.stage import confirm_all

    with database.writing() as session:
        confirm_all(session, cast, publicised(session, cast))
    with database.writing() as session:
        from tenon.accounts.models import User

        erase_person(session, user=session.get_one(User, cast.first.id), by=SYSTEM, now=NOW)
    with database.reading() as session:
        day = TODAY + timedelta(20)
        owned = queries.owners(session, cast.right, on=day)
        assert {each.user_id for each in owned.shares} == {None, cast.second.id}
        assert sum(each.share for each in owned.shares) == 100
        [grant] = session.query(RightGrant)
        assert [each.name for each in grant.members] == ["", "何鸣"]


def test_a_co_owner_opens_the_right_whoever_listed_it(
    client: FlaskClient, database: Database
) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        cast.listing.state = "draft"
        partner = make_organisation(session, kind="institute", name_zh="示例研究所")
        user = make_user(session)
        make_membership(session, user, partner)
        services.record_owners(
            session,
            cast.right,
            wanted=[
                Owner(Decimal(80), organisation_id=cast.house.id),
                Owner(Decimal(20), organisation_id=partner.id),
            ],
            valid_from=date(2024, 1, 1),
            by=cast.actor("head"),
            now=NOW,
            today=TODAY,
        )
    path = f"/ip/{cast.right.public_id}/rights"
    assert sign_in(client, cast.stranger).get(path).status_code == 404
    assert "80 %" in text(sign_in(client, user), path)

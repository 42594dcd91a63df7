"""The pages: who opens which, in both languages; forms keep what was typed; wrong people get no."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tenon.clock import utc_now
from tenon.compliance import evidence
from tenon.compliance.days import day_of
from tenon.compliance.models import Approval, FirstRefusal, Objection, Publicity
from tenon.compliance.services import approving, chains, objecting, publishing, sheets
from tenon.compliance.services.chains import StepInput
from tenon.compliance.services.duties import duties
from tenon.compliance.services.duties import start as start_duties
from tenon.db import Database
from tenon.deals.models import Deal
from tenon.deals.services import take_step
from tests.compliance.browsing import browser, status, words
from tests.compliance.cast import ROLES, Cast, agreed, declare, make_cast
from tests.compliance.test_objections import SAID
from tests.factories.accounts import post
from tests.factories.deals import make_deal

READERS = {"seller_editor", "seller_administrator", "buyer_editor", "buyer_administrator", "broker"}
SELLERS = {"seller_editor", "seller_administrator"}


class Scene:
    """A cast and a deal on a committed database, and the addresses of what it has."""

    def __init__(
        self, database: Database, make: Callable[..., Deal], form: str, **cast: Any
    ) -> None:
        self.now = utc_now()
        with database.writing() as session:
            self.cast = make_cast(session, **cast)
            by = self.cast.actor("seller_administrator")
            given = StepInput(name_zh="转化处", name_en="Office", role="editor")
            chains.add_step(session, self.cast.university, given, by=by, now=self.now)
            deal = make(session, self.cast, form, now=self.now)
            self.deal, self.title = deal.public_id, deal.title
            self.house = self.cast.university.public_id
            approvals = session.scalars(sa.select(Approval).where(Approval.side == "seller"))
            self.approval = approvals.one().public_id
            asked = session.scalars(sa.select(FirstRefusal).order_by(FirstRefusal.id)).all()
            self.asked = [each.public_id for each in asked]
            self.contributor = sheets.contributors(session, deal)[0].public_id
            publicity = publishing.running(session, deal)
            self.publicity = "" if publicity is None else publicity.public_id


@pytest.fixture
def scene(database: Database) -> Scene:
    """An assignment whose terms are agreed."""
    return Scene(database, agreed, "assignment")


def publicised(database: Database) -> Scene:
    """A licence that is being published; its approval was given before."""

    def make(session: Any, cast: Cast, form: str, *, now: Any) -> Deal:
        deal = agreed(session, cast, form, now=now)
        approval = session.scalars(sa.select(Approval).where(Approval.side == "seller")).one()
        by = cast.actor("seller_editor")
        approving.decide(session, approval, decision="approved", by=by, now=now)
        declare(session, cast, deal, now=now)
        take_step(session, deal, "publish", by=by, now=now)
        return deal

    return Scene(database, make, "licence_exclusive")


def may_open(app: Flask, cast: Cast, path: str) -> set[str]:
    """The roles to which a page opens; all others get 401, 403 or 404."""
    answers = {role: status(browser(app, cast, role).get(path)) for role in ROLES}
    assert set(answers.values()) <= {200, 401, 403, 404}, answers
    return {role for role, code in answers.items() if code == 200}


def test_the_deals_page_is_for_its_readers(app: Flask, scene: Scene) -> None:
    place = f"/deals/{scene.deal}/compliance"
    assert may_open(app, scene.cast, place) == READERS
    assert status(browser(app, scene.cast, "operator").get(place)) == 403
    assert status(browser(app, scene.cast, "stranger").get(place)) == 404


@pytest.mark.parametrize("part", ["route", "published", "contributors"])
def test_the_sellers_side_declares(app: Flask, scene: Scene, part: str) -> None:
    assert may_open(app, scene.cast, f"/deals/{scene.deal}/compliance/{part}") == SELLERS


@pytest.mark.parametrize("part", ["no-service", "abroad"])
def test_the_sellers_administrators_answer_for_it(app: Flask, scene: Scene, part: str) -> None:
    opened = may_open(app, scene.cast, f"/deals/{scene.deal}/compliance/{part}")
    assert opened == {"seller_administrator"}


def test_each_other_page_is_for_those_whom_it_asks(app: Flask, scene: Scene) -> None:
    cast = scene.cast
    one = f"/deals/{scene.deal}/compliance/contributors/{scene.contributor}"
    assert may_open(app, cast, one) == SELLERS
    assert may_open(app, cast, f"/approvals/{scene.approval}") == SELLERS
    assert may_open(app, cast, f"/first-refusals/{scene.asked[0]}") == SELLERS | {"contributor"}
    chain = f"/organisations/{scene.house}/approval-chain"
    assert may_open(app, cast, chain) == {"seller_administrator"}
    signed_in = set(ROLES) - {"visitor"}
    assert may_open(app, cast, "/approvals") == signed_in
    assert may_open(app, cast, "/deadlines") == signed_in
    assert may_open(app, cast, "/deadlines.ics") == signed_in


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_speak_the_readers_language(app: Flask, scene: Scene, language: str) -> None:
    client = browser(app, scene.cast, "seller_administrator", language)
    page = words(client.get(f"/deals/{scene.deal}/compliance"))
    assert ("优先受让权" if language == "zh" else "First refusal") in page
    assert ("第十八条" if language == "zh" else "article 18") in page
    overview = words(client.get(f"/deals/{scene.deal}"))
    assert ("合规时钟" if language == "zh" else "Compliance clock") in overview


def test_anybody_reads_what_is_published_and_no_term_beyond(app: Flask, database: Database) -> None:
    scene = publicised(database)
    client = browser(app, scene.cast, "visitor")
    assert scene.title in words(client.get("/publicities"))
    page = words(client.get(f"/publicities/{scene.publicity}"))
    assert "CNY" in page or "¥" in page
    assert "云舒" in page
    for secret in ("石英机电", "Quartz", "36 months", "withholding"):
        assert secret not in page
    assert "Sign in to object" in page
    with database.reading() as session:
        times = session.scalar(sa.text("SELECT SUM(times) FROM compliance_openings"))
    assert times == 1


def test_a_publicity_that_ended_is_public_no_more(app: Flask, database: Database) -> None:
    scene = publicised(database)
    with database.writing() as session:
        found = session.scalars(sa.select(Publicity)).one()
        found.last_on = date.today() - timedelta(days=2)  # noqa: DTZ011  # two days are far enough
    place = f"/publicities/{scene.publicity}"
    assert may_open(app, scene.cast, place) == READERS
    assert scene.title not in words(browser(app, scene.cast, "visitor").get("/publicities"))


def objected(client: FlaskClient, scene: Scene, **said: str) -> Any:
    """Send an objection."""
    return post(client, f"/publicities/{scene.publicity}/objections", **(SAID | said))


def test_an_objection_through_the_pages(app: Flask, database: Database) -> None:
    scene = publicised(database)
    assert status(objected(browser(app, scene.cast, "visitor"), scene)) == 401
    client = browser(app, scene.cast, "nobody")
    missing = objected(client, scene, text="")
    assert missing.status_code == 422
    assert SAID["contact"] in words(missing)
    assert objected(client, scene).status_code == 303
    with database.reading() as session:
        key = session.scalars(sa.select(Objection.public_id)).one()
    assert may_open(app, scene.cast, f"/objections/{key}") == {"seller_administrator"}
    for role in ("buyer_administrator", "broker", "stranger"):
        other = words(browser(app, scene.cast, role).get(f"/publicities/{scene.publicity}"))
        assert SAID["text"] not in other
    compliance = words(
        browser(app, scene.cast, "buyer_editor").get(f"/deals/{scene.deal}/compliance")
    )
    assert SAID["text"] not in compliance
    decider = browser(app, scene.cast, "seller_administrator")
    decided = {"decision": "rejected", "grounds": "已核查，无关联。"}
    refused = post(browser(app, scene.cast, "seller_editor"), f"/objections/{key}", **decided)
    assert refused.status_code == 403
    assert post(decider, f"/objections/{key}", **decided).status_code == 303
    assert post(decider, f"/objections/{key}", **decided).status_code == 409
    assert "已核查，无关联。" in words(client.get(f"/publicities/{scene.publicity}"))


def test_taking_an_objection_back_is_its_makers(app: Flask, database: Database) -> None:
    scene = publicised(database)
    with database.writing() as session:
        found = session.scalars(sa.select(Publicity)).one()
        by = scene.cast.actor("nobody")
        key = objecting.object_to(session, found, **SAID, by=by, now=scene.now).public_id
    for role, code in (("stranger", 404), ("seller_administrator", 403), ("nobody", 303)):
        answer = post(browser(app, scene.cast, role), f"/objections/{key}/withdraw")
        assert answer.status_code == code


POSTS: dict[str, tuple[dict[str, str], set[str]]] = {
    "/deals/{deal}/compliance/route": (
        {"route": "listing", "base": "100", "price": "120", "currency": "CNY"},
        SELLERS,
    ),
    "/deals/{deal}/compliance/published": ({"summary": "一种测温装置"}, SELLERS),
    "/deals/{deal}/compliance/contributors": ({"name": "后补"}, SELLERS),
    "/deals/{deal}/compliance/contributors/{contributor}": ({"relation": "none"}, SELLERS),
    "/deals/{deal}/compliance/ask": ({}, SELLERS),
    "/deals/{deal}/compliance/no-service": ({"reason": "外购"}, {"seller_administrator"}),
    "/deals/{deal}/compliance/abroad": (
        {"export_control": "free", "state_funded": "no"},
        {"seller_administrator"},
    ),
    "/deals/{deal}/compliance/evidence": ({}, {"seller_administrator"}),
    "/approvals/{approval}": ({"decision": "approved"}, SELLERS),
    "/first-refusals/{asked}": ({"answer": "waives"}, {"contributor"}),
    "/organisations/{house}/approval-chain": (
        {"name_zh": "校长办公会", "who": "role:administrator"},
        {"seller_administrator"},
    ),
}


@pytest.mark.parametrize("place", POSTS)
def test_each_form_is_for_its_people_alone(app: Flask, scene: Scene, place: str) -> None:
    fields, right = POSTS[place]
    path = place.format(
        deal=scene.deal,
        contributor=scene.contributor,
        approval=scene.approval,
        asked=scene.asked[0],
        house=scene.house,
    )
    for role in ROLES:
        if role not in right:
            answer = post(browser(app, scene.cast, role), path, **fields)
            assert status(answer) in (401, 403, 404), (role, answer.status_code)
    client = browser(app, scene.cast, max(right))
    assert client.post(path, data=fields).status_code == 400  # without its token
    assert post(client, path, **fields).status_code in (200, 303)


BAD: dict[str, tuple[dict[str, str], str]] = {
    "/deals/{deal}/compliance/route": (
        {"route": "auction", "base": "100", "price": "99.99", "venue": "示例交易所"},
        "below the base price",
    ),
    "/deals/{deal}/compliance/contributors": ({"name": "云舒"}, "taken already"),
    "/deals/{deal}/compliance/contributors/{contributor}": (
        {"relation": "related"},
        "Please fill this in",
    ),
    "/deals/{deal}/compliance/abroad": ({"remark": "示例交易所"}, "Please fill this in"),
    "/approvals/{approval}": ({"decision": "returned"}, "Please fill this in"),
    "/organisations/{house}/approval-chain": ({"name_zh": "示例"}, "Please fill this in"),
}


@pytest.mark.parametrize("place", BAD)
def test_what_is_wrong_is_said_at_the_field_and_kept(app: Flask, scene: Scene, place: str) -> None:
    fields, said = BAD[place]
    path = place.format(
        deal=scene.deal,
        contributor=scene.contributor,
        approval=scene.approval,
        house=scene.house,
    )
    answer = post(browser(app, scene.cast, "seller_administrator"), path, **fields)
    assert answer.status_code == 422
    page = words(answer)
    assert said in page
    assert all(typed in page for typed in fields.values())


def test_the_second_of_two_approvers_is_told(app: Flask, scene: Scene) -> None:
    place = f"/approvals/{scene.approval}"
    first, second = (browser(app, scene.cast, role) for role in sorted(SELLERS))
    assert post(first, place, decision="approved").status_code == 303
    answer = post(second, place, decision="returned", remark="价格再议一议")
    assert answer.status_code == 409
    assert "Somebody was quicker" in words(answer)


def test_the_menu_counts_what_waits(app: Flask, scene: Scene) -> None:
    page = words(browser(app, scene.cast, "contributor").get("/approvals"))
    assert scene.title in page
    assert f"/first-refusals/{scene.asked[0]}" in page
    assert f"/approvals/{scene.approval}" not in page
    assert 'class="count"><span class="visually-hidden">waiting: </span>1</span>' in page
    editor = words(browser(app, scene.cast, "seller_editor").get("/approvals"))
    assert f"/approvals/{scene.approval}" in editor


def test_a_signed_paper_is_entered_with_its_file(app: Flask, scene: Scene) -> None:
    place = f"/first-refusals/{scene.asked[1]}/paper"
    client = browser(app, scene.cast, "seller_administrator")
    day = day_of(scene.now).isoformat()
    assert post(client, place, answer="waives", answered_on=day).status_code == 422
    fields = {"answer": "waives", "answered_on": day}
    denied = post(
        browser(app, scene.cast, "seller_editor"),
        place,
        **fields,
        file=(io.BytesIO(b"%PDF-1"), "a.pdf"),
    )
    assert denied.status_code == 403
    sent = post(client, place, **fields, file=(io.BytesIO(b"%PDF-1.4 x"), "弃权声明.pdf"))
    assert sent.status_code == 303
    page = words(client.get(f"/deals/{scene.deal}/compliance"))
    assert "waives" in page


def test_the_chain_is_edited_in_order(app: Flask, scene: Scene, database: Database) -> None:
    client = browser(app, scene.cast, "seller_administrator")
    place = f"/organisations/{scene.house}/approval-chain"
    fields = {"name_en": "Board", "who": "role:administrator", "threshold": "1,000,000"}
    assert post(client, place, **fields).status_code == 303
    with database.reading() as session:
        steps = chains.steps_of(session, scene.cast.university.id)
        assert steps[1].from_minor == 100_000_000
        second = steps[1].public_id
    denied = post(browser(app, scene.cast, "seller_editor"), f"{place}/{second}/up")
    assert denied.status_code == 403
    assert post(client, f"{place}/{second}/up").status_code == 303
    assert post(client, f"{place}/{second}/remove").status_code == 303
    assert "Board" not in words(client.get(place))


def test_the_pack_comes_in_one_click_and_holds(app: Flask, database: Database) -> None:
    scene = publicised(database)
    client = browser(app, scene.cast, "seller_administrator", "zh")
    answer = post(client, f"/deals/{scene.deal}/compliance/evidence")
    assert answer.status_code == 200
    assert answer.mimetype == "application/zip"
    assert evidence.check(answer.get_data()) == []
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        assert archive.read("summary.pdf").startswith(b"%PDF")
    with database.reading() as session:
        kinds = session.scalars(sa.text("SELECT kind FROM history_entries ORDER BY id")).all()
    assert kinds[-1] == "evidence_pack"


@pytest.fixture
def signed(database: Database) -> Scene:
    """A licence that was signed, with its duties."""
    scene = Scene(database, agreed, "licence_exclusive")
    with database.writing() as session:
        deal = make_deal(
            session,
            state="signed",
            seller=scene.cast.university,
            buyer=scene.cast.firm,
            broker=scene.cast.people["broker"],
            signed_on=date(2026, 11, 2),
            effective_on=date(2026, 11, 2),
            ends_on=date(2029, 11, 2),
            value_minor=60_000_000,
        )
        start_duties(session, deal, by=scene.cast.actor("seller_editor"), now=scene.now)
        assert len(duties(session, deal)) == 2
        scene.deal, scene.title = deal.public_id, deal.title
    return scene


def test_duties_are_closed_by_their_owner(app: Flask, signed: Scene) -> None:
    place = f"/deals/{signed.deal}/duties/licence_filing"
    assert may_open(app, signed.cast, place) == SELLERS
    fields = {"number": "2026-88", "done_on": "2026-11-20"}
    for role in ("buyer_administrator", "broker", "operator", "stranger", "visitor"):
        assert status(post(browser(app, signed.cast, role), place, **fields)) in (401, 403, 404)
    client = browser(app, signed.cast, "seller_editor")
    bad = post(client, place, number="2026-88", done_on="20 November")
    assert bad.status_code == 422
    assert "20 November" in words(bad)
    assert post(client, place, **fields).status_code == 303
    assert post(client, place, **fields).status_code == 409
    assert "2026-88" in words(client.get(f"/deals/{signed.deal}/compliance"))


def test_a_registration_through_the_page(app: Flask, signed: Scene) -> None:
    place = f"/deals/{signed.deal}/duties/contract_registration"
    client = browser(app, signed.cast, "seller_editor")
    page = words(client.get(place))
    assert 'value="600000.00"' in page
    fields = {
        "number": "2026 4201 0000 1234",
        "project_name": "测温装置许可",
        "contract": "licence",
        "signed_on": "2026-11-02",
        "registered_on": "2026-11-20",
        "value": "600000",
        "technology_value": "650000",
        "currency": "CNY",
        "seller_country": "CHN",
        "seller_division": "420100",
        "seller_nature": "institution",
        "buyer_country": "CHN",
        "buyer_division": "420106",
        "buyer_nature": "enterprise",
    }
    above = post(client, place, **fields)
    assert above.status_code == 422
    assert "must not be above" in words(above)
    assert post(client, f"{place}/applied", applied_on="2026-11-03").status_code == 303
    assert post(client, place, **fields | {"technology_value": "550,000"}).status_code == 303
    assert "2026420100001234" in words(client.get(f"/deals/{signed.deal}/compliance"))


def test_a_waiver_through_the_page(app: Flask, signed: Scene) -> None:
    place = f"/deals/{signed.deal}/duties/licence_filing/waive"
    assert post(browser(app, signed.cast, "seller_editor"), place, reason="x").status_code == 403
    client = browser(app, signed.cast, "seller_administrator")
    assert post(client, place, reason="").status_code == 422
    assert post(client, place, reason="仅技术秘密").status_code == 303


def test_all_dates_of_ones_deals_and_their_calendar(app: Flask, signed: Scene) -> None:
    page = words(browser(app, signed.cast, "buyer_editor").get("/deadlines"))
    assert "Licence filing" in page
    assert "2 Feb 2027" in page
    assert "Term ends" in page
    assert "Office" not in page  # the seller's own approvals
    assert "Office" in words(browser(app, signed.cast, "seller_editor").get("/deadlines"))
    assert "Licence filing" not in words(browser(app, signed.cast, "stranger").get("/deadlines"))
    calendar = browser(app, signed.cast, "buyer_editor", "zh").get("/deadlines.ics")
    assert calendar.mimetype == "text/calendar"
    lines = calendar.get_data(as_text=True).split("\r\n")
    assert "DTSTART;VALUE=DATE:20270202" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") > 1


def test_the_organisations_page_leads_administrators_to_the_chain(app: Flask, scene: Scene) -> None:
    place = f"/organisations/{scene.house}"
    own = words(browser(app, scene.cast, "seller_administrator").get(place))
    assert f"{place}/approval-chain" in own
    for role in ("seller_editor", "buyer_administrator", "visitor"):
        assert f"{place}/approval-chain" not in words(browser(app, scene.cast, role).get(place))

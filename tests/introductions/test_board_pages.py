"""The brokers' board through HTTP: lists, steps for many, the check of one, proposals, export."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenon.accounts.models import Organisation, User
from tenon.db import Database
from tenon.history.models import HistoryEntry
from tenon.introductions.models import Introduction, IntroductionMessage
from tests.factories.accounts import (
    csrf_token,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    sign_in,
)
from tests.factories.introductions import make_introduction
from tests.factories.listings import make_achievement, make_need

SECRET = "暗礁机电有限公司"
CHOSEN = re.compile(r'name="chosen" value="([^"]+)"')


@dataclass
class Scene:
    """People and introductions, committed; ``ask`` and ``post`` act as one of them."""

    app: Flask
    session: Session
    people: dict[str, User]

    def ask(self, who: str, path: str, language: str = "en") -> TestResponse:
        """Open a page as somebody."""
        return self._browser(who, language).get(path)

    def post(self, who: str, path: str, **fields: Any) -> TestResponse:
        """Send a form as somebody, in English."""
        client = self._browser(who, "en")
        return client.post(path, data={"csrf_token": csrf_token(client), **fields})

    def _browser(self, who: str, language: str) -> FlaskClient:
        client = self.app.test_client()
        if who != "visitor":
            sign_in(client, self.people[who])
        with client.session_transaction() as cookie:
            cookie["language"] = language
        return client

    def make(self, **values: Any) -> Introduction:
        """Make an introduction and commit it."""
        made = make_introduction(self.session, **values)
        self.session.commit()
        return made

    def state(self, introduction: Introduction) -> tuple[str, int | None]:
        """Return stage and broker as the database has them now."""
        row = self.session.execute(
            sa.select(Introduction.state, Introduction.broker_id).where(
                Introduction.id == introduction.id
            )
        ).one()
        self.session.commit()
        return row.state, row.broker_id

    def count(self, table: Any) -> int:
        """Return how many rows a table has."""
        found = self.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        self.session.commit()
        return found


@pytest.fixture
def scene(app: Flask, database: Database) -> Iterator[Scene]:
    """Two brokers, an operator, members of a firm that keeps its name back."""
    with database.writer() as session:
        people = {
            name: make_user(session, name=name.title(), language="en")
            for name in ("broker", "second", "operator", "member", "nobody")
        }
        for name in ("broker", "second"):
            grant_role(session, people[name], "broker")
        grant_role(session, people["operator"], "operator")
        session.commit()
        yield Scene(app, session, people)


@pytest.fixture
def secret(scene: Scene) -> Introduction:
    """An anonymous need's request to a university, being checked by the broker."""
    session = scene.session
    firm = make_organisation(session, kind="enterprise", name_zh=SECRET, name_en="Basalt Reef")
    make_membership(session, scene.people["member"], firm, "administrator")
    return scene.make(
        state="checking",
        listing=make_achievement(session, state="published", title="光纤测温装置"),
        own_listing=make_need(
            session, organisation=firm, state="published", anonymous=True, title="求测温办法"
        ),
        broker=scene.people["broker"],
    )


def test_who_may_open_the_board(scene: Scene) -> None:
    for who, status in (("visitor", 302), ("nobody", 403), ("broker", 200), ("operator", 200)):
        assert scene.ask(who, "/introductions/board").status_code == status
        assert scene.ask(who, "/introductions/propose?listing=x").status_code == (
            404 if status == 200 else status
        )
        posted = scene.post(who, "/introductions/board/many", step="take_over")
        assert posted.status_code == (303 if status == 200 else status)
    assert "Introductions board" in scene.ask("broker", "/").text
    assert "引荐看板" in scene.ask("operator", "/", "zh").text
    assert "/introductions/board" not in scene.ask("nobody", "/").text


def test_the_board_names_no_unnamed_firm(scene: Scene, secret: Introduction) -> None:
    for path in (
        "/introductions/board?whose=all",
        "/introductions/board?whose=all&stage=checking",
        "/introductions/board?whose=all&q=测温",
        f"/introductions/{secret.public_id}/check",
    ):
        for who in ("broker", "second"):
            answer = scene.ask(who, path)
            if who == "broker" or "check" not in path.rpartition("/")[2]:
                assert answer.status_code == 200
                assert "求测温办法" in answer.text
            assert SECRET not in answer.text
            assert "Basalt" not in answer.text
    firm = scene.session.get_one(Organisation, secret.from_organisation_id)
    scene.session.commit()
    found = scene.ask("broker", f"/introductions/board?whose=all&organisation={firm.public_id}")
    assert "求测温办法" not in found.text
    seen = scene.ask("operator", "/introductions/board?whose=all", "zh")
    assert SECRET in seen.text


def test_a_colleagues_case_is_a_row_and_no_page(scene: Scene, secret: Introduction) -> None:
    page = scene.ask("second", "/introductions/board?whose=all").text
    assert "光纤测温装置" in page
    assert "Looked after by Broker" in page
    assert "Ask them about it." in page
    assert f"/introductions/{secret.public_id}" not in page
    assert CHOSEN.findall(page) == []
    assert scene.ask("second", f"/introductions/{secret.public_id}/check").status_code == 403
    own = scene.ask("broker", "/introductions/board?whose=all").text
    assert f"/introductions/{secret.public_id}" in own
    assert CHOSEN.findall(own) == [f"{secret.public_id}:1"]


@pytest.mark.parametrize("step", ["take_over", "pass_on", "give_back", "refuse"])
def test_who_may_judge_one(scene: Scene, step: str) -> None:
    made = scene.make(state="checking", with_own=True, broker=scene.people["broker"])
    house = scene.session.get_one(Organisation, made.to_organisation_id)
    make_membership(scene.session, scene.people["second"], house, "member")
    make_membership(scene.session, scene.people["member"], house, "administrator")
    scene.session.commit()
    path = f"/introductions/{made.public_id}/check/{step}"
    fields = {"version": "1", "text": "请写明条件。", "reason": "too_early"}
    for who, status in (("visitor", 302), ("nobody", 403), ("member", 403), ("second", 403)):
        assert scene.post(who, path, **fields).status_code == status
    assert scene.state(made) == ("checking", scene.people["broker"].id)
    assert scene.post("broker", path, **fields).status_code == 303


def test_a_check_gives_back_with_ready_remarks_that_may_be_changed(
    scene: Scene, secret: Introduction
) -> None:
    path = f"/introductions/{secret.public_id}/check/give_back"
    page = scene.post("broker", path, version="1", go="insert", canned="figures", text="谢谢。")
    assert page.status_code == 200
    assert "请补充数字和单位" in page.text  # the request's language, on an English page
    assert scene.state(secret)[0] == "checking"
    empty = scene.post("broker", path, version="1", go="send", text="")
    assert empty.status_code == 422
    assert "Please fill this in." in empty.text
    stale = scene.post("broker", path, version="7", go="send", text="请补充数字。")
    assert stale.status_code == 409
    assert "请补充数字。" in stale.text
    assert scene.post("broker", path, version="1", text="请补充数字。").status_code == 303
    assert scene.state(secret)[0] == "returned"
    said = scene.session.scalars(sa.select(IntroductionMessage)).one()
    assert (said.text, said.audience) == ("请补充数字。", "from")


def test_a_refusal_without_a_reason_keeps_what_was_typed(
    scene: Scene, secret: Introduction
) -> None:
    path = f"/introductions/{secret.public_id}/check/refuse"
    answer = scene.post("broker", path, version="1", remark="还不成熟")
    assert answer.status_code == 422
    assert "还不成熟" in answer.text
    assert scene.post("broker", path, version="1", reason="too_early").status_code == 303
    assert scene.state(secret)[0] == "refused"


def test_nothing_chosen_says_so(scene: Scene, secret: Introduction) -> None:
    answer = scene.post(
        "broker", "/introductions/board/many", step="pass_on", back="/introductions/board?whose=all"
    )
    assert answer.status_code == 303
    assert answer.location == "/introductions/board?whose=all"
    too_many = [f"x{number}:1" for number in range(101)]
    assert (
        scene.post("broker", "/introductions/board/many", step="pass_on", chosen=too_many)
    ).status_code == 303
    assert scene.post("broker", "/introductions/board/many", step="erase").status_code == 400
    away = scene.post(
        "broker", "/introductions/board/many", step="pass_on", back="https://elsewhere.example/"
    )
    assert away.location == "/"
    assert scene.state(secret)[0] == "checking"


def test_many_are_shown_first_and_then_done_row_by_row(scene: Scene) -> None:
    reader = make_user(scene.session, language="zh")
    need = make_need(scene.session, state="published", author=reader)
    make_membership(scene.session, reader, need.organisation, "editor")
    good = scene.make(state="checking", listing=need, broker=scene.people["broker"])
    theirs = scene.make(state="checking", broker=scene.people["second"])
    path = "/introductions/board/many"
    chosen = [f"{good.public_id}:1", f"{theirs.public_id}:1"]
    before = scene.count(HistoryEntry)
    preview = scene.post("broker", path, step="pass_on", chosen=chosen)
    assert preview.status_code == 200
    assert "will be done" in preview.text
    assert "A colleague looks after it" in preview.text
    assert "希望就" in preview.text  # the notice, as the other side will read it
    assert scene.state(good)[0] == "checking"
    assert scene.count(HistoryEntry) == before
    done = scene.post("broker", path, step="pass_on", chosen=chosen, go="do")
    assert "Done: 1 of 2" in done.text
    assert (scene.state(good)[0], scene.state(theirs)[0]) == ("asked", "checking")
    again = scene.post("broker", path, step="pass_on", chosen=chosen, go="do")
    assert "Done: 0 of 2" in again.text
    assert "Somebody changed it after you looked" in again.text


def test_a_message_to_many_asks_for_its_text_shows_it_and_goes_once(scene: Scene) -> None:
    made = [scene.make(broker=scene.people["broker"]) for _ in range(2)]
    path = "/introductions/board/many"
    chosen = [f"{each.public_id}:1" for each in made]
    form = scene.post("broker", path, step="message", chosen=chosen)
    assert 'name="text"' in form.text
    empty = scene.post("broker", path, step="message", chosen=chosen, go="preview", text="")
    assert empty.status_code == 422
    words = {"text": "请看<附件>。", "audience": "from"}
    preview = scene.post("broker", path, step="message", chosen=chosen, go="preview", **words)
    assert "请看&lt;附件&gt;。" in preview.text
    assert "The interested side alone" in preview.text
    assert scene.count(IntroductionMessage) == 0
    changed = scene.post("broker", path, step="message", chosen=chosen, go="change", **words)
    assert "请看&lt;附件&gt;。</textarea>" in changed.text
    for _ in range(2):
        assert (
            scene.post("broker", path, step="message", chosen=chosen, go="do", **words).status_code
            == 200
        )
    assert scene.count(IntroductionMessage) == 2


def test_assigning_is_for_operators(scene: Scene) -> None:
    made = scene.make(state="checking")
    path = "/introductions/board/many"
    fields = {"step": "assign", "chosen": f"{made.public_id}:1", "go": "do"}
    second = scene.people["second"]
    assert scene.post("broker", path, **fields, broker=second.public_id).status_code == 403
    assert "Assign to a colleague" not in scene.ask("broker", "/introductions/board").text
    assert scene.post("operator", path, **fields).status_code == 422
    nobody = scene.people["nobody"].public_id
    assert scene.post("operator", path, **fields, broker=nobody).status_code == 422
    assert "Done: 1 of 1" in scene.post("operator", path, **fields, broker=second.public_id).text
    assert scene.state(made) == ("checking", second.id)


def test_export_holds_no_formula_no_unnamed_firm_and_is_recorded(
    scene: Scene, secret: Introduction
) -> None:
    need = make_need(scene.session, state="published", title="=HYPERLINK(1)")
    scene.make(state="asked", listing=need, broker=scene.people["broker"])
    path = "/introductions/board/export?whose=all"
    assert scene.post("nobody", path).status_code == 403
    answer = scene.post("broker", path)
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    text = answer.data.decode("utf-8-sig")
    assert SECRET not in text
    rows = list(csv.DictReader(io.StringIO(text)))
    titles = {row["Approached listing"] for row in rows}
    assert titles == {"光纤测温装置", "'=HYPERLINK(1)"}
    named = {row["Approached listing"]: row["Interested organisation"] for row in rows}
    assert named["光纤测温装置"] == "An organisation that is not named"
    entry = scene.session.scalars(sa.select(HistoryEntry).filter_by(kind="export")).one()
    assert entry.actor_id == scene.people["broker"].id
    assert entry.facts["rows"] == 2
    assert entry.facts["whose"] == "all"
    scene.session.commit()
    empty = scene.post("broker", "/introductions/board/export?whose=all&q=没有这样的标题")
    assert len(empty.data.decode("utf-8-sig").splitlines()) == 1


def test_a_match_is_proposed_to_either_side(scene: Scene) -> None:
    session = scene.session
    need = make_need(session, state="published")
    result = make_achievement(session, state="published")
    session.commit()
    page = scene.ask(
        "broker", f"/introductions/propose?need={need.public_id}&achievement={result.public_id}"
    )
    assert page.status_code == 200
    assert result.text("zh").title in page.text
    fields = {"listing": need.public_id, "with": result.public_id, "note": "很合适，请看。"}
    path = "/introductions/propose"
    bare = scene.post("broker", path, **fields | {"note": ""}, first="need", go="preview")
    assert bare.status_code == 422
    preview = scene.post("broker", path, **fields, first="achievement", go="preview")
    assert "will be sent" in preview.text
    assert scene.count(Introduction) == 0
    assert "sent" in scene.post("broker", path, **fields, first="achievement", go="do").text
    made = session.scalars(sa.select(Introduction)).one()
    assert (made.state, made.listing_id, made.own_listing_id) == ("proposed", need.id, result.id)
    assert made.proposer_id == scene.people["broker"].id
    session.commit()
    again = scene.post("broker", path, **fields, first="need", go="do")
    assert "already" in again.text
    assert scene.count(Introduction) == 1


def test_a_listing_is_proposed_to_an_organisation_found_by_name(
    scene: Scene, now: datetime
) -> None:
    session = scene.session
    need = make_need(session, state="published")
    firm = make_organisation(session, name_zh="示例阀门有限公司")
    waiting = make_organisation(session, name_zh="示例阀门二厂", state="pending")
    session.commit()
    path = f"/introductions/propose?listing={need.public_id}"
    found = scene.ask("broker", f"{path}&name=阀门", "zh").text
    assert "示例阀门有限公司" in found
    assert "示例阀门二厂" not in found
    assert scene.ask("broker", f"{path}&organisation={waiting.public_id}").status_code == 404
    fields = {"listing": need.public_id, "organisation": firm.public_id, "note": "请看。"}
    scene.post("broker", "/introductions/propose", **fields, go="do")
    made = session.scalars(sa.select(Introduction)).one()
    assert (made.from_organisation_id, made.own_listing_id) == (firm.id, None)
    session.commit()
    none = scene.post(
        "broker", "/introductions/propose", listing=need.public_id, note="x", first="need", go="do"
    )
    assert none.status_code == 422
    assert "Choose at least one" in none.text


def test_a_listing_that_is_not_public_is_not_proposed(scene: Scene) -> None:
    draft = make_need(scene.session, state="withdrawn")
    alike = [make_need(scene.session, state="published") for _ in range(2)]
    scene.session.commit()
    path = "/introductions/propose?listing="
    assert scene.ask("broker", path + draft.public_id).status_code == 404
    pair = f"{alike[0].public_id}&with={alike[1].public_id}"
    assert scene.ask("broker", path + pair).status_code == 404


def test_pages_offer_brokers_to_propose_and_others_nothing(scene: Scene) -> None:
    need = make_need(scene.session, state="published")
    own = make_achievement(
        scene.session, state="published", organisation=make_organisation(scene.session)
    )
    make_membership(scene.session, scene.people["second"], own.organisation, "member")
    scene.session.commit()
    path = f"/listings/{need.public_id}"
    assert 'id="propose"' in scene.ask("broker", path).text
    assert 'id="propose"' not in scene.ask("nobody", path).text
    assert 'id="propose"' not in scene.ask("visitor", path).text
    assert (
        "somebody else has to propose it" in scene.ask("second", f"/listings/{own.public_id}").text
    )

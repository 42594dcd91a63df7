"""Somebody who used every part of the site takes their data along and leaves nothing behind."""

from __future__ import annotations

import json
import re
from email import message_from_bytes, policy

import sqlalchemy as sa
from flask.testing import FlaskClient

from tenon.accounts.models import User
from tenon.db import Database
from tenon.history.proof import verify
from tenon.listings.models import Expert, Listing
from tenon.settings import Settings
from tests.accounts.test_personal_data import everything
from tests.factories.accounts import make_membership, make_organisation, make_user, post
from tests.factories.listings import make_achievement, make_expert, make_need
from tests.journeys.conftest import Enter, Work

NAME, ADDRESS = "Zephyrine Quillfeather", "zephyrine@quillfeather.example"
PASSWORD = "an owl in the seventh oak"
SECRETS = (NAME, "Zephyrine", "Quillfeather", ADDRESS, ADDRESS.upper())
FORM = {
    "language": "en",
    "title": "Need a thermometer for flues",
    "summary": "Flue temperature is read by hand and leaks are missed two or three times a shift.",
    "requirements": "temperature ≥ 200 ℃",
    "deal_forms": ["licence_nonexclusive"],
    "hitech": ["1"],
    "money_kind": "",
    "currency": "CNY",
}


def test_person_signs_up_works_downloads_everything_and_leaves_nothing(
    database: Database, settings: Settings, enter: Enter, work: Work
) -> None:
    me, visitor = enter(None), enter(None)
    _sign_up(me, settings, work)
    need, expert = _work(me, database)
    work()

    mine = json.loads(me.get("/account/my-data").text)
    assert mine["account"]["email"] == ADDRESS
    assert len(mine["listings"]["listings_written"]) == 2
    assert mine["listings"]["expert_page"][0]["name_en"] == NAME
    assert [each["kind"] for each in mine["matches"]["feedback"]] == ["declined"]
    assert PASSWORD not in json.dumps(mine, ensure_ascii=False)
    with database.reading() as session:
        assert NAME in everything(session)

    assert post(me, "/account/erase", password=PASSWORD, sure="y").status_code == 302
    work()
    _nothing_is_left(database, settings)
    assert visitor.get(f"/experts/{expert}").status_code == 404
    for address in (f"/listings/{need}", "/search?side=expert", "/search"):
        page = visitor.get(address).text
        assert [secret for secret in SECRETS if secret in page] == [], address
    assert "/experts/" not in visitor.get("/search?q=Quillfeather").text
    again = post(enter(None), "/account/sign-in", email=ADDRESS, password=PASSWORD)
    assert again.status_code == 422


def _sign_up(me: FlaskClient, settings: Settings, work: Work) -> None:
    """Sign up, confirm by the mail, sign in."""
    me.get("/account/sign-up")
    signed = {"name": NAME, "email": ADDRESS, "password": PASSWORD, "language": "en"}
    assert post(me, "/account/sign-up", terms="y", **signed).status_code == 302
    work()
    assert me.get(_link(settings, "/account/confirm/")).status_code == 302
    assert post(me, "/account/sign-in", email=ADDRESS, password=PASSWORD).status_code == 302


def _work(me: FlaskClient, database: Database) -> tuple[str, str]:
    """Join a firm, write, decline a match; returns the need's and the expert page's ids."""
    with database.writing() as session:
        house = make_organisation(session, kind="enterprise")
        make_membership(session, make_user(session), house)
        result = make_achievement(session, state="published")
    post(me, f"/organisations/{house.public_id}/join", note=f"I am {NAME}")
    with database.writing() as session:
        user = session.scalars(sa.select(User).where(User.email == ADDRESS)).one()
        place = user.memberships[0]
        place.state, place.role = "active", "editor"
        user.acting_for_id = place.organisation_id
        expert = make_expert(session, user=user, name_zh=None, name_en=NAME, bio_zh=None)
        need = make_need(session, organisation=place.organisation, author=user, state="published")
    assert post(me, "/listings/new/need", **FORM, do="submit").status_code == 302
    word = f"/listings/{need.public_id}/matches/{result.public_id}"
    assert post(me, word, kind="declined", reason="other").status_code == 303
    return need.public_id, expert.public_id


def _nothing_is_left(database: Database, settings: Settings) -> None:
    """Look into every column of every table, and into the index."""
    with database.reading() as session:
        left = everything(session)
        assert [secret for secret in SECRETS if secret in left] == []
        assert list(verify(session)) == []
        kept = session.scalars(sa.select(Listing.state).where(Listing.side == "need")).all()
        assert sorted(kept) == ["in_review", "published"]  # the organisation's, not the person's
        assert session.scalars(sa.select(Expert.id)).all() == []
    held = b"".join(
        path.read_bytes() for path in settings.index_folder.rglob("*") if path.is_file()
    )
    assert [secret for secret in SECRETS if secret.encode() in held] == []


def _link(settings: Settings, containing: str) -> str:
    """Return the path of a link in the one mail that was sent."""
    joined = ""
    for letter in settings.mail_folder.glob("*.eml"):
        body = message_from_bytes(letter.read_bytes(), policy=policy.default).get_body(("plain",))
        joined += "" if body is None else body.get_content()
    found = re.search(rf"https?://[^/\s]+({containing}\S+)", joined)
    assert found is not None, joined
    return found[1]

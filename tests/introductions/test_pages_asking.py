"""The ways into an introduction, and its form: who may, what is missing, what is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.app import create_app
from tenon.db import Database
from tenon.introductions.models import Introduction
from tenon.settings import Settings
from tests.conftest import NOW
from tests.factories.accounts import (
    make_membership,
    make_organisation,
    make_user,
    post,
    sign_in,
)
from tests.factories.introductions import make_introduction
from tests.factories.listings import make_achievement, make_need
from tests.introductions.browsing import ask, browser, words
from tests.introductions.cast import ANSWERS, NAMES, Cast


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("visitor", "Sign in and ask for an introduction"),
        ("nobody", "You need an organisation to be introduced."),
        ("from_member", "Editors of your organisation can ask for it"),
        ("from_editor", "Ask for an introduction"),
        ("broker_of_from", "Ask for an introduction"),
        ("broker", "You need an organisation to be introduced."),
    ],
)
def test_listing_says_how_to_ask(app: Flask, settled: Cast, role: str, said: str) -> None:
    page = words(browser(app, settled, role).get(f"/listings/{settled.result.public_id}"))
    assert said in page
    offers = f"/introductions/new?listing={settled.result.public_id}" in page
    assert offers == (role in ("visitor", "from_editor", "broker_of_from"))


def test_visitor_signs_in_and_comes_back(app: Flask, settled: Cast) -> None:
    address = f"/introductions/new?listing={settled.result.public_id}"
    answer = browser(app, settled, "visitor").get(address)
    assert answer.status_code == 302
    assert f"listing%3D{settled.result.public_id}" in str(answer.location)


@pytest.mark.parametrize(
    ("role", "status"),
    [("nobody", 403), ("from_member", 403), ("to_editor", 403), ("broker", 403)],
)
def test_wrong_person_gets_no_form(
    app: Flask, settled: Cast, committed: Session, role: str, status: int
) -> None:
    client = browser(app, settled, role)
    address = f"/introductions/new?listing={settled.result.public_id}"
    assert client.get(address).status_code == status
    assert ask(client, settled, own="").status_code == status
    assert committed.scalar(sa.select(sa.func.count(Introduction.id))) == 0


def test_own_draft_is_nothing_to_ask_about(app: Flask, settled: Cast, committed: Session) -> None:
    draft = make_achievement(committed, organisation=settled.university)
    committed.commit()
    for role in ("from_editor", "to_editor"):
        client = browser(app, settled, role)
        address = f"/introductions/new?listing={draft.public_id}"
        assert client.get(address).status_code == 404
        assert ask(client, settled, listing=draft.public_id).status_code == 404


def test_organisation_that_is_not_approved_waits(
    app: Flask, settled: Cast, committed: Session
) -> None:
    person = make_user(committed)
    make_membership(committed, person, make_organisation(committed, state="pending"))
    committed.commit()
    client = sign_in(app.test_client(), person)
    page = words(client.get(f"/introductions/new?listing={settled.result.public_id}"))
    assert "Your organisation has not been approved yet" in page
    assert "Send it to the broker" not in page
    assert ask(client, settled, own="").status_code == 403


def test_form_offers_own_public_counterparts_only(
    app: Flask, settled: Cast, committed: Session
) -> None:
    shown = [settled.need, make_need(committed, organisation=settled.firm, state="published")]
    hidden = [
        make_need(committed, organisation=settled.firm),
        make_achievement(committed, organisation=settled.firm, state="published"),
        make_need(committed, state="published"),
    ]
    committed.commit()
    address = f"/introductions/new?listing={settled.result.public_id}&own={shown[1].public_id}"
    page = browser(app, settled, "from_editor").get(address).text
    assert all(f'value="{each.public_id}"' in page for each in shown)
    assert not any(each.public_id in page for each in hidden)
    assert f'<option selected value="{shown[1].public_id}">' in page


def test_errors_stand_at_their_fields_and_words_are_kept(app: Flask, settled: Cast) -> None:
    client = browser(app, settled, "from_editor")
    answer = ask(client, settled, interest="kurz", offer=f"{NAMES[0]}有一条产线可用。", consent="")
    page = words(answer)
    assert answer.status_code == 422
    assert "This names you or your organisation; it is read before you consent" in page
    assert "Please write a little more." in page
    assert "Please tick this; nothing opens without it." in page
    assert f"{NAMES[0]}有一条产线可用。" in page
    assert ANSWERS.proposal in page


def test_consent_is_asked_for(app: Flask, settled: Cast, committed: Session) -> None:
    answer = ask(browser(app, settled, "from_editor"), settled, consent="")
    assert answer.status_code == 422
    assert "Please tick this; nothing opens without it." in words(answer)
    assert committed.scalar(sa.select(sa.func.count(Introduction.id))) == 0


def test_second_of_a_pair_is_told_and_keeps_what_it_wrote(app: Flask, settled: Cast) -> None:
    client = browser(app, settled, "from_editor")
    first = ask(client, settled)
    second = ask(client, settled)
    assert (first.status_code, second.status_code) == (303, 409)
    page = words(second)
    assert ANSWERS.offer in page
    assert str(first.location) in page


def test_reverse_request_is_told_too(app: Flask, settled: Cast) -> None:
    assert ask(browser(app, settled, "from_editor"), settled).status_code == 303
    answer = ask(
        browser(app, settled, "to_editor"),
        settled,
        listing=settled.need.public_id,
        own=settled.result.public_id,
    )
    assert answer.status_code == 409
    page = words(answer)
    assert "The two of you are being introduced already" in page
    assert "/introductions/" not in page.split("<main")[1].split("action=")[0]


def test_asking_the_other_way_round_does_not_tell_who_keeps_its_name_back(
    app: Flask, settled: Cast, committed: Session
) -> None:
    open_need = make_need(committed, organisation=settled.firm, state="published")
    committed.commit()
    asked = ask(browser(app, settled, "from_editor"), settled, own=open_need.public_id, unnamed="y")
    assert asked.status_code == 303
    university = browser(app, settled, "to_editor")
    there = university.get(f"/listings/{open_need.public_id}").text
    assert str(asked.location) not in there
    answer = ask(university, settled, listing=open_need.public_id, own=settled.result.public_id)
    assert answer.status_code == 303, "a conflict would have told"


def test_words_survive_a_sign_in_that_ran_out(app: Flask, settled: Cast) -> None:
    client = browser(app, settled, "visitor")
    answer = ask(client, settled)
    assert answer.status_code == 302
    assert "/account/sign-in" in str(answer.location)
    with client.session_transaction() as cookie:
        held = dict(cookie)
    sign_in(client, settled.people["from_editor"])
    with client.session_transaction() as cookie:
        cookie.update({"held_introduction": held["held_introduction"], "language": "en"})
    page = words(client.get(f"/introductions/new?listing={settled.result.public_id}"))
    assert ANSWERS.interest in page
    assert ANSWERS.proposal in page
    other = words(client.get(f"/introductions/new?listing={settled.need.public_id}"))
    assert ANSWERS.interest not in other
    assert ask(client, settled).status_code == 303
    with client.session_transaction() as cookie:
        assert "held_introduction" not in cookie


def test_expired_form_comes_back_with_its_words(app: Flask, settled: Cast) -> None:
    client = browser(app, settled, "from_editor")
    answer = ask(client, settled, csrf_token="of yesterday")
    assert answer.status_code == 422
    assert "The form had expired" in words(answer)
    assert ANSWERS.interest in words(answer)


def test_another_site_cannot_leave_words_here(app: Flask, settled: Cast) -> None:
    client = browser(app, settled, "visitor")
    answer = client.post(
        "/introductions/new",
        data={"listing": settled.result.public_id, "interest": "x"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it counts in memory
def test_asking_is_limited_to_some_dozens_a_day(
    settings: Settings, database: Database, settled: Cast, committed: Session
) -> None:
    limited = create_app(replace(settings, rate_limits=True), database)
    results = [
        make_achievement(committed, organisation=settled.university, state="published")
        for _ in range(41)
    ]
    committed.commit()
    client = browser(limited, settled, "from_editor")
    for _ in range(5):  # what was not taken does not count
        assert ask(client, settled, consent="").status_code == 422
    answers = [ask(client, settled, listing=each.public_id, own="").status_code for each in results]
    assert answers == [303] * 40 + [429]


def test_request_taken_up_from_a_proposal(app: Flask, settled: Cast, committed: Session) -> None:
    it = make_introduction(
        committed,
        state="proposed",
        listing=settled.result,
        own_listing=settled.need,
        proposer=settled.people["proposer"],
        now=NOW,
    )
    committed.commit()
    place = f"/introductions/{it.public_id}"
    client = browser(app, settled, "from_editor")
    assert f"{place}/answer" in client.get(place).text
    assert browser(app, settled, "to_editor").get(f"{place}/answer").status_code == 404
    assert browser(app, settled, "from_member").get(f"{place}/answer").status_code == 403
    fields = {"interest": ANSWERS.interest, "offer": ANSWERS.offer, "consent": "y"}
    answer = post(client, f"{place}/answer", version=it.version, **fields)
    assert answer.status_code == 422
    assert ANSWERS.interest in words(answer)
    fields["proposal"] = ANSWERS.proposal
    assert post(client, f"{place}/answer", version=it.version, **fields).status_code == 303
    late = post(client, f"{place}/answer", version=it.version, **fields)
    assert late.status_code == 409
    assert "Somebody was quicker" in words(late)
    assert ANSWERS.proposal in words(late)

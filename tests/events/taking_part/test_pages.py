"""Pages of registering and of who comes, as each person sees them; bad input is kept."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.events.models import Registration
from tests.events.taking_part.cast import Cast, browser, read_anew, words
from tests.factories.accounts import make_user, post
from tests.factories.events import (
    make_event,
    make_meeting,
    make_registration,
    make_wish,
    slots,
)

FILLED = {"group": "company", "seeks": "在线测温", "languages": "zh", "organisation": ""}
LANGUAGES = ("en", "zh")


def _one(session: Session, user_id: int) -> Registration:
    return read_anew(session, sa.select(Registration).filter_by(user_id=user_id))


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_registers_on_the_page_of_the_event(
    app: Flask, settled: Cast, committed: Session, language: str
) -> None:
    person = settled.people["buyer"]
    client, place = browser(app, person, language), f"/events/{settled.event.public_id}"
    assert f"{place}/register" in client.get(place).text
    page = client.get(f"{place}/register")
    assert page.status_code == 200
    assert settled.need.public_id in page.text
    days = f"day-{settled.event.days[0].day.isoformat()}"
    answer = post(
        client,
        f"{place}/register",
        **FILLED
        | {
            "organisation": settled.firm.public_id,
            "listings": [settled.need.public_id],
            "languages": ["zh", "en"],
            days: "some",
            "slot": ["0", "1"],
            "most_meetings": "3",
        },
    )
    assert answer.status_code == 303
    part = _one(committed, person.id)
    assert (part.state, part.organisation_id, part.most_meetings) == (
        "confirmed",
        settled.firm.id,
        3,
    )
    mine = client.get(f"{place}/my-part")
    assert part.code in mine.text
    assert client.get(f"/events/parts/{part.public_id}/edit").status_code == 200
    assert f"{place}/wishes" in mine.text


def test_bad_input_comes_back_at_its_field_with_what_was_typed(
    app: Flask, settled: Cast, committed: Session
) -> None:
    client = browser(app, settled.people["buyer"])
    place = f"/events/{settled.event.public_id}/register"
    day = f"day-{settled.event.days[0].day.isoformat()}"
    answer = post(client, place, **FILLED | {"group": "", "about": "样品五件", day: "none"})
    page = words(answer)
    assert answer.status_code == 422
    assert "样品五件</textarea>" in page
    assert "You are free in no slot at all" in page
    assert re.search(rf'name="{day}" value="none" checked', page)
    assert 'class="field__errors" id="group-error"' in page
    assert committed.scalar(sa.select(sa.func.count(Registration.id))) == 0


def test_who_wants_to_write_a_listing_is_registered_first_and_brings_it_later(
    app: Flask, settled: Cast, committed: Session
) -> None:
    person = settled.people["helper"]
    client = browser(app, person)
    answer = post(
        client,
        f"/events/{settled.event.public_id}/register",
        **FILLED
        | {
            "group": "researcher",
            "organisation": settled.university.public_id,
            "then": "achievement",
        },
    )
    assert answer.location.endswith("/listings/new/achievement")
    part = _one(committed, person.id)
    page = client.get(f"/listings/{settled.result.public_id}")
    assert f"/events/parts/{part.public_id}/bring" in page.text
    done = post(client, f"/events/parts/{part.public_id}/bring", listing=settled.result.public_id)
    assert done.status_code == 303
    part = _one(committed, person.id)
    committed.refresh(part, ["listings"])
    assert [each.id for each in part.listings] == [settled.result.id]
    committed.commit()
    assert "/bring" not in client.get(f"/listings/{settled.result.public_id}").text
    other = browser(app, settled.people["maker"])
    assert "/bring" not in other.get(f"/listings/{settled.result.public_id}").text


def test_an_editor_registers_a_colleague_and_sees_their_part(
    app: Flask, settled: Cast, committed: Session
) -> None:
    client = browser(app, settled.people["colleague"])
    place = f"/events/{settled.event.public_id}"
    assert settled.people["buyer"].public_id in client.get(f"{place}/register").text
    answer = post(
        client,
        f"{place}/register",
        **FILLED
        | {
            "person": settled.people["buyer"].public_id,
            "organisation": settled.firm.public_id,
        },
    )
    assert answer.status_code == 303
    part = _one(committed, settled.people["buyer"].id)
    assert client.get(f"/events/parts/{part.public_id}").status_code == 200
    stranger = post(
        client,
        f"{place}/register",
        **FILLED | {"person": settled.people["maker"].public_id, "organisation": ""},
    )
    assert stranger.status_code == 422


@pytest.mark.parametrize("language", LANGUAGES)
def test_waiting_list_on_the_page(
    app: Flask, settled: Cast, committed: Session, language: str
) -> None:
    settled.event.capacity = 1
    first = make_registration(committed, settled.event, user=settled.people["maker"])
    committed.commit()
    client = browser(app, settled.people["buyer"], language)
    place = f"/events/{settled.event.public_id}"
    assert post(client, f"{place}/register", **FILLED).status_code == 303
    number = "Number 1 on the waiting list" if language == "en" else "候补第 1 位"
    assert number in words(client.get(f"{place}/my-part"))
    assert number in words(client.get(place))
    leaves = browser(app, settled.people["maker"])
    assert (
        post(leaves, f"/events/parts/{first.public_id}/cancel", version=first.version).status_code
        == 303
    )
    part = _one(committed, settled.people["buyer"].id)
    assert part.state == "offered"
    page = client.get(f"{place}/my-part").text
    assert f"/events/parts/{part.public_id}/take" in page
    assert post(client, f"/events/parts/{part.public_id}/take", version="1").status_code == 303
    assert _one(committed, settled.people["buyer"].id).state == "offered"  # a stale page
    post(client, f"/events/parts/{part.public_id}/take", version=part.version)
    assert _one(committed, settled.people["buyer"].id).state == "confirmed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_are_shown_to_those_who_take_part_without_addresses(
    app: Flask, settled: Cast, committed: Session, parts: dict[str, Registration], language: str
) -> None:
    place = f"/events/{settled.event.public_id}/people"
    mail = settled.people["maker"].email
    client = browser(app, settled.people["buyer"], language)
    page = words(client.get(place))
    assert "maker person" in page
    assert mail not in page
    make_meeting(committed, parts["buyer"], parts["maker"], slots(committed, settled.event)[0])
    committed.commit()
    assert mail not in words(client.get(place))  # an agreed meeting, but no consent
    committed.get_one(Registration, parts["maker"].id).shows_contact = True
    committed.commit()
    assert mail in words(client.get(place))
    third = make_registration(committed, settled.event, user=settled.people["nobody"])
    committed.commit()
    assert third.state == "confirmed"
    assert mail not in words(browser(app, settled.people["nobody"]).get(place))


def test_people_can_be_narrowed(
    app: Flask, settled: Cast, committed: Session, parts: dict[str, Registration]
) -> None:
    client = browser(app, settled.people["buyer"])
    place = f"/events/{settled.event.public_id}/people"
    for query, found in {
        "?group=company": (True, False),
        "?side=achievement": (False, True),
        "?speaks=ja": (False, False),
        "?speaks=en": (True, True),
        "?q=应用场景": (False, True),
        "?q=%25": (False, False),
        "?q=Basalt": (True, False),
    }.items():
        page = words(client.get(place + query))
        cards = page.split("event-filters")[1]
        assert ("buyer person" in cards, "maker person" in cards) == found, query


def test_wrong_people_are_kept_out(
    app: Flask, settled: Cast, committed: Session, parts: dict[str, Registration]
) -> None:
    event, part = settled.event.public_id, parts["buyer"].public_id
    elsewhere = make_event(committed, starts_at=settled.event.starts_at + timedelta(days=30))
    make_registration(committed, elsewhere, user=settled.people["stranger"])
    wish = make_wish(committed, parts["buyer"], parts["maker"])
    committed.commit()
    pages = {
        f"/events/{event}/people": (403, 403, 200),
        f"/events/{event}/wishes": (403, 403, 403),
        f"/events/{event}/wishes?part={part}": (404, 404, 404),
        f"/events/{event}/pair-rules": (403, 403, 200),
        f"/events/parts/{part}": (404, 404, 200),
        f"/events/parts/{part}/edit": (404, 404, 200),
        f"/events/wishes/{wish.public_id}/decline": (404, 404, 200),
    }
    for place, wanted in pages.items():
        for name, status in zip(("stranger", "nobody", "broker"), wanted, strict=True):
            got = browser(app, settled.people[name]).get(place).status_code
            assert got == status, (place, name)
    stranger = browser(app, settled.people["stranger"])
    for place in (
        f"/events/parts/{part}/cancel",
        f"/events/parts/{part}/take",
        f"/events/parts/{part}/bring",
        f"/events/parts/{part}/edit",
        f"/events/wishes/{wish.public_id}/accept",
        f"/events/wishes/{wish.public_id}/decline",
        f"/events/wishes/{wish.public_id}/withdraw",
        f"/events/{event}/people",
        f"/events/{event}/pair-rules",
        f"/events/{event}/pair-rules/remove",
        f"/events/{event}/wishes",
    ):
        assert post(stranger, place).status_code in (403, 404), place
    other_editor = browser(app, settled.people["helper"])
    assert other_editor.get(f"/events/parts/{part}").status_code == 404
    assert post(other_editor, f"/events/parts/{part}/cancel").status_code == 404
    assert browser(app, settled.people["colleague"]).get(f"/events/parts/{part}").status_code == 200
    draft = make_event(committed, state="draft")
    committed.commit()
    assert stranger.get(f"/events/{draft.public_id}/register").status_code == 404


def test_organiser_admits_and_declines_many(app: Flask, settled: Cast, committed: Session) -> None:
    settled.event.needs_approval = True
    asked = [
        make_registration(committed, settled.event, user=make_user(committed), state="pending")
        for _ in range(3)
    ]
    committed.commit()
    client = browser(app, settled.people["host_editor"])
    place = f"/events/{settled.event.public_id}/people"
    page = words(client.get(place))
    assert page.count('name="chosen"') == 3
    chosen = [f"{each.public_id}:{each.version}" for each in asked]
    refused = post(client, place, chosen=chosen[2], decision="decline", state="pending")
    assert refused.status_code == 422
    assert f'value="{chosen[2]}" checked' in refused.text
    assert post(client, place, decision="approve", state="pending").status_code == 422
    assert post(client, place, chosen=chosen[:2], decision="approve").status_code == 303
    done = post(client, place, chosen=chosen[1:], decision="decline", reason="名额有限")
    assert done.status_code == 303
    committed.rollback()
    states = committed.scalars(sa.select(Registration.state).order_by(Registration.id)).all()
    assert states == ["confirmed", "confirmed", "declined"]  # the second was decided meanwhile

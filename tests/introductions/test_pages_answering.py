"""Answers through HTTP: a decline that advises, two at once, the wrong person, the agreement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.introductions import reasons, services
from tenon.introductions.models import Introduction
from tests.conftest import NOW
from tests.factories.accounts import post
from tests.factories.introductions import make_introduction, make_message
from tests.factories.listings import make_achievement
from tests.introductions.browsing import browser, version_on, words
from tests.introductions.cast import ANSWERS, NAMES, Cast, bring_to

STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "ask-back": ("asked", {"ask_back-text": "管道有多长？"}),
    "decline": ("asked", {"decline-reason": "too_early"}),
    "accept": ("asked", {"accept-consent": "y"}),
    "reply": ("asked_back", {"reply-text": "三公里。"}),
    "turn-down": ("proposed", {"turn_down-reason": "budget"}),
    "withdraw": ("asked", {}),
    "end": ("connected", {"end-reason": "no_fit"}),
    "messages": ("connected", {"message-text": "下周三见。"}),
}
WHO = {
    "ask-back": "to_editor",
    "decline": "to_editor",
    "accept": "to_administrator",
    "reply": "from_editor",
    "turn-down": "from_administrator",
    "withdraw": "from_editor",
    "end": "to_editor",
    "messages": "from_editor",
}
OTHERS = (
    "visitor",
    "nobody",
    "stranger",
    "from_member",
    "to_member",
    "from_editor",
    "to_editor",
    "other_broker",
)


def brought(session: Session, cast: Cast, state: str) -> str:
    """Bring an introduction to a state, commit it; return its address."""
    it = bring_to(session, cast, state, now=NOW)
    session.commit()
    return f"/introductions/{it.public_id}"


def state_of(session: Session) -> str | None:
    """The state of the one introduction, read afresh."""
    found = session.scalar(sa.select(Introduction.state))
    session.commit()  # let go: SQLite's one writer is also the page's
    return found


@pytest.mark.parametrize("step", STEPS)
def test_step_is_for_its_side_alone(
    app: Flask, settled: Cast, committed: Session, step: str
) -> None:
    state, fields = STEPS[step]
    place = brought(committed, settled, state)
    right = WHO[step]
    for role in OTHERS:
        if role.partition("_")[0] == right.partition("_")[0] and not role.endswith("_member"):
            continue
        if step in ("messages", "end") and role.endswith("_editor"):
            continue  # both sides may
        answer = post(browser(app, settled, role), f"{place}/{step}", **fields)
        refused = answer.status_code in (403, 404) or "/account/sign-in" in str(answer.location)
        assert refused, f"{role}: {answer.status_code}"
        assert state_of(committed) == state
    answer = post(browser(app, settled, right), f"{place}/{step}", **fields)
    assert answer.status_code == 303


@pytest.mark.parametrize("step", [step for step in STEPS if step != "withdraw"])
def test_empty_form_says_what_is_missing(
    app: Flask, settled: Cast, committed: Session, step: str
) -> None:
    place = brought(committed, settled, STEPS[step][0])
    answer = post(browser(app, settled, WHO[step]), f"{place}/{step}")
    assert answer.status_code == 422
    assert 'class="field__errors"' in answer.text
    assert "Please look at these again" in words(answer)


@pytest.mark.parametrize("step", ["ask-back", "decline", "accept", "reply", "end"])
def test_second_of_two_colleagues_is_told_and_keeps_the_words(
    app: Flask, settled: Cast, committed: Session, step: str
) -> None:
    state, fields = STEPS[step]
    place = brought(committed, settled, state)
    side = WHO[step].partition("_")[0]
    first = browser(app, settled, f"{side}_administrator")
    second = browser(app, settled, f"{side}_editor")
    version = version_on(second, place)
    typed = fields | {
        name: "我们内部还要再谈一次。"
        for name in ("ask_back-text", "reply-text", "decline-remark", "end-remark")
        if name.startswith(step.replace("-", "_"))
    }
    assert post(first, f"{place}/{step}", version=version, **fields).status_code == 303
    after = state_of(committed)
    answer = post(second, f"{place}/{step}", version=version, **typed)
    assert answer.status_code == 409
    assert "Somebody was quicker" in words(answer)
    if step != "accept":
        assert "我们内部还要再谈一次。" in words(answer)
    assert state_of(committed) == after
    assert "我们内部还要再谈一次。" not in words(second.get(place))


def test_step_that_is_still_to_be_had_keeps_its_form(
    app: Flask, settled: Cast, committed: Session
) -> None:
    place = brought(committed, settled, "asked")
    stale = {"version": "1", "decline-reason": "other", "decline-remark": "另有安排。"}
    client = browser(app, settled, "to_editor")
    answer = post(client, f"{place}/decline", **stale)
    assert answer.status_code == 409
    page = words(answer)
    assert "另有安排。</textarea>" in page
    version = page.split('name="version" value="')[1].split('"')[0]
    assert post(client, f"{place}/decline", **stale | {"version": version}).status_code == 303


@pytest.mark.parametrize("language", ["en", "zh"])
def test_decline_reaches_the_author_as_advice(
    app: Flask, settled: Cast, committed: Session, language: str
) -> None:
    place = brought(committed, settled, "asked")
    for number in range(2):
        make_introduction(
            committed,
            state="declined" if number else "refused",
            listing=make_achievement(committed, state="published"),
            own_listing=settled.need,
            now=NOW,
        )
    make_introduction(  # turned down by the firm itself: the broker's to read
        committed,
        state="declined",
        listing=make_achievement(committed, state="published"),
        own_listing=settled.need,
        end_reason="budget",
        passed_on_at=None,
    )
    committed.commit()
    fields = {"decline-reason": "too_early", "decline-remark": "等有了中试结果再谈。"}
    assert post(browser(app, settled, "to_editor"), f"{place}/decline", **fields).status_code == 303
    author = browser(app, settled, "from_editor", language)
    page = words(author.get(place))
    advice = reasons.advice("too_early")[language]
    assert advice in page
    assert "等有了中试结果再谈。" in page
    assert f"/listings/{settled.need.public_id}/edit" in page
    own = words(author.get(f"/listings/{settled.need.public_id}"))
    assert advice in own
    assert reasons.advice("budget")[language] not in own
    row = own.split(reasons.in_words("too_early")[language])[1].split("</tr>")[0]
    assert ">3</td>" in row
    for role in ("to_editor", "stranger", "broker", "visitor"):
        others = words(
            browser(app, settled, role, language).get(f"/listings/{settled.need.public_id}")
        )
        assert advice not in others, role


def test_remark_that_names_an_unnamed_firm_is_refused(
    app: Flask, settled: Cast, committed: Session
) -> None:
    it = make_introduction(
        committed,
        state="asked",
        listing=settled.need,
        own_listing=settled.result,
        from_user=settled.people["to_editor"],
    )
    committed.commit()
    fields = {"decline-reason": "other", "decline-remark": f"{NAMES[1]} is busy."}
    answer = post(
        browser(app, settled, "from_editor"), f"/introductions/{it.public_id}/decline", **fields
    )
    assert answer.status_code == 422
    assert "This names you or your organisation" in words(answer)


def test_answer_after_lapse_is_told(app: Flask, settled: Cast, committed: Session) -> None:
    place = brought(committed, settled, "asked")
    client = browser(app, settled, "to_editor")
    version = version_on(client, place)
    services.work_off_due(committed, now=NOW + timedelta(days=40))
    committed.commit()
    answer = post(client, f"{place}/accept", version=version, **{"accept-consent": "y"})
    assert answer.status_code == 409
    assert "No answer in time" in words(answer)


def test_answer_about_a_listing_that_went_away(
    app: Flask, settled: Cast, committed: Session
) -> None:
    place = brought(committed, settled, "asked")
    settled.result.state = "withdrawn"
    committed.commit()
    answer = post(browser(app, settled, "to_editor"), f"{place}/accept", **{"accept-consent": "y"})
    assert answer.status_code == 409
    assert state_of(committed) == "asked"


def test_agreement_is_for_those_whom_it_names(
    app: Flask, settled: Cast, committed: Session
) -> None:
    place = brought(committed, settled, "nda")
    wanted = {"from_member": 200, "to_member": 200, "broker": 200, "operator": 200}
    wanted |= {"other_broker": 403, "stranger": 404, "nobody": 404}
    for role, status in wanted.items():
        for page in ("agreement", "agreement.txt"):
            got = browser(app, settled, role).get(f"{place}/{page}").status_code
            assert got == status, f"{role} {page}"
    for role, status in {
        "from_member": 403,
        "broker": 403,
        "operator": 403,
        "stranger": 404,
    }.items():
        client = browser(app, settled, role)
        assert (
            post(client, f"{place}/agreement", signatory="x", confirmed="y").status_code == status
        )


def test_agreement_is_confirmed_once_a_side_and_as_read(
    app: Flask, settled: Cast, committed: Session
) -> None:
    place = brought(committed, settled, "nda")
    client = browser(app, settled, "from_editor")
    sha256 = (
        client.get(f"{place}/agreement").text.split('name="sha256"')[1].split('value="')[1][:64]
    )
    answer = post(client, f"{place}/agreement", sha256=sha256)
    assert answer.status_code == 422
    assert "Please tick this; nothing opens without it." in words(answer)
    fields = {"signatory": "授权代表", "confirmed": "y"}
    assert post(client, f"{place}/agreement", sha256="0" * 64, **fields).status_code == 409
    assert post(client, f"{place}/agreement", sha256=sha256, **fields).status_code == 303
    again = post(client, f"{place}/agreement", sha256=sha256, **fields)
    assert again.status_code == 409
    assert "This was not confirmed" in words(again)
    assert 'name="signatory"' not in client.get(f"{place}/agreement").text


def test_agreement_asked_for_later(app: Flask, settled: Cast, committed: Session) -> None:
    it = make_introduction(
        committed, state="connected", listing=settled.result, own_listing=settled.need
    )
    committed.commit()
    place = f"/introductions/{it.public_id}"
    client = browser(app, settled, "to_editor")
    assert f"{place}/agreement/demand" in client.get(place).text
    assert client.get(f"{place}/agreement").status_code == 404
    wrong = post(browser(app, settled, "to_member"), f"{place}/agreement/demand")
    assert wrong.status_code == 403
    answer = post(client, f"{place}/agreement/demand", version=it.version)
    assert answer.status_code == 303
    assert client.get(f"{place}/agreement").status_code == 200


def test_broker_writes_to_one_side(app: Flask, settled: Cast, committed: Session) -> None:
    place = brought(committed, settled, "connected")
    fields = {"message-text": "只说给你们听。", "message-audience": "from"}
    assert post(browser(app, settled, "broker"), f"{place}/messages", **fields).status_code == 303
    assert "只说给你们听。" in browser(app, settled, "from_member").get(place).text
    assert "只说给你们听。" not in browser(app, settled, "to_member").get(place).text
    side = browser(app, settled, "to_editor")
    assert "message-audience" not in side.get(place).text
    assert post(side, f"{place}/messages", **fields).status_code == 422


def test_reading_is_noted_and_only_ones_own(app: Flask, settled: Cast, committed: Session) -> None:
    it = bring_to(committed, settled, "connected", now=NOW)
    make_message(committed, it, speaker="to", author=settled.people["to_editor"], text="您好。")
    committed.commit()
    place = f"/introductions/{it.public_id}"
    new = '<span class="badge badge--accent">new</span>'
    first, other = browser(app, settled, "from_editor"), browser(app, settled, "from_member")
    assert new in first.get(place).text
    assert new not in first.get(place).text
    assert new in other.get(place).text
    assert ANSWERS.interest in words(first.get(place))

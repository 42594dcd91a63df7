"""Mail to many: its recipients and words are shown first, it goes once, and nobody is nobody."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.db import Database
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.models import Event, Mailing, MailingRecipient, Registration
from tenon.events.results.queries.recipients import Choice, chosen
from tenon.events.results.services.mailing import Words, seal, send_mailing
from tenon.notices.choosing import choose
from tenon.notices.models import Mail, Notice
from tenon.outbox.dispatcher import drain
from tests.conftest import NOW
from tests.events.results.cast import Cast, check_in, make_cast
from tests.events.results.conftest import Browse, count
from tests.factories import events
from tests.factories.accounts import post

EVERYBODY = Choice(states=("confirmed",), groups=("researcher", "company"))
WORDS = Words(
    subject_zh="感谢参加",
    text_zh="请填写洽谈结果。",
    subject_en="Thank you",
    text_en="Please answer.",
)


def _names(session: Session, cast: Cast, choice: Choice) -> list[str]:
    found = chosen(session, cast.event, choice, now=NOW)
    return [each.registration.user.name for each in found if each.registration.user]


def _send(
    session: Session,
    cast: Cast,
    choice: Choice = EVERYBODY,
    key: str = "key",
    role: str = "broker",
    by: Actor | None = None,
) -> Mailing:
    actor = by or cast.actor(role)
    event = session.get_one(Event, cast.event.id)
    shown = seal(WORDS, chosen(session, event, choice, now=NOW))
    return send_mailing(
        session, event, WORDS, choice, shown=shown, request_key=key, by=actor, now=NOW
    )


def test_each_filter_narrows_the_choice(session: Session, cast: Cast) -> None:
    check_in(session, cast.here)
    events.make_registration(session, cast.event, group="company", state="pending")
    assert _names(session, cast, EVERYBODY) == ["Company", "Researcher", "Rival"]
    assert _names(session, cast, Choice(states=("pending",), groups=("company",))) == ["Wei Lan"]
    for narrowed, expected in (
        ({"checked_in": "yes"}, ["Researcher"]),
        ({"checked_in": "no"}, ["Company", "Rival"]),
        ({"meetings": "yes"}, ["Company", "Researcher"]),
        ({"meetings": "no"}, ["Rival"]),
    ):
        choice = Choice(**(EVERYBODY.kept() | narrowed))
        assert _names(session, cast, choice) == expected
    cast.event.mode = "hybrid"
    session.execute(sa.update(Registration).values(attends="online"))
    # Nobody missed those who were to join from elsewhere.
    assert _names(session, cast, Choice(**(EVERYBODY.kept() | {"checked_in": "no"}))) == []
    assert _names(session, cast, Choice(**(EVERYBODY.kept() | {"checked_in": "yes"}))) != []
    assert _names(session, cast, Choice(**(EVERYBODY.kept() | {"overdue": True}))) == []
    cast.event.follow_up_until = NOW - timedelta(hours=1)
    session.flush()
    owing = Choice(**(EVERYBODY.kept() | {"overdue": True}))
    assert _names(session, cast, owing) == ["Company", "Researcher"]


@pytest.mark.parametrize(
    "choice", [Choice(), Choice(states=("confirmed",)), Choice(groups=("company",))]
)
def test_an_empty_choice_is_nobody(session: Session, cast: Cast, choice: Choice) -> None:
    with pytest.raises(Invalid) as raised:
        _send(session, cast, choice)
    assert raised.value.fields == {"recipients": "nobody"}
    assert session.scalar(sa.select(sa.func.count(Mailing.id))) == 0


@pytest.mark.parametrize("role", ["researcher", "rival", "stranger", "visitor"])
def test_only_the_organiser_sends(session: Session, cast: Cast, role: str) -> None:
    with pytest.raises(Forbidden):
        _send(session, cast, role=role)


def test_a_changed_list_is_not_sent_to(session: Session, cast: Cast) -> None:
    shown = seal(WORDS, chosen(session, cast.event, EVERYBODY, now=NOW))
    events.make_registration(session, cast.event, group="company")
    with pytest.raises(Conflict, match="recipients_changed"):
        send_mailing(
            session, cast.event, WORDS, EVERYBODY, shown=shown, request_key="k",
            by=cast.actor("broker"), now=NOW,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (Words(), "subject_zh"),
        (Words(subject_zh="只有标题"), "text_zh"),
        (Words(text_en="Only a text"), "subject_en"),
        (Words(subject_en="x" * 201, text_en="y"), "subject_en"),
    ],
)
def test_half_written_words_are_refused(words: Words, field: str) -> None:
    with pytest.raises(Invalid) as raised:
        words.check()
    assert set(raised.value.fields) == {field}


def test_everybody_gets_one_mail_as_they_wish(database: Database) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        cast.people["company"].language = "zh"
        for role, way in (("rival", "off"), ("company", "now")):
            choose(
                session, user_id=cast.people[role].id, kind_or_group="event_mailing", mail=way,
                now=NOW,
            )  # fmt: skip
        made = _send(session, cast)
        assert _send(session, cast).id == made.id
    for _ in range(3):
        drain(database, now=NOW + timedelta(minutes=1))
    with database.reading() as session:
        mails = session.scalars(sa.select(Mail).where(Mail.scope == "event_mailing")).all()
        read = {each.recipient: each for each in mails}
        assert set(read) == {cast.people["company"].email, cast.people["researcher"].email}
        assert read[cast.people["company"].email].subject == "感谢参加"
        english = read[cast.people["researcher"].email]
        assert english.subject == "Thank you"
        assert "Hello Researcher," in english.text
        assert "Please answer." in english.text
        assert "/unsubscribe/" in english.text
        assert english.sent_at is not None
        kinds = session.scalars(sa.select(Notice.user_id).where(Notice.kind == "event_mailing"))
        assert sorted(kinds) == sorted(
            cast.people[each].id for each in ("company", "researcher", "rival")
        )
        assert session.scalar(sa.select(sa.func.count()).select_from(MailingRecipient)) == 3


def test_a_double_submit_sends_once(database: Database) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        broker = cast.actor("broker")
    barrier = threading.Barrier(2)

    def press(_: int) -> int:
        barrier.wait(timeout=30)
        with database.writing() as session:
            return _send(session, cast, by=broker).id

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(press, range(2))
    assert one == two
    drain(database, now=NOW + timedelta(minutes=1))
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Mailing.id))) == 1
        mails = sa.select(sa.func.count(Mail.id)).where(Mail.scope == "event_mailing")
        assert session.scalar(mails) == 3


FIELDS = {
    "states": ["confirmed"],
    "groups": ["researcher", "company"],
    "subject_zh": "感谢参加",
    "text_zh": "第一行\r\n\r\n第二行",
    "subject_en": "Thank you",
    "text_en": "Please answer.",
    "request_key": "page-key",
}


def _shown(page: str) -> str:
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def test_pages_show_first_and_send_then(browse: Browse, settled: Cast, database: Database) -> None:
    place = f"/events/{settled.event.public_id}/mailings"
    client = browse("broker")
    assert "Mails to participants" in client.get(place).text
    preview = post(client, place, go="preview", **FIELDS)
    page = unescape(preview.text)
    assert preview.status_code == 200
    for expected in ("3 people get it", "Rival · Rival Works", "第二行", "Hello Company,"):
        assert expected in page
    assert count(database, sa.select(sa.func.count(Mailing.id))) == 0
    sent = post(client, place, go="send", shown=_shown(page), **FIELDS)
    again = post(client, place, go="send", shown=_shown(page), **FIELDS)
    assert sent.status_code == again.status_code == 303
    assert sent.location == again.location
    other = FIELDS | {"text_en": "Something else."}
    changed = post(client, place, go="send", shown=_shown(page), **other)
    assert changed.location.endswith(place)
    assert "has gone out already" in client.get(place).text
    assert count(database, sa.select(sa.func.count(Mailing.id))) == 1
    assert "Sent once to each of 3 people" in client.get(sent.location).text
    assert "Thank you" in client.get(place).text
    reader = browse("rival").get(sent.location)
    assert reader.status_code == 200
    assert "Please answer." in reader.text
    assert "Researcher" not in reader.text
    assert browse("stranger").get(sent.location).status_code == 404
    assert "发给参会者的邮件" in browse("broker", "zh").get(place).text


def test_page_tells_of_nobody_and_of_a_changed_list(
    browse: Browse, settled: Cast, committed: Session, database: Database
) -> None:
    place = f"/events/{settled.event.public_id}/mailings"
    client = browse("host")
    nobody = post(client, place, go="preview", **(FIELDS | {"groups": []}))
    assert nobody.status_code == 422
    assert "This choice is nobody" in nobody.text
    assert "Please answer." in nobody.text
    preview = post(client, place, go="preview", **FIELDS)
    events.make_registration(committed, settled.event, group="company")
    committed.commit()
    stale = post(client, place, go="send", shown=_shown(preview.text), **FIELDS)
    assert stale.status_code == 409
    assert "The recipients have changed" in stale.text
    assert count(database, sa.select(sa.func.count(Mailing.id))) == 0


@pytest.mark.parametrize(
    ("role", "status"),
    [("researcher", 403), ("rival", 403), ("stranger", 403), ("visitor", 302), ("operator", 200)],
)
def test_who_may_open_and_send(browse: Browse, settled: Cast, role: str, status: int) -> None:
    place = f"/events/{settled.event.public_id}/mailings"
    client = browse(role)
    assert client.get(place).status_code == status
    assert post(client, place, go="preview", **FIELDS).status_code == status

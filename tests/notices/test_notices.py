"""Notices and mails in the database and through HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.clock import utc_now
from tenon.db import Database
from tenon.notices import delivery, queries, sending, services, wording
from tenon.notices.mailers import DeliveryFailed, Letter
from tenon.notices.models import Mail, Notice
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage
from tenon.settings import Settings
from tests.factories.accounts import NOW, actor_for, make_user, post, sign_in


@dataclass
class Postbox:
    """A mailer that keeps what it is given, and can be told to fail."""

    letters: list[Letter] = field(default_factory=list)
    failures: int = 0

    def send(self, letter: Letter) -> None:
        if self.failures:
            self.failures -= 1
            raise DeliveryFailed("no mail server: TimeoutError")
        self.letters.append(letter)


@pytest.fixture
def postbox(settings: Settings) -> Postbox:
    box = Postbox()
    delivery.use(delivery.Delivery(box, "https://tenon.example"))
    return box


def write(session: Session, **changed: object) -> Notice | None:
    given: dict[str, Any] = {"kind": "broker_granted", "facts": {}, "path": "/account", "now": NOW}
    given |= changed
    user = given.pop("user", None) or make_user(session)
    return services.notify(session, user=user, **given)


def test_notice_goes_out_by_mail_once(
    database: Database, session: Session, postbox: Postbox
) -> None:
    user = make_user(session, language="zh", name="蓝")
    write(session, user=user)
    session.commit()
    drain(database, now=NOW)
    drain(database, now=NOW)
    (letter,) = postbox.letters
    assert letter.recipient == user.email
    assert letter.subject == "您已成为平台的技术经纪人。"
    assert letter.text == (
        "蓝，您好：\n\n您已成为平台的技术经纪人。\nhttps://tenon.example/account\n\n--\n\n"
        "选择接收哪些通知、何时接收：\nhttps://tenon.example/account/notices\n"
    )
    assert letter.message_id.endswith("@tenon.example>")
    with database.reading() as reading:
        mail = reading.scalars(sa.select(Mail)).one()
        assert mail.sent_at is not None
        assert sending.deliver(reading, mail_id=mail.id, now=NOW) is None
    assert len(postbox.letters) == 1


def test_failed_delivery_is_tried_again_under_the_same_id(
    database: Database, session: Session, postbox: Postbox
) -> None:
    postbox.failures = 1
    write(session)
    session.commit()
    drain(database, now=NOW)
    assert postbox.letters == []
    with database.writing() as own:
        message = own.scalars(
            sa.select(OutboxMessage).where(OutboxMessage.topic == services.SEND_MAIL)
        ).one()
        assert message.error == "DeliveryFailed: no mail server: TimeoutError"
        message.available_at = NOW
        written = own.scalars(sa.select(Mail.message_id)).one()
    drain(database, now=NOW)
    assert [letter.message_id for letter in postbox.letters] == [written]


def test_notice_of_a_change_that_fails_is_not_sent(
    database: Database, session: Session, postbox: Postbox
) -> None:
    write(session)
    session.rollback()
    drain(database)
    assert postbox.letters == []


def test_nobody_tells_the_blocked_or_erased(session: Session, postbox: Postbox) -> None:
    assert write(session, user=make_user(session, active=False)) is None
    assert write(session, user=make_user(session, erased_at=NOW)) is None


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "account"])
def test_notice_leads_to_the_site_alone(session: Session, postbox: Postbox, path: str) -> None:
    with pytest.raises(ValueError, match="leads to a path of the site"):
        write(session, path=path)


def test_notice_without_words_or_facts_is_not_written(session: Session, postbox: Postbox) -> None:
    with pytest.raises(KeyError):
        write(session, kind="no_such_kind")
    with pytest.raises(KeyError):
        write(session, kind="membership_accepted", facts={})


def test_kind_has_one_wording() -> None:
    wording.register({"broker_granted": wording.kinds()["broker_granted"]})
    with pytest.raises(ValueError, match="has words already"):
        wording.register({"broker_granted": "Something else"})


def test_every_kind_has_chinese_words() -> None:
    from tenon.notices.rendering import translate

    own = ("organisation_", "membership_", "broker_", "operator_")
    kinds = {kind: text for kind, text in wording.kinds().items() if kind.startswith(own)}
    assert len(kinds) >= 14
    assert [kind for kind, text in kinds.items() if translate(text, "zh") == text] == []


def test_unread_come_first_and_are_counted(session: Session, postbox: Postbox) -> None:
    user = make_user(session)
    moments = [datetime(2026, 6, day, tzinfo=UTC) for day in (1, 2, 3)]
    made = [write(session, user=user, now=moment, mail=False) for moment in moments]
    write(session)
    newest = made[2]
    assert newest is not None
    services.mark_read(session, notice_id=newest.id, by=actor_for(user), now=NOW)
    found, total = queries.notices(session, user.id)
    assert ([each.created_at for each in found], total) == (
        [moments[1], moments[0], moments[2]],
        3,
    )
    assert queries.count_unread(session, user.id) == 2
    assert services.mark_all_read(session, by=actor_for(user), now=NOW) == 2
    assert queries.count_unread(session, user.id) == 0


def test_sent_mail_is_not_kept_for_good(
    database: Database, session: Session, postbox: Postbox
) -> None:
    user = make_user(session)
    write(session, user=user)
    session.commit()
    drain(database, now=NOW)
    services.send_mail(
        session, to=user, template="password_changed", context={"name": user.name}, now=NOW
    )
    assert sending.forget_sent(session, before=utc_now()) == 1
    assert session.scalars(sa.select(Mail.sent_at)).all() == [None]


def test_inbox_shows_ones_own_and_marks_on_post(
    app: Flask, database: Database, session: Session
) -> None:
    user, other = make_user(session), make_user(session)
    mine, theirs = write(session, user=user), write(session, user=other)
    assert mine is not None
    assert theirs is not None
    session.commit()
    client = sign_in(app.test_client(), user)
    page = client.get("/notices").text
    assert page.count("You are now a technology broker here.") == 1
    assert f"/notices/{mine.id}/read" in page
    assert post(client, f"/notices/{theirs.id}/read").status_code == 404
    assert post(client, f"/notices/{mine.id}/read").headers["Location"] == "/account"
    assert post(client, "/notices/read").status_code == 302
    with database.reading() as reading:
        unread = reading.scalars(sa.select(Notice.user_id).where(Notice.read_at.is_(None))).all()
        assert unread == [other.id]
    visitor = app.test_client()
    assert visitor.get("/notices").status_code == 302
    assert client.get("/notices/read").status_code == 405
    assert client.post(f"/notices/{mine.id}/read").status_code == 400


def test_handlers_find_their_mailer_without_a_site(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "_current", None)
    monkeypatch.setenv("TENON_VAR", str(settings.var))
    monkeypatch.setenv("TENON_BASE_URL", "https://elsewhere.example/")
    assert delivery.current().address("/account") == "https://elsewhere.example/account"


def test_a_name_cannot_bring_a_link_into_our_mail(session: Session, postbox: Postbox) -> None:
    name = "Lan\n\nhttps://evil.example/\n\n# Pay here"
    context = {"name": name, "confirm_link": "https://tenon.example/c", "confirm_days": 2}
    mail = services.send_mail(
        session, to="a@example.org", template="confirm_address", context=context, now=NOW,
        language="en",
    )  # fmt: skip
    assert mail.html is not None
    assert mail.html.count("<a ") == 1
    assert "<h2" not in mail.html

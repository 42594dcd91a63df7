"""Mailers and the rendering of mail, without a database."""

from __future__ import annotations

import email
import email.policy
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from tenon.notices.composing import Letter
from tenon.notices.delivery import make_mailer
from tenon.notices.mailers import ConsoleMailer, FileMailer, Refused, ServerAway
from tenon.notices.rendering import fill, render_mail, translate
from tenon.notices.smtp import SmtpMailer
from tenon.settings import Settings
from tests.notices.smtp_server import SmtpServer, running

LETTER = Letter(
    recipient="lan@example.org",
    subject="关于 joints",
    text="您好\n\nhttps://example.org/x\n",
    html="<p>您好</p>",
    message_id="<abc123@example.org>",
    written_at=datetime(2026, 6, 1, 8, 0, tzinfo=UTC),
)
SENDER = "Tenon 榫卯 <tenon@example.org>"


def test_console_prints_the_text() -> None:
    out = io.StringIO()
    ConsoleMailer(SENDER, out).send(LETTER)
    assert out.getvalue() == (
        "--- mail to lan@example.org: 关于 joints\n您好\n\nhttps://example.org/x\n---\n"
    )


def test_second_attempt_overwrites_the_file(tmp_path: Path) -> None:
    mailer = FileMailer(SENDER, tmp_path / "mail")
    mailer.send(LETTER)
    mailer.send(LETTER)
    (file,) = (tmp_path / "mail").iterdir()
    assert file.name == "abc123@example.org.eml"
    found = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert (found["From"], found["To"], found["Subject"], found["Message-ID"]) == (
        SENDER,
        "lan@example.org",
        "关于 joints",
        "<abc123@example.org>",
    )
    body = found.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == LETTER.text


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with running() as made:
        yield made


def test_smtp_hands_the_mail_over(server: SmtpServer) -> None:
    mailer = SmtpMailer(SENDER, server.url)
    mailer.send(LETTER)
    mailer.close()
    (taken,) = server.taken
    found = email.message_from_bytes(taken.data, policy=email.policy.default)
    assert found["Message-ID"] == "<abc123@example.org>"
    assert (taken.sender, taken.recipient) == ("tenon@example.org", "lan@example.org")


def test_smtp_refusal_never_names_the_recipient(server: SmtpServer) -> None:
    server.refusals["lan@example.org"] = ["550 5.1.1 <Lan@example.org>: nobody called lan here"]
    mailer = SmtpMailer(SENDER, server.url)
    with pytest.raises(Refused) as caught:
        mailer.send(LETTER)
    mailer.close()
    assert str(caught.value) == "the server refused the recipient: 5.1.1"
    assert caught.value.answer == "5.1.1 ... nobody called ... here"
    assert caught.value.permanent


def test_absent_server_is_a_failed_delivery() -> None:
    with pytest.raises(ServerAway) as caught:
        SmtpMailer(SENDER, "smtp://127.0.0.1:1").send(LETTER)
    assert str(caught.value) == "no mail server: ConnectionRefusedError"


@pytest.mark.parametrize(
    ("mail", "kind"), [("console", ConsoleMailer), ("file", FileMailer), ("smtp", SmtpMailer)]
)
def test_settings_choose_the_mailer(tmp_path: Path, mail: str, kind: type) -> None:
    settings = Settings(
        var=tmp_path, database_url="sqlite://", secret_key="x" * 40, mail=mail, smtp_url="smtp://h"
    )
    assert type(make_mailer(settings)) is kind


@pytest.mark.parametrize(
    "template",
    ["confirm_address", "already_registered", "reset_password", "password_changed"],
)
def test_every_mail_is_there_in_both_languages(template: str) -> None:
    context = {
        "name": "Lan <b>",
        "confirm_link": "https://example.org/confirm",
        "reset_link": "https://example.org/reset",
        "confirm_days": 2,
        "reset_hours": 4,
    }
    chinese, english = (render_mail(template, code, context) for code in ("zh", "en"))
    assert chinese.subject != english.subject
    assert chinese.subject == translate(english.subject, "zh")
    assert "Lan <b>，您好：" in chinese.text
    assert "Hello Lan <b>," in english.text
    assert "Lan &lt;b&gt;" in english.html
    assert "\n" not in english.subject


def test_a_lone_address_becomes_a_link_and_nothing_else_does() -> None:
    link = "https://example.org/?a=1&b=2"
    context = {"name": "https://a.example b", "reset_link": link, "reset_hours": 4}
    html = render_mail("reset_password", "en", context).html
    assert '<a href="https://example.org/?a=1&amp;b=2"' in html
    assert html.count("<a ") == 1


def test_mail_that_lacks_a_fact_is_not_written() -> None:
    with pytest.raises(UndefinedError):
        render_mail("reset_password", "en", {"name": "Lan"})


def test_facts_are_in_the_readers_language_or_the_other() -> None:
    message = "You now belong to %(organisation)s."
    both = {"organisation": {"zh": "示例大学", "en": "Example University"}}
    assert fill(message, both, "en") == "You now belong to Example University."
    assert fill(message, both, "zh") == "您已加入示例大学。"
    assert fill(message, {"organisation": {"zh": "示例", "en": ""}}, "en") == (
        "You now belong to 示例."
    )

"""Mailers and the rendering of mail, without a database."""

from __future__ import annotations

import email
import email.policy
import io
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from tenon.notices.mailers import (
    ConsoleMailer,
    DeliveryFailed,
    FileMailer,
    Letter,
    SmtpMailer,
    make_mailer,
)
from tenon.notices.rendering import fill, render_mail, translate
from tenon.settings import Settings

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
    assert body.get_content() == LETTER.text


class OneMailServer(socketserver.StreamRequestHandler):
    """Speaks just enough SMTP to take one mail, or to refuse it."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, MailServer)
        self.wfile.write(b"220 ready\r\n")
        in_data = False
        for line in self.rfile:
            if in_data:
                server.received.append(line)
                if line == b".\r\n":
                    in_data = False
                    self.wfile.write(b"250 taken\r\n")
                continue
            verb = line.split()[0].upper()
            if verb == b"DATA":
                in_data = True
                self.wfile.write(b"354 go on\r\n")
            elif verb == b"RCPT" and server.refuse:
                self.wfile.write(b"550 nobody lan@example.org here\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 fine\r\n")


class MailServer(socketserver.TCPServer):
    """A server on a port of its own."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), OneMailServer)
        self.received: list[bytes] = []
        self.refuse = False


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_smtp_hands_the_mail_over(server: MailServer) -> None:
    SmtpMailer(SENDER, f"smtp://127.0.0.1:{server.server_address[1]}").send(LETTER)
    found = email.message_from_bytes(b"".join(server.received), policy=email.policy.default)
    assert found["Message-ID"] == "<abc123@example.org>"


def test_smtp_refusal_never_names_the_recipient(server: MailServer) -> None:
    server.refuse = True
    mailer = SmtpMailer(SENDER, f"smtp://127.0.0.1:{server.server_address[1]}")
    with pytest.raises(DeliveryFailed) as caught:
        mailer.send(LETTER)
    assert str(caught.value) == "the server refused the recipient"


def test_absent_server_is_a_failed_delivery() -> None:
    with pytest.raises(DeliveryFailed) as caught:
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
    ["confirm_address", "already_registered", "reset_password", "password_changed", "notice"],
)
def test_every_mail_is_there_in_both_languages(template: str) -> None:
    context = {
        "name": "Lan <b>",
        "text": "Something\nhappened",
        "link": "https://example.org/a?b=1&c=2",
        "confirm_link": "https://example.org/confirm",
        "reset_link": "https://example.org/reset",
        "confirm_days": 2,
        "reset_hours": 4,
    }
    chinese, english = (render_mail(template, code, context) for code in ("zh", "en"))
    if template != "notice":
        assert chinese.subject != english.subject
        assert chinese.subject == translate(english.subject, "zh")
    assert "Lan <b>，您好：" in chinese.text
    assert "Hello Lan <b>," in english.text
    assert "Lan &lt;b&gt;" in english.html
    assert "\n" not in english.subject


def test_a_lone_address_becomes_a_link_and_nothing_else_does() -> None:
    context = {"name": "https://a.example b", "text": "x", "link": "https://example.org/?a=1&b=2"}
    html = render_mail("notice", "en", context).html
    assert '<a href="https://example.org/?a=1&amp;b=2">' in html
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

"""Ways to send a mail: print it, write it to a folder, hand it to an SMTP server.

Knows nothing of the database. Sending the same mail twice must do no harm where it can be
helped: the file is named by the message id, and the id is the same at a second attempt.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import sys
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol, TextIO
from urllib.parse import unquote, urlsplit

from tenon.settings import Settings

SMTP_SECONDS = 20


class DeliveryFailed(Exception):
    """A mail could not be handed over; the message says why, without naming the recipient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mailer sends. ``message_id`` is with angle brackets; ``language`` a tag."""

    recipient: str
    subject: str
    text: str
    html: str | None
    message_id: str
    written_at: datetime


class Mailer(Protocol):
    """Hands a letter over; returns when that is done, raises DeliveryFailed otherwise."""

    def send(self, letter: Letter) -> None:
        """Send the letter."""


def compose(letter: Letter, sender: str) -> EmailMessage:
    """Return the letter as a MIME message with text and HTML."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message


@dataclass(frozen=True, slots=True)
class ConsoleMailer:
    """Prints the text, for somebody who tries the site."""

    sender: str
    stream: TextIO | None = None

    def send(self, letter: Letter) -> None:
        """Print the letter."""
        out = self.stream or sys.stdout
        out.write(f"--- mail to {letter.recipient}: {letter.subject}\n{letter.text}---\n")
        out.flush()


@dataclass(frozen=True, slots=True)
class FileMailer:
    """Writes one .eml file a mail, which any mail program opens."""

    sender: str
    folder: Path

    def send(self, letter: Letter) -> None:
        """Write the letter; a second attempt writes the same file again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w.@-]", "", letter.message_id)
        draft = self.folder / f".{name}.part"
        draft.write_bytes(bytes(compose(letter, self.sender)))
        draft.replace(self.folder / f"{name}.eml")


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Hands mail to a server: ``smtp://`` (STARTTLS where it is offered) or ``smtps://``."""

    sender: str
    url: str

    def send(self, letter: Letter) -> None:
        """Send the letter over a connection of its own."""
        try:
            with self._connect() as server:
                server.send_message(compose(letter, self.sender))
        except smtplib.SMTPRecipientsRefused:
            raise DeliveryFailed("the server refused the recipient") from None
        except smtplib.SMTPResponseException as error:
            raise DeliveryFailed(f"the server answered {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(f"no mail server: {type(error).__name__}") from None

    def _connect(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, context = parts.hostname or "localhost", ssl.create_default_context()
        server: smtplib.SMTP
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=SMTP_SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=SMTP_SECONDS)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server


def make_mailer(settings: Settings) -> Mailer:
    """Return the mailer that the settings ask for."""
    if settings.mail == "smtp":
        return SmtpMailer(settings.mail_from, settings.smtp_url)
    if settings.mail == "file":
        return FileMailer(settings.mail_from, settings.mail_folder)
    return ConsoleMailer(settings.mail_from)

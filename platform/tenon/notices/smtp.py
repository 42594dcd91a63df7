"""Mail by SMTP over a connection that is kept: many mails cost one greeting and one sign-in.

Knows nothing of the database. The dialogue is led step by step, since what a broken connection
means depends on the step: before the mail's last line nothing was taken, after it nobody knows.
"""

from __future__ import annotations

import smtplib
import ssl
import threading
import time
from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from tenon.notices.composing import Letter, Unaddressable, checked, compose
from tenon.notices.mailers import Interrupted, Refused, ServerAway, without_addresses

SMTP_SECONDS = 20  # for a connection and for each answer; smtplib's own errors are OSErrors too
IDLE_SECONDS = 30  # servers hang up after minutes; a connection that rested so long is not trusted
_OK, _GO_ON, _CLOSING, _BAD_ADDRESS = 250, 354, 421, 553


@dataclass(slots=True)
class SmtpMailer:
    """Hands mail to a server: ``smtp://`` (STARTTLS where it is offered) or ``smtps://``."""

    sender: str
    url: str = field(repr=False)
    _server: smtplib.SMTP | None = field(default=None, init=False, repr=False)
    _used_at: float = field(default=0.0, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def send(self, letter: Letter) -> None:
        """Send the letter over the connection that is open, or a new one.

        Raises ServerAway, Refused or Interrupted.
        """
        try:
            data, recipient = compose(letter, self.sender), checked(letter.recipient)
        except Unaddressable:
            raise Refused(_BAD_ADDRESS, "5.1.3 not an address", recipient=True) from None
        with self._lock:
            try:
                self._hand_over(self._ready(), letter, recipient, data)
            except OSError:
                # Dropped before the mail's body went out: once more, over a new connection.
                self.hang_up()
                try:
                    self._hand_over(self._ready(), letter, recipient, data)
                except OSError as error:
                    self.hang_up()
                    raise Interrupted(f"connection lost: {type(error).__name__}") from None
            self._used_at = time.monotonic()

    def close(self) -> None:
        """Take leave of the server."""
        with self._lock:
            server, self._server = self._server, None
            if server is not None:
                try:
                    server.quit()
                except OSError:
                    server.close()

    def hang_up(self) -> None:
        """Drop the connection without a word."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _ready(self) -> smtplib.SMTP:
        """Return a connection on which a mail can begin; raises ServerAway."""
        if self._server is not None and time.monotonic() - self._used_at < IDLE_SECONDS:
            try:
                if self._server.rset()[0] == _OK:
                    return self._server
            except OSError:
                pass
        self.hang_up()
        try:
            self._server = self._connect()
        except smtplib.SMTPResponseException as error:
            raise ServerAway(f"the server answered {error.smtp_code}") from None
        except OSError as error:
            raise ServerAway(f"no mail server: {type(error).__name__}") from None
        return self._server

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
        try:
            server.ehlo_or_helo_if_needed()
            if parts.scheme != "smtps" and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo_or_helo_if_needed()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            server.close()
            raise
        return server

    def _hand_over(self, server: smtplib.SMTP, letter: Letter, recipient: str, data: bytes) -> None:
        """Lead one mail's dialogue; a connection that breaks before its body is the caller's."""
        sender = letter.sender or parseaddr(self.sender)[1]
        options = [] if recipient.isascii() else _utf8_options(server)
        code, answer = server.mail(checked(sender), options)
        if code != _OK:  # of us, not of this mail: all others would fare the same
            self.hang_up()
            raise ServerAway(f"the server answered {code} to our sender")
        code, answer = server.rcpt(recipient)
        if code // 10 != _OK // 10:
            self._refuse(code, answer, letter, recipient=True)
        code, answer = server.docmd("DATA")
        if code != _GO_ON:
            self._refuse(code, answer, letter, recipient=False)
        try:
            server.send(_dotted(data))
            code, answer = server.getreply()
        except OSError as error:
            self.hang_up()
            raise Interrupted(f"no answer to the mail: {type(error).__name__}") from None
        if code != _OK:
            self._refuse(code, answer, letter, recipient=False)

    def _refuse(self, code: int, answer: bytes, letter: Letter, *, recipient: bool) -> None:
        if code == _CLOSING:
            self.hang_up()
            raise ServerAway(f"the server answered {code}")
        if not 400 <= code < 600:  # RFC 5321, 4.2.1: neither yes nor no
            self.hang_up()
            raise Interrupted(f"the server answered {code}")
        words = without_addresses(answer.decode("utf-8", "replace"), letter.recipient)
        raise Refused(code, words, recipient=recipient)


def _utf8_options(server: smtplib.SMTP) -> list[str]:
    """Return how an address beyond ASCII is announced (RFC 6531); refused where it cannot be."""
    if not server.has_extn("smtputf8"):
        raise Refused(_BAD_ADDRESS, "5.6.7 the server takes no such address", recipient=True)
    return ["SMTPUTF8"]


def _dotted(data: bytes) -> bytes:
    """Return the mail as it follows DATA: leading dots doubled, and the line that ends it."""
    return data.replace(b"\r\n.", b"\r\n..") + b".\r\n"

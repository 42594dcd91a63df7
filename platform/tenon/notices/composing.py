"""A letter as the bytes that go over the wire: RFC 5322, text and HTML, always the same bytes.

Built by hand and not by the standard library's message classes: those fold headers in ways that
not every reader undoes, and cost most of the time that sending takes. Nothing that a person
typed can end a header's line: control characters become spaces before anything is encoded.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr

_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[^\s@<>(),;:\"\\\[\]\x00-\x1f\x7f]+@[^\s@<>(),;:\"\\\[\]\x00-\x1f\x7f]+")
_PLAIN = re.compile(r"[\x20-\x7e]{0,66}")
# 52 characters of base64: with the charset and "Content-Language: " still within RFC 2047's 76.
_BYTES_IN_A_WORD = 39


class Unaddressable(ValueError):
    """What should be a mail address is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mailer sends.

    Attributes:
        recipient: the one address it goes to.
        message_id: with angle brackets; the same at every attempt.
        language: tag of the language it is written in (``zh-Hans``, ``en``).
        unsubscribe: address for List-Unsubscribe (RFC 8058); None for mails about the account.
        sender: address that the envelope carries and reports go to; None for the mailer's own.
    """

    recipient: str
    subject: str
    text: str
    html: str | None
    message_id: str
    written_at: datetime
    language: str | None = None
    unsubscribe: str | None = None
    sender: str | None = None


def compose(letter: Letter, sender: str) -> bytes:
    """Return the letter with all its headers, lines ending in CRLF.

    Raises Unaddressable where the recipient or the sender is no address.
    """
    headers = "".join(f"{name}: {value}\r\n" for name, value in _headers(letter, sender))
    parts = [("plain", letter.text), *([("html", letter.html)] if letter.html else [])]
    # No line of base64 begins with two dashes, so any boundary will do; this one stays the same.
    boundary = "tenon-" + hashlib.sha256(letter.message_id.encode()).hexdigest()[:32]
    bodies = "".join(f"--{boundary}\r\n{_part(kind, text)}\r\n" for kind, text in parts)
    kind = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'
    # The recipient's address alone may be more than ASCII (RFC 6532); the mailer looks at that.
    return f"{headers}{kind}\r\n{bodies}--{boundary}--\r\n".encode()


def _headers(letter: Letter, sender: str) -> Iterator[tuple[str, str]]:
    name, address = parseaddr(sender)
    yield "From", f"{header_words(name)} <{checked(address)}>" if name else checked(address)
    yield "To", checked(letter.recipient)
    yield "Subject", header_words(letter.subject)
    yield "Date", format_datetime(letter.written_at)
    yield "Message-ID", _one_line(letter.message_id)
    yield "MIME-Version", "1.0"
    yield "Auto-Submitted", "auto-generated"
    if letter.language:
        yield "Content-Language", _one_line(letter.language)
    if letter.unsubscribe:
        yield "List-Unsubscribe", f"<{_one_line(letter.unsubscribe)}>"
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


def header_words(text: str) -> str:
    """Return text for a header: as it is where it is short and plain, else in encoded words.

    RFC 2047: each word holds whole characters, and no line is longer than 76.
    """
    text = _CONTROL.sub(" ", text.encode("utf-8", "replace").decode()).strip()
    if _PLAIN.fullmatch(text) and "=?" not in text and not re.search(r'[<>@,;:"\\()]', text):
        return text
    words, held = [], b""
    for character in text:
        piece = character.encode()
        if len(held) + len(piece) > _BYTES_IN_A_WORD:
            words.append(held)
            held = b""
        held += piece
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in [*words, held])


def checked(address: str) -> str:
    """Return an address with its domain in ASCII; raises Unaddressable where it is none."""
    if not _ADDRESS.fullmatch(address) or len(address) > 254:  # RFC 5321, 4.5.3.1.3
        raise Unaddressable
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise Unaddressable from None


def _one_line(text: str) -> str:
    return _CONTROL.sub("", text).encode("ascii", "replace").decode()


def _part(kind: str, text: str) -> str:
    lines = text.encode("utf-8", "replace").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    body = base64.encodebytes(lines).decode().replace("\n", "\r\n")
    return (
        f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{body}"
    )

"""What a mail that came back says: a report in the form of RFC 3464, or in prose as qmail writes.

Knows nothing of the database: it reads a message and returns what it found, or that it is no
report at all (somebody is on holiday, say).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from tenon.notices.mailers import without_addresses

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
# How qmail's reports begin, and what parts the reason from the copy of the mail (QSBMF).
_PROSE = re.compile(r"\AHi\. This is the\b")
_COPY = re.compile(
    r"^--- (?:Below this line is a copy|Enclosed are the original headers)", re.MULTILINE
)
_TO_US = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_DELAYED, _FAILED = "delayed", "failed"
_LONGEST = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report.

    Attributes:
        action: ``failed``, or ``delayed`` where the server goes on trying.
        status: RFC 3463's, ``5.0.0`` where none is given.
        reason: the server's words, without addresses.
        message_ids: of the mail that it is about; several where the copy has headers of its own.
        addressed_to: every address that the report itself was sent to, for the token in it.
    """

    action: str
    status: str
    reason: str
    message_ids: tuple[str, ...]
    addressed_to: str


def read(message: Message) -> Report | None:
    """Return what a message reports, or None where it is no report of a failure or a delay."""
    found = _structured(message) or _in_prose(message)
    if found is None:
        return None
    action, status, reason = found
    addressed = " ".join(str(value) for name in _TO_US for value in message.get_all(name, []))
    return Report(
        action=action,
        status=status,
        reason=without_addresses(reason, _recipient(message)),
        message_ids=tuple(dict.fromkeys(_message_ids(message))),
        addressed_to=addressed,
    )


def _structured(message: Message) -> tuple[str, str, str] | None:
    """Read the part message/delivery-status: a group of fields for the mail, one a recipient."""
    delayed = None
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for group in _groups(part):
            action = str(group.get("Action", "")).strip().lower()
            if action not in {_FAILED, _DELAYED}:
                continue
            diagnostic = str(group.get("Diagnostic-Code", ""))
            said = diagnostic.partition(";")[2].strip() or diagnostic.strip()
            # Some write 5.0.0 or nothing here, and the server's own status among its words.
            given = _STATUS.search(str(group.get("Status", "")))
            better = _STATUS.search(said)
            status = given[1] if given else "5.0.0"
            if better and status.endswith(".0.0"):
                status = better[1]
            if action == _FAILED:
                return action, status, said or status
            delayed = action, status, said or status
    return delayed


def _groups(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    for group in payload if isinstance(payload, list) else []:
        if isinstance(group, Message):
            yield group


def _in_prose(message: Message) -> tuple[str, str, str] | None:
    """Read a report as qmail writes it: an address in angle brackets, then why."""
    text = _text(message)
    if not _PROSE.match(text.lstrip()):
        return None
    words = _COPY.split(text, maxsplit=1)[0]
    paragraphs = [each.strip() for each in re.split(r"\n\s*\n", words) if each.strip()]
    told = [each for each in paragraphs if re.match(r"<[^<>\s]*>:", each)]
    if not told:
        return None
    reason = told[0].partition(":")[2].strip()
    found = _STATUS.search(reason)
    permanent = re.search(r"\b5\d\d\b", reason)
    status = found[1] if found else ("5.0.0" if permanent else "5.3.0")
    return _FAILED, status, reason


def _recipient(message: Message) -> str:
    """Return whom the mail was for, so that the name can be taken out of the server's words."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for group in _groups(part):
                for name in ("Original-Recipient", "Final-Recipient"):
                    if group.get(name):
                        return str(group[name]).rpartition(";")[2].strip()
    found = re.search(r"^<([^<>\s]+@[^<>\s]+)>:", _text(message), re.MULTILINE)
    return found[1] if found else ""


def _message_ids(message: Message) -> Iterator[str]:
    """Yield the ids of the mail inside: from its copy, its headers alone, or the prose's end."""
    for part in message.walk():
        if part is message or part.get_content_type() == "message/delivery-status":
            continue
        if part.get("Message-ID"):
            yield str(part["Message-ID"]).strip()
        if part.get_content_type() == "text/rfc822-headers":
            yield from _MESSAGE_ID.findall(_text(part))
    copy = _COPY.split(_text(message), maxsplit=1)
    if len(copy) > 1:
        yield from _MESSAGE_ID.findall(copy[1])


def _text(part: Message) -> str:
    """Return a text part decoded; empty for anything else."""
    if part.is_multipart():
        return ""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    return raw[:_LONGEST].decode("utf-8", "replace").replace("\r\n", "\n")

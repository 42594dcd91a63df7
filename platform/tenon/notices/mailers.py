"""Ways to send a mail: print it, write it to a folder, hand it to an SMTP server.

Knows nothing of the database. Sending the same mail twice must do no harm where it can be
helped: the file is named by the message id, and the id is the same at a second attempt.
What can go wrong is in three classes, since each wants something else of the caller::

    DeliveryFailed
    ├── ServerAway   nothing can be sent at present: wait, then go on where we were
    ├── Refused      the server answered, of this one mail: not now (4xx), or never (5xx)
    └── Interrupted  the connection broke within this mail: perhaps it was taken, perhaps not
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TextIO

from tenon.notices.composing import Letter, compose

_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_WORDS = 300


__all__ = [
    "ConsoleMailer",
    "DeliveryFailed",
    "FileMailer",
    "Interrupted",
    "Letter",
    "Mailer",
    "Refused",
    "ServerAway",
    "without_addresses",
]


class DeliveryFailed(Exception):
    """A mail could not be handed over; the message says why, without naming the recipient."""


class ServerAway(DeliveryFailed):
    """The server cannot be reached, or takes nothing from us at present."""


class Interrupted(DeliveryFailed):
    """The connection broke while this mail was on its way."""


class Refused(DeliveryFailed):
    """The server refused this mail.

    Attributes:
        code: the reply code of SMTP, 400 to 599.
        status: the enhanced status (RFC 3463) such as ``5.1.1``, or empty.
        recipient: whether the recipient was refused, and not what the mail says.
        answer: the server's words, without addresses.
    """

    def __init__(self, code: int, answer: str, *, recipient: bool) -> None:
        found = _ENHANCED.match(answer)
        self.code = code
        self.status = found[1] if found else ""
        self.recipient = recipient
        self.answer = answer
        what = "recipient" if recipient else "mail"
        super().__init__(f"the server refused the {what}: {self.status or code}")

    @property
    def permanent(self) -> bool:
        """Whether trying again is of no use."""
        return self.code >= 500  # RFC 5321, 4.2.1


def without_addresses(words: str, recipient: str) -> str:
    """Return a server's words in one line, without mail addresses and the recipient's name."""
    words = re.sub(r"\S*@\S*", "...", " ".join(words.split()))
    local = recipient.rpartition("@")[0]
    if local:
        words = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", "...", words, flags=re.IGNORECASE)
    return words[:_WORDS]


class Mailer(Protocol):
    """Hands a letter over; returns when that is done, raises DeliveryFailed otherwise."""

    def send(self, letter: Letter) -> None:
        """Send the letter."""


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
        draft = self._file(letter.message_id).with_suffix(".part")
        draft.write_bytes(compose(letter, self.sender))
        draft.replace(draft.with_suffix(".eml"))

    def forget(self, message_ids: Collection[str]) -> int:
        """Delete the files of mails, where they are still there; return how many were."""
        found = [file for file in map(self._file, message_ids) if file.exists()]
        for file in found:
            file.unlink(missing_ok=True)
        return len(found)

    def forget_older(self, before: datetime) -> int:
        """Delete the files written before a moment; return how many."""
        files = [*self.folder.glob("*.eml"), *self.folder.glob("*.part")]
        old = [file for file in files if file.stat().st_mtime < before.timestamp()]
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)

    def _file(self, message_id: str) -> Path:
        name = re.sub(r"[^\w.@-]", "", message_id)
        return self.folder / f"{name}.eml"

"""Compare a file that somebody holds with the one that was issued. Nothing of it is kept."""

from __future__ import annotations

import hashlib
from typing import IO, Protocol

from tenon.credit.statements.models import CreditStatement
from tenon.errors import Invalid

SIZE_LIMIT = 8 * 1024 * 1024  # bytes; a statement of 500 entries has a twentieth of it
_AT_A_TIME = 64 * 1024


class Sent(Protocol):
    """A file as a browser sends it."""

    filename: str | None
    stream: IO[bytes]


def is_the_file(statement: CreditStatement, sent: Sent | None) -> bool:
    """Whether a file is, byte for byte, the one that was issued.

    Raises Invalid with the field ``file``: required, too_large.
    """
    if sent is None or not sent.filename:
        raise Invalid({"file": "required"})
    digest, size = hashlib.sha256(), 0
    while part := sent.stream.read(_AT_A_TIME):
        size += len(part)
        if size > SIZE_LIMIT:
            raise Invalid({"file": "too_large"})
        digest.update(part)
    if not size:
        raise Invalid({"file": "required"})
    return digest.hexdigest() == statement.pdf_sha256

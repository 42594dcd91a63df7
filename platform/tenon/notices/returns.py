"""The address that a mail's reports come back to: one for each mail, so that a report names it.

``bounces+12345-0123456789ab@example.org``: the mail's key and a keyed digest of it, in letters
that survive servers which change their case. Without TENON_MAIL_BOUNCES_TO there is none.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from tenon.notices import delivery

_TOKEN = re.compile(r"\+(\d{1,18})-([0-9a-f]{12})@", re.IGNORECASE)


def return_address(mail_id: int) -> str | None:
    """Return the envelope sender of a mail, or None where reports come back nowhere."""
    where = delivery.current().bounces_to
    if not where:
        return None
    local, _, domain = where.rpartition("@")
    return f"{local}+{mail_id}-{_digest(mail_id)}@{domain}"


def mail_id_in(words: str) -> int | None:
    """Return the key of the mail whose return address is in ``words``; None for a forged one."""
    for found in _TOKEN.finditer(words):
        number = int(found[1])
        if hmac.compare_digest(found[2].lower(), _digest(number)):
            return number
    return None


def _digest(mail_id: int) -> str:
    key = b"tenon.notices.returns" + delivery.current().secret_key.encode()
    return hmac.new(key, str(mail_id).encode(), hashlib.sha256).hexdigest()[:12]

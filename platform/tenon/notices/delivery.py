"""How this process delivers: its mailer and the site's address, set once at its start.

Outbox handlers have no request to ask, and the site, the dispatcher and the workers are
different processes; each is told here, or reads the environment at the first mail.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from tenon import settings as environment
from tenon.notices.mailers import ConsoleMailer, FileMailer, Mailer
from tenon.notices.smtp import SmtpMailer
from tenon.settings import Settings


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a process needs to write and send mail.

    Attributes:
        mailer: sends.
        base_url: the site's address from outside, without a slash at the end.
        secret_key: signs what stands in mails: links, and where reports of bounces go.
        bounces_to: the address that reports come back to; empty means that none do.
        zone: by whose clock people sleep and read their digests.
    """

    mailer: Mailer
    base_url: str
    # Where nobody gave one, a key that dies with the process: its links open nothing later.
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    bounces_to: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    def address(self, path: str) -> str:
        """Return the outside address of a path of the site."""
        return self.base_url + path


_current: Delivery | None = None


def configure(settings: Settings) -> Delivery:
    """Deliver as ``settings`` say from now on."""
    return use(
        Delivery(
            make_mailer(settings),
            settings.base_url.rstrip("/"),
            settings.secret_key,
            settings.mail_bounces_to,
            settings.zone,
        )
    )


def make_mailer(settings: Settings) -> Mailer:
    """Return the mailer that the settings ask for."""
    if settings.mail == "smtp":
        return SmtpMailer(settings.mail_from, settings.smtp_url)
    if settings.mail == "file":
        return FileMailer(settings.mail_from, settings.mail_folder)
    return ConsoleMailer(settings.mail_from)


def use(delivery: Delivery) -> Delivery:
    """Deliver in this way from now on; for tests and for commands with a mailer of their own."""
    global _current  # noqa: PLW0603  # one process delivers in one way
    _current = delivery
    return delivery


def current() -> Delivery:
    """Return how this process delivers; configured by the environment where nobody did it."""
    return _current or configure(environment.load())

"""How this process delivers: its mailer and the site's address, set once at its start.

Outbox handlers have no request to ask, and the site, the dispatcher and the workers are
different processes; each is told here, or reads the environment at the first mail.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenon import settings as environment
from tenon.notices.mailers import Mailer, make_mailer
from tenon.settings import Settings


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a process needs to write and send mail.

    Attributes:
        mailer: sends.
        base_url: the site's address from outside, without a slash at the end.
    """

    mailer: Mailer
    base_url: str

    def address(self, path: str) -> str:
        """Return the outside address of a path of the site."""
        return self.base_url + path


_current: Delivery | None = None


def configure(settings: Settings) -> Delivery:
    """Deliver as ``settings`` say from now on."""
    return use(Delivery(make_mailer(settings), settings.base_url.rstrip("/")))


def use(delivery: Delivery) -> Delivery:
    """Deliver in this way from now on; for tests and for commands with a mailer of their own."""
    global _current  # noqa: PLW0603  # one process delivers in one way
    _current = delivery
    return delivery


def current() -> Delivery:
    """Return how this process delivers; configured by the environment where nobody did it."""
    return _current or configure(environment.load())

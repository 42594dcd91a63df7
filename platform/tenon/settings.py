"""What an operator can set, read once from the environment.

Every setting has a heading in docs/settings.md; a guard test holds that. Knows nothing of Flask.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from zoneinfo import ZoneInfo

from tenon import keys, paths

_AT_LEAST = {
    "max_upload_bytes": 1024 * 1024,
    "listing_days": 1,
    "reminder_days": 0,
    "trusted_proxies": 0,
    "visibility_seconds": 1,
    "explored_percent": 0,
    "impression_days": 1,
}
_AT_MOST = {"explored_percent": 50}
# Short enough that with a token after its name it stays within the 64 octets of RFC 5321.
_ADDRESS = re.compile(r"[A-Za-z0-9_.-]{1,30}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class SettingsError(Exception):
    """A setting is missing or contradicts another; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings; the environment variable is ``TENON_`` and the name in capitals.

    Attributes:
        environment: ``development``, ``production`` or ``test``.
        var: folder of database, index, files, mail and keys.
        database_url: SQLAlchemy address of the database.
        secret_key: signs sessions and tokens.
        base_url: how the site is reached from outside, for links in mail.
        redis_url: Redis for Celery and rate limits; empty means neither is used.
        dispatcher: ``embedded`` (a thread of the server), ``external`` (``tenon dispatcher``).
        mail: ``console``, ``file`` or ``smtp``.
        smtp_url: ``smtp://user:password@host:port`` or ``smtps://``.
        mail_from: sender of all mail.
        mail_bounces_to: address that reports of undeliverable mail come back to; empty: none.
        encoder: path or name of a sentence-transformers model; empty means the one shipped.
        max_upload_bytes: largest request body.
        listing_days: days until a published listing expires.
        reminder_days: days before expiry at which the owner is reminded.
        registration: whether people may sign up by themselves.
        trusted_proxies: how many proxies in front set X-Forwarded headers.
        rate_limits: whether limits per address are enforced.
        visibility_seconds: after how long Redis gives a task whose worker died to another; longer
            than the longest task.
        explored_percent: share of match pages, in percent, on which one place goes to a new
            listing.
        impression_days: how long it is kept what was shown at which position.
        index: where questions are answered from: files, or the address of a Milvus.
        certificate_signer: who signs brokers' certificates, as it is to be printed.
        timezone: IANA name of the zone whose clock quiet hours, digests and pages follow.
    """

    environment: str = "development"
    var: Path
    database_url: str
    secret_key: str
    base_url: str = "http://127.0.0.1:8000"
    redis_url: str = ""
    dispatcher: str = "embedded"
    mail: str = "file"
    smtp_url: str = ""
    mail_from: str = "Tenon 榫卯 <tenon@localhost>"
    mail_bounces_to: str = ""
    encoder: str = ""
    max_upload_bytes: int = 64 * 1024 * 1024
    listing_days: int = 365
    reminder_days: int = 14
    registration: bool = True
    trusted_proxies: int = 0
    rate_limits: bool = True
    visibility_seconds: int = 900
    explored_percent: int = 10
    impression_days: int = 365
    index: str = "files"
    certificate_signer: str = "Tenon 榫卯"
    timezone: str = "Asia/Shanghai"

    @property
    def production(self) -> bool:
        """Whether the site serves real people."""
        return self.environment == "production"

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose clock quiet hours, digests and pages follow."""
        return ZoneInfo(self.timezone)

    @property
    def index_folder(self) -> Path:
        """Folder of the matching index, a cache of the database."""
        return self.var / "index"

    @property
    def ranking_file(self) -> Path:
        """File that says which learned weights run; every process follows it."""
        return self.var / "ranking" / "running.json"

    @property
    def files_folder(self) -> Path:
        """Folder of uploaded files, named by their hash."""
        return self.var / "files"

    @property
    def mail_folder(self) -> Path:
        """Folder into which the file mailer writes."""
        return self.var / "mail"

    @property
    def keys_folder(self) -> Path:
        """Folder of keys that must never be in the database."""
        return self.var / "keys"


def _parse(value: str, kind: str, name: str) -> object:
    if kind == "int":
        try:
            return int(value)
        except ValueError:
            raise SettingsError(
                f"TENON_{name.upper()} must be a whole number, not {value!r}"
            ) from None
    if kind == "bool":
        if value.lower() not in {"0", "1", "true", "false", "yes", "no"}:
            raise SettingsError(f"TENON_{name.upper()} must be yes or no, not {value!r}")
        return value.lower() in {"1", "true", "yes"}
    return Path(value).resolve() if kind == "Path" else value


def _development_secret(var: Path) -> str:
    """Return a secret kept in var/, made on first use, so that restarts keep people signed in."""
    made = keys.read_or_make(
        var / "keys" / "secret_key", lambda: secrets.token_urlsafe(48).encode()
    )
    return made.decode("ascii").strip()


def _check_bounds(settings: Settings) -> None:
    for name, least in _AT_LEAST.items():
        if getattr(settings, name) < least:
            raise SettingsError(f"TENON_{name.upper()} must be {least} or more")
    for name, most in _AT_MOST.items():
        if getattr(settings, name) > most:
            raise SettingsError(f"TENON_{name.upper()} must be {most} or less")


def _check_zone(settings: Settings) -> None:
    try:
        _ = settings.zone
    except (KeyError, ValueError, OSError):  # unknown, malformed, a folder of the database
        raise SettingsError("TENON_TIMEZONE must be a zone's name such as Asia/Shanghai") from None


def _check(settings: Settings) -> None:
    choices = {
        "environment": {"development", "production", "test"},
        "dispatcher": {"embedded", "external", "none"},
        "mail": {"console", "file", "smtp"},
    }
    for name, allowed in choices.items():
        if getattr(settings, name) not in allowed:
            wanted = ", ".join(sorted(allowed))
            raise SettingsError(f"TENON_{name.upper()} must be one of {wanted}")
    _check_bounds(settings)
    if settings.reminder_days >= settings.listing_days:
        raise SettingsError("TENON_REMINDER_DAYS must be less than TENON_LISTING_DAYS")
    if not settings.base_url.startswith(("http://", "https://")):
        raise SettingsError("TENON_BASE_URL must begin with http:// or https://")
    if settings.redis_url and not settings.redis_url.startswith(
        ("redis://", "rediss://", "unix://")
    ):
        raise SettingsError("TENON_REDIS_URL must begin with redis://, rediss:// or unix://")
    if settings.index != "files" and "://" not in settings.index:
        raise SettingsError("TENON_INDEX must be files or the address of a Milvus, with http://")
    _check_zone(settings)
    if settings.mail == "smtp" and not settings.smtp_url:
        raise SettingsError("TENON_MAIL=smtp needs TENON_SMTP_URL")
    if settings.mail_bounces_to and not _ADDRESS.fullmatch(settings.mail_bounces_to):
        raise SettingsError("TENON_MAIL_BOUNCES_TO must be a plain address: bounces@example.org")
    if len(settings.secret_key) < 32:
        raise SettingsError("TENON_SECRET_KEY must have at least 32 characters")


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from ``environ``, the process's own by default.

    Raises SettingsError with a message that says what to set.
    """
    environ = os.environ if environ is None else environ
    given: dict[str, object] = {}
    for item in fields(Settings):
        value = environ.get(f"TENON_{item.name.upper()}")
        if value:
            given[item.name] = _parse(value, str(item.type), item.name)
    var = given.setdefault("var", paths.default_var())
    assert isinstance(var, Path)  # noqa: S101  # _parse made it; said for the type checker
    if given.get("environment") == "production":
        for name in ("secret_key", "database_url", "base_url"):
            if name not in given:
                raise SettingsError(f"production needs TENON_{name.upper()}")
    given.setdefault("database_url", f"sqlite:///{var / 'tenon.db'}")
    if "secret_key" not in given:
        given["secret_key"] = _development_secret(var)
    settings = Settings(**given)  # type: ignore[arg-type]  # parsed by each field's own type above
    _check(settings)
    return settings

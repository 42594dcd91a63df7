"""Settings are read from the environment; what contradicts is refused with the remedy."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tenon import settings
from tenon.settings import SettingsError

SECRET = "x" * 32


def _environ(tmp_path: Path, **values: str) -> dict[str, str]:
    return {"TENON_VAR": str(tmp_path)} | {f"TENON_{key.upper()}": v for key, v in values.items()}


def _production(tmp_path: Path, **values: str) -> dict[str, str]:
    whole = {
        "environment": "production",
        "secret_key": SECRET,
        "database_url": "postgresql://tenon@db/tenon",
        "base_url": "https://tenon.example.org",
    }
    return _environ(tmp_path, **(whole | values))


def test_load_of_nothing_gives_a_development_site_under_var(tmp_path: Path) -> None:
    found = settings.load(_environ(tmp_path))
    assert found.environment == "development"
    assert not found.production
    assert found.database_url == f"sqlite:///{tmp_path / 'tenon.db'}"
    assert found.index_folder == tmp_path / "index"
    assert found.files_folder == tmp_path / "files"
    assert found.mail_folder == tmp_path / "mail"


def test_load_keeps_the_development_secret_in_a_file_of_its_owner(tmp_path: Path) -> None:
    first = settings.load(_environ(tmp_path))
    second = settings.load(_environ(tmp_path))
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) == 64
    assert stat.S_IMODE((tmp_path / "keys" / "secret_key").stat().st_mode) == 0o600


def test_load_reads_every_kind_of_value(tmp_path: Path) -> None:
    found = settings.load(
        _environ(tmp_path, listing_days="90", registration="no", rate_limits="TRUE", encoder="m")
    )
    assert (found.listing_days, found.registration, found.rate_limits) == (90, False, True)
    assert found.encoder == "m"


def test_load_takes_an_empty_variable_for_a_missing_one(tmp_path: Path) -> None:
    assert settings.load(_environ(tmp_path, listing_days="")).listing_days == 365


def test_load_of_a_whole_production_environment(tmp_path: Path) -> None:
    found = settings.load(_production(tmp_path))
    assert found.production
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("name", ["secret_key", "database_url", "base_url"])
def test_load_refuses_production_without(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"production needs TENON_{name.upper()}"):
        settings.load(_production(tmp_path, **{name: ""}))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("environment", "prod", "must be one of development, production, test"),
        ("dispatcher", "celery", "must be one of embedded, external, none"),
        ("mail", "sendmail", "must be one of console, file, smtp"),
        ("mail", "smtp", "needs TENON_SMTP_URL"),
        ("secret_key", "short", "at least 32 characters"),
        ("listing_days", "a year", "must be a whole number, not 'a year'"),
        ("listing_days", "0", "TENON_LISTING_DAYS must be 1 or more"),
        ("reminder_days", "-1", "TENON_REMINDER_DAYS must be 0 or more"),
        ("reminder_days", "365", "less than TENON_LISTING_DAYS"),
        ("trusted_proxies", "-1", "TENON_TRUSTED_PROXIES must be 0 or more"),
        ("max_upload_bytes", "10", "TENON_MAX_UPLOAD_BYTES must be 1048576 or more"),
        ("visibility_seconds", "0", "TENON_VISIBILITY_SECONDS must be 1 or more"),
        ("explored_percent", "51", "TENON_EXPLORED_PERCENT must be 50 or less"),
        ("explored_percent", "-1", "TENON_EXPLORED_PERCENT must be 0 or more"),
        ("impression_days", "0", "TENON_IMPRESSION_DAYS must be 1 or more"),
        ("registration", "maybe", "must be yes or no, not 'maybe'"),
        ("base_url", "tenon.example.org", "must begin with http:// or https://"),
        ("redis_url", "localhost:6379", "must begin with redis://"),
        ("timezone", "Mars/Olympus", "must be a zone's name such as Asia/Shanghai"),
        ("timezone", "../etc/passwd", "must be a zone's name such as Asia/Shanghai"),
    ],
)
def test_load_refuses(name: str, value: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=message):
        settings.load(_environ(tmp_path, **{name: value}))

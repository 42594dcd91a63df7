"""The production form for real: gunicorn, dispatcher and worker on PostgreSQL and Redis."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest

from tenon.accounts.models import User
from tenon.app import load_tasks
from tenon.clock import utc_now
from tenon.db import Database
from tenon.listings.services.announcing import announce
from tenon.matches import indexing
from tenon.matches.sites import remember_site
from tenon.notices.models import NoticeSchedule
from tenon.notices.services import notify
from tenon.settings import Settings
from tests.factories.accounts import make_user
from tests.factories.listings import make_achievement
from tests.redis_server import RedisServer

pytestmark = [
    pytest.mark.redis,
    pytest.mark.postgres,
    pytest.mark.xdist_group("redis"),
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]

ROOT = Path(__file__).resolve().parents[2]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def environ(settings: Settings, redis_server: RedisServer) -> dict[str, str]:
    redis_server.flush()
    return {
        "PATH": os.environ["PATH"],
        "TENON_ENVIRONMENT": "production",
        "TENON_VAR": str(settings.var),
        "TENON_DATABASE_URL": settings.database_url,
        "TENON_SECRET_KEY": settings.secret_key,
        "TENON_BASE_URL": "http://tenon.example.org",
        "TENON_REDIS_URL": redis_server.url,
        "TENON_DISPATCHER": "external",
        "TENON_MAIL": "file",
    }


@pytest.fixture
def address(
    environ: dict[str, str], database: Database, settings: Settings, tmp_path: Path
) -> Iterator[str]:
    """The address of a site that runs as docs/operations.md says."""
    load_tasks()
    remember_site(settings)
    with database.reading() as session:
        indexing.rebuild(session, now=utc_now())
    indexing.release(settings)
    port = _free_port()
    commands = [
        ["gunicorn", "tenon.wsgi:app", "--workers", "2", "--threads", "4",
         "--bind", f"127.0.0.1:{port}"],
        ["tenon", "dispatcher"],
        ["tenon", "worker", "--concurrency", "1"],
    ]  # fmt: skip
    with ExitStack() as running, (tmp_path / "log").open("wb") as log:
        for name, *arguments in commands:
            process = subprocess.Popen(
                [sys.executable, "-m", name, *arguments],
                cwd=tmp_path,
                env=environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            running.callback(_stop, process)
        url = f"http://127.0.0.1:{port}"
        try:
            _until(lambda: _get(f"{url}/healthz") is not None, 180)
        except AssertionError:
            pytest.fail((tmp_path / "log").read_text(errors="replace"))
        yield url


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def _get(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  # our own server
            return str(answer.read().decode())
    except (OSError, urllib.error.URLError):
        return None


def _until(met: object, seconds: float) -> float:
    assert callable(met)
    begun = time.monotonic()
    while not met():
        assert time.monotonic() - begun < seconds
        time.sleep(0.05)
    return time.monotonic() - begun


def test_what_is_published_is_found_and_mail_is_sent(
    address: str, database: Database, settings: Settings
) -> None:
    title = "磁悬浮轴承自适应控制器"
    with database.writing() as session:
        listing = make_achievement(session, state="published", title=title, language="zh")
        announce(session, [listing.id], now=utc_now())
        user: User = make_user(session, email="reader@example.org")
        # Whatever the time at which this runs: a person who sleeps gets their mail in the morning.
        session.add(NoticeSchedule(user_id=user.id, quiet_begins=None, quiet_ends=None))
        notify(session, user=user, kind="broker_granted", facts={}, path="/", now=utc_now())
    search = f"{address}/search?q={quote('磁悬浮轴承')}"
    _until(lambda: title in (_get(search) or ""), 180)
    mails = settings.mail_folder
    _until(lambda: mails.is_dir() and any(mails.iterdir()), 180)
    # Every web process follows the index: ask often enough to meet both.
    assert all(title in (_get(search) or "") for _ in range(12))

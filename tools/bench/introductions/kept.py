"""The made-up world in a PostgreSQL of its own below var/bench, made once and used again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from tenon import schema
from tenon.app import load_tasks
from tenon.clock import utc_now
from tenon.db import Database
from tenon.taxonomy.services import load
from tests.postgres import THROWN_AWAY, PostgresServer, start_in
from tools.bench.introductions.making import make_world
from tools.bench.introductions.sizes import Sizes

ROOT: Final = Path(__file__).resolve().parents[3]
FOLDER: Final = ROOT / "var" / "bench"
FILLING: Final = (
    *THROWN_AWAY,
    "autovacuum=off",
    "max_wal_size=1GB",
    "shared_buffers=512MB",
    "maintenance_work_mem=256MB",
)
SERVING: Final = ("shared_buffers=512MB",)
"""Otherwise PostgreSQL's own defaults: what is written is on the disk before it counts."""

_NAME: Final = "tenon_bench"
_NOT_FILLING: Final = frozenset({"__init__", "kept", "command", "counting", "serving", "asking"})
"""Modules beside this one that change no row."""

_KEEPS: Final = timedelta(days=30)
"""Older, and what waits would all have lapsed."""

Say = Callable[[str], None]


@contextmanager
def kept_world(sizes: Sizes, *, seed: int, say: Say, anew: bool = False) -> Iterator[str]:
    """Yield the address of the world's database, made first where there is none that fits."""
    folder = FOLDER / f"introductions-{sizes.introductions}"
    stamp = folder / "made.json"
    wanted = {"sizes": asdict(sizes), "seed": seed, "sources": _sources()}
    if anew or not fits(stamp, wanted, now=utc_now()):
        stamp.unlink(missing_ok=True)
        _make(folder, sizes, seed=seed, say=say)
        write_stamp(stamp, wanted, now=utc_now())
    server = start_in(folder, *SERVING)
    try:
        yield server.address(_NAME)
    finally:
        server.halt()


def fits(stamp: Path, wanted: Mapping[str, object], *, now: datetime) -> bool:
    """Whether a world was made as ``wanted``, and is not too old."""
    if not stamp.is_file():
        return False
    found = json.loads(stamp.read_text(encoding="utf-8"))
    made = datetime.fromisoformat(found.pop("at"))
    return bool(found == wanted) and made > now - _KEEPS


def write_stamp(stamp: Path, wanted: Mapping[str, object], *, now: datetime) -> None:
    """Note of what a world was made, once it is whole."""
    stamp.write_text(json.dumps({**wanted, "at": now.isoformat()}), encoding="utf-8")


def _sources() -> str:
    """Return a digest of the tables' shape and of what fills them."""
    digest = hashlib.sha256()
    folders = (ROOT / "migrations" / "versions", Path(__file__).parent)
    for path in sorted(path for folder in folders for path in folder.glob("*.py")):
        if path.stem not in _NOT_FILLING:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _make(folder: Path, sizes: Sizes, *, seed: int, say: Say) -> None:
    server = start_in(folder, *FILLING)
    try:
        server.drop(_NAME)
        server.execute(f"CREATE DATABASE {_NAME} TEMPLATE template0 ENCODING 'UTF8'")
        load_tasks()
        now = utc_now().replace(minute=0, second=0, microsecond=0)
        with Database(server.address(_NAME)) as database:
            schema.upgrade(database)
            with database.writing() as session:
                load(session, now=now)
            written = make_world(database, sizes, now=now, seed=seed, say=say)
        say(f"{sum(written.values()):,} rows; gathering statistics")
        _settle(server)
    finally:
        server.halt()


def _settle(server: PostgresServer) -> None:
    """Leave the tables as a site's have become after a night: vacuumed, with statistics."""
    url = make_url(server.address(_NAME))
    PostgresServer(url, None).execute("VACUUM ANALYZE")

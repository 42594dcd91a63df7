"""The made-up world in a database of its own below var/bench, made once and used again.

In PostgreSQL, or in a file of SQLite's. A world that stands behind the tables' shape is migrated,
as a site is; it is made anew when what fills it has changed, or it is too old.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import click
import sqlalchemy as sa
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


folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=FOLDER,
    show_default="var/bench",
    help="Where the world is kept.",
)
sqlite_option = click.option("--sqlite", is_flag=True, help="In SQLite rather than PostgreSQL.")


@contextmanager
def kept_world(
    sizes: Sizes,
    *,
    seed: int,
    say: Say,
    anew: bool = False,
    folder: Path = FOLDER,
    sqlite: bool = False,
) -> Iterator[str]:
    """Yield the address of the world's database, made first where there is none that fits."""
    place = folder / f"introductions-{sizes.introductions}{'-sqlite' if sqlite else ''}"
    stamp = place / "made.json"
    wanted = {"sizes": asdict(sizes), "seed": seed, "sources": _sources()}
    if anew or not fits(stamp, wanted, now=utc_now()):
        stamp.unlink(missing_ok=True)
        with _started(place, sqlite=sqlite, filling=True) as address:
            _fill(address, sizes, seed=seed, say=say)
        write_stamp(stamp, wanted, now=utc_now())
    with _started(place, sqlite=sqlite, filling=False) as address:
        _bring_up(address, say)
        yield address


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
    """Return a digest of what fills the tables."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in _NOT_FILLING:
            digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def _started(place: Path, *, sqlite: bool, filling: bool) -> Iterator[str]:
    """Yield the address of the database, an empty one to fill; its server runs meanwhile."""
    if sqlite:
        place.mkdir(parents=True, exist_ok=True)
        if filling:
            for file in place.glob(f"{_NAME}.db*"):
                file.unlink()
        yield f"sqlite:///{place / _NAME}.db"
        return
    server = start_in(place, *(FILLING if filling else SERVING))
    try:
        if filling:
            server.drop(_NAME)
            server.execute(f"CREATE DATABASE {_NAME} TEMPLATE template0 ENCODING 'UTF8'")
        yield server.address(_NAME)
    finally:
        server.halt()


def _fill(address: str, sizes: Sizes, *, seed: int, say: Say) -> None:
    load_tasks()
    now = utc_now().replace(minute=0, second=0, microsecond=0)
    with Database(address) as database:
        schema.upgrade(database)
        with database.writing() as session:
            load(session, now=now)
        written = make_world(database, sizes, now=now, seed=seed, say=say)
    say(f"{sum(written.values()):,} rows; gathering statistics")
    _settle(address)


def _bring_up(address: str, say: Say) -> None:
    """Migrate a world that was made before a migration came."""
    with Database(address) as database:
        if schema.current(database) == schema.head():
            return
        say("migrating")
        schema.upgrade(database)
    _settle(address)


def _settle(address: str) -> None:
    """Leave the tables as a site's have become after a night: vacuumed, with statistics."""
    url = make_url(address)
    if url.get_backend_name() == "postgresql":
        PostgresServer(url, None).execute("VACUUM ANALYZE")
        return
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()

"""A PostgreSQL server for the tests: made with the system's initdb, or one that is named.

As root the server runs as another user, since PostgreSQL refuses root. Each xdist worker makes
its own server, so that workers cannot disturb each other.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from tenon import schema
from tenon.db import Database
from tenon.rules import services as rules
from tenon.taxonomy.services import load

TEMPLATE = "tenon_template"
THROWN_AWAY = ("fsync=off", "full_page_writes=off")
"""For data that nobody misses after a power cut."""


@dataclass
class PostgresServer:
    """A running server and the folder it lives in (None for one that is not ours)."""

    url: URL
    folder: Path | None

    def address(self, name: str) -> str:
        """Return the address of a database on this server."""
        return self.url.set(database=name).render_as_string(hide_password=False)

    def execute(self, statement: str) -> None:
        """Run a statement outside a transaction, on the server's own database."""
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def make_template(self) -> None:
        """Make the migrated database that tests clone."""
        self.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
        self.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
        database = Database(self.address(TEMPLATE))
        schema.upgrade(database)
        with database.writing() as session:
            load(session, now=datetime(2026, 1, 1, tzinfo=UTC))
            rules.load(session, now=datetime(2026, 1, 1, tzinfo=UTC))
        database.dispose()

    def clone(self) -> str:
        """Make a database from the template and return its name."""
        name = f"tenon_{uuid.uuid4().hex[:12]}"
        # A copy of the files: without fsync, ten times as fast as the default by way of the log.
        self.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        return name

    def make_empty(self) -> str:
        """Make a database without tables and return its name."""
        name = f"tenon_{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        return name

    def drop(self, name: str) -> None:
        """Remove a clone."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop a server of our own and remove its folder."""
        if self.folder is None:
            return
        _run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def halt(self) -> None:
        """Stop a server of our own and keep its folder."""
        if self.folder is not None:
            _run("pg_ctl", "-D", str(self.folder / "data"), "-m", "fast", "-w", "stop")


def find_server() -> PostgresServer | None:
    """Return the server that TENON_TEST_POSTGRES names, one of our own, or None."""
    named = os.environ.get("TENON_TEST_POSTGRES")
    if named:
        server = PostgresServer(make_url(named).set(drivername="postgresql+psycopg"), None)
    elif _programs() is None:
        return None
    else:
        server = _start()
    server.make_template()
    return server


def _programs() -> Path | None:
    """Return the folder of initdb and pg_ctl: on the PATH or where Debian puts them."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("pg_ctl")
    if on_path:
        candidates.insert(0, Path(on_path).resolve().parent)
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


def _run(program: str, *arguments: str, refuse: bool = True) -> None:
    folder = _programs()
    if folder is None:
        raise RuntimeError("PostgreSQL's programs are gone")
    command = [str(folder / program), *arguments]
    user = "postgres" if os.geteuid() == 0 else None
    subprocess.run(
        command, check=refuse, capture_output=True, user=user, cwd="/", env=_environment()
    )


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/"}


def fast_folder() -> Path | None:
    """Return a folder in memory where the machine has one: cloning there is ten times as fast."""
    memory = Path("/dev/shm")  # noqa: S108  # nothing that outlives the tests lies there
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3
    return memory if roomy and os.access(memory, os.W_OK) else None


def _start() -> PostgresServer:
    folder = Path(tempfile.mkdtemp(prefix="tenon-pg-", dir=fast_folder()))
    return start_in(folder, "max_connections=200", "synchronous_commit=off", *THROWN_AWAY)


def start_in(folder: Path, *options: str) -> PostgresServer:
    """Start a server in a folder of its own, made there first where there is none.

    ``options`` are settings of the server, ``name=value``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        _run("initdb", "-D", str(data), "-U", "tenon", "-A", "trust", "-E", "UTF8", "--no-sync")
    elif (data / "postmaster.pid").exists():
        _run("pg_ctl", "-D", str(data), "-m", "fast", "-w", "stop", refuse=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # No socket beside the port: the path of one must be short, and a folder's need not be.
    settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", *options)
    given = " ".join(["-p", str(port), *(f"-c {setting}" for setting in settings)])
    _run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-o", given, "-w", "start")
    url = URL.create("postgresql+psycopg", "tenon", None, "127.0.0.1", port, "postgres")
    return PostgresServer(url, folder)

"""The demo set, loaded and indexed once a session; every site that wants it takes a copy."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from tenon.app import load_tasks
from tenon.db import Database
from tenon.demo.loading import load_demo
from tenon.matches import indexing
from tenon.matches.building import ensure_index
from tenon.matches.sites import remember_site
from tenon.outbox.dispatcher import drain
from tenon.settings import Settings

SECRET = "browser-test-secret-key-of-sufficient-length-0123"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What one of the demo's people signs in with."""

    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Demo:
    """A loaded demo.

    Attributes:
        database: the file to copy.
        var: the folder to copy: index and keys.
        people: role -> sign-in.
    """

    database: Path
    var: Path
    people: dict[str, SignIn]


def prepare(template: Path, folder: Path) -> Demo:
    """Load the demo into a copy of the database file ``template`` and build its index."""
    copy = folder / "tenon.db"
    shutil.copyfile(template, copy)
    settings = Settings(
        environment="test",
        var=folder / "var",
        database_url=f"sqlite:///{copy}",
        secret_key=SECRET,
        rate_limits=False,
    )
    database = Database(settings.database_url)
    try:
        load_demo(database, settings, quiet=True)
        ensure_index(database, settings, quiet=True)
        # What the past of the demo set off is done: its copies hear at once of what is new.
        load_tasks()
        remember_site(settings)
        drain(database)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        indexing.release(settings)
        database.dispose()
    kept = json.loads((settings.var / "demo-sign-ins.json").read_text(encoding="utf-8"))
    people = {each["role"]: SignIn(each["email"], each["password"]) for each in kept}
    return Demo(copy, settings.var, people)

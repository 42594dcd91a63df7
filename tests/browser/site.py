"""A whole site for a browser: waitress in a thread, its own database, the dispatcher at work.

What a visitor meets here is what ``tenon run`` serves; only mail goes to files and nobody is
limited in how often they ask.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from waitress.server import create_server

from tenon.app import create_app
from tenon.db import Database
from tenon.matches.building import build_wherever, ensure_index
from tenon.matches.indexing import release
from tenon.operations.periodic import queue_due
from tenon.outbox.dispatcher import Dispatcher
from tenon.settings import Settings

THREADS = 6


@dataclass(frozen=True, slots=True)
class LiveSite:
    """A served site.

    Attributes:
        url: where it listens, without a slash at the end.
        app: the application, for its extensions.
        database: its own database, to prepare and to look at.
        settings: its settings; mail lies in ``settings.mail_folder``.
    """

    url: str
    app: Flask
    database: Database
    settings: Settings

    def index(self) -> None:
        """Bring the index up to what a test has written past the services."""
        build_wherever(self.database, self.settings, quiet=True)


@contextlib.contextmanager
def serve(template: Path, folder: Path) -> Iterator[LiveSite]:
    """Serve a copy of the database file ``template`` from ``folder`` on a free port."""
    copy = folder / "tenon.db"
    shutil.copyfile(template, copy)
    settings = Settings(
        environment="test",
        var=folder / "var",
        database_url=f"sqlite:///{copy}",
        secret_key="browser-test-secret-key-of-sufficient-length-0123",
        rate_limits=False,
    )
    database = Database(settings.database_url)
    ensure_index(database, settings, quiet=True)
    app = create_app(settings, database)
    dispatcher = Dispatcher(database, periodic=queue_due)
    app.extensions["tenon.dispatcher"] = dispatcher
    dispatcher.start()
    server = create_server(app, host="127.0.0.1", port=0, threads=THREADS, ident="tenon")
    thread = threading.Thread(target=_listen, args=(server,), name="live-site", daemon=True)
    thread.start()
    try:
        yield LiveSite(f"http://127.0.0.1:{server.effective_port}", app, database, settings)
    finally:
        dispatcher.stop()
        server.trigger.pull_trigger(server.close)
        thread.join(timeout=5)
        server.task_dispatcher.shutdown()
        release(settings)
        database.dispose()


def _listen(server: object) -> None:
    with contextlib.suppress(OSError):  # the socket is closed under it at the end
        server.run()  # type: ignore[attr-defined]  # waitress gives no types

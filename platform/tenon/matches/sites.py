"""Which settings belong to a database, for work that starts from a session: outbox handlers.

A process may hold several sites (tests do), each with a database and an index folder of its own.
Knows nothing of indexes.
"""

from __future__ import annotations

import threading

from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from tenon import settings
from tenon.settings import Settings, SettingsError

_Place = tuple[str, str | None, int | None, str | None]

_lock = threading.Lock()
_known: dict[_Place, Settings] = {}


def remember_site(config: Settings) -> None:
    """Let handlers that work on this database find its settings."""
    with _lock:
        _known[_place(make_url(config.database_url))] = config


def settings_behind(session: Session) -> Settings:
    """Return the settings of the site whose database the session is open on.

    A process that was told of no site (a dispatcher by itself) has the environment's. Raises
    SettingsError where those are of another database: its index must not be written to.
    """
    place = _place(session.get_bind().engine.url)
    with _lock:
        if place not in _known:
            found = settings.load()
            if _place(make_url(found.database_url)) != place:
                raise SettingsError("the settings are of another database than the session")
            _known[place] = found
        return _known[place]


def _place(url: URL) -> _Place:
    return url.get_backend_name(), url.host, url.port, url.database

"""A whole site on each database, with its index, for journeys over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tenon.accounts.models import User
from tenon.clock import utc_now
from tenon.db import Database
from tenon.matches import indexing
from tenon.matches.sites import remember_site
from tenon.notices import delivery
from tenon.notices.planning import BETWEEN_MAILS
from tenon.outbox.dispatcher import drain
from tenon.settings import Settings
from tests.factories.accounts import sign_in

Work = Callable[[], None]
Enter = Callable[[User | None], FlaskClient]


@pytest.fixture
def work(app: Flask, database: Database, settings: Settings) -> Iterator[Work]:
    """Do what the background would do: index, notices, mail."""
    remember_site(settings)
    with database.reading() as session:
        indexing.rebuild(session, now=utc_now())

    # Noon for everybody, so that no mail waits for the morning, whenever this runs.
    noon = ZoneInfo(f"Etc/GMT{utc_now().hour - 12:+d}")
    before = delivery._current
    delivery.use(replace(delivery.current(), zone=noon))

    def done() -> None:
        drain(database)
        drain(database, now=utc_now() + BETWEEN_MAILS)  # what is gathered for an hour

    yield done
    delivery._current = before
    indexing.release(settings)


@pytest.fixture
def enter(app: Flask) -> Enter:
    """Return a browser of somebody's own; of a visitor for None."""

    def entered(user: User | None) -> FlaskClient:
        client = app.test_client()
        return client if user is None else sign_in(client, user)

    return entered

"""Browsers for the page tests of the room, and how many statements a page asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenon.db import Database
from tenon.deals.models import Deal, TermVersion
from tests.deals.cast import Cast
from tests.factories.accounts import sign_in

VERSION = re.compile(r'name="version" (?:type="hidden" )?value="(\d+)"')


def browser(app: Flask, cast: Cast, role: str, language: str = "en") -> FlaskClient:
    """A browser signed in as a role of the cast; ``visitor`` is nobody."""
    client = app.test_client()
    if role != "visitor":
        sign_in(client, cast.people[role])
    with client.session_transaction() as cookie:
        cookie["language"] = language
    return client


def words(answer: TestResponse) -> str:
    """The page's HTML with its entities as characters."""
    return unescape(answer.text)


def version_on(client: FlaskClient, place: str) -> str:
    """The version that the page at ``place`` carries in its forms."""
    found = VERSION.search(client.get(place).text)
    assert found is not None
    return found[1]


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect the SQL statements that are sent meanwhile."""
    sent: list[str] = []

    def note(*event: object) -> None:
        sent.append(str(event[2]))

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)


def fresh(database: Database, deal: Deal) -> Deal:
    """The deal as the database has it now."""
    with database.reading() as session:
        return session.get_one(Deal, deal.id)


def versions(database: Database, deal: Deal) -> list[TermVersion]:
    """All versions of a deal's terms, the first first, as the database has them now."""
    with database.reading() as session:
        found = session.scalars(sa.select(TermVersion).where(TermVersion.deal_id == deal.id)).all()
    return sorted(found, key=lambda each: each.number)

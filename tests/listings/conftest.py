"""Fixtures of the room's page tests: people committed, a browser that signs in and fills forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenon.accounts.models import User
from tenon.db import Database
from tests.factories.accounts import sign_in
from tests.listings.people import People, make_people

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def rows(session: Session, statement: sa.Select[Any]) -> list[Any]:
    """Ask afresh, and let go of the database: SQLite's one writer is also the page's."""
    found = list(session.scalars(statement.execution_options(populate_existing=True)))
    session.commit()
    return found


class Browser:
    """A browser without JavaScript that carries forms' tokens along."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def sign_in(self, user: User) -> Browser:
        """Act as this person from now on, in English."""
        sign_in(self.client, user)
        with self.client.session_transaction() as cookie:
            cookie["language"] = "en"
        return self

    def get(self, path: str, **values: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **values)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **values: Any) -> TestResponse:
        """Send a form with the token of the error-free language form that every page has."""
        token = TOKEN.search(self.client.get("/account/sign-in").text) or TOKEN.search(
            self.client.get("/listings/nothing-here").text
        )
        assert token is not None
        body = {"csrf_token": unescape(token[1])} | dict(data or {})
        return self.client.post(path, data=body, **values)


@pytest.fixture
def guest(app: Flask) -> Browser:
    """A browser that is nobody yet."""
    made = Browser(app.test_client())
    with made.client.session_transaction() as cookie:
        cookie["language"] = "en"
    return made


@pytest.fixture
def committed(database: Database) -> Iterator[Session]:
    """A writing session for what pages are to find: commit it before asking them."""
    with database.writer() as session:
        yield session


@pytest.fixture
def people(committed: Session) -> People:
    """One of each role, committed."""
    made = make_people(committed)
    committed.commit()
    return made

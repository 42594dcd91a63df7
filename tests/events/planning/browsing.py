"""Browsers and forms for the page tests of the room."""

from __future__ import annotations

import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenon.accounts.models import User
from tests.factories.accounts import sign_in

VERSION = re.compile(r'name="version"[^>]*value="(\d+)"')


def browser(app: Flask, user: User | None = None, language: str = "en") -> FlaskClient:
    """A browser signed in as somebody, or nobody's."""
    client = app.test_client()
    if user is not None:
        sign_in(client, user)
    with client.session_transaction() as cookie:
        cookie["language"] = language
    return client


def words(answer: TestResponse) -> str:
    """The page's HTML with its entities as characters."""
    return unescape(answer.text)


def version_in(answer: TestResponse) -> str:
    """The version of the event that a page carries in its forms."""
    found = VERSION.search(answer.text)
    assert found is not None
    return found[1]

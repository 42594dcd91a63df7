"""Browsers of the room's page tests, signed in as a role of the cast."""

from __future__ import annotations

from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.compliance.cast import Cast
from tests.factories.accounts import sign_in


def browser(app: Flask, cast: Cast, role: str, language: str = "en") -> FlaskClient:
    """A browser signed in as a role; ``visitor`` is nobody."""
    client = app.test_client()
    if role != "visitor":
        sign_in(client, cast.people[role])
    with client.session_transaction() as cookie:
        cookie["language"] = language
    return client


def words(answer: TestResponse) -> str:
    """The page's HTML with its entities as characters."""
    return unescape(answer.get_data(as_text=True))


def status(answer: TestResponse) -> int:
    """The status; being sent to sign in counts as 401."""
    if answer.status_code == 302 and "/account/sign-in" in str(answer.location):
        return 401
    return answer.status_code

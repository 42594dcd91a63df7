"""Fixtures of the room's tests: those of deals, and browsers on the tests' day."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.deals.browsing import browser
from tests.deals.cast import Cast
from tests.deals.conftest import _delivers, cast, committed, settled
from tests.equity.scenes import NOW

__all__ = ["_delivers", "cast", "committed", "settled"]

Browse = Callable[..., FlaskClient]


@pytest.fixture
def browse(app: Flask, settled: Cast, monkeypatch: pytest.MonkeyPatch) -> Browse:
    """Open a browser as a role; pages take the tests' day for today."""
    monkeypatch.setattr("tenon.web.requests.utc_now", lambda: NOW)
    return lambda role, language="en": browser(app, settled, role, language)

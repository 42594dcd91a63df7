"""A listing is withdrawn while a page is made: before it is read, and while it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, before_render_template
from flask.testing import FlaskClient

from matching.engine import MatchEngine
from tenon.clock import utc_now
from tenon.db import Database
from tenon.listings.models import Listing
from tenon.matches import indexing
from tenon.settings import Settings
from tests.factories.listings import make_achievement, make_need

TITLE = "片球菌发酵剂"


@dataclass(frozen=True)
class Shown:
    """A listing's id, the address that every card of it links to, and pages that show it."""

    key: int
    link: str
    addresses: tuple[str, ...]


@pytest.fixture
def listing(database: Database, site: Settings) -> Shown:
    """A result, and the addresses that show it."""
    with database.writing() as session:
        made = make_achievement(session, state="published", title=TITLE)
        make_achievement(session, state="published", title="高温管道光纤测温装置")
        need = make_need(session, state="published", title="求片球菌发酵剂")
    with database.reading() as session:
        indexing.rebuild(session, now=utc_now())
    indexing.release(site)
    addresses = (
        f"/search?q={TITLE}",
        f"/match?text={TITLE}&side=need",
        f"/listings/{need.public_id}/matches",
        f"/listings/{need.public_id}",
    )
    return Shown(made.id, f"/listings/{made.public_id}", addresses)


def _withdraw(database: Database, listing_id: int) -> None:
    with database.writing() as writing:
        writing.execute(
            sa.update(Listing).where(Listing.id == listing_id).values(state="withdrawn")
        )


def _publish(database: Database, listing_id: int) -> None:
    with database.writing() as writing:
        writing.execute(
            sa.update(Listing).where(Listing.id == listing_id).values(state="published")
        )


def test_between_the_indexs_answer_and_the_database(
    client: FlaskClient,
    database: Database,
    listing: Shown,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = listing.key
    shown = [each for each in listing.addresses if listing.link in client.get(each).text]
    assert shown

    def then_withdrawn(name: str) -> Callable[..., Any]:
        real = getattr(MatchEngine, name)

        def asked(*given: Any, **named: Any) -> Any:
            found = real(*given, **named)
            _withdraw(database, key)
            return found

        return asked

    for name in ("match", "find", "search"):
        monkeypatch.setattr(MatchEngine, name, then_withdrawn(name))
    for address in listing.addresses:
        _publish(database, key)
        answer = client.get(address)
        assert answer.status_code == 200
        assert listing.link not in answer.text, address


def test_while_the_page_is_drawn(
    app: Flask,
    client: FlaskClient,
    database: Database,
    listing: Shown,
) -> None:
    """Read in one moment, the page is whole; the next one does not show it any more."""
    key = listing.key

    def withdraw(_sender: Flask, **_facts: object) -> None:
        _withdraw(database, key)

    for address in listing.addresses:
        _publish(database, key)
        with before_render_template.connected_to(withdraw, app):
            drawn = client.get(address)
        assert drawn.status_code == 200, address
        after = client.get(address)
        assert after.status_code == 200
        assert listing.link not in after.text, address

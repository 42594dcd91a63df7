"""How soon what a broker publishes is found: from the commit to the first search that shows it."""

from __future__ import annotations

import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.clock import utc_now
from tenon.db import Database
from tenon.listings import services
from tenon.listings.content import Content, Words
from tenon.listings.models import Listing
from tenon.listings.requirements import entry_of
from tenon.listings.rubric import Scores
from tools.bench.load import Latency
from tools.bench.site import HOST, Site

TIMES = 20
LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 10


def publish_to_findable(site: Site, times: int = TIMES) -> Latency:
    """Publish needs one by one and wait until the site's search shows each.

    The publisher is a process other than the server, so that the server's dispatcher is not woken
    but has to look by itself: the slower of the two ways.
    """
    config = site.settings
    took: list[float] = []
    failed = 0
    with Database(config.database_url) as database:
        for number in range(times):
            word = f"zq{number:04d}xv"
            with database.writing() as session:
                listing = _in_review(session, word)
                _publish(session, listing, config.listing_days)
                public_id = listing.public_id
            start = time.perf_counter()
            if _appears(site.port, word, public_id):
                took.append(time.perf_counter() - start)
            else:
                failed += 1
    return Latency.of(took, failed)


def _demo_person(session: Session, role: str) -> User:
    return session.scalars(sa.select(User).where(User.email == f"{role}@demo.example")).one()


def _in_review(session: Session, word: str) -> Listing:
    now = utc_now()
    author = actor_of(_demo_person(session, "company"))
    content: dict[str, Any] = {
        "language": "zh",
        "words": Words(
            title=f"卸船机溜筒堵料 {word}", summary=f"溜筒堵料要人工捅，{word}，求办法。" * 3
        ),
        "requirements": (entry_of("堵料停机每班≤5 min"),),
        "deal_forms": ("service",),
    }
    listing = services.create(session, side="need", content=Content(**content), by=author, now=now)
    services.submit(session, listing, by=author, now=now)
    return listing


def _publish(session: Session, listing: Listing, listing_days: int) -> None:
    services.review(
        session,
        listing,
        scores=Scores(4, 4, 4, 4),
        outcome="publish",
        remarks="",
        by=actor_of(_demo_person(session, "broker")),
        now=utc_now(),
        listing_days=listing_days,
    )


def _appears(port: int, word: str, public_id: str) -> bool:
    connection = HTTPConnection(HOST, port, timeout=10)
    until = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < until:
        connection.request("GET", f"/search?{urlencode({'q': word})}")
        if public_id in connection.getresponse().read().decode():
            return True
        time.sleep(LOOK_SECONDS)
    return False

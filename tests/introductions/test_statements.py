"""Every page that shows introductions asks the database as often for thirty of them as for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import cycle, islice

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.credit.services import record_act
from tenon.db import Database
from tenon.introductions import services
from tenon.introductions.models import Introduction, IntroductionMessage
from tenon.introductions.states import STATES
from tenon.notices.services import notify
from tests.factories.accounts import actor_for
from tests.factories.introductions import make_introduction
from tests.factories.listings import make_achievement, make_need
from tests.introductions.browsing import browser, counted
from tests.introductions.cast import Cast

MOST = 34
"""Statements of any page; the thread with its credit takes the most.

Seven of them are later rooms': its deals, and what the menu counts of deals, approvals, income
shares, grants, commissions and saved searches.
"""

ONE = ("connected", "checking", "declined")
"""One of each kind of list, so that none is empty."""

SPARE = 2
"""More than with one: what a single introduction happens to lack (an own listing, an agreement)."""


def fill(
    session: Session, cast: Cast, states: Iterable[str], *, now: datetime
) -> list[Introduction]:
    """Let the firm have introductions at these stages, each with what pages show of it."""
    made = []
    for place, state in enumerate(states):
        listing = make_achievement(
            session,
            organisation=cast.university,
            state="published",
            broker_id=cast.people["broker"].id,
        )
        it = make_introduction(
            session,
            state=state,
            listing=listing,
            own_listing=make_need(session, organisation=cast.firm, state="published"),
            from_user=cast.people["from_editor"],
            to_user=cast.people["to_editor"],
            broker=cast.people["broker"],
            now=now - timedelta(days=1, minutes=place),
        )
        made.append(it)
        say(session, cast, it, 1, now=now)
        _credit_and_tell(session, cast, it, now=now)
    return made


def _credit_and_tell(session: Session, cast: Cast, it: Introduction, *, now: datetime) -> None:
    broker = cast.people["broker"]
    record_act(
        session,
        thing=("introduction", it.public_id),
        act="introduced",
        person=broker,
        concerned=[cast.firm.id, cast.university.id],
        by=actor_for(broker),
        now=now,
    )
    for name in ("broker", "from_editor"):
        notify(
            session,
            user=cast.people[name],
            kind="introduction_withdraw",
            facts={"listing": {"zh": "样例", "en": "Sample"}},
            path=f"/introductions/{it.public_id}",
            now=now,
        )


def say(session: Session, cast: Cast, it: Introduction, number: int, *, now: datetime) -> None:
    """Add messages of both sides and the broker in turn."""
    voices = (("from", "from_editor"), ("to", "to_editor"), ("broker", "broker"))
    for place in range(number):
        speaker, name = voices[place % 3]
        session.add(
            IntroductionMessage(
                introduction_id=it.id,
                kind="message",
                speaker=speaker,
                author_id=cast.people[name].id,
                text=f"样例留言{place}",
                at=now,
            )
        )
    session.flush()


def asked_of(
    app: Flask, database: Database, cast: Cast, pages: Mapping[str, str]
) -> dict[str, int]:
    """Return page -> statements; the key is ``role path``, the value the real address."""
    found = {}
    for name, path in pages.items():
        client = browser(app, cast, name.split()[0])
        assert client.get(path).status_code == 200, name  # what is cached is cached
        with counted(database) as statements:
            client.get(path)
        found[name] = len([each for each in statements if not each.startswith("SAVEPOINT")])
    return found


LISTS = (
    "from_editor /introductions",
    "from_editor /introductions?group=connected",
    "from_editor /introductions?side=from",
    "to_editor /introductions",
    "broker /introductions/board",
    "broker /introductions/board?whose=mine",
    "broker /introductions/board?whose=all&q=a",
    "broker /introductions/board?whose=all&stage=connected",
    "broker /introductions/board?whose=all&stage=over",
    "operator /introductions/board?whose=all",
    "broker /credit",
    "broker /credit/ledger.csv",
    "broker /notices",
    "from_editor /notices",
    "from_editor /account",
)


def test_lists_ask_no_more_for_thirty_than_for_one(
    app: Flask, database: Database, committed: Session, settled: Cast, now: datetime
) -> None:
    pages = {name: name.split(" ", 1)[1] for name in LISTS}
    fill(committed, settled, ONE, now=now)
    committed.commit()
    few = asked_of(app, database, settled, pages)
    fill(committed, settled, islice(cycle(("connected", *STATES)), 30), now=now)
    committed.commit()
    many = asked_of(app, database, settled, pages)

    assert {name: (few[name], many[name]) for name in pages if many[name] > few[name] + SPARE} == {}
    assert {name: number for name, number in many.items() if number > MOST} == {}


@pytest.mark.parametrize("role", ["from_editor", "to_editor", "broker", "other_broker", "operator"])
def test_a_thread_of_thirty_asks_no_more_than_one_message(
    app: Flask, database: Database, committed: Session, settled: Cast, now: datetime, role: str
) -> None:
    it = fill(committed, settled, ONE, now=now)[0]
    committed.commit()
    pages = {f"{role} page": f"/introductions/{it.public_id}"}
    few = asked_of(app, database, settled, pages)
    say(committed, settled, it, 29, now=now)
    committed.commit()
    many = asked_of(app, database, settled, pages)

    assert many[f"{role} page"] <= few[f"{role} page"] + 1  # the other side's people, by name
    assert many[f"{role} page"] <= MOST


@pytest.mark.parametrize("role", ["visitor", "from_editor", "to_editor", "broker"])
def test_a_listing_that_thirty_ask_about_is_shown_as_quickly(
    app: Flask, database: Database, committed: Session, settled: Cast, now: datetime, role: str
) -> None:
    def ask_about(number: int) -> dict[str, int]:
        for _ in range(number):
            make_introduction(committed, listing=settled.result, with_own=True, now=now)
        committed.commit()
        pages = {f"{role} listing": f"/listings/{settled.result.public_id}"}
        return asked_of(app, database, settled, pages)

    few = ask_about(1)
    assert ask_about(29)[f"{role} listing"] <= few[f"{role} listing"] + 1


EACH = 8
"""Statements of one introduction that is reminded of, lapses or is void: move, history, outbox."""


@pytest.mark.parametrize("days", [6, 40])
def test_the_hourly_work_takes_a_few_statements_an_introduction(
    database: Database, committed: Session, settled: Cast, now: datetime, days: int
) -> None:
    for _ in range(30):
        make_introduction(committed, state="asked", listing=settled.result, now=now)
    committed.commit()
    with counted(database) as statements:
        assert services.work_off_due(committed, now=now + timedelta(days=days)) == 30
        committed.commit()
    assert len(statements) <= 30 * EACH + 3


def test_a_listing_that_goes_away_takes_a_few_statements_an_introduction(
    database: Database, committed: Session, settled: Cast, now: datetime
) -> None:
    for _ in range(30):
        make_introduction(committed, state="asked", listing=settled.result, now=now)
    committed.commit()
    with counted(database) as statements:
        assert services.void_all_of(committed, settled.result.id, now=now) == 30
        committed.commit()
    assert len(statements) <= 30 * EACH + 3

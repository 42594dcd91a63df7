"""Pages of the ledger and of disputes: who sees what, and that forms answer well."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.credit.models import CreditDispute, CreditEntry
from tenon.credit.services import dispute
from tenon.db import Database
from tests.factories.accounts import actor_for, make_user
from tests.factories.credit import make_entry
from tests.factories.listings import make_achievement, make_need
from tests.listings.conftest import Browser
from tests.listings.people import People

WHY = "The minutes of the meeting name me."


def _credit_listing(session: Session, people: People, person: User, **values: Any) -> CreditEntry:
    """A published achievement of the university, credited to somebody as collected."""
    listing = make_achievement(session, organisation=people.university, state="published", **values)
    return make_entry(
        session,
        person,
        thing=("listing", listing.public_id),
        act="collected",
        organisation_id=people.university.id,
        concerned=[people.university.id],
    )


def _raise(session: Session, entry: CreditEntry, user: User, now: datetime) -> CreditDispute:
    return dispute(session, entry, claim="mine", reason=WHY, by=actor_for(user), now=now)


def test_my_ledger_shows_and_filters(
    guest: Browser, committed: Session, people: People, now: datetime
) -> None:
    _credit_listing(committed, people, people.broker, title="测温装置")
    make_entry(committed, people.broker, thing=("deal", "d"), act="closed", now=now)
    old = now - timedelta(days=400)
    make_entry(committed, people.broker, thing=("deal", "old"), act="hosted", now=old)
    make_entry(committed, people.researcher, thing=("deal", "e"), act="introduced")
    committed.commit()
    page = guest.sign_in(people.broker).get("/credit").text
    assert "测温装置" in page
    assert page.count('data-label="Act"') == 3
    assert "A deal that is not open to you" in page
    for query, number in (
        ("act=closed", 1),
        ("act=closed&act=collected", 2),
        ("kind=deal", 2),
        ("act=nonsense&kind=nonsense", 3),
        ("since=2026-11-01", 2),
        ("until=2026-11-01", 1),
        ("since=2026-11-22&until=2026-11-22", 2),
        ("since=nonsense&until=9999-12-31", 3),
    ):
        assert guest.get(f"/credit?{query}").text.count('data-label="Act"') == number, query
    assert "No entry fits these filters" in guest.get("/credit?act=written").text


def test_totals_count_what_stands(
    guest: Browser, committed: Session, people: People, now: datetime
) -> None:
    from tenon.credit.services import settle

    entry = _credit_listing(committed, people, people.broker)
    _credit_listing(committed, people, people.broker)
    raised = _raise(committed, entry, people.researcher, now)
    judge = actor_for(people.operator)
    settle(committed, raised, outcome="set_aside", reason="So.", by=judge, now=now)
    committed.commit()
    page = guest.sign_in(people.broker).get("/credit").text
    assert "<dt>Collected</dt><dd>1</dd>" in page
    assert page.count("No longer stands") == 1


def test_the_file_holds_the_same_and_no_formula(
    guest: Browser, committed: Session, people: People
) -> None:
    _credit_listing(committed, people, people.broker, title='=HYPERLINK("https://x.example","y")')
    make_entry(committed, people.broker, thing=("deal", "d"), act="closed")
    committed.commit()
    answer = guest.sign_in(people.broker).get("/credit/ledger.csv?act=collected")
    assert answer.mimetype == "text/csv"
    assert 'filename="credit.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:3] == ["Date", "Act", "Kind"]
    assert len(rows) == 2
    assert rows[1][3].startswith("'=HYPERLINK")
    assert rows[1][5] == "yes"


@pytest.mark.parametrize(
    ("name", "reads"),
    [
        ("broker", True),  # credited
        ("researcher", True),  # a member of the organisation concerned
        ("reader", True),
        ("operator", True),
        ("engineer", False),
        ("second_broker", False),
        ("stranger", False),
    ],
)
def test_those_concerned_read_a_ledger_and_nobody_else(
    guest: Browser, committed: Session, people: People, now: datetime, name: str, reads: bool
) -> None:
    entry = _credit_listing(committed, people, people.broker)
    raised = _raise(committed, entry, people.researcher, now)
    committed.commit()
    guest.sign_in(getattr(people, name))
    wanted = 200 if reads else 404
    assert guest.get(f"/credit/things/listing/{entry.thing_id}").status_code == wanted
    assert guest.get(f"/credit/entries/{entry.public_id}/dispute").status_code == wanted
    shown = guest.get(f"/listings/{entry.thing_id}").text
    assert ('id="credit-title"' in shown) == reads
    party = name in {"broker", "researcher", "operator"}
    answer = guest.get(f"/credit/disputes/{raised.public_id}")
    assert answer.status_code == (200 if party else 404)


def test_a_thing_of_which_nothing_is_known_is_not_there(guest: Browser, people: People) -> None:
    guest.sign_in(people.researcher)
    assert guest.get("/credit/things/deal/nothing").status_code == 404
    assert guest.get("/credit/things/house/nothing").status_code == 404
    assert guest.get("/credit/entries/nothing/dispute").status_code == 404
    assert guest.get("/credit/disputes/nothing").status_code == 404


def test_an_anonymous_firm_is_named_to_its_own_its_broker_and_operators_alone(
    guest: Browser, committed: Session, people: People
) -> None:
    need = make_need(
        committed,
        organisation=people.firm,
        author=people.engineer,
        state="published",
        anonymous=True,
        broker_id=people.broker.id,
    )
    thing = ("listing", need.public_id)
    for person, act in (
        (people.engineer, "collected"),
        (people.broker, "written"),
        (people.second_broker, "written"),
    ):
        own = people.firm.id if person is people.engineer else None
        make_entry(
            committed,
            person,
            thing=thing,
            act=act,
            organisation_id=own,
            concerned=[people.firm.id],
        )
    for user in (people.engineer, people.broker, people.second_broker, people.operator):
        user.name = f"name of {user.id}"
    committed.commit()
    secrets = (people.firm.name("en"), people.engineer.name)
    for name, knows in (
        ("engineer", True), ("broker", True), ("operator", True), ("second_broker", False),
    ):  # fmt: skip
        guest.sign_in(getattr(people, name))
        page = guest.get(f"/credit/things/listing/{need.public_id}")
        assert page.status_code == 200
        assert (secrets[0] in page.text) == knows, name
        shown = guest.get(f"/listings/{need.public_id}").text
        if not knows:
            assert all(secret not in page.text + shown for secret in secrets)
            assert "Somebody of a firm that is not named" in page.text
            assert secrets[0] not in guest.get("/credit").text
            assert secrets[0] not in guest.get("/credit/ledger.csv").text


def test_raising_a_dispute_by_its_form(guest: Browser, committed: Session, people: People) -> None:
    entry = _credit_listing(committed, people, people.broker)
    committed.commit()
    path = f"/credit/entries/{entry.public_id}/dispute"
    guest.sign_in(people.researcher)
    assert "I did this, not the person credited" in guest.get(path).text
    bad = guest.post(path, {"claim": "", "reason": "kept words"})
    assert bad.status_code == 422
    assert "kept words" in bad.text
    assert "Please choose from the list." in bad.text
    long = guest.post(path, {"claim": "mine", "reason": "x" * 2001})
    assert (long.status_code, "That is too long." in long.text) == (422, True)
    made = guest.post(path, {"claim": "mine", "reason": WHY})
    assert made.status_code == 302
    shown = guest.get(str(made.location))
    assert WHY in shown.text
    assert "Withdraw the dispute" in shown.text
    again = guest.post(path, {"claim": "mine", "reason": WHY})
    assert again.status_code == 409
    assert "Somebody disputes this entry already" in again.text
    guest.sign_in(people.stranger)
    assert guest.post(path, {"claim": "mine", "reason": WHY}).status_code == 404
    token = guest.client.post(path, data={"claim": "mine", "reason": WHY})
    assert token.status_code == 400  # without the form's token


def test_the_other_side_is_not_told_who_disputes(
    guest: Browser, committed: Session, people: People, now: datetime
) -> None:
    people.researcher.name = "Somebody particular"
    raised = _raise(
        committed, _credit_listing(committed, people, people.broker), people.researcher, now
    )
    committed.commit()
    path = f"/credit/disputes/{raised.public_id}"
    assert "Somebody particular" not in guest.sign_in(people.broker).get(path).text
    assert "Somebody particular" in guest.sign_in(people.operator).get(path).text
    notices = guest.sign_in(people.broker).get("/notices").text
    assert "is disputed" in notices
    assert "Somebody particular" not in notices


def test_settling_by_its_form(
    guest: Browser, committed: Session, people: People, now: datetime
) -> None:
    raised = _raise(
        committed, _credit_listing(committed, people, people.broker), people.researcher, now
    )
    committed.commit()
    path = f"/credit/disputes/{raised.public_id}"
    for name in ("broker", "researcher", "engineer"):
        guest.sign_in(getattr(people, name))
        assert guest.get("/credit/disputes").status_code == 403
        body = {"outcome": "amend", "reason": "x"}
        assert guest.post(f"{path}/settle", body).status_code == 403
    guest.sign_in(people.operator)
    assert raised.public_id in guest.get("/credit/disputes").text
    assert raised.public_id not in guest.get("/credit/disputes?state=ended").text
    bad = guest.post(f"{path}/settle", {"outcome": "amend", "reason": ""})
    assert (bad.status_code, "Please fill this in." in bad.text) == (422, True)
    assert guest.post(f"{path}/settle", {"outcome": "amend", "reason": "So."}).status_code == 302
    assert "Entry amended" in guest.get(path).text
    assert raised.public_id in guest.get("/credit/disputes?state=ended").text
    assert guest.post(f"{path}/settle", {"outcome": "uphold", "reason": "x"}).status_code == 409
    assert guest.sign_in(people.researcher).get("/credit").text.count("<dd>1</dd>") == 1


def test_an_operator_who_is_a_party_gets_no_form(
    guest: Browser, committed: Session, people: People, now: datetime
) -> None:
    raised = _raise(
        committed, _credit_listing(committed, people, people.operator), people.researcher, now
    )
    committed.commit()
    path = f"/credit/disputes/{raised.public_id}"
    shown = guest.sign_in(people.operator).get(path).text
    assert "You are part of this dispute" in shown
    assert 'name="outcome"' not in shown
    assert guest.post(f"{path}/settle", {"outcome": "uphold", "reason": "x"}).status_code == 403


def test_withdrawing_by_its_button(
    guest: Browser, committed: Session, people: People, now: datetime
) -> None:
    raised = _raise(
        committed, _credit_listing(committed, people, people.broker), people.researcher, now
    )
    committed.commit()
    path = f"/credit/disputes/{raised.public_id}"
    assert guest.sign_in(people.engineer).post(f"{path}/withdraw").status_code == 404
    assert guest.sign_in(people.broker).post(f"{path}/withdraw").status_code == 403
    assert guest.sign_in(people.researcher).post(f"{path}/withdraw").status_code == 302
    assert "Withdrawn" in guest.get(path).text
    assert guest.post(f"{path}/withdraw").status_code == 409


def test_the_menu_leads_to_the_ledger_of_brokers_and_of_those_who_have_one(
    guest: Browser, committed: Session, people: People
) -> None:
    make_entry(committed, people.researcher)
    committed.commit()
    for name, leads in (("broker", True), ("researcher", True), ("engineer", False)):
        page = guest.sign_in(getattr(people, name)).get("/my/expert-page").text
        assert ('href="/credit"' in page) == leads, name


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    """Collect the statements that go to the database."""
    found: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", count)
    try:
        yield found
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", count)


def test_pages_ask_the_database_no_more_for_thirty_lines_than_for_one(
    guest: Browser, committed: Session, database: Database, people: People, now: datetime
) -> None:
    def fill(number: int) -> None:
        for _ in range(number):
            entry = _credit_listing(committed, people, people.broker)
            _raise(committed, entry, people.researcher, now)
            make_entry(committed, make_user(committed), thing=("deal", "busy"))
        committed.commit()

    def ask() -> dict[str, int]:
        counts = {}
        for name, path in (
            ("broker", "/credit"),
            ("broker", "/credit/ledger.csv"),
            ("operator", "/credit/disputes"),
            ("operator", "/credit/things/deal/busy"),
        ):
            guest.sign_in(getattr(people, name)).get(path)  # what is cached is cached
            with _counted(database) as statements:
                assert guest.get(path).status_code == 200
            counts[path] = len(statements)
        return counts

    fill(1)
    few = ask()
    fill(29)
    assert ask() == few
    assert max(few.values()) <= 20, few

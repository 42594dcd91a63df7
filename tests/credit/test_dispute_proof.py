"""Somebody who may write the whole database rewrites disputes; ``tenon audit verify`` says so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.services import erase_person
from tenon.actors import Actor
from tenon.credit.models import CreditDispute
from tenon.credit.services import settle
from tenon.db import Database
from tenon.operations.audit import WORDS
from tests.credit.conftest import audit
from tests.factories.accounts import actor_for, make_user
from tests.factories.credit import make_dispute, make_entry

HOUSE = ("deal", "house")


def _settled(session: Session, now: datetime) -> CreditDispute:
    broker, claimant, judge = (make_user(session) for _ in range(3))
    entry = make_entry(session, broker, thing=HOUSE, now=now)
    raised = make_dispute(session, entry, by=Actor(claimant.id, operator=True, salt=claimant.salt))
    by = Actor(judge.id, operator=True, salt=judge.salt)
    settle(session, raised, outcome="amend", reason="The minutes say so.", by=by, now=now)
    return raised


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("state", "upheld", (2, "to")),
        ("claim", "nobody", (1, "claim")),
        ("reason", "Other words.", (1, "reason")),
        ("settlement", "Other words.", (2, "reason")),
        ("settlement", "", (2, "reason")),
        ("raised_by_id", 3, (1, "by, reason")),
        ("settled_by_id", 2, (2, "by, reason")),
        ("settled_at", datetime(2026, 1, 1, tzinfo=UTC), (2, "at")),
    ],
)
def test_a_dispute_rewritten_shows(
    site: Database, now: datetime, column: str, value: object, found: tuple[int, str]
) -> None:
    with site.writing() as session:
        public_id = _settled(session, now).public_id
    assert audit("verify") == (0, "history holds\n")
    with site.writing() as session:
        session.execute(sa.update(CreditDispute).values({column: value}))
    code, output = audit("verify")
    assert code == 3
    assert output.splitlines()[0] == (
        f"credit_dispute/{public_id} entry {found[0]}: row_changed "
        f"({WORDS['row_changed']}) [credit_disputes: {found[1]}]"
    )


def test_a_dispute_of_a_person_erased_since_holds(site: Database, now: datetime) -> None:
    with site.writing() as session:
        raised = _settled(session, now)
        erase_person(session, user=raised.raised_by, by=actor_for(raised.raised_by), now=now)
    assert audit("verify") == (0, "history holds\n")


def test_a_dispute_that_is_gone_or_was_never_raised_shows(site: Database, now: datetime) -> None:
    with site.writing() as session:
        raised = _settled(session, now)
        old = raised.public_id
        raised.public_id = "forged"
    code, output = audit("verify")
    assert code == 3
    assert [line.split(" (")[0] for line in output.splitlines()[:-1]] == [
        "credit_dispute/forged entry 1: row_added",
        "credit_dispute/forged entry 2: row_added",
        f"credit_dispute/{old} entry 1: row_missing",
        f"credit_dispute/{old} entry 2: row_missing",
    ]

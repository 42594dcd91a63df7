"""Whoever took part and leaves: nothing of them remains but digests that mean nothing."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collect
from tenon.accounts.services.erasure import erase_person
from tenon.db import Database
from tenon.history import HistoryEntry, proof
from tenon.introductions import queries, services
from tenon.introductions.models import (
    Introduction,
    IntroductionMessage,
    IntroductionNda,
    IntroductionRead,
)
from tenon.outbox.dispatcher import drain
from tests.accounts.test_personal_data import everything
from tests.factories.accounts import actor_for, grant_role, make_user
from tests.introductions.cast import Cast, bring_to, make_cast, take

NAME, ADDRESS = "Zephyrine Quillfeather", "zephyrine@quillfeather.example"
TRACES = ("Zephyrine", "Quillfeather", "zephyrine", "quillfeather")
INVOLVED = ("from_editor", "to_editor", "broker", "proposer", "operator")


def _lived(database: Database, leaver: str, now: datetime) -> tuple[Cast, int]:
    """An introduction from proposal to messages, in which the leaver did all that is theirs."""
    with database.writing() as session:
        cast = make_cast(session)
        person = cast.people[leaver]
        person.name, person.email = NAME, ADDRESS
        it = bring_to(session, cast, "nda", now=now)
        for role in ("from_editor", "to_editor"):
            signatory = f"{NAME}, director" if role == leaver else "授权代表"
            services.confirm_agreement(
                session,
                it,
                signatory=signatory,
                sha256=services.agreement_of(it).sha256,
                confirmed=True,
                by=cast.actor(role),
                now=now,
            )
        operator = cast.actor("operator")
        key = cast.people["operator"].id
        for broker in (key, cast.people["broker"].id):
            services.take_over(session, it, broker_id=broker, by=operator, now=now)
        for role in ("from_editor", "to_editor", "broker"):
            services.write_message(session, it, text=f"来自{role}", by=cast.actor(role), now=now)
        for role in INVOLVED:
            services.mark_read(session, it, by=cast.actor(role), now=now)
    drain(database, now=now)
    return cast, it.id


@pytest.mark.parametrize("leaver", INVOLVED)
def test_nothing_remains_of_who_leaves(database: Database, now: datetime, leaver: str) -> None:
    cast, key = _lived(database, leaver, now)
    with database.writing() as session:
        _second_operator(session)
        person = session.get_one(User, cast.people[leaver].id)
        held = collect(session, person)["introductions"]
        assert held["read_to"]
        assert bool(held["introductions"]) == (leaver != "operator")
        assert bool(held["agreements_confirmed"]) == (leaver in {"from_editor", "to_editor"})
        assert any(trace in everything(session) for trace in TRACES)
        erase_person(session, user=person, by=actor_for(person), now=now)
    drain(database, now=now)
    with database.reading() as session:
        left = everything(session)
        assert [trace for trace in TRACES if trace in left] == []
        assert _rows_of(session, cast.people[leaver].id) == []
        assert list(proof.verify(session)) == []
        it = session.get_one(Introduction, key)
        assert it.state == "connected"
        nda = session.scalars(sa.select(IntroductionNda)).one()
        kept = {"from_editor": nda.from_signatory, "to_editor": nda.to_signatory}
        assert all((signed is None) == (role == leaver) for role, signed in kept.items())
        assert nda.agreed_at is not None
        other = cast.actor("to_editor" if leaver == "from_editor" else "from_editor")
        said, _ = queries.thread(session, it, by=other)
        assert f"来自{leaver}" in [each.message.text for each in said] or leaver in {
            "proposer",
            "operator",
        }
        assert NAME not in [each.author.name for each in said if each.author is not None]


def _second_operator(session: Session) -> None:
    grant_role(session, make_user(session), "operator")


def _rows_of(session: Session, user_id: int) -> list[str]:
    """Return which columns of the room, and of the history, still point to a person."""
    columns = [
        Introduction.from_user_id,
        Introduction.to_user_id,
        Introduction.broker_id,
        Introduction.proposer_id,
        IntroductionMessage.author_id,
        IntroductionRead.user_id,
        IntroductionNda.from_confirmed_by,
        IntroductionNda.to_confirmed_by,
        HistoryEntry.actor_id,
    ]
    return [
        str(column)
        for column in columns
        if session.scalar(sa.select(sa.func.count()).where(column == user_id))
    ]


@pytest.mark.parametrize("state", ["proposed", "checking", "asked", "nda"])
@pytest.mark.parametrize("leaver", ["from_editor", "to_editor", "broker", "proposer"])
def test_an_introduction_goes_on_without_them(
    database: Database, now: datetime, state: str, leaver: str
) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        key = bring_to(session, cast, state, now=now).id
    drain(database, now=now)
    with database.writing() as session:
        person = session.get_one(User, cast.people[leaver].id)
        erase_person(session, user=person, by=actor_for(person), now=now)
    with database.writing() as session:
        it = session.get_one(Introduction, key)
        stand_in = {"broker": "other_broker"}.get(leaver)
        steps = {
            "proposed": [("express", "from_administrator")],
            "checking": [],
            "asked": [("accept", "to_administrator")],
            "nda": [("agree", "from_administrator"), ("agree", "to_administrator")],
        }[state]
        if state == "checking":
            steps = [("pass_on", stand_in or "broker"), ("accept", "to_administrator")]
        for step, role in steps:
            take(session, it, step, by=cast.actor(role), now=now)
    assert drain(database, now=now) > 0

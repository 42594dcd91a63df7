"""The ledger: acts are recorded once, by constraint and by service, and never change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tenon.accounts import personal_data
from tenon.accounts.models import User
from tenon.accounts.services import erase_person
from tenon.actors import SYSTEM, Actor
from tenon.credit.models import CreditConcerned, CreditEntry
from tenon.credit.queries import does_stand, may_read
from tenon.credit.services import Act, record_first_acts
from tenon.credit.services.recording import append
from tenon.db import Database
from tenon.errors import Invalid
from tenon.history import HistoryEntry, proof
from tenon.notices.models import Notice
from tests.factories.accounts import actor_for, make_membership, make_organisation, make_user
from tests.factories.credit import make_dispute, make_entry

THING = ("deal", "deal-1")


def _entries(session: Session) -> list[CreditEntry]:
    return list(session.scalars(sa.select(CreditEntry).order_by(CreditEntry.id)))


def test_an_act_is_a_line_an_entry_of_the_chain_and_a_notice(
    session: Session, now: datetime
) -> None:
    person = make_user(session)
    firm = make_organisation(session)
    entry = make_entry(session, person, organisation_id=firm.id, concerned=[firm.id], now=now)
    told = session.scalars(sa.select(HistoryEntry).filter_by(chain_kind="credit")).one()
    assert (told.chain_id, told.sequence, told.kind, told.at) == ("deal:deal-1", 1, "credit", now)
    assert told.facts["entry"] == entry.public_id
    assert person.name not in str(told.facts)
    assert person.public_id not in str(told.facts)
    assert does_stand(session, entry)
    assert session.scalars(sa.select(Notice.kind)).all() == ["credit_recorded"]
    assert session.scalars(sa.select(CreditConcerned.organisation_id)).all() == [firm.id]


def test_who_does_the_act_oneself_gets_no_notice_of_it(session: Session, now: datetime) -> None:
    person = make_user(session)
    make_entry(session, person, by=actor_for(person), now=now)
    assert session.scalars(sa.select(Notice)).all() == []


def test_the_same_act_twice_changes_nothing(session: Session, now: datetime) -> None:
    person, other = make_user(session), make_user(session)
    first = make_entry(session, person, now=now)
    again = make_entry(session, person, now=now + timedelta(days=1))
    assert again is first
    make_entry(session, person, act="hosted", now=now)
    make_entry(session, other, now=now)
    make_entry(session, person, thing=("deal", "deal-2"), now=now)
    assert len(_entries(session)) == 4
    told = sa.select(sa.func.count()).select_from(HistoryEntry).filter_by(chain_kind="credit")
    assert session.scalar(told) == 4


def test_what_was_struck_is_not_recorded_anew(session: Session, now: datetime) -> None:
    person = make_user(session)
    first = make_entry(session, person, now=now)
    append(
        session,
        thing=THING,
        act="closed",
        person=person,
        organisation_id=None,
        by=SYSTEM,
        now=now,
        replaces=first,
        says="strike",
    )
    assert not does_stand(session, first)
    assert make_entry(session, person, now=now) is first
    assert len(_entries(session)) == 2


def test_the_database_holds_one_standing_line_for_thing_act_and_person(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        person = make_user(session)
        first = make_entry(session, person, now=now)
        names = [column.key for column in CreditEntry.__table__.columns if column.key != "id"]
        values = {name: getattr(first, name) for name in names}
    again = values | {"public_id": "another", "sequence": 2}
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(sa.insert(CreditEntry).values(again))
    with pytest.raises(IntegrityError), database.writing() as session:  # strikes nothing
        session.execute(sa.insert(CreditEntry).values(again | {"says": "strike"}))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credit_entries SET act = 'closed'",
        "UPDATE credit_entries SET user_id = user_id WHERE id = 1",
        "DELETE FROM credit_entries",
        "DELETE FROM credit_entries WHERE id = 1",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_line(
    database: Database, now: datetime, statement: str
) -> None:
    with database.writing() as session:
        make_entry(session, make_user(session), act="hosted", now=now)
    with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
        session.execute(sa.text(statement))
    with database.reading() as session:
        assert [entry.act for entry in _entries(session)] == ["hosted"]


@pytest.mark.parametrize(
    ("thing", "act", "field"),
    [(("deal", "x"), "praised", "act"), (("house", "x"), "closed", "thing")],
)
def test_unknown_acts_and_things_are_refused(
    session: Session, thing: tuple[str, str], act: str, field: str
) -> None:
    with pytest.raises(Invalid) as error:
        make_entry(session, make_user(session), thing=thing, act=act)
    assert error.value.fields == {field: "unknown_code"}


def test_a_thing_whose_id_history_cannot_keep_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="too long"):
        make_entry(session, make_user(session), thing=("introduction", "x" * 32))


def test_first_acts_write_what_single_ones_would(session: Session, now: datetime) -> None:
    person = make_user(session)
    firm = make_organisation(session)
    acts = [Act(("listing", f"l{number}"), firm.id, (firm.id,)) for number in range(1203)]
    by = actor_for(person)
    record_first_acts(session, acts, act="collected", person=person, by=by, now=now)
    entries = _entries(session)
    assert len(entries) == 1203
    single = make_entry(
        session,
        person,
        thing=("listing", "single"),
        act="collected",
        organisation_id=firm.id,
        concerned=[firm.id],
        by=by,
        now=now,
    )
    names = ("says", "act", "user_id", "person_digest", "organisation_id", "generation", "sequence")
    assert {name: getattr(entries[0], name) for name in names} == {
        name: getattr(single, name) for name in names
    }
    assert list(proof.verify(session, salts={person.id: person.salt})) == []
    assert session.scalar(sa.select(sa.func.count()).select_from(CreditConcerned)) == 1204


def test_erasing_a_person_keeps_the_line_and_the_proof(session: Session, now: datetime) -> None:
    person = make_user(session)
    entry = make_entry(session, person, now=now)
    export = proof.take(session, now=now)
    erase_person(session, user=person, by=actor_for(person), now=now)
    session.flush()
    assert _entries(session) == [entry]
    assert (person.name, person.salt) == ("", "")
    assert list(proof.verify(session, export, salts={person.id: None})) == []
    with pytest.raises(Invalid):
        make_entry(session, person, act="hosted", now=now)


def test_who_may_read_a_ledger(session: Session, now: datetime) -> None:
    credited, member, stranger, operator = (make_user(session) for _ in range(4))
    firm, elsewhere = make_organisation(session), make_organisation(session)
    make_membership(session, member, firm, role="member")
    make_membership(session, stranger, elsewhere)
    make_entry(session, credited, concerned=[firm.id], now=now)
    judge = actor_for(operator)
    judge = type(judge)(user_id=operator.id, operator=True)
    readers = {
        user.id: may_read(session, thing=THING, actor=actor_for(user))
        for user in (credited, member, stranger)
    }
    assert readers == {credited.id: True, member.id: True, stranger.id: False}
    assert may_read(session, thing=THING, actor=judge)
    assert not may_read(session, thing=THING, actor=type(judge)())


def test_the_same_act_recorded_by_two_at_once_is_one_line(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        keys = [make_user(session).id for _ in range(2)]
        firm = make_organisation(session).id
    ready = Barrier(4)

    def record(number: int) -> None:
        ready.wait()
        with database.writing() as session:
            person = session.get_one(User, keys[number % 2])
            make_entry(session, person, concerned=[firm], now=now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(record, range(4)))
    with database.reading() as session:
        assert sorted(entry.user_id for entry in _entries(session)) == sorted(keys)
        salts: dict[int, str | None] = dict(session.execute(sa.select(User.id, User.salt)).all())
        assert list(proof.verify(session, salts=salts)) == []


def test_a_person_can_fetch_what_the_ledger_holds_about_them(
    session: Session, now: datetime
) -> None:
    person = make_user(session)
    entry = make_entry(session, person, now=now)
    make_dispute(session, entry, by=Actor(user_id=make_user(session).id, operator=True), now=now)
    make_entry(session, make_user(session), now=now)
    held = personal_data.collect(session, person)["credit"]
    assert [each["id"] for each in held["entries"]] == [entry.public_id]
    assert [(each["claim"], each["raised_by_me"]) for each in held["disputes"]] == [("mine", False)]

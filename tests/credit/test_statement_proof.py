"""Somebody who may write the whole database changes a statement; the audit finds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.services import erase_person
from tenon.credit.statements import services
from tenon.credit.statements.content import hash_of
from tenon.credit.statements.models import CreditStatement
from tenon.db import Database
from tenon.history import HistoryEntry, proof
from tenon.history.services import GENESIS
from tenon.history.services import hash_of as hash_of_entry
from tests.factories.accounts import actor_for, make_user
from tests.factories.credit import NOW, make_entry
from tests.factories.statements import make_statement

DAY = timedelta(days=1)
Forgery = Callable[[Session, CreditStatement], None]


def _without_triggers(session: Session) -> None:
    """Take the triggers away, as the owner of the database may."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("ALTER TABLE credit_statements DISABLE TRIGGER USER"))
    else:
        for name in ("fixed", "kept"):
            session.execute(sa.text(f"DROP TRIGGER credit_statements_{name}"))


def _verify(session: Session, export: proof.Export | None = None) -> list[tuple[str, str]]:
    rows = session.execute(sa.select(User.id, User.salt, User.erased_at))
    salts = {key: salt if erased_at is None else None for key, salt, erased_at in rows}
    found = proof.verify(session, export, salts=salts)
    return [(each.what, each.detail) for each in found if each.chain.startswith("statement/")]


@pytest.fixture
def statement(session: Session) -> CreditStatement:
    """A statement of one person, beside those of another and one that was revoked."""
    person, other = make_user(session), make_user(session)
    for each in (person, other):
        for thing in ("a", "b"):
            make_entry(session, each, thing=("deal", f"{thing}{each.id}"))
    made = make_statement(session, person)
    make_statement(session, other)
    revoked = make_statement(session, other)
    services.revoke(session, revoked, reason="lost", by=actor_for(other), now=NOW)
    _without_triggers(session)
    return made


def _column(**values: object) -> Forgery:
    def forge(session: Session, made: CreditStatement) -> None:
        for name, value in values.items():
            setattr(made, name, value)

    return forge


def _content(session: Session, made: CreditStatement) -> None:
    made.content = {**made.content, "totals": {**made.content["totals"], "closed": 99}}


def _content_and_hash(session: Session, made: CreditStatement) -> None:
    _content(session, made)
    made.content_sha256 = hash_of(made.content)


def _purpose_everywhere_in_the_row(session: Session, made: CreditStatement) -> None:
    made.purpose = "fee"
    made.content = {**made.content, "purpose": "fee"}
    made.content_sha256 = hash_of(made.content)


def _codes_swapped(session: Session, made: CreditStatement) -> None:
    other = session.scalars(
        sa.select(CreditStatement).where(CreditStatement.id != made.id).limit(1)
    ).one()
    mine, theirs = made.code, other.code
    made.code = "swapping"
    session.flush()
    other.code = mine
    session.flush()
    made.code = theirs


def _another_person(session: Session, made: CreditStatement) -> None:
    made.user_id = session.scalars(sa.select(User.id).where(User.id != made.user_id)).first() or 0


def _row_deleted(session: Session, made: CreditStatement) -> None:
    session.delete(made)


def _row_added(session: Session, made: CreditStatement) -> None:
    names = [c.key for c in CreditStatement.__table__.columns if c.key != "id"]
    values = {name: getattr(made, name) for name in names}
    session.add(CreditStatement(**values | {"public_id": "forged", "code": "ACEFHJKMNPRT"}))


def _revocation_taken_back(session: Session, made: CreditStatement) -> None:
    session.execute(sa.update(CreditStatement).values(revoked_at=None, revocation=None))


@pytest.mark.parametrize(
    ("forge", "what", "detail"),
    [
        (_column(name="Somebody Else"), "row_changed", "content"),
        (_column(name=""), "row_changed", "content"),
        (_column(purpose="fee"), "row_changed", "content"),
        (_column(language="en"), "row_changed", "content"),
        (_column(since=NOW.date()), "row_changed", "content"),
        (_column(code="ACEFHJKMNPRT"), "row_changed", "content"),
        (_column(issued_at=NOW - DAY), "row_changed", "at, content"),
        (_column(pdf_sha256="f" * 64), "row_changed", "file"),
        (_column(content_sha256="f" * 64), "row_changed", "content"),
        (_content, "row_changed", "content"),
        (_content_and_hash, "row_changed", "content"),
        (_purpose_everywhere_in_the_row, "row_changed", "content"),
        (_another_person, "row_changed", "content, person"),
        (_column(revoked_at=NOW, revocation="lost"), "row_added", ""),
        (_row_deleted, "row_missing", ""),
        (_row_added, "row_added", ""),
        (_revocation_taken_back, "row_missing", ""),
    ],
)
def test_a_tampered_row_is_found(
    session: Session, statement: CreditStatement, forge: Forgery, what: str, detail: str
) -> None:
    assert _verify(session) == []
    forge(session, statement)
    session.flush()
    expected = f"credit_statements: {detail}" if detail else "credit_statements"
    assert _verify(session) == [(what, expected)]


def test_codes_that_changed_places_are_found(session: Session, statement: CreditStatement) -> None:
    _codes_swapped(session, statement)
    session.flush()
    assert _verify(session) == [("row_changed", "credit_statements: content")] * 2


def test_chain_and_row_rewritten_together_are_found_by_the_exported_heads(
    session: Session, statement: CreditStatement
) -> None:
    key = Ed25519PrivateKey.generate()
    export = proof.read_signed(
        proof.sign(proof.take(session, now=NOW), key=key), key=key.public_key()
    )
    assert _verify(session, export) == []
    _content_and_hash(session, statement)
    entry = session.scalars(
        sa.select(HistoryEntry).filter_by(chain_kind="statement", chain_id=statement.public_id)
    ).one()
    entry.facts = {**entry.facts, "content": statement.content_sha256}
    entry.previous_hash = GENESIS
    entry.hash = hash_of_entry(entry)
    session.flush()
    assert _verify(session) == []  # without the export it fits
    assert _verify(session, export) == [("changed", "")]


def test_erasure_breaks_no_proof_and_a_name_put_back_is_found(
    session: Session, statement: CreditStatement
) -> None:
    person = statement.user
    erase_person(session, user=person, by=actor_for(person), now=NOW + DAY)
    session.expire_all()
    assert _verify(session) == []
    statement.name = "Somebody Else"
    session.flush()
    assert _verify(session) == [("row_changed", "credit_statements: content")]


def test_the_proof_covers_statements_in_every_process(database: Database) -> None:
    from tenon.app import load_tasks
    from tenon.history import witnesses

    load_tasks()
    assert "credit_statements" in witnesses._WITNESSES

"""Statements: what stands in one, who gets one, and that nothing of it changes afterwards."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdf
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.services import erase_person
from tenon.actors import VISITOR
from tenon.credit.models import CreditEntry
from tenon.credit.services import dispute, settle
from tenon.credit.statements import codes, content, permissions, printing, queries, services
from tenon.credit.statements.content import Period
from tenon.credit.statements.models import CreditStatement
from tenon.db import Database
from tenon.errors import Conflict, Invalid, NotFound
from tenon.history import HistoryEntry
from tenon.notices.models import Notice
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.credit import NOW, make_entry
from tests.factories.listings import make_need
from tests.factories.statements import YEAR, make_draft, make_statement
from tests.postgres import PostgresServer

DAY = timedelta(days=1)


def _broker(session: Session) -> User:
    return grant_role(session, make_user(session, name="示例经纪人"), "broker")


def _operator(session: Session) -> User:
    return grant_role(session, make_user(session), "operator")


def test_a_statement_says_what_stands_in_the_period(session: Session) -> None:
    person = _broker(session)
    make_entry(session, person, thing=("deal", "a"), act="closed", now=NOW)
    make_entry(session, person, thing=("deal", "a"), act="introduced", now=NOW - DAY)
    make_entry(session, person, thing=("deal", "b"), act="closed", now=NOW - 2 * DAY)
    make_entry(session, make_user(session), thing=("deal", "c"), now=NOW)
    made = make_statement(session, person)
    said = made.content
    assert [each["act"] for each in said["entries"]] == ["closed", "introduced", "closed"]
    assert [each["day"] for each in said["entries"]] == ["2026-11-20", "2026-11-21", "2026-11-22"]
    assert said["totals"] == {
        "collected": 0, "written": 0, "introduced": 1, "hosted": 0, "closed": 2,
    }  # fmt: skip
    assert (said["asked_by"], said["purpose"], said["disputed"]) == ("person", "reward", 0)
    assert codes.is_code(made.code)
    assert made.content_sha256 == content.hash_of(said)
    assert person.name not in str(said)
    chain = session.scalars(sa.select(HistoryEntry).filter_by(chain_kind="statement")).one()
    assert (chain.chain_id, chain.kind, chain.sequence) == (made.public_id, "issued", 1)
    assert chain.facts["content"] == made.content_sha256
    assert chain.actor_id == person.id


def test_days_are_those_of_the_sites_zone_and_both_ends_count(session: Session) -> None:
    person = make_user(session)
    moments = {
        "before": datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC),  # 23:59:59 on the 1st
        "first": datetime(2026, 3, 1, 16, 0, tzinfo=UTC),  # midnight of the 2nd
        "last": datetime(2026, 3, 3, 15, 59, 59, tzinfo=UTC),  # 23:59:59 on the 3rd
        "after": datetime(2026, 3, 3, 16, 0, tzinfo=UTC),
    }
    for name, moment in moments.items():
        make_entry(session, person, thing=("deal", name), now=moment)
    period = Period(date(2026, 3, 2), date(2026, 3, 3))
    found = content.standing_entries(session, person.id, period)
    assert [each.entry.thing_id for each in found] == ["first", "last"]


def test_the_ledgers_head_and_every_entrys_hash_are_those_of_the_chains(session: Session) -> None:
    person = make_user(session)
    entry = make_entry(session, person, thing=("deal", "a"))
    first = make_draft(session, person).content
    told = session.scalars(sa.select(HistoryEntry).filter_by(chain_kind="credit")).one()
    assert first["entries"][0]["hash"] == told.hash
    assert make_draft(session, person).content["ledger"] == first["ledger"]
    make_entry(session, make_user(session), thing=("deal", "elsewhere"))
    assert make_draft(session, person).content["ledger"] == first["ledger"]
    make_entry(session, make_user(session), thing=(entry.thing_kind, entry.thing_id))
    later = make_draft(session, person).content
    assert later["ledger"] != first["ledger"]
    assert later["entries"][0]["hash"] == told.hash


def test_what_is_disputed_is_marked_and_what_was_struck_is_gone(session: Session) -> None:
    person, other, judge = make_user(session), make_user(session), _operator(session)
    struck = make_entry(session, person, thing=("deal", "a"))
    kept = make_entry(session, person, thing=("deal", "b"))
    for entry in (struck, kept):
        make_entry(session, other, thing=(entry.thing_kind, entry.thing_id), act="hosted")
    first = dispute(session, struck, claim="nobody", reason="Not so.", by=actor_for(other), now=NOW)
    settle(
        session, first, outcome="set_aside", reason="Indeed.", by=actor_for(judge), now=NOW + DAY
    )
    dispute(session, kept, claim="mine", reason="It was me.", by=actor_for(other), now=NOW)
    said = make_draft(session, person).content
    assert [(each["id"], each["disputed"]) for each in said["entries"]] == [(kept.public_id, True)]
    assert said["disputed"] == 1


@pytest.mark.parametrize("outcome", ["amend", "share"])
def test_credit_given_by_a_settlement_counts_on_the_day_of_the_act(
    session: Session, outcome: str
) -> None:
    person, claimant, judge = make_user(session), make_user(session), _operator(session)
    done = NOW - 300 * DAY  # in January
    entry = make_entry(session, person, now=done)
    make_entry(session, claimant, act="hosted", now=NOW)
    raised = dispute(session, entry, claim="mine", reason="Me.", by=actor_for(claimant), now=NOW)
    settle(session, raised, outcome=outcome, reason="Yes.", by=actor_for(judge), now=NOW)
    january = Period(date(2026, 1, 1), date(2026, 1, 31))
    said = make_draft(session, claimant, period=january).content
    assert [(each["day"], each["settled"]) for each in said["entries"]] == [("2026-01-26", True)]
    still = content.standing_entries(session, person.id, january)
    assert len(still) == (0 if outcome == "amend" else 1)


def test_only_public_titles_appear_and_no_anonymous_firm_through_its_people(
    session: Session,
) -> None:
    firm, elsewhere = make_organisation(session, kind="enterprise"), make_organisation(session)
    author, broker, leaver = make_user(session), _broker(session), make_user(session)
    make_membership(session, author, firm)
    make_membership(session, leaver, firm, state="ended")
    needs = {
        "open": make_need(session, organisation=firm, state="published", title="公开的需求"),
        "hidden": make_need(
            session, organisation=firm, state="published", anonymous=True, title="匿名的需求"
        ),
        "draft": make_need(session, organisation=firm, title="还没有公开"),
    }
    people = ((author, firm.id), (broker, elsewhere.id), (leaver, elsewhere.id))
    for person, whose in people:
        for need in needs.values():
            make_entry(
                session, person, thing=("listing", need.public_id), act="collected",
                organisation_id=whose,
            )  # fmt: skip
        make_entry(session, person, thing=("introduction", "intro-1"), act="introduced")

    def titles(person: User) -> list[str | None]:
        said = make_draft(session, person).content
        whole = str(said)
        assert str(firm.name_zh) not in whole
        assert all(need.public_id not in whole for need in needs.values())
        return [each["title"] and each["title"]["zh"] for each in said["entries"]]

    assert titles(author) == ["公开的需求", None, None, None]
    assert titles(leaver) == ["公开的需求", None, None, None]
    assert titles(broker) == ["公开的需求", "匿名的需求", None, None]


def test_only_the_person_and_operators_may_have_one(session: Session) -> None:
    person, stranger, operator = make_user(session), _broker(session), _operator(session)
    make_entry(session, person)
    for actor in (actor_for(stranger), VISITOR):
        with pytest.raises(NotFound):
            make_draft(session, person, by=actor)
    made = make_statement(session, person, by=actor_for(operator))
    assert made.content["asked_by"] == "operator"
    assert "statement_issued" in session.scalars(sa.select(Notice.kind)).all()
    assert permissions.may_see(actor_for(person), made)
    assert permissions.may_see(actor_for(operator), made)
    for actor in (actor_for(stranger), VISITOR):
        with pytest.raises(NotFound):
            queries.find(session, made.public_id, by=actor)
        with pytest.raises(NotFound):
            services.revoke(session, made, reason="wrong", by=actor, now=NOW)


@pytest.mark.parametrize(
    ("period", "purpose", "language", "fields"),
    [
        (Period(date(2026, 2, 2), date(2026, 2, 1)), "fee", "zh", {"until": "period_out_of_order"}),
        (Period(date(2026, 2, 2), date(2026, 11, 23)), "fee", "zh", {"until": "in_the_future"}),
        (YEAR, "fun", "zh", {"purpose": "unknown_code"}),
        (YEAR, "fee", "fr", {"language": "unknown_code"}),
        (Period(date(2026, 2, 1), date(2026, 2, 2)), "fee", "zh", {"": "no_entries"}),
    ],
)
def test_what_cannot_be_asked_for(
    session: Session, period: Period, purpose: str, language: str, fields: dict[str, str]
) -> None:
    person = make_user(session)
    make_entry(session, person)
    with pytest.raises(Invalid) as caught:
        make_draft(session, person, period=period, purpose=purpose, language=language)
    assert caught.value.fields == fields


def test_the_zone_is_the_sites_and_stays_with_the_statement(session: Session) -> None:
    person = make_user(session)
    late = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # the 2nd in Shanghai, the 1st in Lima
    make_entry(session, person, now=late)
    day = date(2026, 3, 1)
    lima = Period(day, day, ZoneInfo("America/Lima"))
    made = make_statement(session, person, period=lima)
    assert (made.content["zone"], made.content["entries"][0]["day"]) == (
        lima.zone.key,
        "2026-03-01",
    )
    found = queries.check(session, made.code)
    assert found is not None
    assert found.changed == 0
    with pytest.raises(Invalid):
        make_draft(session, person, period=Period(day, day))


def test_a_person_without_a_name_is_asked_for_one(session: Session) -> None:
    person = make_user(session, name=" ")
    make_entry(session, person)
    with pytest.raises(Invalid) as caught:
        make_draft(session, person)
    assert caught.value.fields == {"": "no_name"}


def test_a_name_is_shown_as_it_is_typed(session: Session) -> None:
    person = make_user(session, name='<img src="http://127.0.0.1:9/x.png"> & Söhne')
    make_entry(session, person)
    draft = make_draft(session, person, language="en")
    read = pypdf.PdfReader(io.BytesIO(printing.print_statement(draft.content, draft.name)))
    shown = read.pages[0].extract_text()
    assert "".join(person.name.split()) in "".join(shown.split())  # wherever the line breaks


@pytest.mark.postgres
def test_an_erasure_at_the_same_moment_leaves_no_name(postgres: PostgresServer) -> None:
    """The statement waits for the erasure that has begun, and is then refused."""
    name = postgres.clone()
    with Database(postgres.address(name)) as database:
        with database.writing() as session:
            person = make_user(session)
            make_entry(session, person)
            draft = make_draft(session, person)
        erasing, issuing = database.writer(), database.writer()
        leaver = erasing.get_one(User, person.id)
        erase_person(erasing, user=leaver, by=actor_for(leaver), now=NOW)
        with ThreadPoolExecutor(1) as pool:
            issued = pool.submit(
                services.issue, issuing, draft, pdf_sha256="0" * 64, by=actor_for(person), now=NOW
            )
            with pytest.raises(TimeoutError):
                issued.result(timeout=0.5)
            erasing.commit()
            with pytest.raises(NotFound):
                issued.result(timeout=30)
        issuing.close()
        erasing.close()
    postgres.drop(name)


def test_too_many_entries_are_refused(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_ENTRIES", 2)
    person = make_user(session)
    for number in range(3):
        make_entry(session, person, thing=("deal", f"d{number}"))
    with pytest.raises(Invalid) as caught:
        make_draft(session, person)
    assert caught.value.fields == {"": "too_many_entries"}


def test_a_statement_can_be_revoked_once_and_for_good(session: Session) -> None:
    person, operator = make_user(session), _operator(session)
    make_entry(session, person)
    made = make_statement(session, person)
    with pytest.raises(Invalid):
        services.revoke(session, made, reason="whim", by=actor_for(person), now=NOW)
    services.revoke(session, made, reason="wrong", by=actor_for(operator), now=NOW + DAY)
    assert (made.revoked_at, made.revocation) == (NOW + DAY, "wrong")
    with pytest.raises(Conflict):
        services.revoke(session, made, reason="lost", by=actor_for(person), now=NOW + DAY)
    kinds = session.scalars(
        sa.select(HistoryEntry.kind)
        .filter_by(chain_kind="statement")
        .order_by(HistoryEntry.sequence)
    ).all()
    assert kinds == ["issued", "revoked"]
    assert "statement_revoked" in session.scalars(sa.select(Notice.kind)).all()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credit_statements SET code = 'AAAAAAAAAAAA'",
        "UPDATE credit_statements SET user_id = user_id + 1",
        "UPDATE credit_statements SET purpose = 'fee'",
        "UPDATE credit_statements SET since = '2020-01-01'",
        "UPDATE credit_statements SET content = '{}'",
        "UPDATE credit_statements SET content_sha256 = 'x'",
        "UPDATE credit_statements SET pdf_sha256 = 'x'",
        "UPDATE credit_statements SET issued_at = revoked_at",
        "UPDATE credit_statements SET name = 'Somebody Else'",
        "UPDATE credit_statements SET revoked_at = NULL, revocation = NULL",
        "UPDATE credit_statements SET revocation = 'lost'",
        "DELETE FROM credit_statements",
    ],
)
def test_the_database_refuses_every_other_change(database: Database, statement: str) -> None:
    with database.writing() as session:
        person = make_user(session)
        make_entry(session, person)
        made = make_statement(session, person)
        services.revoke(session, made, reason="wrong", by=actor_for(person), now=NOW + DAY)
    with pytest.raises(DBAPIError, match="by being revoked"), database.writing() as session:
        session.execute(sa.text(statement))
    with database.reading() as session:
        (row,) = session.scalars(sa.select(CreditStatement)).all()
        assert (row.code, row.name, row.revocation) == (made.code, made.name, "wrong")


def test_the_check_says_what_changed_since(session: Session) -> None:
    person, other, judge = make_user(session), make_user(session), _operator(session)
    first = make_entry(session, person, thing=("deal", "a"))
    make_entry(session, other, thing=("deal", "a"), act="hosted")
    made = make_statement(session, person)

    def now() -> tuple[int, int]:
        found = queries.check(session, codes.written(made.code).lower())
        assert found is not None
        return found.changed, found.disputed

    assert now() == (0, 0)
    raised = dispute(session, first, claim="mine", reason="Me.", by=actor_for(other), now=NOW)
    assert now() == (0, 1)
    settle(session, raised, outcome="amend", reason="Yes.", by=actor_for(judge), now=NOW)
    assert now() == (1, 0)
    make_entry(session, person, thing=("deal", "b"))
    assert now() == (2, 0)
    make_entry(session, person, thing=("deal", "c"), now=NOW + 40 * DAY)  # another period
    assert now() == (2, 0)
    assert queries.check(session, "not-a-code") is None


def test_a_lost_file_is_made_again_if_it_comes_out_the_same(
    session: Session, tmp_path: Path
) -> None:
    person = make_user(session)
    make_entry(session, person)
    folder = tmp_path / "files"
    made = make_statement(session, person, folder=folder)
    given_out = services.file_of(made, folder=folder)
    (kept,) = [path for path in folder.rglob("*") if path.is_file()]
    kept.write_bytes(given_out[:-1])  # harmed
    assert services.file_of(made, folder=folder) == given_out
    assert kept.read_bytes() == given_out
    kept.unlink()
    session.expunge(made)
    made.name = "Somebody Else"  # as if the fonts had changed: it comes out otherwise
    with pytest.raises(Conflict, match="statement_file_gone"):
        services.file_of(made, folder=folder)


def test_erasure_takes_the_name_and_leaves_what_can_be_checked(session: Session) -> None:
    person = make_user(session, name="Xanthippe Nonesuch")
    make_entry(session, person)
    made = make_statement(session, person)
    before = (made.content_sha256, made.pdf_sha256)
    erase_person(session, user=person, by=actor_for(person), now=NOW + DAY)
    session.expire_all()
    found = queries.check(session, made.code)
    assert found is not None
    assert (found.name, found.totals["closed"]) == ("", 1)
    assert (found.statement.content_sha256, found.statement.pdf_sha256) == before
    assert content.hash_of(found.statement.content) == before[0]
    entry = session.scalars(sa.select(CreditEntry)).one()
    assert entry.user_id == person.id
    with pytest.raises(NotFound):
        make_draft(session, person, by=actor_for(_operator(session)))

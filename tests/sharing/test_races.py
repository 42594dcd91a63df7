"""Two people act at once on one distribution; what people are told; who is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts import personal_data
from tenon.accounts.models import User
from tenon.db import Database
from tenon.documents import keeping
from tenon.errors import DomainError
from tenon.ledger.models import LedgerJournal
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tenon.sharing import services
from tenon.sharing.models import Distribution, IncomeShare
from tests.factories.listings import NOW
from tests.factories.sharing import (
    RECEIPT,
    Sharing,
    confirm_all,
    make_distribution,
    make_income,
    make_sharing,
)

AFTER = NOW + timedelta(days=16)
Act = Callable[[Session, Distribution], object]


@pytest.fixture
def scene(database: Database) -> tuple[Sharing, int]:
    with database.writing() as session:
        sharing = make_sharing(session)
        make_income(session, sharing.deal, 100_000_000)
        return sharing, make_distribution(session, sharing).id


def together(database: Database, key: int, acts: list[Act]) -> list[DomainError | None]:
    """Do two things at once; on PostgreSQL both have read before either writes."""
    both_read = threading.Barrier(len(acts))
    early = database.engine.dialect.name == "sqlite"

    def act(doing: Act) -> DomainError | None:
        try:
            if early:
                both_read.wait(timeout=30)
            with database.writing() as session:
                made = session.get_one(Distribution, key)
                _ = made.shares, made.deal
                if not early:
                    both_read.wait(timeout=30)
                doing(session, made)
        except DomainError as error:
            return error
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def test_two_contributors_confirm_at_once(
    database: Database, scene: tuple[Sharing, int], tmp_path: Path
) -> None:
    sharing, key = scene
    with database.writing() as session:
        made = session.get_one(Distribution, key)
        services.propose(session, made, by=sharing.actor("editor"), now=NOW)
        services.confirm_by_paper(
            session,
            made,
            made.shares[2].public_id,
            paper=services.Receipt(name="p.pdf", content=b"%PDF-1.7"),
            folder=tmp_path,
            by=sharing.actor("head"),
            now=NOW,
        )
    acts: list[Act] = [
        lambda session, it, who=who: services.confirm(  # type: ignore[misc]  # bound by its default
            session, it, by=sharing.actor(who), now=NOW
        )
        for who in ("first", "second")
    ]
    assert together(database, key, acts) == [None, None]
    with database.reading() as session:
        made = session.get_one(Distribution, key)
        assert made.state == "confirmed"
        assert {each.state for each in made.shares} == {"confirmed"}


def test_two_administrators_approve_at_once(
    database: Database, scene: tuple[Sharing, int], tmp_path: Path
) -> None:
    sharing, key = scene
    with database.writing() as session:
        made = session.get_one(Distribution, key)
        confirm_all(session, sharing, made, tmp_path)
        services.publicise(session, made, by=sharing.actor("head"), now=NOW)
    head = sharing.actor("head")
    acts: list[Act] = [lambda session, it: services.approve(session, it, by=head, now=AFTER)] * 2
    outcomes = together(database, key, acts)
    assert sum(each is None for each in outcomes) == 1
    with database.reading() as session:
        booked = session.scalar(
            sa.select(sa.func.count())
            .select_from(LedgerJournal)
            .where(LedgerJournal.what == "share_approved")
        )
        assert booked == 1


def test_contributors_are_told_and_the_firm_is_not(
    database: Database, scene: tuple[Sharing, int]
) -> None:
    sharing, key = scene
    with database.writing() as session:
        made = session.get_one(Distribution, key)
        services.propose(session, made, by=sharing.actor("editor"), now=NOW)
    drain(database, now=NOW)
    with database.writing() as session:
        made = session.get_one(Distribution, key)
        services.dispute(session, made, words="不对", by=sharing.actor("first"), now=NOW)
    drain(database, now=NOW)
    with database.reading() as session:
        about = Notice.kind.startswith("share_")
        rows = session.execute(sa.select(Notice.user_id, Notice.kind).where(about)).all()
        told = {(user_id, kind) for user_id, kind in rows}
    people = sharing.people
    assert told == {
        (people["first"].id, "share_propose"),
        (people["second"].id, "share_propose"),
        (people["editor"].id, "share_dispute"),
    }


def test_a_person_takes_the_own_shares_along_and_is_forgotten(
    database: Database, scene: tuple[Sharing, int], tmp_path: Path
) -> None:
    sharing, key = scene
    with database.writing() as session:
        made = session.get_one(Distribution, key)
        confirm_all(session, sharing, made, tmp_path)
    with database.writing() as session:
        user = session.get_one(User, sharing.people["first"].id)
        (share,) = personal_data.collect(session, user)["sharing"]["shares"]
        assert (share["percent"], share["minor"]) == ("50.0000", 35_000_000)
        personal_data.erase(session, user, NOW)
    with database.reading() as session:
        made = session.get_one(Distribution, key)
        assert made.shares[0].user_id is None
        assert made.shares[0].name == ""
        assert [each.minor for each in made.shares] == [35_000_000, 21_000_000, 14_000_000]
        left = session.scalars(
            sa.select(IncomeShare).where(IncomeShare.user_id == sharing.people["first"].id)
        ).all()
        assert left == []


def test_a_receipt_goes_with_the_last_cost_that_has_it(
    database: Database, scene: tuple[Sharing, int], tmp_path: Path
) -> None:
    sharing, key = scene
    by: dict[str, Any] = {"by": sharing.actor("editor"), "now": NOW}
    with database.writing() as session:
        made = session.get_one(Distribution, key)
        for _number in range(2):
            cost = services.add_cost(
                session,
                made,
                kind="travel",
                minor=100,
                note="",
                receipt=RECEIPT,
                folder=tmp_path,
                **by,
            )
        path = keeping.place(tmp_path, cost.receipt_sha256)
    for left in (True, False):
        with database.writing() as session:
            made = session.get_one(Distribution, key)
            item = made.costs[0].public_id
            services.drop_cost(session, made, item, folder=tmp_path, **by)
        drain(database, now=NOW)
        assert path.exists() is left

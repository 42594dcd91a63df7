"""What the listings room records: who collected and who wrote, once, as it happens."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.services import erase_person
from tenon.actors import Actor
from tenon.credit.models import CreditConcerned, CreditEntry
from tenon.credit.services import dispute, settle
from tenon.db import Database
from tenon.history import proof
from tenon.listings import services
from tenon.listings.importing.intake import Intake, member_source
from tenon.listings.models import Listing
from tenon.listings.rubric import Scores
from tests.factories.accounts import actor_for, make_membership, make_organisation, make_user
from tests.imports import samples
from tests.listings.people import People, make_people
from tests.listings.writing import achievement, need

LATER = timedelta(days=3)


@pytest.fixture
def crowd(session: Session) -> People:
    return make_people(session)


def _need(session: Session, people: People, now: datetime) -> Listing:
    by = people.actor("engineer")
    return services.create(session, side="need", content=need(), by=by, now=now)


def _publish(session: Session, listing: Listing, by: Actor, now: datetime) -> None:
    services.review(
        session,
        listing,
        scores=Scores(4, 3, 4, 3),
        outcome="publish",
        remarks="",
        by=by,
        now=now,
        listing_days=365,
    )


def _ledger(session: Session, listing: Listing) -> list[tuple[str, int]]:
    rows = session.execute(
        sa.select(CreditEntry.act, CreditEntry.user_id)
        .where(CreditEntry.thing_id == listing.public_id)
        .order_by(CreditEntry.sequence)
    )
    return [(act, user_id) for act, user_id in rows]


def test_a_draft_earns_nothing_a_submission_credits_the_author(
    session: Session, crowd: People, now: datetime
) -> None:
    listing = _need(session, crowd, now)
    assert _ledger(session, listing) == []
    services.submit(session, listing, by=crowd.actor("engineer"), now=now)
    assert _ledger(session, listing) == [("collected", crowd.engineer.id)]
    entry = session.scalars(sa.select(CreditEntry)).one()
    assert entry.organisation_id == crowd.firm.id
    assert session.scalars(sa.select(CreditConcerned.organisation_id)).all() == [crowd.firm.id]


def test_an_achievement_counts_as_collected_once_its_institution_lets_it_out(
    session: Session, crowd: People, now: datetime
) -> None:
    by = crowd.actor("researcher")
    listing = services.create(session, side="achievement", content=achievement(), by=by, now=now)
    services.submit(session, listing, by=by, now=now)  # to the institution
    assert _ledger(session, listing) == []
    services.approve(session, listing, by=crowd.actor("administrator"), now=now)
    assert _ledger(session, listing) == [("collected", crowd.researcher.id)]


def test_whoever_wrote_a_version_is_credited_on_publication_and_on_the_look_at_an_edit(
    session: Session, crowd: People, now: datetime
) -> None:
    colleague, third = make_user(session), make_user(session)
    for user in (colleague, third):
        make_membership(session, user, crowd.firm, "editor")
    listing = _need(session, crowd, now)

    def edit(user: User, title: str) -> None:
        by = Actor(user.id, crowd.firm.id, {crowd.firm.id: "editor"}, salt=user.salt)
        services.edit(session, listing, content=need(title=title), by=by, now=now)

    edit(colleague, "求高温管道测温办法，二")
    services.submit(session, listing, by=crowd.actor("engineer"), now=now)
    _publish(session, listing, crowd.actor("broker"), now)
    first = [
        ("collected", crowd.engineer.id),
        ("written", crowd.engineer.id),
        ("written", colleague.id),
    ]
    assert _ledger(session, listing) == first
    edit(third, "求高温管道测温办法，三")
    assert _ledger(session, listing) == first
    _publish(session, listing, crowd.actor("broker"), now + LATER)
    assert _ledger(session, listing) == [*first, ("written", third.id)]


def test_coming_round_again_adds_nothing(session: Session, crowd: People, now: datetime) -> None:
    listing = _need(session, crowd, now)
    engineer, broker = crowd.actor("engineer"), crowd.actor("broker")
    for _ in range(2):
        services.submit(session, listing, by=engineer, now=now)
        _publish(session, listing, broker, now)
        services.withdraw(session, listing, by=engineer, now=now)
        services.reopen(session, listing, by=engineer, now=now)
    assert len(_ledger(session, listing)) == 2


def test_what_a_dispute_moved_is_not_moved_back_by_another_submission(
    session: Session, crowd: People, now: datetime
) -> None:
    listing = _need(session, crowd, now)
    engineer, broker = crowd.actor("engineer"), crowd.actor("broker")
    colleague = make_user(session)
    make_membership(session, colleague, crowd.firm, "editor")
    other = Actor(colleague.id, crowd.firm.id, {crowd.firm.id: "editor"}, salt=colleague.salt)
    services.submit(session, listing, by=engineer, now=now)
    entry = session.scalars(sa.select(CreditEntry)).one()
    raised = dispute(session, entry, claim="mine", reason="I did.", by=other, now=now)
    judge = crowd.actor("operator")
    settle(session, raised, outcome="amend", reason="Indeed.", by=judge, now=now)
    before = _ledger(session, listing)
    _publish(session, listing, broker, now)
    services.withdraw(session, listing, by=engineer, now=now)
    services.reopen(session, listing, by=engineer, now=now)
    services.submit(session, listing, by=engineer, now=now)
    collected = [each for each in _ledger(session, listing) if each[0] == "collected"]
    assert collected == before == [("collected", crowd.engineer.id), ("collected", colleague.id)]


def test_an_author_who_left_earns_nothing(session: Session, crowd: People, now: datetime) -> None:
    listing = _need(session, crowd, now)
    colleague = make_user(session)
    make_membership(session, colleague, crowd.firm)
    session.flush()
    erase_person(session, user=crowd.engineer, by=crowd.actor("engineer"), now=now)
    by = Actor(colleague.id, crowd.firm.id, {crowd.firm.id: "administrator"}, salt=colleague.salt)
    services.submit(session, listing, by=by, now=now)
    _publish(session, listing, crowd.actor("broker"), now)
    assert _ledger(session, listing) == []


def test_an_import_credits_the_importer_with_collecting_and_nobody_with_the_words(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        owner, user, broker = make_organisation(session), make_user(session), make_user(session)
        make_membership(session, user, owner, "administrator")
        by, source, key = actor_for(user), member_source(owner), owner.id
        judge = Actor(broker.id, broker=True, salt=broker.salt)
    intake = Intake(by=by, now=samples.NOW, publish=False, organisation_id=key, own_only=True)
    row = {
        name: value
        for name, value in samples.ACHIEVEMENT.items()
        if name not in {"organisation", "contributors"}
    }
    words = {"summary": "在200℃以上的管道外壁连续测温，误差小于0.5℃，不停产即可更换。"}
    rows = [row | words | {"external_id": f"A{number}"} for number in range(3)]
    file = samples.written(tmp_path / "a.jsonl", rows)
    samples.take(database, file, intake=intake, source=source)
    samples.take(database, file, intake=intake, source=source)  # the same again
    with database.writing() as session:
        assert [
            (entry.act, entry.user_id) for entry in session.scalars(sa.select(CreditEntry))
        ] == [("collected", user.id)] * 3
        salts: dict[int, str | None] = dict(session.execute(sa.select(User.id, User.salt)).all())
        assert list(proof.verify(session, salts=salts)) == []
        listing = session.scalars(sa.select(Listing).limit(1)).one()
        services.submit(session, listing, by=by, now=samples.NOW)
        _publish(session, listing, judge, samples.NOW)
        assert _ledger(session, listing) == [("collected", user.id)]
        changed = achievement(title="改过的题目")
        services.edit(session, listing, content=changed, by=by, now=samples.NOW)
        _publish(session, listing, judge, samples.NOW)
        assert _ledger(session, listing) == [("collected", user.id), ("written", user.id)]


def test_an_import_by_the_site_itself_credits_nobody(database: Database, tmp_path: Path) -> None:
    samples.take_parties(database, tmp_path)
    samples.take(database, samples.written(tmp_path / "a.jsonl", [samples.ACHIEVEMENT]))
    with database.reading() as session:
        assert session.scalars(sa.select(CreditEntry)).all() == []

"""What follows from a step: notices, the index, the clock's sweep; and personal data."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.personal_data import collect, erase
from tenon.listings import services, tasks
from tenon.listings.models import HeldText, ListingContributor, ListingVersion
from tenon.notices.models import Notice
from tenon.outbox.models import OutboxMessage
from tests.factories.listings import make_achievement, make_expert, make_need
from tests.listings.people import make_people
from tests.listings.writing import achievement


@pytest.fixture(autouse=True)
def _own_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("TENON_VAR", str(tmp_path_factory.mktemp("var")))


def _notices(session: Session) -> list[tuple[int, str, str]]:
    found = session.scalars(sa.select(Notice).order_by(Notice.id))
    return [(notice.user_id, notice.kind, notice.path) for notice in found]


def _changed(session: Session) -> list[object]:
    topic = OutboxMessage.topic == "listings.changed"
    return [row.payload for row in session.scalars(sa.select(OutboxMessage).where(topic))]


@pytest.mark.parametrize(
    ("change", "before", "after", "kind", "page", "announced"),
    [
        ("publish", "in_review", "published", "listing_publish", "", True),
        ("return", "in_review", "returned", "listing_return", "", False),
        ("hold", "published", "on_hold", "listing_hold", "", True),
        ("reject", "in_review", "rejected", "listing_reject", "", False),
        ("expire", "in_matching", "expired", "listing_expire", "/renew", True),
        ("approve", "draft", "approved", "listing_approve", "", False),
    ],
)
def test_moved_tells_the_author_and_the_index(
    session: Session,
    now: datetime,
    change: str,
    before: str,
    after: str,
    kind: str,
    page: str,
    announced: bool,
) -> None:
    people = make_people(session)
    listing = make_achievement(
        session, organisation=people.university, author=people.researcher, state=after
    )
    payload = {"id": listing.id, "change": change, "from": before, "to": after}
    tasks.listing_moved(session, payload, now)
    path = f"/listings/{listing.public_id}{page}"
    assert _notices(session) == [(people.researcher.id, kind, path)]
    assert _changed(session) == ([{"ids": [listing.id]}] if announced else [])


def test_moved_tells_the_broker_of_a_revision_and_administrators_without_author(
    session: Session, now: datetime
) -> None:
    people = make_people(session)
    listing = make_achievement(
        session, organisation=people.university, state="in_review", broker_id=people.broker.id
    )
    base = {"id": listing.id, "from": "returned", "to": "in_review"}
    tasks.listing_moved(session, base | {"change": "submit"}, now)
    tasks.listing_moved(session, base | {"change": "publish", "to": "published"}, now)
    path = f"/listings/{listing.public_id}"
    assert _notices(session) == [
        (people.broker.id, "listing_resubmitted", f"{path}/review"),
        (people.administrator.id, "listing_publish", path),
    ]


def test_moved_of_what_is_gone_does_nothing(session: Session, now: datetime) -> None:
    payload = {"id": 10**9, "change": "publish", "from": "in_review", "to": "published"}
    tasks.listing_moved(session, payload, now)
    assert _notices(session) == []


def test_handing_in_tells_administrators(session: Session, now: datetime) -> None:
    people = make_people(session)
    by = people.actor("researcher")
    listing = services.create(session, side="achievement", content=achievement(), by=by, now=now)
    services.submit(session, listing, by=by, now=now)
    path = f"/listings/{listing.public_id}"
    assert _notices(session) == [(people.administrator.id, "listing_handed_in", path)]


def test_sweep_expires_reminds_forgets_and_goes_on(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = make_people(session)
    own = {"organisation": people.firm, "author": people.engineer, "state": "published"}
    over = make_need(session, expires_at=now, **own)  # type: ignore[arg-type]  # mixed keywords
    soon = make_need(session, expires_at=now + timedelta(days=2), **own)  # type: ignore[arg-type]  # mixed keywords
    session.add(HeldText(side="need", text="x", at=now - timedelta(days=2)))
    tasks.sweep(session, {}, now)
    session.flush()
    assert (over.state, soon.reminded_at) == ("expired", now)
    assert session.scalars(sa.select(HeldText)).all() == []
    reminder = (people.engineer.id, "listing_expires_soon", f"/listings/{soon.public_id}/renew")
    assert _notices(session) == [reminder]
    again = OutboxMessage.topic == "listings.expire"
    assert session.scalars(sa.select(OutboxMessage).where(again)).all() == []
    monkeypatch.setattr(tasks, "SWEEP", 0)
    tasks.sweep(session, {}, now)
    assert len(session.scalars(sa.select(OutboxMessage).where(again)).all()) == 1


def test_erasure_takes_the_person_off_and_keeps_the_listing(
    session: Session, now: datetime
) -> None:
    people = make_people(session)
    by = people.actor("researcher")
    expert = make_expert(
        session, organisation=people.university, user=people.researcher, name_zh="云舒"
    )
    listing = services.create(
        session,
        side="achievement",
        content=achievement(contributors=("云舒", "林未")),
        by=by,
        now=now,
    )
    held = collect(session, people.researcher)["listings"]
    assert held["expert_page"][0]["name_zh"] == "云舒"
    assert [each["id"] for each in held["listings_written"]] == [listing.public_id]
    erase(session, people.researcher, now)
    session.expire_all()
    names = session.scalars(sa.select(ListingContributor.name)).all()
    version = session.scalars(sa.select(ListingVersion)).one()
    assert sorted(names) == ["—", "林未"]
    assert version.content["contributors"] == ["—", "林未"]
    assert (listing.author_id, version.author_id) == (None, None)
    assert collect(session, people.researcher)["listings"]["expert_page"] == []
    assert expert.public_id not in str(collect(session, people.researcher)["listings"])

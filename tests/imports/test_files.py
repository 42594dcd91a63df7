"""Files into the database: everything a row says, all rows or none, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.run import Counts
from tenon.accounts.models import Organisation
from tenon.db import Database
from tenon.history.models import HistoryEntry
from tenon.history.proof import verify
from tenon.listings.importing.intake import Intake, member_source
from tenon.listings.models import Expert, Listing, ListingVersion
from tenon.listings.services.versions import content_of, snapshot
from tenon.outbox.models import OutboxMessage
from tests.factories.accounts import (
    actor_for,
    make_membership,
    make_organisation,
    make_user,
)
from tests.imports.samples import (
    ACHIEVEMENT,
    NEED,
    NOW,
    OPERATOR,
    ORGANISATIONS,
    PEOPLE,
    check,
    take,
    take_parties,
    written,
)


def count(database: Database, table: type[object]) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_organisations_enter_as_approved_with_their_codes(
    database: Database, tmp_path: Path
) -> None:
    report = take(database, written(tmp_path / "o.jsonl", ORGANISATIONS))
    assert report.main == Counts(read=2, created=2)
    with database.reading() as session:
        first, second = session.scalars(sa.select(Organisation).order_by(Organisation.external_id))
        assert (first.state, first.kind, first.region, first.country) == (
            "approved", "university", "420100", "CN",
        )  # fmt: skip
        assert (second.name_zh, second.name_en, second.country) == (None, "Example Works", "US")


def test_people_enter_as_public_experts(database: Database, tmp_path: Path) -> None:
    take_parties(database, tmp_path)
    with database.reading() as session:
        first, second = session.scalars(sa.select(Expert).order_by(Expert.external_id))
        assert first.organisation is not None
        assert first.organisation.name_zh == "示例大学"
        assert [(row.scheme, row.code) for row in first.fields] == [("hitech", "1")]
        assert (second.published, second.languages) == (True, ["zh", "en"])
        told = session.scalars(
            sa.select(OutboxMessage.payload).where(OutboxMessage.topic == "experts.changed")
        ).all()
        assert told == [{"ids": [first.id, second.id]}]


def test_achievement_keeps_everything_its_row_says(database: Database, tmp_path: Path) -> None:
    take_parties(database, tmp_path)
    take(database, written(tmp_path / "a.jsonl", [ACHIEVEMENT]))
    with database.reading() as session:
        listing = session.scalars(sa.select(Listing)).one()
        assert (listing.side, listing.state, listing.reviewed_version) == (
            "achievement", "published", 1,
        )  # fmt: skip
        assert listing.published_at == NOW
        assert (listing.first_handed_in_at, listing.first_published_at) == (NOW, NOW)
        assert listing.expires_at == NOW + timedelta(days=365)
        assert listing.organisation.external_id == "O1"
        content = content_of(listing)
        assert content.words.title == "光纤测温装置"
        assert content.translation is not None
        assert content.translation.summary == "Measures above 200 °C."
        assert content.fields == (("gbt4754", "40"), ("hitech", "1"), ("ipc", "G01"))
        assert content.deal_forms == ("assignment",)
        assert (content.money_kind, content.money_low, content.money_high, content.currency) == (
            "range", 30_000_000, 50_000_000, "CNY",
        )  # fmt: skip
        assert content.contributors == ("云舒", "Wei Lan")
        assert all(row.expert_id for row in listing.contributors)
        assert [(r.number, r.kind, r.status) for r in listing.ip_rights] == [
            ("ZL20201", "invention", "granted")
        ]
        assert content.details == {"nda": "配方"}
        kept = session.scalars(sa.select(ListingVersion)).one()
        wanted = snapshot(listing)
        wanted["rights"][0][1] = kept.content["rights"][0][1]  # the version keeps it as written
        assert (kept.number, kept.content) == (1, wanted)


def test_need_is_understood_as_if_typed(database: Database, tmp_path: Path) -> None:
    take_parties(database, tmp_path)
    take(database, written(tmp_path / "n.jsonl", [NEED]))
    with database.reading() as session:
        listing = session.scalars(sa.select(Listing)).one()
        assert (listing.side, listing.deadline, listing.anonymous, listing.readiness) == (
            "need", date(2027, 6, 30), True, 5,
        )  # fmt: skip
        assert (listing.money_kind, listing.money_low, listing.money_high, listing.currency) == (
            "range", None, 100_000, "USD",
        )  # fmt: skip
        first, second = listing.requirements
        assert (first.comparison, first.low, first.unit, first.obligation) == (
            "at_least", Decimal(200), "℃", "must",
        )  # fmt: skip
        assert (second.text, second.comparison, second.obligation) == ("quiet", "free", "wish")


def test_same_file_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    take_parties(database, tmp_path)
    path = written(tmp_path / "l.jsonl", [ACHIEVEMENT])
    take(database, path)
    before = [count(database, table) for table in (ListingVersion, HistoryEntry, OutboxMessage)]
    report = take(database, path)
    assert report.main == Counts(read=1, unchanged=1)
    again = [count(database, table) for table in (ListingVersion, HistoryEntry, OutboxMessage)]
    assert again == before
    people = take(database, written(tmp_path / "p.jsonl", PEOPLE))
    assert people.main == Counts(read=2, unchanged=2)
    organisations = take(database, written(tmp_path / "o.jsonl", ORGANISATIONS))
    assert organisations.main == Counts(read=2, unchanged=2)


def test_changed_row_is_a_new_version_of_the_same_listing(
    database: Database, tmp_path: Path
) -> None:
    take_parties(database, tmp_path)
    take(database, written(tmp_path / "l.jsonl", [NEED]))
    changed = dict(NEED) | {"title": "Pump that lasts a year", "requirements": ["flow ≥ 5 L/min"]}
    report = take(database, written(tmp_path / "l.jsonl", [changed]))
    assert report.main == Counts(read=1, updated=1)
    with database.reading() as session:
        listing = session.scalars(sa.select(Listing)).one()
        assert (listing.text_version, listing.reviewed_version, listing.version) == (2, 2, 2)
        assert listing.text("en").title == "Pump that lasts a year"
        assert [row.text for row in listing.requirements] == ["flow ≥ 5 L/min"]
        kinds = session.scalars(
            sa.select(HistoryEntry.kind)
            .where(HistoryEntry.chain_id == listing.public_id)
            .order_by(HistoryEntry.sequence)
        ).all()
        assert kinds == ["import", "import"]
        assert list(verify(session)) == []


def test_changed_parties_are_updated(database: Database, tmp_path: Path) -> None:
    take_parties(database, tmp_path)
    renamed = [dict(ORGANISATIONS[0]) | {"name_zh": "示例理工大学"}]
    assert take(database, written(tmp_path / "o", renamed)).main == Counts(read=1, updated=1)
    moved = [dict(PEOPLE[0]) | {"fields": ["hitech:4"], "organisation": "O2"}]
    assert take(database, written(tmp_path / "p", moved)).main == Counts(read=1, updated=1)
    with database.reading() as session:
        expert = session.scalars(sa.select(Expert).where(Expert.external_id == "P1")).one()
        assert [row.code for row in expert.fields] == ["4"]
        assert expert.organisation is not None
        assert (expert.organisation.external_id, expert.version) == ("O2", 2)
        named = session.scalars(
            sa.select(Organisation.name_zh).where(Organisation.external_id == "O1")
        ).one()
        assert named == "示例理工大学"


def test_claimed_page_is_its_persons_to_write(database: Database, tmp_path: Path) -> None:
    take_parties(database, tmp_path)
    with database.writing() as session:
        session.execute(
            sa.update(Expert)
            .where(Expert.external_id == "P1")
            .values(user_id=make_user(session).id, bio_zh="本人所写")
        )
    report = take(database, written(tmp_path / "p", [dict(PEOPLE[0]) | {"bio_zh": "文件所写"}]))
    assert report.main == Counts(read=1, unchanged=1)
    with database.reading() as session:
        bio = session.scalars(sa.select(Expert.bio_zh).where(Expert.external_id == "P1")).one()
    assert bio == "本人所写"


def test_one_bad_row_leaves_nothing_and_hides_no_other_error(
    database: Database, tmp_path: Path
) -> None:
    take_parties(database, tmp_path)
    rows = [
        ACHIEVEMENT,
        dict(ACHIEVEMENT) | {"external_id": "A2", "readiness": 11},
        dict(ACHIEVEMENT) | {"external_id": "A3", "organisation": "O9", "contributors": ["P9"]},
    ]
    before = count(database, HistoryEntry)
    report = take(database, written(tmp_path / "a.jsonl", rows))
    assert report.written is False
    assert [(e.line, e.column, e.code) for e in report.errors] == [
        (2, "readiness", "out_of_range"),
        (3, "organisation", "unknown_reference"),
        (3, "contributors", "unknown_reference"),
    ]
    assert (count(database, Listing), count(database, HistoryEntry)) == (0, before)


def test_bad_rows_can_be_left_out(database: Database, tmp_path: Path) -> None:
    take_parties(database, tmp_path)
    rows = [ACHIEVEMENT, dict(ACHIEVEMENT) | {"external_id": "A2", "title": ""}]
    report = take(database, written(tmp_path / "a.jsonl", rows), skip_bad_rows=True)
    assert (report.written, report.main) == (True, Counts(read=2, created=1, refused=1))
    assert count(database, Listing) == 1


def test_dry_run_says_the_same_and_writes_nothing(database: Database, tmp_path: Path) -> None:
    take_parties(database, tmp_path)
    path = written(tmp_path / "a.jsonl", [ACHIEVEMENT])
    assert check(database, path).main == Counts(read=1, created=1)
    assert count(database, Listing) == 0
    take(database, path)
    assert check(database, path).main == Counts(read=1, unchanged=1)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"deadline": "2026-11-21"}, "deadline", "in_the_past"),
        ({"organisation": None}, "organisation", "required"),
        ({"organisation": "O9"}, "organisation", "unknown_reference"),
    ],
)
def test_site_refuses_what_the_library_cannot_know(
    database: Database, tmp_path: Path, changes: dict[str, object], column: str, code: str
) -> None:
    take_parties(database, tmp_path)
    report = take(database, written(tmp_path / "n.jsonl", [dict(NEED) | changes]))
    assert [(e.column, e.code) for e in report.errors] == [(column, code)]


def test_listing_that_has_ended_takes_no_change(database: Database, tmp_path: Path) -> None:
    take_parties(database, tmp_path)
    path = written(tmp_path / "n.jsonl", [NEED])
    take(database, path)
    with database.writing() as session:
        session.execute(sa.update(Listing).values(state="concluded"))
    assert take(database, path).main == Counts(read=1, unchanged=1)
    report = take(database, written(tmp_path / "n.jsonl", [dict(NEED) | {"title": "Other"}]))
    assert [(e.code, e.facts) for e in report.errors] == [
        ("not_editable_now", {"state": "concluded"})
    ]


def test_number_of_the_other_side_is_refused(database: Database, tmp_path: Path) -> None:
    take_parties(database, tmp_path)
    take(database, written(tmp_path / "n.jsonl", [NEED]))
    report = take(
        database, written(tmp_path / "a.jsonl", [dict(ACHIEVEMENT) | {"external_id": "N1"}])
    )
    assert [(e.column, e.code) for e in report.errors] == [("external_id", "belongs_to_another")]


def test_members_rows_become_drafts_of_their_own_organisation(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        owner = make_organisation(session)
        user = make_user(session)
        make_membership(session, user, owner, "editor")
        actor, key, source = actor_for(user), owner.id, member_source(owner)
    intake = Intake(by=actor, now=NOW, publish=False, organisation_id=key, own_only=True)
    row = {k: v for k, v in ACHIEVEMENT.items() if k not in {"organisation", "contributors"}}
    report = take(database, written(tmp_path / "a", [row]), intake=intake, source=source)
    assert report.main == Counts(read=1, created=1)
    with database.reading() as session:
        listing = session.scalars(sa.select(Listing)).one()
        assert (listing.state, listing.organisation_id, listing.author_id) == (
            "draft", key, actor.user_id,
        )  # fmt: skip
        assert (listing.published_at, listing.expires_at, listing.reviewed_version) == (
            None, None, 0,
        )  # fmt: skip
        assert session.scalars(sa.select(OutboxMessage)).all() == []
    foreign = dict(row) | {"external_id": "A2", "organisation": "O1"}
    refused = take(database, written(tmp_path / "a", [foreign]), intake=intake, source=source)
    assert [(e.column, e.code) for e in refused.errors] == [("organisation", "belongs_to_another")]


def test_published_listings_are_told_of_in_batches(database: Database, tmp_path: Path) -> None:
    take_parties(database, tmp_path)
    rows = [dict(NEED) | {"external_id": f"N{n}"} for n in range(1_100)]
    take(database, written(tmp_path / "n.jsonl", rows))
    with database.reading() as session:
        told = session.scalars(
            sa.select(OutboxMessage.payload)
            .where(OutboxMessage.topic == "listings.changed")
            .order_by(OutboxMessage.id)
        ).all()
        assert [len(payload["ids"]) for payload in told] == [500, 500, 100]
        keys = session.scalars(sa.select(Listing.id).order_by(Listing.id)).all()
        assert sorted(key for payload in told for key in payload["ids"]) == list(keys)
        assert list(verify(session)) == []


def test_public_source_keeps_needs_whose_call_is_over(database: Database, tmp_path: Path) -> None:
    topic = {
        "id": "T1", "title": "Pump", "text": "Seek a pump.", "agency": "['NASA']",
        "program": "SBIR", "phase": "Phase I", "open": "", "close": "March 30, 2017",
        "url": "https://example.com/t1",
    }  # fmt: skip
    path = written(tmp_path / "t.jsonl", [topic])
    report = take(database, path, source="sbir_topics")
    assert report.counts == {
        "needs": Counts(read=1, created=1),
        "organisations": Counts(read=1, created=1),
    }
    with database.reading() as session:
        listing = session.scalars(sa.select(Listing)).one()
        assert (listing.deadline, listing.source_url) == (None, "https://example.com/t1")
        assert listing.organisation.kind == "government"


def test_two_imports_of_one_right_share_its_row(database: Database, tmp_path: Path) -> None:
    take_parties(database, tmp_path)
    second = dict(ACHIEVEMENT) | {"external_id": "A2"}
    take(database, written(tmp_path / "a.jsonl", [ACHIEVEMENT, second]))
    with database.reading() as session:
        first, other = session.scalars(sa.select(Listing).order_by(Listing.external_id))
        assert [r.id for r in first.ip_rights] == [r.id for r in other.ip_rights]


def test_default_owner_takes_listings_that_name_none(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        key = make_organisation(session).id
    row = {k: v for k, v in NEED.items() if k != "organisation"}
    take(
        database,
        written(tmp_path / "n.jsonl", [row]),
        intake=replace(OPERATOR, organisation_id=key),
    )
    with database.reading() as session:
        assert session.scalars(sa.select(Listing.organisation_id)).one() == key

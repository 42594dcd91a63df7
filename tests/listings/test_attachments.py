"""Files: kept once under their hash, removed when nothing needs them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Forbidden, Invalid, NotFound
from tenon.listings import services, tasks
from tenon.listings.models import Attachment, Listing, ListingVersion
from tenon.listings.permissions import edited_since_review
from tenon.listings.services import attachments
from tenon.outbox.models import OutboxMessage
from tests.factories.listings import make_achievement
from tests.listings.people import People, make_people

PDF = b"%PDF-1.7 one"


def _attach(
    session: Session,
    listing: Listing,
    people: People,
    folder: Path,
    now: datetime,
    **values: object,
) -> Attachment:
    standard = {"name": "a.pdf", "content": PDF, "tier": "nda", "by": people.actor("researcher")}
    return services.attach(session, listing, folder=folder / "files", now=now, **standard | values)  # type: ignore[arg-type]  # mixed keywords


def test_same_content_is_kept_once_and_leaves_with_its_last_listing(
    session: Session, now: datetime, tmp_path: Path
) -> None:
    people = make_people(session)
    listings = [make_achievement(session, organisation=people.university) for _ in range(2)]
    files = [_attach(session, listing, people, tmp_path, now) for listing in listings]
    digest = hashlib.sha256(PDF).hexdigest()
    kept = tmp_path / "files" / digest[:2] / digest
    assert kept.read_bytes() == PDF
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == [kept]
    by = people.actor("researcher")
    for listing, file, left in zip(listings, files, (True, False), strict=True):
        services.detach(
            session,
            listing,
            attachment_id=file.public_id,
            folder=tmp_path / "files",
            by=by,
            now=now,
        )
        session.flush()
        assert kept.exists()
        message = session.scalars(
            sa.select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)
        ).one()
        assert message.topic == "listings.file_dropped"
        tasks.file_dropped(session, message.payload, now)
        assert kept.exists() == left
    with pytest.raises(NotFound):
        services.detach(
            session, listings[0], attachment_id="none", folder=tmp_path / "files", by=by, now=now
        )


def test_attach_refuses_size_kind_number_and_strangers(
    session: Session, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = make_people(session)
    listing = make_achievement(session, organisation=people.university)
    monkeypatch.setattr(attachments, "SIZE_LIMIT", len(PDF))
    monkeypatch.setattr(attachments, "MOST_FILES", 1)
    for values, faults in (
        ({"content": PDF + b"x"}, {"file": "too_large"}),
        ({"content": b"MZ\x00"}, {"file": "wrong_type"}),
        ({"content": b""}, {"file": "required"}),
        ({"tier": "secret"}, {"tier": "unknown_code"}),
    ):
        with pytest.raises(Invalid) as caught:
            _attach(session, listing, people, tmp_path, now, **values)
        assert caught.value.fields == faults
    for name in ("reader", "operator"):
        with pytest.raises(Forbidden):
            _attach(session, listing, people, tmp_path, now, by=people.actor(name))
    _attach(session, listing, people, tmp_path, now)
    with pytest.raises(Invalid) as caught:
        _attach(session, listing, people, tmp_path, now)
    assert caught.value.fields == {"file": "too_many"}


@pytest.mark.parametrize(("tier", "waits"), [("public", True), ("nda", False)])
def test_attach_to_published_waits_for_a_look_where_everybody_can_read_it(
    session: Session, now: datetime, tmp_path: Path, tier: str, waits: bool
) -> None:
    people = make_people(session)
    listing = make_achievement(session, organisation=people.university, state="published")
    _attach(session, listing, people, tmp_path, now, tier=tier)
    assert (listing.text_version, listing.version) == (2, 2)
    assert edited_since_review(listing) == waits
    files = session.scalars(sa.select(ListingVersion)).one().content["files"]
    assert files == [["a.pdf", tier, hashlib.sha256(PDF).hexdigest()]]

"""New listings of a file into their tables: whole batches at a time, without the mapper.

The rows are those that ``services.writing`` would write, version, history and all. Knows records
that were checked; asks nobody for permission.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.records import fingerprint
from tenon.db import new_public_id
from tenon.history.models import HistoryEntry
from tenon.history.services import first_entries
from tenon.listings.content import OTHER_LANGUAGE, Content, Words
from tenon.listings.importing.contents import ListingRecord, side_of
from tenon.listings.importing.intake import Intake
from tenon.listings.importing.references import KnownExpert
from tenon.listings.models import (
    ConfidentialDetail,
    Listing,
    ListingContributor,
    ListingDealForm,
    ListingField,
    ListingIpRight,
    ListingText,
    ListingVersion,
    Requirement,
)
from tenon.listings.requirements import understand
from tenon.listings.services.crediting import credit_imported
from tenon.listings.services.ip_rights import rights_for
from tenon.listings.services.versions import PARTS, picture


@dataclass(slots=True)
class NewListing:
    """A record that is to become a listing, with all it refers to already found."""

    record: ListingRecord
    content: Content
    organisation_id: int
    experts: Sequence[KnownExpert]
    public_id: str = field(default_factory=new_public_id)


def insert_listings(session: Session, new: Sequence[NewListing], intake: Intake) -> list[int]:
    """Write listings with everything that hangs on them; return their keys, in order."""
    connection = session.connection()
    inserted = connection.execute(
        sa.insert(Listing).returning(Listing.public_id, Listing.id),
        [_listing_row(each, intake) for each in new],
    )
    found = {str(public_id): int(key) for public_id, key in inserted}
    keys = [found[each.public_id] for each in new]
    pairs = list(zip(keys, new, strict=True))
    for table, rows in (
        (ListingText, _texts),
        (ListingField, _fields),
        (ListingDealForm, _deal_forms),
        (Requirement, _requirements),
        (ListingContributor, _contributors),
        (ConfidentialDetail, _details),
    ):
        values = [row for key, each in pairs for row in rows(key, each)]
        if values:
            connection.execute(sa.insert(table), values)
    _link_rights(session, pairs)
    connection.execute(
        sa.insert(ListingVersion),
        [
            {
                "listing_id": key,
                "number": 1,
                "content": picture(each.content),
                "at": intake.now,
                "author_id": intake.by.user_id,
            }
            for key, each in pairs
        ],
    )
    connection.execute(sa.insert(HistoryEntry), _histories(new, intake))
    credit_imported(
        session,
        [(each.public_id, each.organisation_id) for each in new],
        by=intake.by,
        now=intake.now,
        # A member imports for their own house; an operator for whom they act at the time.
        organisation_id=intake.organisation_id,
    )
    return keys


def _listing_row(new: NewListing, intake: Intake) -> dict[str, Any]:
    content = new.content
    priced = content.money_kind in {"fixed", "range"}
    moment = intake.now if intake.publish else None
    return {
        "public_id": new.public_id,
        "side": side_of(new.record),
        "state": "published" if intake.publish else "draft",
        "version": 1,
        "text_version": 1,
        "reviewed_version": 1 if intake.publish else 0,
        "organisation_id": new.organisation_id,
        "author_id": intake.by.user_id,
        "language": content.language,
        "region": content.region,
        "readiness": content.readiness,
        "money_kind": content.money_kind,
        "money_low": content.money_low if priced else None,
        "money_high": content.money_high if priced else None,
        "currency": content.currency,
        "deadline": content.deadline,
        "anonymous": content.anonymous,
        "created_at": intake.now,
        "updated_at": intake.now,
        "submitted_at": moment,
        "published_at": moment,
        "first_handed_in_at": moment,
        "first_published_at": moment,
        "expires_at": intake.expires_at,
        "source": new.record.source,
        "external_id": new.record.external_id,
        "source_url": new.record.url or None,
        "source_digest": fingerprint(new.record),
    }


def _texts(key: int, new: NewListing) -> Iterator[dict[str, Any]]:
    yield _text_row(key, new.content.language, new.content.words)
    if new.content.translation is not None:
        yield _text_row(key, OTHER_LANGUAGE[new.content.language], new.content.translation)


def _text_row(key: int, language: str, words: Words) -> dict[str, Any]:
    row: dict[str, Any] = {"listing_id": key, "language": language}
    for part in PARTS:
        text = getattr(words, part)
        row[part] = text if part in {"title", "summary"} else text or None
    return row


def _fields(key: int, new: NewListing) -> Iterator[dict[str, Any]]:
    for scheme, code in new.content.fields:
        yield {"listing_id": key, "scheme": scheme, "code": code}


def _deal_forms(key: int, new: NewListing) -> Iterator[dict[str, Any]]:
    for form in new.content.deal_forms:
        yield {"listing_id": key, "form": form}


def _requirements(key: int, new: NewListing) -> Iterator[dict[str, Any]]:
    for position, entry in enumerate(new.content.requirements, 1):
        meaning = understand(entry.text)
        yield {
            "listing_id": key,
            "position": position,
            "text": entry.text,
            "quantity": meaning.quantity,
            "comparison": meaning.comparison,
            "low": meaning.low,
            "high": meaning.high,
            "unit": meaning.unit,
            "obligation": entry.obligation,
        }


def _contributors(key: int, new: NewListing) -> Iterator[dict[str, Any]]:
    for position, expert in enumerate(new.experts, 1):
        yield {
            "listing_id": key,
            "position": position,
            "name": expert.name,
            "expert_id": expert.id,
        }


def _details(key: int, new: NewListing) -> Iterator[dict[str, Any]]:
    for tier, text in new.content.details.items():
        yield {"listing_id": key, "tier": tier, "text": text}


def _link_rights(session: Session, pairs: Sequence[tuple[int, NewListing]]) -> None:
    """Join listings to their IP rights one by one: few have any, and several may share one."""
    links: list[Mapping[str, int]] = []
    for key, each in pairs:
        if not each.content.rights:
            continue
        rights = rights_for(
            session, each.content.rights, organisation_id=each.organisation_id, kept=()
        )
        links += [{"listing_id": key, "ip_right_id": right.id} for right in rights]
        session.flush()
    if links:
        session.connection().execute(sa.insert(ListingIpRight), links)


def _histories(new: Sequence[NewListing], intake: Intake) -> list[dict[str, Any]]:
    state = "published" if intake.publish else "draft"
    entries = [
        (
            ("listing", each.public_id),
            "import",
            {
                "side": side_of(each.record),
                "text_version": 1,
                "source": each.record.source,
                "to": state,
            },
        )
        for each in new
    ]
    return first_entries(list(entries), by=intake.by, now=intake.now)

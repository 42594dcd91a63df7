"""Achievements and needs of a file: checked against the site, then created, updated or left alone.

A row is the record of the same source and external id. One that says what it said before is not
touched; one that says something new is a new version of the listing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.errors import RowError, shortened
from ingest.records import AchievementRecord, NeedRecord, fingerprint
from ingest.sink import Outcome
from tenon.listings.importing.contents import ListingRecord, content_of, side_of
from tenon.listings.importing.intake import Intake
from tenon.listings.importing.listing_rows import NewListing, insert_listings
from tenon.listings.importing.references import KnownExpert, References
from tenon.listings.models import Listing
from tenon.listings.services.writing import replace
from tenon.listings.states import EDITABLE_STATES, PUBLIC_STATES


def take_listings(
    session: Session,
    records: Sequence[ListingRecord],
    *,
    intake: Intake,
    references: References,
    write: bool,
) -> list[Outcome]:
    """Create or update listings; one outcome each, in order."""
    references.learn_organisations(session, (record.organisation for record in records))
    references.learn_experts(session, _named_experts(records))
    known = _known(session, records)
    outcomes: list[Outcome] = []
    new: list[NewListing] = []
    for record in records:
        found = known.get(record.external_id)
        if found is not None and found.source_digest == fingerprint(record):
            outcomes.append(Outcome("unchanged"))
            continue
        errors = tuple(_errors(record, found, intake, references))
        if errors:
            outcomes.append(Outcome("refused", errors))
            continue
        outcomes.append(Outcome("created" if found is None else "updated"))
        if not write:
            continue
        if found is None:
            new.append(_new_listing(record, intake, references))
        else:
            _update(session, found.id, record, intake, references)
    if new:
        keys = insert_listings(session, new, intake)
        references.changed_listings += keys if intake.publish else []
    return outcomes


def _known(session: Session, records: Sequence[ListingRecord]) -> dict[str, Any]:
    rows = session.execute(
        sa.select(
            Listing.external_id,
            Listing.id,
            Listing.side,
            Listing.state,
            Listing.organisation_id,
            Listing.source_digest,
        ).where(
            Listing.source == records[0].source,
            Listing.external_id.in_([record.external_id for record in records]),
        )
    )
    return {str(row.external_id): row for row in rows}


def _named_experts(records: Iterable[ListingRecord]) -> Iterator[str]:
    for record in records:
        if isinstance(record, AchievementRecord):
            yield from record.contributors


def _errors(
    record: ListingRecord, found: Any, intake: Intake, references: References
) -> Iterator[RowError]:
    """Everything for which the site refuses the record."""
    line = record.line
    owner = record.organisation
    if owner is None and intake.organisation_id is None:
        yield RowError(line, "organisation", "required")
    elif owner is not None and intake.own_only:
        yield RowError(line, "organisation", "belongs_to_another", shortened(owner))
    elif owner is not None and owner not in references.organisations:
        yield _unknown(line, "organisation", owner, "organisations")
    for wanted in _named_experts([record]):
        if wanted not in references.experts:
            yield _unknown(line, "contributors", wanted, "people")
    if isinstance(record, NeedRecord) and _is_over(record, intake):
        yield RowError(line, "deadline", "in_the_past", str(record.deadline))
    if found is not None:
        yield from _clashes(record, found)


def _clashes(record: ListingRecord, found: Any) -> Iterator[RowError]:
    """Why the listing that the record is already cannot take its content."""
    if found.side != side_of(record):
        yield RowError(record.line, "external_id", "belongs_to_another", record.external_id)
    elif found.state not in EDITABLE_STATES:
        facts = {"state": found.state}
        yield RowError(record.line, "external_id", "not_editable_now", record.external_id, facts)


def _unknown(line: int, column: str, wanted: str, kind: str) -> RowError:
    return RowError(line, column, "unknown_reference", shortened(wanted), {"kind": kind})


def _is_over(record: NeedRecord, intake: Intake) -> bool:
    return (
        record.deadline is not None
        and record.deadline < intake.now.date()
        and not intake.past_deadlines
    )


def _experts(record: ListingRecord, references: References) -> list[KnownExpert]:
    """Return the contributors, each name once: a listing shows names."""
    if not isinstance(record, AchievementRecord):
        return []
    experts = (references.experts[each] for each in record.contributors)
    return list({expert.name: expert for expert in experts}.values())


def _new_listing(record: ListingRecord, intake: Intake, references: References) -> NewListing:
    experts = _experts(record, references)
    owner = references.organisations.get(record.organisation or "", intake.organisation_id)
    if owner is None:
        raise ValueError("a listing without an owner passed the checks")
    content = content_of(
        record, contributors=[expert.name for expert in experts], today=intake.now.date()
    )
    return NewListing(record, content, owner, experts)


def _update(
    session: Session, key: int, record: ListingRecord, intake: Intake, references: References
) -> None:
    """Put the record's content in place of the old; the owner stays whoever it is."""
    listing = session.get_one(Listing, key)
    experts = _experts(record, references)
    content = content_of(
        record, contributors=[expert.name for expert in experts], today=intake.now.date()
    )
    replace(
        session,
        listing,
        content=content,
        by=intake.by,
        now=intake.now,
        kind="import",
        reviewed=intake.publish,
        announcing=False,
    )
    linked = {expert.name: expert.id for expert in experts}
    for row in listing.contributors:
        row.expert_id = linked.get(row.name)
    listing.source_digest = fingerprint(record)
    listing.source_url = record.url or None
    session.flush()
    if listing.state in PUBLIC_STATES:
        references.changed_listings.append(listing.id)

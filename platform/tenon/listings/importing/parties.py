"""Organisations and people of a file into their tables.

Whole batches at a time. What an import made stays as people changed it later, unless the file
itself says something new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.errors import RowError
from ingest.records import OrganisationRecord, PersonRecord, fingerprint
from ingest.sink import Outcome
from tenon import history
from tenon.accounts.models import Organisation
from tenon.db import new_public_id
from tenon.history.models import HistoryEntry
from tenon.history.services import first_entries
from tenon.listings.importing.intake import Intake
from tenon.listings.importing.references import UNWRITTEN, KnownExpert, References
from tenon.listings.models import Expert, ExpertField


def take_organisations(
    session: Session,
    records: Sequence[OrganisationRecord],
    *,
    intake: Intake,
    references: References,
    write: bool,
) -> list[Outcome]:
    """Create or update organisations; new ones are approved at once. One outcome each, in order."""
    known = _known(session, Organisation, records)
    outcomes: list[Outcome] = []
    new: list[dict[str, Any]] = []
    for record in records:
        values = _organisation_values(record)
        found = known.get(record.external_id)
        if found is None:
            outcomes.append(Outcome("created"))
            new.append({"public_id": new_public_id(), **values})
            references.organisations.setdefault(record.external_id, UNWRITTEN)
            continue
        changed = sorted(name for name, value in values.items() if getattr(found, name) != value)
        outcomes.append(Outcome("updated" if changed else "unchanged"))
        if changed and write:
            for name in changed:
                setattr(found, name, values[name])
            found.version += 1
            chain = ("organisation", found.public_id)
            facts = {"fields": changed}
            history.record(
                session, chain=chain, kind="imported", by=intake.by, now=intake.now, facts=facts
            )
    if new and write:
        keys = _insert_organisations(session, new, records[0].source, intake)
        references.organisations.update(keys)
    return outcomes


def _organisation_values(record: OrganisationRecord) -> dict[str, Any]:
    return {
        "external_id": record.external_id,
        "kind": record.kind,
        "name_zh": record.name_zh or None,
        "name_en": record.name_en or None,
        "about_zh": record.about_zh or None,
        "about_en": record.about_en or None,
        "website": record.website or None,
        "region": record.region,
        "country": record.country or "CN",
        "industry": record.industries[0] if record.industries else None,
    }


def _insert_organisations(
    session: Session, rows: list[dict[str, Any]], source: str, intake: Intake
) -> dict[str, int]:
    table = Organisation.__table__
    common = {
        "source": source,
        "state": "approved",
        "version": 1,
        "created_at": intake.now,
        "created_by": intake.by.user_id,
    }
    inserted = session.connection().execute(
        sa.insert(Organisation).returning(table.c.external_id, table.c.id),
        [row | common for row in rows],
    )
    keys = {str(external_id): int(key) for external_id, key in inserted}
    _open_chains(session, "organisation", rows, source, intake)
    return keys


def _open_chains(
    session: Session, kind: str, rows: Sequence[Mapping[str, Any]], source: str, intake: Intake
) -> None:
    """Begin the history of things that an import made."""
    entries = first_entries(
        [((kind, row["public_id"]), "imported", {"source": source}) for row in rows],
        by=intake.by,
        now=intake.now,
    )
    session.connection().execute(sa.insert(HistoryEntry), entries)


def take_people(
    session: Session,
    records: Sequence[PersonRecord],
    *,
    intake: Intake,
    references: References,
    write: bool,
) -> list[Outcome]:
    """Create or update experts' pages; an operator's are public at once. One outcome each."""
    references.learn_organisations(session, (record.organisation for record in records))
    known = _known(session, Expert, records)
    outcomes: list[Outcome] = []
    new: list[tuple[PersonRecord, dict[str, Any]]] = []
    changed: list[int] = []
    for record in records:
        found = known.get(record.external_id)
        outcome = _outcome_of_person(record, found, references)
        outcomes.append(outcome)
        if outcome.status == "created":
            name = record.name_zh or record.name_en
            references.experts.setdefault(record.external_id, KnownExpert(UNWRITTEN, name))
            new.append((record, _person_values(record, references)))
        elif outcome.status == "updated" and found is not None and write:
            _update_person(found, record, _person_values(record, references), intake)
            if found.published:
                changed.append(found.id)
    if write:
        changed += _insert_people(session, new, intake, references) if new else []
        references.changed_experts += changed
    return outcomes


def _outcome_of_person(
    record: PersonRecord, found: Expert | None, references: References
) -> Outcome:
    if record.organisation and record.organisation not in references.organisations:
        facts = {"kind": "organisations"}
        line, wanted = record.line, record.organisation
        return Outcome(
            "refused", (RowError(line, "organisation", "unknown_reference", wanted, facts),)
        )
    if found is None:
        return Outcome("created")
    # A page that its person has claimed is theirs to write; a file no longer changes it.
    same = found.user_id is not None or found.source_digest == fingerprint(record)
    return Outcome("unchanged" if same else "updated")


def _person_values(record: PersonRecord, references: References) -> dict[str, Any]:
    """Return an expert's columns. The address for mail is not kept: the page shows none."""
    return {
        "external_id": record.external_id,
        "organisation_id": references.organisations.get(record.organisation or ""),
        "name_zh": record.name_zh or None,
        "name_en": record.name_en or None,
        "title_zh": record.title_zh or None,
        "title_en": record.title_en or None,
        "bio_zh": record.bio_zh or None,
        "bio_en": record.bio_en or None,
        "languages": list(record.languages),
        "availability": record.availability,
        "source_digest": fingerprint(record),
    }


def _insert_people(
    session: Session,
    new: Sequence[tuple[PersonRecord, dict[str, Any]]],
    intake: Intake,
    references: References,
) -> list[int]:
    """Insert experts and their fields; return the keys of those that are public."""
    connection = session.connection()
    table = Expert.__table__
    common = {
        "source": new[0][0].source,
        "published": intake.publish,
        "version": 1,
        "created_at": intake.now,
        "updated_at": intake.now,
    }
    rows = [{"public_id": new_public_id(), **values, **common} for _, values in new]
    inserted = connection.execute(
        sa.insert(Expert).returning(table.c.external_id, table.c.id), rows
    )
    keys = {str(external_id): int(key) for external_id, key in inserted}
    fields = [
        {"expert_id": keys[record.external_id], "scheme": each.scheme, "code": each.code}
        for record, _ in new
        for each in record.fields
    ]
    if fields:
        connection.execute(sa.insert(ExpertField), fields)
    for record, _ in new:
        name = record.name_zh or record.name_en
        references.experts[record.external_id] = KnownExpert(keys[record.external_id], name)
    _open_chains(session, "expert", rows, new[0][0].source, intake)
    return sorted(keys.values()) if intake.publish else []


def _update_person(
    expert: Expert, record: PersonRecord, values: Mapping[str, Any], intake: Intake
) -> None:
    for name, value in values.items():
        setattr(expert, name, value)
    held = {(row.scheme, row.code): row for row in expert.fields}
    expert.fields = [
        held.get((each.scheme, each.code)) or ExpertField(scheme=each.scheme, code=each.code)
        for each in record.fields
    ]
    expert.version += 1
    expert.updated_at = intake.now


def _known(
    session: Session,
    table: type[Any],
    records: Sequence[OrganisationRecord] | Sequence[PersonRecord],
) -> dict[str, Any]:
    """Return the rows that these records are already, by external id."""
    rows = session.scalars(
        sa.select(table).where(
            table.source == records[0].source,
            table.external_id.in_([record.external_id for record in records]),
        )
    )
    return {str(row.external_id): row for row in rows}

"""Bring the table of terms in step with the files.

Must not know who asks or when it is run; the caller commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.taxonomy import catalogue
from tenon.taxonomy.models import TaxonomyTerm


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, in numbers of terms."""

    at: datetime
    inserted: int
    updated: int
    retired: int
    unchanged: int


def load(session: Session, *, now: datetime) -> LoadReport:
    """Insert and update every term of the files; retire rows that the files no longer carry.

    A second call changes nothing. Rows are never deleted, since listings may point at them; a
    term that comes back into the files is no longer retired.

    Returns:
        The numbers, with ``now`` as the moment of the load.
    """
    stored = {(row.scheme, row.code): row for row in session.scalars(sa.select(TaxonomyTerm))}
    wanted = {
        (scheme, term.code): _values(term)
        for scheme in catalogue.SCHEMES
        for term in catalogue.terms(scheme)
    }
    fresh = [values for key, values in wanted.items() if key not in stored]
    if fresh:
        # The file's order puts parents before children, which the foreign key asks for.
        session.execute(sa.insert(TaxonomyTerm), fresh)
    updated = sum(_amend(row, wanted[key]) for key, row in stored.items() if key in wanted)
    gone = [row for key, row in stored.items() if key not in wanted and not row.retired]
    for row in gone:
        row.retired = True
    session.flush()
    return LoadReport(
        at=now,
        inserted=len(fresh),
        updated=updated,
        retired=len(gone),
        unchanged=len(wanted) - len(fresh) - updated,
    )


def _values(term: catalogue.Term) -> dict[str, Any]:
    return {
        "scheme": term.scheme,
        "code": term.code,
        "parent_code": term.parent_code,
        "position": term.position,
        "label_zh": term.label_zh,
        "label_en": term.label_en,
        "note_zh": term.note_zh or None,
        "note_en": term.note_en or None,
        "retired": False,
    }


def _amend(row: TaxonomyTerm, values: dict[str, Any]) -> bool:
    """Set what differs; tell whether anything did."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)

"""The room's door for reading: the catalogue's answers, and the table's rows and filters.

Other rooms import from here. Must not know any page or change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from tenon.errors import NotFound
from tenon.taxonomy.catalogue import (
    SCHEMES,
    Term,
    ancestors,
    children,
    descendant_codes,
    find,
    get,
    label,
    lineage_codes,
    note,
    path_label,
    terms,
)
from tenon.taxonomy.models import TaxonomyTerm
from tenon.taxonomy.naming import candidates, normalise, resolve
from tenon.taxonomy.pickers import ChoiceGroup, as_choices, flat_choices, search

__all__ = [
    "SCHEMES",
    "ChoiceGroup",
    "Term",
    "ancestors",
    "as_choices",
    "candidates",
    "children",
    "descendant_codes",
    "find",
    "flat_choices",
    "get",
    "label",
    "lineage_codes",
    "normalise",
    "note",
    "path_label",
    "resolve",
    "rows",
    "search",
    "term",
    "terms",
    "within",
]


def term(session: Session, scheme: str, code: str) -> TaxonomyTerm:
    """Return the row of a term, a retired one too, since older listings may carry it.

    Raises:
        NotFound: the table has no such row.
    """
    found = session.get(TaxonomyTerm, (scheme, code))
    if found is None:
        raise NotFound("unknown_term", scheme=scheme, code=code)
    return found


def rows(session: Session, scheme: str, *, retired: bool = False) -> Sequence[TaxonomyTerm]:
    """Return the rows of a scheme in their order; with the retired ones only where asked."""
    wanted = sa.select(TaxonomyTerm).where(TaxonomyTerm.scheme == scheme)
    if not retired:
        wanted = wanted.where(TaxonomyTerm.retired.is_(False))
    return session.scalars(wanted.order_by(TaxonomyTerm.position, TaxonomyTerm.code)).all()


def within(
    column: InstrumentedAttribute[Any] | sa.ColumnElement[Any], scheme: str, code: str
) -> sa.ColumnElement[bool]:
    """Return the SQL condition that ``column`` holds ``code`` or any code below it.

    Raises:
        NotFound: the files do not carry the code.
    """
    return column.in_(descendant_codes(scheme, code))

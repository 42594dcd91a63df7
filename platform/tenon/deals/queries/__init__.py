"""Reads of deals; ``visible_to`` is ``permissions.may_see`` in SQL."""

from tenon.deals.queries.deals import (
    accepted_terms,
    find,
    for_lists,
    proposed_terms,
    term_versions,
    terms_value,
    version,
    visible_to,
)

__all__ = [
    "accepted_terms",
    "find",
    "for_lists",
    "proposed_terms",
    "term_versions",
    "terms_value",
    "version",
    "visible_to",
]

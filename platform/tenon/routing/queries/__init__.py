"""The room's door for reading; later rooms import from here."""

from tenon.routing.queries.candidates import proposals
from tenon.routing.queries.cases import (
    WHOSE,
    CaseFilter,
    case_counts,
    case_of,
    cases,
    collected_listings,
    find_case,
    moves_of,
    open_cases,
    replies_of,
    unanswered,
)
from tenon.routing.queries.places import assigns_by_itself, heads_of, site_day
from tenon.routing.queries.visits import (
    find_visit,
    known_visit,
    own_firms,
    visit_behind,
    visits,
    visits_of,
)

__all__ = [
    "WHOSE",
    "CaseFilter",
    "assigns_by_itself",
    "case_counts",
    "case_of",
    "cases",
    "collected_listings",
    "find_case",
    "find_visit",
    "heads_of",
    "known_visit",
    "moves_of",
    "open_cases",
    "own_firms",
    "proposals",
    "replies_of",
    "site_day",
    "unanswered",
    "visit_behind",
    "visits",
    "visits_of",
]

"""Reads of the credit room."""

from tenon.credit.queries.disputes import disputes, find_dispute, own_disputes
from tenon.credit.queries.ledger import LedgerFilter, has_entries, own_entries, parts_of, totals
from tenon.credit.queries.reading import Line, find_entry, ledger_of, lines_of, may_read
from tenon.credit.queries.standing import anybody_credited, does_stand, stands

__all__ = [
    "LedgerFilter",
    "Line",
    "anybody_credited",
    "disputes",
    "does_stand",
    "find_dispute",
    "find_entry",
    "has_entries",
    "ledger_of",
    "lines_of",
    "may_read",
    "own_disputes",
    "own_entries",
    "parts_of",
    "stands",
    "totals",
]

"""The table of a use report: written and submitted by the buyer, accepted or queried by the seller.

A queried report is corrected and submitted again; each submission is kept (``UseReportRevision``).
"""

from __future__ import annotations

from tenon.states import Change, StateMachine

STATES = ("due", "draft", "submitted", "queried", "accepted")
OPEN_STATES = ("due", "draft", "queried")
"""In which the buyer is to act."""
WRITTEN_STATES = ("draft", "queried")
"""In which there are figures that can still change."""

use_report_machine = StateMachine(
    "use_report",
    STATES,
    (
        Change("write", frozenset({"due"}), "draft"),
        Change("submit", frozenset({"draft", "queried"}), "submitted"),
        Change("take_back", frozenset({"submitted"}), "draft"),
        Change("query", frozenset({"submitted"}), "queried"),
        Change("accept", frozenset({"submitted"}), "accepted"),
    ),
)

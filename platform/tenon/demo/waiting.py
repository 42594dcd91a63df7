"""Listings of the demo that wait at some step of review, so that desks are not empty.

Written through the same services as everybody's, from ``set/waiting.jsonl``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.listings import services
from tenon.listings.content import Content, Words
from tenon.listings.models import Listing
from tenon.listings.requirements import entry_of
from tenon.listings.rubric import Scores

FILE = Path(__file__).parent / "set" / "waiting.jsonl"
OUTCOMES = {"returned": "return", "on_hold": "hold"}
"""Steps that a broker's review leads to."""


def write_waiting(
    session: Session, people: Mapping[str, User], *, now: datetime, listing_days: int
) -> list[Listing]:
    """Write every listing of the file and take it as far as the file says."""
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    return [_write(session, row, people, now, listing_days) for row in rows]


def _write(
    session: Session,
    row: Mapping[str, Any],
    people: Mapping[str, User],
    now: datetime,
    listing_days: int,
) -> Listing:
    author = actor_of(people[row["by"]])
    listing = services.create(session, side=row["side"], content=_content(row), by=author, now=now)
    if row["step"] == "draft":
        return listing
    services.submit(session, listing, by=author, now=now)
    outcome = OUTCOMES.get(row["step"])
    if outcome is not None:
        services.review(
            session,
            listing,
            scores=Scores(*row["scores"]),
            outcome=outcome,
            remarks=row["remarks"],
            by=actor_of(people["broker"]),
            now=now,
            listing_days=listing_days,
        )
    return listing


def _content(row: Mapping[str, Any]) -> Content:
    words = Words(
        **{
            name: row.get(name, "")
            for name in ("title", "summary", "problem", "advantages", "applications")
        }
    )
    low, high = row.get("money", (None, None))
    fields = tuple(tuple(each.split(":", 1)) for each in row["fields"])
    return Content(
        language=row["language"],
        words=words,
        readiness=row["readiness"],
        fields=tuple((scheme, code) for scheme, code in fields),
        deal_forms=tuple(row["deal_forms"]),
        money_kind=None if low is None else "range",
        money_low=low,
        money_high=high,
        region=row["region"],
        requirements=tuple(entry_of(line) for line in row.get("requirements", ())),
    )

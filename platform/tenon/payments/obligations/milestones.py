"""The numbers of a deal's milestones: an amendment that moves a row leaves it its number.

The terms that a deal began with number their rows from 1; each amendment that both sides accepted
carries these numbers on. Payments and deliveries go by number, never by place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal, TermVersion
from tenon.formulas.carrying import numbers
from tenon.history import HistoryEntry

AGREED, AMENDED = "agree", "amend_terms"


def numbers_of(session: Session, deal: Deal) -> tuple[int, ...]:
    """Return the number of each milestone of the accepted terms, in their order."""
    found = numbers([_rows(each) for each in _versions(session, deal)])
    return found[-1] if found else ()


def titles_of(session: Session, deal: Deal) -> Mapping[int, str]:
    """Return number -> title, as it was agreed last, of all milestones that a deal has had."""
    listed = [_rows(each) for each in _versions(session, deal)]
    return {
        number: str(row.get("title") or "")
        for mine, rows in zip(numbers(listed), listed, strict=True)
        for number, row in zip(mine, rows, strict=True)
    }


def _rows(version: TermVersion) -> Sequence[Mapping[str, Any]]:
    return version.values.get("milestones") or []


def _versions(session: Session, deal: Deal) -> list[TermVersion]:
    """Return the terms that the deal began with and those it was amended to, as they came.

    Which of the replaced ones both sides had accepted, the deal's history says. One that begins
    without an agreement on record began with its first version.
    """
    told = session.execute(
        sa.select(HistoryEntry.kind, HistoryEntry.facts)
        .where(
            HistoryEntry.chain_kind == "deal",
            HistoryEntry.chain_id == deal.public_id,
            HistoryEntry.kind.in_((AGREED, AMENDED)),
        )
        .order_by(HistoryEntry.sequence)
    ).all()
    stood: list[int] = []
    for kind, facts in told:
        number = facts.get("number", 0)
        stood = [number] if kind == AGREED else [*stood, number]
    begun = any(kind == AGREED for kind, _ in told)
    versions = session.scalars(
        sa.select(TermVersion)
        .where(TermVersion.deal_id == deal.id, TermVersion.state.in_(("accepted", "replaced")))
        .order_by(TermVersion.number)
    ).all()
    first = versions[0].number if versions and not begun else None
    return [
        each
        for each in versions
        if each.state == "accepted" or each.number in stood or each.number == first
    ]

"""What came of the pairs of listings behind a deal, for the ranking to learn from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.matches.services import record_outcome


def note_outcome(session: Session, deal: Deal, *, kind: str, now: datetime) -> None:
    """Note ``signed`` or ``paid`` for every pair of a need and an achievement of the deal."""
    needs = [each for each in deal.listings if each.side == "need"]
    results = [each for each in deal.listings if each.side == "achievement"]
    for need in needs:
        for result in results:
            record_outcome(
                session,
                need=need,
                achievement=result,
                kind=kind,
                origin_kind="deal",
                origin_id=deal.id,
                now=now,
            )

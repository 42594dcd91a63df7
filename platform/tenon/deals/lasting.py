"""The last day of what a deal grants: the one that was agreed, or that of its patents.

A patent licence holds only while the patent does (Civil Code 865), whatever term was agreed; one
that comes with know-how runs for its agreed term.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tenon.deals import forms
from tenon.deals.models import Deal
from tenon.deals.scope import patents_end


def last_day(session: Session, deal: Deal, values: Mapping[str, Any]) -> date | None:
    """Return the last day on which yearly fees and royalties run; None where none is known.

    ``values`` are those of the deal's accepted terms.
    """
    if forms.get(deal.form).contract != "licence":
        return deal.ends_on
    if deal.ends_on is not None and values.get("know_how"):
        return deal.ends_on
    known = [day for day in (deal.ends_on, patents_end(session, deal)) if day is not None]
    return min(known, default=None)

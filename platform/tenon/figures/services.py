"""What an institution spent on research, entered by its own people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.errors import Forbidden, Invalid
from tenon.figures.models import ResearchYear

LARGEST = 10**15


def enter_expenditure(
    session: Session,
    organisation: Organisation,
    *,
    year: int,
    currency: str,
    minor: int,
    by: Actor,
    now: datetime,
) -> ResearchYear:
    """Write down, or correct, what an institution spent on research in a year.

    Its editors and administrators; raises Forbidden, Invalid at ``year`` or ``amount``.
    """
    if not by.at_least("editor", organisation.id):
        raise Forbidden(action="enter_expenditure")
    if not 1980 <= year <= now.year:
        raise Invalid({"year": "out_of_range"})
    if not 0 <= minor < LARGEST:
        raise Invalid({"amount": "out_of_range"})
    found = session.get(ResearchYear, (organisation.id, year, currency))
    if found is None:
        found = ResearchYear(organisation_id=organisation.id, year=year, currency=currency, minor=0)
        session.add(found)
    found.minor, found.entered_by, found.entered_at = minor, by.user_id, now
    session.flush()
    history.record(
        session,
        chain=("organisation", organisation.public_id),
        kind="research_expenditure",
        by=by,
        now=now,
        facts={"year": year, "currency": currency, "minor": minor},
    )
    return found

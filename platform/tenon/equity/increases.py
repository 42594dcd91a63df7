"""Which units a deal brings: those of its contribution, or of what is proposed under it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from tenon.deals import forms
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms, proposed_terms
from tenon.equity import previews, queries
from tenon.equity.courses import Stage
from tenon.equity.models import EquityCompany
from tenon.formulas import equity as eq


def increase(session: Session, deal: Deal, company: EquityCompany, *, day: date) -> int:
    """Return how many units the holders' first call must cover now.

    A contribution's as recorded, else as its terms would bring them; zero while they bring none.
    """
    if forms.get(deal.form).equity != "contribution":
        agreement = queries.agreement_of(session, deal)
        proposal = None if agreement is None else queries.open_proposal(session, agreement)
        return 0 if proposal is None else int(proposal.computed.get("units", 0))
    stage = contribution_of(session, deal, company)
    if stage is not None:
        return sum(line.units for line in stage.step.lines)
    version = accepted_terms(session, deal) or proposed_terms(session, deal)
    values = {} if version is None else version.values
    try:
        found = previews.contribution(values, queries.course_of(session, company).now, day)
    except eq.Impossible:
        return 0
    return 0 if found is None else sum(line.units for line in found.step.lines)


def contribution_of(session: Session, deal: Deal, company: EquityCompany) -> Stage | None:
    """Return the event by which a deal's technology entered the company's table, if any."""
    return next(
        (
            stage
            for stage in reversed(queries.course_of(session, company).stages)
            if stage.event.deal_id == deal.id
            and stage.event.kind in ("incorporation", "contribution")
        ),
        None,
    )

"""Reads of companies, their events, agreements and steps."""

from tenon.equity.queries.agreements import (
    agreement,
    agreement_of,
    agreements_of,
    open_proposal,
    proposals_of,
    register_of,
)
from tenon.equity.queries.companies import (
    companies_of,
    company,
    company_of,
    course_of,
    events,
    holdings_of,
    known_to,
)
from tenon.equity.queries.steps import (
    FirstCall,
    appraisal_of,
    asked_of,
    first_call,
    first_call_for,
    preemptions_of,
    takers_of,
)

__all__ = [
    "FirstCall",
    "agreement",
    "agreement_of",
    "agreements_of",
    "appraisal_of",
    "asked_of",
    "companies_of",
    "company",
    "company_of",
    "course_of",
    "events",
    "first_call",
    "first_call_for",
    "holdings_of",
    "known_to",
    "open_proposal",
    "preemptions_of",
    "proposals_of",
    "register_of",
    "takers_of",
]

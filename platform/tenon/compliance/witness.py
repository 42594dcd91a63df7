"""Hold publicities and objections to the chains that tell of them (``history.witnesses``).

What was published is what duty exemption rests on: who changes its text and leaves the chain alone
is found out, and so is one who takes an objection away. Imported by ``tasks``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.compliance.models import Objection, Publicity
from tenon.compliance.services.publishing import hash_of
from tenon.deals.models import Deal, TermVersion
from tenon.history.witnesses import Testimony, Witness, register


def publicities(session: Session) -> Iterator[Testimony]:
    """Return what each publicity would have its deal's chain say; its text is hashed anew."""
    rows = session.execute(
        sa.select(Publicity, Deal.public_id, TermVersion.sha256)
        .join(Deal, Deal.id == Publicity.deal_id)
        .join(TermVersion, TermVersion.id == Publicity.version_id)
        .order_by(Publicity.id)
    )
    for each, deal, terms in rows:
        facts = {
            "publicity": each.public_id,
            "sha256": hash_of(each.body),
            "terms": terms,
            "days": each.days,
            "last_on": each.last_on.isoformat(),
        }
        yield Testimony(deal, each.sequence, "publicity_started", each.started_at, facts)


def objections(session: Session) -> Iterator[Testimony]:
    """Return what each objection would have its deal's chain say."""
    rows = session.execute(
        sa.select(Objection, Publicity.public_id, Deal.public_id)
        .join(Publicity, Publicity.id == Objection.publicity_id)
        .join(Deal, Deal.id == Publicity.deal_id)
        .order_by(Objection.id)
    )
    for each, publicity, deal in rows:
        facts = {
            "objection": each.public_id,
            "publicity": publicity,
            "sha256": hashlib.sha256(each.text.encode()).hexdigest(),
        }
        yield Testimony(deal, each.sequence, "objection", each.at, facts)


register(Witness("compliance_publicities", "deal", frozenset({"publicity_started"}), publicities))
register(Witness("compliance_objections", "deal", frozenset({"objection"}), objections))

"""What each line of the ledger and each dispute would have its chain say, for a proof."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from tenon.credit.chains import CHAIN, digest_of, digest_of_text, facts_of
from tenon.credit.models import SAYS, CreditDispute, CreditEntry
from tenon.credit.states import DISPUTE
from tenon.history.witnesses import Testimony, Witness, register

_AT_A_TIME = 500


def lines(session: Session) -> Iterator[Testimony]:
    """Yield what every line says, thing by thing."""
    earlier = aliased(CreditEntry)
    wanted = (
        sa.select(CreditEntry, earlier.public_id)
        .outerjoin(earlier, earlier.id == CreditEntry.replaces_id)
        .order_by(CreditEntry.thing_kind, CreditEntry.thing_id, CreditEntry.sequence)
        .execution_options(yield_per=_AT_A_TIME)
    )
    for entry, replaces in session.execute(wanted):
        yield Testimony(
            chain_id=f"{entry.thing_kind}:{entry.thing_id}",
            sequence=entry.sequence,
            kind=entry.says,
            at=entry.at,
            facts=facts_of(entry, replaces=replaces),
            people={"person": entry.user_id},
        )


def disputes(session: Session) -> Iterator[Testimony]:
    """Yield how every dispute began and, where it has ended, how."""
    wanted = (
        sa.select(CreditDispute)
        .options(
            joinedload(CreditDispute.raised_by),
            joinedload(CreditDispute.settled_by),
            joinedload(CreditDispute.entry).joinedload(CreditEntry.user),
        )
        .order_by(CreditDispute.id)
        .execution_options(yield_per=_AT_A_TIME)
    )
    for dispute in session.scalars(wanted):
        yield _raised(dispute)
        if dispute.state != "open":
            yield _ended(dispute)


def _raised(dispute: CreditDispute) -> Testimony:
    raiser = dispute.raised_by
    return Testimony(
        chain_id=dispute.public_id,
        sequence=1,
        kind="raise",
        at=dispute.raised_at,
        facts={
            "entry": dispute.entry.public_id,
            "claim": dispute.claim,
            "by": digest_of(raiser),
            "reason": digest_of_text(dispute.reason, writer=raiser),
        },
        silent=_silent(dispute),
    )


def _ended(dispute: CreditDispute) -> Testimony:
    judge = dispute.settled_by
    facts = {"from": "open", "to": dispute.state, "entry": dispute.entry.public_id}
    if judge is None:
        facts["by"] = digest_of(dispute.raised_by)
    else:
        facts["by"] = digest_of(judge)
        facts["reason"] = digest_of_text(dispute.settlement or "", writer=judge)
    return Testimony(
        chain_id=dispute.public_id,
        sequence=2,
        kind=None,  # two steps end as amended
        at=dispute.settled_at or dispute.raised_at,
        facts=facts,
        silent=_silent(dispute),
    )


def _silent(dispute: CreditDispute) -> frozenset[str]:
    """Return what cannot be compared any longer: texts and people go with an erasure."""
    people = (dispute.raised_by, dispute.settled_by, dispute.entry.user)
    erased = any(person is not None and person.erased_at is not None for person in people)
    return frozenset({"by", "reason"}) if erased else frozenset()


register(Witness(CreditEntry.__tablename__, CHAIN, frozenset(SAYS), lines))
register(
    Witness(
        CreditDispute.__tablename__,
        DISPUTE.kind,
        frozenset({"raise", *DISPUTE.changes}),
        disputes,
    )
)

"""Who must sign a deal, and their signatures; with the last one the deal is signed.

Rooms before this one that know of further owners register them (``further_signers``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals import forms, guards, permissions, terms
from tenon.deals.forms.schema import Words
from tenon.deals.models import Deal, DealFile, DealSignature, TermVersion
from tenon.deals.queries.deals import accepted_terms, signatures
from tenon.deals.services.moving import advance, change_columns, require_version, step_of
from tenon.deals.services.running import EFFECTIVE
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.notices import delivery

SIGNATORY_LIMIT = 200
COMPLETE = "signatures_complete"


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody whose signature the contract needs.

    Attributes:
        key: ``seller``, ``buyer``, ``organisation:<id>`` or ``person:<id>``.
        organisation_id, user_id: one of the two.
        why: in words, with the source where a rule asks for it.
    """

    key: str
    organisation_id: int | None
    user_id: int | None
    why: Words


class FurtherSigners(Protocol):
    """What a room registers: owners and others who must sign besides the two sides."""

    def __call__(self, session: Session, deal: Deal) -> list[Signer]:
        """Return them; one who is a side already is left out by the caller."""
        ...


_further: dict[str, FurtherSigners] = {}


def further_signers(name: str) -> Callable[[FurtherSigners], FurtherSigners]:
    """Register who else must sign; each name has one."""

    def register(made: FurtherSigners) -> FurtherSigners:
        _further[name] = made
        return made

    return register


def required_signers(session: Session, deal: Deal) -> list[Signer]:
    """Return everybody who must sign: the two sides, then co-owners and persons with a share."""
    sides = [
        Signer(
            side,
            deal.side_organisation_id(side),
            None,
            Words("交易一方", "A side of the deal"),
        )
        for side in ("seller", "buyer")
    ]
    houses = {each.organisation_id for each in sides}
    more = {
        each.key: each
        for made in _further.values()
        for each in made(session, deal)
        if each.organisation_id is None or each.organisation_id not in houses
    }
    return [*sides, *more.values()]


def may_confirm(actor: Actor, signer: Signer) -> bool:
    """Whether the actor confirms a signer's signature: an administrator, or the person."""
    if signer.user_id is not None:
        return actor.user_id == signer.user_id
    return actor.at_least("administrator", signer.organisation_id)


def confirm_signature(
    session: Session,
    deal: Deal,
    *,
    signer: str,
    signatory: str,
    signed_on: date,
    file: DealFile,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Confirm that a signer has signed the accepted version; with the last the deal is signed.

    ``file`` is the signed paper, whose hash is kept. Raises NotFound, Forbidden,
    IllegalTransition; Invalid at ``signatory``, ``signed_on`` or ``file``; Conflict where it was
    signed already; ``guards.RuleBroken`` where a rule forbids signing.
    """
    found = next((each for each in required_signers(session, deal) if each.key == signer), None)
    if found is None:
        raise NotFound(kind="signer")
    if not may_confirm(by, found):
        permissions.require_read(by, deal)
        raise Forbidden(action="sign")
    require_version(deal, expected_version)
    agreed = accepted_terms(session, deal)
    step = step_of(deal, "sign")
    if deal.state not in step.sources or agreed is None:
        raise IllegalTransition(step="sign", state=deal.state, kind="deal")
    _check(signatory, signed_on, file, deal, agreed, now=now)
    before = replace(step, guards=tuple(each for each in step.guards if each != COMPLETE))
    guards.require(session, deal, before, now=now)
    if any(each.signer == signer for each in signatures(session, agreed)):
        raise Conflict("signed_already", kind="deal")
    change_columns(session, deal)  # of two who sign at once the second looks again
    session.add(
        DealSignature(
            deal_id=deal.id,
            version_id=agreed.id,
            signer=signer,
            organisation_id=found.organisation_id,
            user_id=found.user_id,
            signatory=signatory.strip(),
            signed_on=signed_on,
            file_sha256=file.sha256,
            confirmed_by=by.user_id,
            confirmed_at=now,
        )
    )
    session.flush()
    facts = {"signer": signer, "sha256": file.sha256, "terms": agreed.sha256}
    chain = ("deal", deal.public_id)
    history.record(session, chain=chain, kind="signature", by=by, now=now, facts=facts)
    if not missing_signers(session, deal, agreed):
        _sign(session, deal, agreed, by=by, now=now)


def missing_signers(session: Session, deal: Deal, agreed: TermVersion) -> list[Signer]:
    """Return those whose signature under these terms is not confirmed yet."""
    done = {each.signer for each in signatures(session, agreed)}
    return [each for each in required_signers(session, deal) if each.key not in done]


def _check(
    signatory: str,
    signed_on: date,
    file: DealFile,
    deal: Deal,
    agreed: TermVersion,
    *,
    now: datetime,
) -> None:
    errors = {}
    if not signatory.strip():
        errors["signatory"] = "required"
    elif len(signatory) > SIGNATORY_LIMIT:
        errors["signatory"] = "too_long"
    today = now.astimezone(delivery.current().zone).date()
    if signed_on > today:
        errors["signed_on"] = "in_the_future"
    elif signed_on < agreed.proposed_at.date() - timedelta(days=366):
        errors["signed_on"] = "out_of_range"
    if file.deal_id != deal.id or file.kind != "signed_contract":
        errors["file"] = "not_the_contract"
    if errors:
        raise Invalid(errors)


def _sign(session: Session, deal: Deal, agreed: TermVersion, *, by: Actor, now: datetime) -> None:
    signed_on = max(each.signed_on for each in signatures(session, agreed))
    effective_on = deal.effective_on or signed_on
    columns = {"signed_on": signed_on, "effective_on": effective_on}
    ends_on = terms.ends_on(
        forms.get(deal.form), agreed.values, {"signed": signed_on, EFFECTIVE: effective_on}
    )
    if ends_on is not None:
        columns["ends_on"] = ends_on
    facts = {"number": agreed.number, "sha256": agreed.sha256}
    step = step_of(deal, "sign")
    advance(session, deal, step, by=by, now=now, facts=facts, along=columns)

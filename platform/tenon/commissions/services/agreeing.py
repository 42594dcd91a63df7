"""Propose what the payers are to pay, agree to it on the site, amend it, end it.

A new version is proposed beside the one that holds; once all who pay have agreed, it takes its
place. Nothing is due before somebody who pays has agreed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.commissions import books, permissions
from tenon.commissions.models import BASES, DIGITS, EVENTS, Agreement, Consent
from tenon.commissions.queries.accounts import accrued
from tenon.commissions.queries.base import COUNTED_KINDS
from tenon.commissions.queries.money import received
from tenon.commissions.services.accruing import follow
from tenon.commissions.services.versions import carries
from tenon.commissions.states import AGREEMENT
from tenon.db import new_public_id
from tenon.deals.models import SIDES, Deal
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.history.services import canonical
from tenon.outbox.services import emit

LARGEST = 10**15
MOST_TIERS = 10
TEXT_LIMIT = 2000
_OPEN_STAGES_END = ("lapsed", "dropped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The terms of a commission; the attributes are those of ``Agreement``.

    ``tiers`` are (up to which sum received in minor units, None for the rest; percent).
    """

    currency: str = "CNY"
    seller_percent: Decimal = Decimal(50)
    basis: str = "percent"
    percent: Decimal | None = None
    tiers: Sequence[tuple[int | None, Decimal]] = ()
    fixed_minor: int | None = None
    fixed_event: str | None = None
    kinds: Sequence[str] = COUNTED_KINDS
    cap_minor: int | None = None
    vat_rate: Decimal = Decimal(0)
    pay_within_days: int = 30
    note: str = ""


def propose(session: Session, deal: Deal, said: Proposal, *, by: Actor, now: datetime) -> Agreement:
    """Put terms to those who are to pay; the deal's broker and operators may.

    Raises NotFound, Forbidden, Invalid by field, Conflict ``one_at_a_time`` while another proposal
    in this currency waits, ``deal_over`` for a deal that came to nothing.
    """
    permissions.require_whole(by, deal)
    _check(said)
    if deal.stage in _OPEN_STAGES_END:
        raise Conflict("deal_over", kind="commission_agreement")
    books.lock(session, deal)
    waiting = sa.select(Agreement.id).where(
        Agreement.deal_id == deal.id,
        Agreement.currency == said.currency,
        Agreement.state == "proposed",
    )
    if session.scalar(waiting) is not None:
        raise Conflict("one_at_a_time", kind="commission_agreement")
    last = session.scalar(
        sa.select(sa.func.max(Agreement.number)).where(Agreement.deal_id == deal.id)
    )
    terms = _columns(said)
    made = Agreement(
        public_id=new_public_id(),
        deal=deal,
        number=(last or 0) + 1,
        sha256="",
        proposed_by=by.user_id,
        proposed_at=now,
        carried={},
        **terms,
    )
    made.sha256 = hash_of(deal, made)
    session.add(made)
    session.flush()
    facts = {"deal": deal.public_id, "number": made.number, "terms": made.sha256}
    history.record(
        session,
        chain=(AGREEMENT.kind, made.public_id),
        kind="propose",
        by=by,
        now=now,
        facts=facts,
    )
    _tell(session, made, "proposed", by=by, now=now)
    return made


def _columns(said: Proposal) -> dict[str, Any]:
    fixed = said.basis == "fixed"
    return {
        "currency": said.currency,
        "seller_percent": said.seller_percent,
        "basis": said.basis,
        "percent": said.percent if said.basis == "percent" else None,
        "tiers": [[top, str(rate)] for top, rate in said.tiers] if said.basis == "tiers" else [],
        "fixed_minor": said.fixed_minor if fixed else None,
        "fixed_event": said.fixed_event if fixed else None,
        "kinds": [each for each in COUNTED_KINDS if each in said.kinds],
        "cap_minor": None if fixed else said.cap_minor,
        "vat_rate": said.vat_rate,
        "pay_within_days": said.pay_within_days,
        "note": said.note.strip() or None,
    }


def hash_of(deal: Deal, made: Agreement) -> str:
    """Return the SHA-256, in hex, of an agreement's terms in their one canonical form."""
    content = {
        "deal": deal.public_id,
        "number": made.number,
        "currency": made.currency,
        "seller_percent": _plain(made.seller_percent),
        "basis": made.basis,
        "percent": None if made.percent is None else _plain(made.percent),
        "tiers": [[top, _plain(Decimal(rate))] for top, rate in made.tiers],
        "fixed_minor": made.fixed_minor,
        "fixed_event": made.fixed_event,
        "kinds": list(made.kinds),
        "cap_minor": made.cap_minor,
        "vat_rate": _plain(made.vat_rate),
        "pay_within_days": made.pay_within_days,
        "note": made.note,
    }
    text = json.dumps(canonical(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(rate: Decimal) -> str:
    """Return a rate in one form, however many zeros it was typed with."""
    return f"{rate:.{DIGITS}f}"


def _check(said: Proposal) -> None:
    wrong: dict[str, str] = {}
    if len(said.currency) != 3 or not said.currency.isalpha() or not said.currency.isupper():
        wrong["currency"] = "unknown_code"
    for name, rate in (("seller_percent", said.seller_percent), ("vat_rate", said.vat_rate)):
        _check_rate(rate, name, wrong)
    _check_basis(said, wrong)
    if not set(said.kinds) & set(COUNTED_KINDS):
        wrong["kinds"] = "required"
    if said.cap_minor is not None:
        _check_sum(said.cap_minor, "cap", wrong)
    if not 0 <= said.pay_within_days <= 365:
        wrong["pay_within_days"] = "out_of_range"
    if len(said.note) > TEXT_LIMIT:
        wrong["note"] = "too_long"
    if wrong:
        raise Invalid(wrong)


def _check_basis(said: Proposal, wrong: dict[str, str]) -> None:
    if said.basis not in BASES:
        wrong["basis"] = "unknown_code"
    elif said.basis == "percent":
        _check_rate(said.percent, "percent", wrong, above_zero=True)
    elif said.basis == "tiers":
        _check_tiers(said.tiers, wrong)
    else:
        _check_sum(said.fixed_minor, "fixed", wrong)
        if said.fixed_event not in EVENTS:
            wrong["fixed_event"] = "unknown_code"


def _check_rate(
    rate: Decimal | None, name: str, wrong: dict[str, str], *, above_zero: bool = False
) -> None:
    if rate is None:
        wrong[name] = "required"
    elif not rate.is_finite() or not 0 <= rate <= 100 or (above_zero and rate == 0):
        wrong[name] = "out_of_range"
    elif rate != round(rate, DIGITS):
        wrong[name] = "too_fine"


def _check_sum(minor: int | None, name: str, wrong: dict[str, str]) -> None:
    if minor is None:
        wrong[name] = "required"
    elif not 0 < minor <= LARGEST:
        wrong[name] = "out_of_range"


def _check_tiers(tiers: Sequence[tuple[int | None, Decimal]], wrong: dict[str, str]) -> None:
    """Tiers rise, and only the last is open at the top."""
    tops = [top for top, _ in tiers]
    if not tiers:
        wrong["tiers"] = "required"
    elif len(tiers) > MOST_TIERS:
        wrong["tiers"] = "too_many"
    elif tops[-1] is not None or any(top is None for top in tops[:-1]):
        wrong["tiers"] = "last_is_open"
    elif any(not 0 < top <= LARGEST for top in tops[:-1] if top is not None):
        wrong["tiers"] = "out_of_range"
    elif any((a or 0) >= (b or LARGEST + 1) for a, b in pairwise(tops)):
        wrong["tiers"] = "not_rising"
    for _, rate in tiers:
        _check_rate(rate, "tiers", wrong)


def agree(
    session: Session,
    agreement: Agreement,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> bool:
    """Agree for the sides that the actor signs for; return whether all who pay have agreed now.

    What came before goes on earning by the version that held then. Raises NotFound, Forbidden,
    IllegalTransition, Conflict.
    """
    _require_visible(by, agreement)
    _fresh(session, agreement, expected_version)
    sides = _signing(by, agreement)
    for side in sides:
        session.add(
            Consent(
                agreement_id=agreement.id,
                side=side,
                user_id=by.user_id,
                sha256=agreement.sha256,
                at=now,
            )
        )
        facts = {"side": side, "terms": agreement.sha256}
        history.record(
            session,
            chain=(AGREEMENT.kind, agreement.public_id),
            kind="consent",
            by=by,
            now=now,
            facts=facts,
        )
    session.flush()
    session.refresh(agreement, ["consents"])
    if {each.side for each in agreement.consents} < set(agreement.payers):
        return False
    _come_into_force(session, agreement, by=by, now=now)
    return True


def _come_into_force(session: Session, agreement: Agreement, *, by: Actor, now: datetime) -> None:
    """Put it in the place of the version that held, from what has been received by now on."""
    deal = agreement.deal
    before = session.scalars(
        sa.select(Agreement).where(
            Agreement.deal_id == deal.id,
            Agreement.currency == agreement.currency,
            Agreement.state == "agreed",
        )
    ).one_or_none()
    if before is not None:
        follow(session, deal, cause=("agreement", before.public_id), now=now)
        AGREEMENT.move(before, "replace", by=by, now=now, facts={"by": agreement.public_id})
    sums, money = accrued(session, deal), received(session, deal, currency=agreement.currency)
    carried: dict[str, Any] = {
        side: list(sums.get((side, agreement.currency), (0, 0))) for side in SIDES
    }
    # A first agreement counts all that was received before somebody wrote it down.
    first = before is None and not carries(carried)
    along = {
        "agreed_at": now,
        "base_start": 0 if first else money.total(agreement.kinds),
        "carried": carried | {"since": 0 if first else money.mark},
    }
    AGREEMENT.move(agreement, "agree", by=by, now=now, along=along)
    follow(session, deal, cause=("agreement", agreement.public_id), now=now)


def decline(
    session: Session,
    agreement: Agreement,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Say no for a side that would pay, with the reason; raises as ``agree``, Invalid."""
    _require_visible(by, agreement)
    words = _words(reason)
    _fresh(session, agreement, expected_version)
    _signing(by, agreement)
    along = {"end_reason": words, "ended_at": now, "ended_by": by.user_id}
    AGREEMENT.move(agreement, "decline", by=by, now=now, along=along)


def withdraw(
    session: Session,
    agreement: Agreement,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Take a proposal back before all have agreed; the deal's broker and operators may."""
    _require_proposer(by, agreement)
    _fresh(session, agreement, expected_version)
    along = {"ended_at": now, "ended_by": by.user_id}
    AGREEMENT.move(agreement, "withdraw", by=by, now=now, along=along)


def end(
    session: Session,
    agreement: Agreement,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """End it: payments from now on earn nothing, what is due stays due while its payment stands.

    The deal's broker and operators may, who give up what is to come; who pays may not alone.
    """
    _require_proposer(by, agreement)
    words = _words(reason)
    _fresh(session, agreement, expected_version)
    deal = agreement.deal
    if agreement.state == "agreed":
        follow(session, deal, cause=("agreement", agreement.public_id), now=now)
    money = received(session, deal, currency=agreement.currency)
    along = {
        "end_reason": words,
        "ended_at": now,
        "ended_by": by.user_id,
        "base_end": money.total(agreement.kinds),
        "carried": {**agreement.carried, "until": money.mark},
    }
    AGREEMENT.move(agreement, "end", by=by, now=now, along=along)


def _require_visible(by: Actor, agreement: Agreement) -> None:
    if not permissions.may_see_agreement(by, agreement):
        raise NotFound(kind="commission_agreement")


def _require_proposer(by: Actor, agreement: Agreement) -> None:
    _require_visible(by, agreement)
    if not permissions.sees_whole(by, agreement.deal):
        raise Forbidden(action="commission")


def _signing(by: Actor, agreement: Agreement) -> tuple[str, ...]:
    """Return the sides that the actor signs for and that have not agreed yet."""
    if agreement.state != "proposed":
        raise IllegalTransition(step="agree", state=agreement.state, kind=AGREEMENT.kind)
    sides = permissions.answers_for(by, agreement)
    if not sides:
        raise Forbidden(action="agree")
    return sides


def _fresh(session: Session, agreement: Agreement, expected: int | None) -> None:
    books.lock(session, agreement.deal)
    session.flush()
    session.refresh(agreement)
    if expected is not None and agreement.version != expected:
        raise Conflict("changed_meanwhile", kind=AGREEMENT.kind)


def _words(text: str) -> str:
    said = text.strip()
    if not said or len(said) > TEXT_LIMIT:
        raise Invalid({"reason": "too_long" if said else "required"})
    return said


def _tell(session: Session, agreement: Agreement, what: str, *, by: Actor, now: datetime) -> None:
    payload = {"id": agreement.id, "what": what, "by": by.user_id}
    emit(session, "commissions.agreement", payload, now=now)

"""Invoices and credit notes: numbered without gaps, frozen, printed the same every time.

They are papers between the parties, not tax invoices (发票), which the tax system issues.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.history.services import canonical
from tenon.history.services import lock as lock_chain
from tenon.payments import books, permissions
from tenon.payments.kinds import BOOKED_STATES
from tenon.payments.models import Invoice, Obligation
from tenon.payments.obligations import settling
from tenon.payments.queries.sums import Standing, standings
from tenon.payments.vat import parts_of

REMARK_LIMIT = 1000


def issue(
    session: Session,
    owed: Obligation,
    *,
    remark: str = "",
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Invoice:
    """Issue an invoice for what was charged and is not invoiced yet.

    ``remark`` is what the issuer adds, such as the account to pay to. Raises NotFound, Forbidden,
    Invalid at ``remark``, IllegalTransition before it is due, Conflict ``invoiced_already``.
    """
    permissions.require_manage(by, owed)
    words = remark.strip()
    if len(words) > REMARK_LIMIT:
        raise Invalid({"remark": "too_long"})
    settling.fresh(session, owed, expected=expected_version)
    if owed.state not in BOOKED_STATES or owed.booked_on is None:
        raise IllegalTransition(step="invoice", state=owed.state, kind="obligation")
    standing = standings(session, [owed])[owed.id]
    net, vat = not_invoiced(session, owed, standing)
    if net + vat <= 0:
        raise Conflict("invoiced_already", kind="payments")
    return _issue(session, owed, "invoice", net, vat, words, by=by, now=now)


def credit(
    session: Session,
    owed: Obligation,
    *,
    gross_minor: int,
    reason: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Invoice | None:
    """Owe less: take some of what was charged back, with a credit note where it was invoiced.

    What was paid beyond the rest becomes an advance. Raises NotFound, Forbidden, Invalid at
    ``amount`` (above zero, at most what was charged) or ``reason``, IllegalTransition, Conflict.
    """
    permissions.require_manage(by, owed)
    words = reason.strip()
    if not words:
        raise Invalid({"reason": "required"})
    if len(words) > REMARK_LIMIT:
        raise Invalid({"reason": "too_long"})
    settling.fresh(session, owed, expected=expected_version)
    if owed.booked_on is None or owed.state not in BOOKED_STATES:
        raise IllegalTransition(step="credit", state=owed.state, kind="obligation")
    before = standings(session, [owed])[owed.id]
    if not 0 < gross_minor <= before.charged - before.waived:
        raise Invalid({"amount": "out_of_range"})
    net, vat = parts_of(gross_minor, net=before.net, vat=before.vat)
    books.credit(session, owed, net=net, vat=vat, now=now)
    settling.release_surplus(session, owed, now=now)
    standing = settling.settle(session, owed, now=now)
    if not owed.charged:  # an amendment that is scheduled again must not charge it back
        settling.change(session, owed, charged=True)
    facts = {**settling.facts_of(owed), "credited": gross_minor}
    settling.record(session, owed.deal, "obligation_credited", by=by, now=now, facts=facts)
    settling.use_all_advances(session, owed.deal, now=now)
    too_much = not_invoiced(session, owed, standing)
    if sum(too_much) >= 0:
        return None
    return _issue(session, owed, "credit_note", -too_much[0], -too_much[1], words, by=by, now=now)


def of_obligation(session: Session, owed: Obligation) -> Sequence[Invoice]:
    """Return the invoices and credit notes of an obligation, in the order of their numbers."""
    return session.scalars(
        sa.select(Invoice).filter_by(obligation_id=owed.id).order_by(Invoice.id)
    ).all()


def not_invoiced(session: Session, owed: Obligation, standing: Standing) -> tuple[int, int]:
    """Return net and VAT that no paper says yet; negative where papers say too much."""
    net, vat = standing.net, standing.vat
    for each in of_obligation(session, owed):
        sign = 1 if each.kind == "invoice" else -1
        net, vat = net - sign * each.net_minor, vat - sign * each.vat_minor
    return net, vat


def _issue(
    session: Session,
    owed: Obligation,
    kind: str,
    net: int,
    vat: int,
    remark: str,
    *,
    by: Actor,
    now: datetime,
) -> Invoice:
    """Write the paper under the issuer's next number of the year."""
    issuer_id = owed.deal.side_organisation_id(owed.creditor)
    day = books.today(now)
    lock_chain(session, ("invoices", f"{issuer_id}:{day.year}"))
    last = session.scalar(
        sa.select(sa.func.max(Invoice.number)).filter_by(issuer_id=issuer_id, year=day.year)
    )
    number = 1 + (last or 0)
    corrects = None
    if kind == "credit_note":
        corrects = [each for each in of_obligation(session, owed) if each.kind == "invoice"][-1]
    content = _content(owed, kind, net, vat, remark, corrects)
    content |= {"number": f"{day.year}-{number:04d}", "issued_on": day.isoformat()}
    invoice = Invoice(
        kind=kind,
        issuer_id=issuer_id,
        year=day.year,
        number=number,
        follows=last,
        deal_id=owed.deal_id,
        obligation_id=owed.id,
        corrects_id=None if corrects is None else corrects.id,
        net_minor=net,
        vat_minor=vat,
        currency=owed.currency,
        content=content,
        sha256=hash_of(content),
        issued_on=day,
        issued_at=now,
        issued_by=by.user_id,
    )
    session.add(invoice)
    session.flush()
    facts = {"invoice": invoice.public_id, "number": content["number"], "sha256": invoice.sha256}
    settling.record(session, owed.deal, kind, by=by, now=now, facts=facts)
    return invoice


def _content(
    owed: Obligation, kind: str, net: int, vat: int, remark: str, corrects: Invoice | None
) -> dict[str, Any]:
    deal = owed.deal
    return {
        "kind": kind,
        "issuer": _house(deal.side_organisation(owed.creditor)),
        "recipient": _house(deal.side_organisation(owed.debtor)),
        "deal": {"title": deal.title, "id": deal.public_id},
        "for": {"kind": owed.kind, "facts": dict(owed.facts)},
        "due_on": None if owed.due_on is None else owed.due_on.isoformat(),
        "net": net,
        "vat_rate": str(owed.vat_rate.normalize()) if owed.vat_rate else "0",
        "vat": vat,
        "gross": net + vat,
        "currency": owed.currency,
        "remark": remark,
        "corrects": None if corrects is None else corrects.label,
    }


def _house(house: Organisation) -> dict[str, str | None]:
    return {
        "zh": house.name("zh"),
        "en": house.name("en"),
        "credit_code": house.credit_code,
    }


def hash_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 over the canonical JSON of a paper's content."""
    text = json.dumps(canonical(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

"""Who is told what about payments. No amount stands in a notice: mails leave the house."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.deals.notifying import name_of, side_people, tell
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.payments.kinds import other_side
from tenon.payments.models import Obligation, Payment
from tenon.payments.words import kind_facts

wording.register(
    {
        "payment_due_soon": N_("A payment is due on %(day)s, in the deal “%(deal)s”: %(kind)s."),
        "payment_overdue": N_(
            "A payment was due on %(day)s and is open, in the deal “%(deal)s”: %(kind)s."
        ),
        "payment_overdue_theirs": N_(
            "%(organisation)s has not paid what was due on %(day)s, in the deal “%(deal)s”: "
            "%(kind)s."
        ),
        "payment_announced": N_(
            "%(organisation)s says that a payment is on its way, in the deal “%(deal)s”: please "
            "confirm it when it has arrived."
        ),
        "payment_received": N_(
            "%(organisation)s has confirmed your payment, in the deal “%(deal)s”."
        ),
        "payment_refused": N_(
            "%(organisation)s has not received the payment that you announced, in the deal "
            "“%(deal)s”."
        ),
        "payment_taken_back": N_(
            "%(organisation)s has taken back a payment that was recorded, in the deal “%(deal)s”."
        ),
        "payment_refunded": N_("%(organisation)s has paid money back, in the deal “%(deal)s”."),
    },
    group="deals",
    heading=N_("Deals"),
    samples={
        "deal": {"zh": "高温热泵许可", "en": "Licence of a high-temperature heat pump"},
        "organisation": {"zh": "示例公司", "en": "Example Ltd"},
        "kind": {"zh": "入门费", "en": "Up-front fee"},
        "day": "2027-03-31",
    },
)


def path_of(deal: Deal) -> str:
    """Return where the deal's payments stand."""
    return f"/deals/{deal.public_id}/payments"


def tell_reminder(session: Session, owed: Obligation, *, today: date, now: datetime) -> None:
    """Remind who owes it; where it is late, tell those to whom it is due as well."""
    deal, late = owed.deal, owed.due_on is not None and owed.due_on < today
    day = "" if owed.due_on is None else owed.due_on.isoformat()
    facts: Mapping[str, Any] = {"day": day, "kind": kind_facts(owed.kind)}
    kind = "payment_overdue" if late else "payment_due_soon"
    people = side_people(session, deal, owed.debtor)
    tell(session, deal, people, kind, facts, now=now, path=path_of(deal))
    if late:
        theirs = {**facts, "organisation": name_of(deal, owed.debtor)}
        people = side_people(session, deal, owed.creditor)
        tell(session, deal, people, "payment_overdue_theirs", theirs, now=now, path=path_of(deal))


def tell_payment(
    session: Session, payment: Payment, what: str, *, by: int | None, now: datetime
) -> None:
    """Tell the other side of what happened to a payment."""
    deal = payment.deal
    speaks = other_side(payment.payee) if what == "payment_announced" else payment.payee
    people = [user for user in side_people(session, deal, other_side(speaks)) if user.id != by]
    facts = {"organisation": name_of(deal, speaks)}
    tell(session, deal, people, what, facts, now=now, path=path_of(deal))

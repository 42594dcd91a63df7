"""Commission: shares and proposals to answer, receipts to confirm, sums to be paid."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.commissions.queries.lists import Waiting, due_soon
from tenon.desk.days import today_of
from tenon.desk.today.parts import Part, Row, Step, part
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.money import Money

PATH = "/commissions"
_WHY = {
    "share": N_("Your share of the commission waits for your word."),
    "agreement": N_("A commission that your organisation would pay waits for its answer."),
    "payout": N_("Commission of %(amount)s was paid, says who paid it: did it come?"),
    "pay": N_("Commission of %(amount)s is to be paid by your organisation."),
}


def commissions(session: Session, *, by: Actor, now: datetime, language: str) -> Part:  # noqa: ARG001  # a deal has one title
    """Return what of commission waits for the actor; eight statements at most."""
    today = today_of(now)
    rows = [
        Row(
            title=each.title,
            path=each.path,
            why=_WHY[each.kind],
            facts=_facts(each),
            due=each.due_on,
            late=each.due_on is not None and each.due_on < today,
            steps=(Step(N_("See to it"), each.path),),
        )
        for each in due_soon(session, by, now)
    ]
    return part("commissions", rows, PATH)


def _facts(waiting: Waiting) -> dict[str, str]:
    if "minor" not in waiting.facts:
        return {}
    currency = waiting.facts["currency"]
    return {"amount": f"{Money(waiting.facts['minor'], currency).amount:,} {currency}"}

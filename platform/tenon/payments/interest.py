"""What late payment costs, and charging it, which the creditor may and need not do.

The rate is the contract's (term ``late_interest``, percent a year) or else the rule table's; it is
counted on what was open, day by day, as the ledger's entries say. Interest bears no interest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.queries import accepted_terms, terms_value
from tenon.errors import IllegalTransition, Invalid
from tenon.formulas.interest import Span, late
from tenon.formulas.royalty import rounded_half_up
from tenon.ledger.queries import statement
from tenon.payments import books, permissions
from tenon.payments.models import Obligation
from tenon.payments.obligations import settling
from tenon.payments.obligations.services import charge
from tenon.rules.models import RuleRow
from tenon.rules.queries import Rule, rule

BASE, UPLIFT = "late_interest_base", "late_interest_uplift"


@dataclass(frozen=True, slots=True)
class Rate:
    """The rates that hold from a day on, as yearly shares, and where they come from.

    Attributes:
        by_contract: the terms name it; else ``rules`` do.
    """

    since: Sequence[tuple[date, Fraction]]
    by_contract: bool
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class LateInterest:
    """What an obligation has cost by being paid late.

    Attributes:
        until: the last day counted.
        amount: all of it, in minor units, rounded once.
        charged: of it, what was charged before.
        spans: days with one balance and one rate each.
    """

    until: date
    amount: int
    charged: int
    spans: tuple[Span, ...]
    rate: Rate

    @property
    def more(self) -> int:
        """What can be charged now."""
        return max(0, self.amount - self.charged)


def late_interest(session: Session, owed: Obligation, *, until: date) -> LateInterest | None:
    """Return what late payment of an obligation costs up to a day; None where it bears none."""
    if owed.kind == "interest" or owed.booked_on is None or owed.due_on is None:
        return None
    if until <= owed.due_on:
        return None
    rate = _rate(session, owed, until)
    charges, reductions = _movements(session, owed)
    principal = sum(minor for _, minor in charges)
    whole = late(principal, due_on=owed.due_on, until=until, rate=rate.since, payments=reductions)
    exact = sum((span.amount for span in whole.spans), Fraction(0))
    for day, minor in charges:  # what an amendment added later was not late before
        if day > owed.due_on:
            early = late(minor, due_on=owed.due_on, until=min(day, until), rate=rate.since)
            exact -= sum((span.amount for span in early.spans), Fraction(0))
    return LateInterest(
        until, rounded_half_up(max(exact, Fraction(0))), _charged(session, owed), whole.spans, rate
    )


def charge_interest(
    session: Session,
    owed: Obligation,
    *,
    until: date,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Obligation:
    """Charge the interest that late payment has cost up to a day, less what was charged before.

    It is due at once. Raises NotFound, Forbidden, Invalid at ``until`` for a day to come,
    IllegalTransition ``no_interest`` where there is nothing to charge, Conflict.
    """
    permissions.require_manage(by, owed)
    settling.fresh(session, owed, expected=expected_version)
    if until > books.today(now):
        raise Invalid({"until": "in_the_future"})
    found = late_interest(session, owed, until=until)
    if found is None or not found.more:
        raise IllegalTransition("no_interest", step="charge_interest", state=owed.state)
    return charge(
        session,
        owed.deal,
        key=f"interest:{owed.public_id}:{until.isoformat()}",
        kind="interest",
        net_minor=found.more,
        currency=owed.currency,
        due_on=books.today(now),
        debtor=owed.debtor,
        origin=("obligation", owed.public_id),
        facts={"until": until.isoformat(), "of": owed.key},
        by=by,
        now=now,
    )


def _movements(
    session: Session, owed: Obligation
) -> tuple[list[tuple[date, int]], list[tuple[date, int]]]:
    """Return what was charged when, and what made it less when; what was undone never was."""
    account = books.find_account(session, owed.deal, owed.creditor, "receivable", owed.currency)
    if account is None:
        return [], []
    lines = [
        line for line in statement(session, account, item=owed.public_id).lines if not line.undone
    ]
    due = owed.due_on or date.max
    charges = [(max(line.booked_on, due), line.debit) for line in lines if line.debit]
    return charges, [(line.booked_on, line.credit) for line in lines if line.credit]


def _charged(session: Session, owed: Obligation) -> int:
    found = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Obligation.net_minor), 0)).where(
            Obligation.deal_id == owed.deal_id,
            Obligation.kind == "interest",
            Obligation.origin_kind == "obligation",
            Obligation.origin_id == owed.public_id,
        )
    )
    return int(found or 0)


def _rate(session: Session, owed: Obligation, until: date) -> Rate:
    """Return the contract's rate, or those of the rule table from the due day on."""
    due_on = owed.due_on or until
    agreed = terms_value(accepted_terms(session, owed.deal), "late_interest")
    if agreed not in (None, ""):
        return Rate([(due_on, Fraction(Decimal(str(agreed))) / 100)], by_contract=True)
    changes = session.scalars(
        sa.select(RuleRow.effective_from)
        .where(
            RuleRow.code.in_((BASE, UPLIFT)),
            RuleRow.effective_from > due_on,
            RuleRow.effective_from <= until,
        )
        .distinct()
        .order_by(RuleRow.effective_from)
    ).all()
    since, rules = [], []
    for day in [due_on, *changes]:
        base = rule(session, BASE, jurisdiction=owed.deal.jurisdiction, on=day)
        more = rule(session, UPLIFT, jurisdiction=owed.deal.jurisdiction, on=day)
        share = Fraction(Decimal(str(base.value))) / 100
        since.append((day, share * (1 + Fraction(Decimal(str(more.value))) / 100)))
        rules += [each for each in (base, more) if each not in rules]
    return Rate(since, by_contract=False, rules=tuple(rules))

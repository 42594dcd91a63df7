"""The contributors' least part of the shares that technology brings, as it holds for a seller.

Value and source come from the rule table for the seller's region and the day; whether the floor
binds depends on the seller as well (the Act on promoting the transformation of scientific and
technological achievements, 45: state-founded universities and institutes). Who is a pilot unit is
said when income is shared; here the general floor of the region is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from tenon.accounts.queries import is_state_founded
from tenon.deals.models import Deal
from tenon.equity.days import today
from tenon.rules.queries import Rule, find_rule

CODE = "team_floor_equity"


@dataclass(frozen=True, slots=True)
class TeamFloor:
    """The rule's row, and whether it holds for this seller against another agreement."""

    rule: Rule
    binding: bool

    @property
    def percent(self) -> Decimal:
        """The value as a percentage; raises ArithmeticError where it is no number."""
        return Decimal(str(self.rule.value))

    @property
    def stated(self) -> str:
        """The percentage as people write it."""
        return format(self.percent.normalize(), "f")

    def allows(self, part: Fraction) -> bool:
        """Whether a part of 1 may be agreed."""
        return not self.binding or part >= Fraction(self.percent) / 100


def team_floor(session: Session, deal: Deal, *, now: datetime) -> TeamFloor | None:
    """Return what holds for a deal's contribution; None where nothing is prescribed.

    A contract that is signed is held to the rule of its day.
    """
    on = deal.signed_on or today(now)
    found = find_rule(session, CODE, jurisdiction=deal.jurisdiction, on=on)
    if found is None:
        return None
    return TeamFloor(found, found.binding and is_state_founded(deal.seller_organisation))

"""Which rules hold for a distribution: the team's floor, the main contributors', publicity, costs.

Values and sources come from the rule table for the seller's region and the day; whether a floor
binds depends on the seller as well (the Act on promoting the transformation of scientific and
technological achievements, 45: state-founded universities and institutes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.queries import is_state_founded
from tenon.deals import forms
from tenon.deals.models import Deal
from tenon.formulas.sharing import COST_KINDS, Floor
from tenon.rules.queries import Rule, find_rule
from tenon.sharing.models import Distribution

_TRANSFERS = ("transfer", "licence")


@dataclass(frozen=True, slots=True)
class Held:
    """A rule as it holds here.

    Attributes:
        rule: its row.
        binding: whether it holds for this seller against another agreement.
    """

    rule: Rule
    binding: bool

    @property
    def percent(self) -> Decimal:
        """The value as a percentage; raises ArithmeticError where it is no number."""
        return Decimal(str(self.rule.value))

    @property
    def floor(self) -> Floor:
        """The same for the formulas."""
        return Floor(Fraction(self.percent) / 100, self.binding, self.rule.source_en)

    def facts(self) -> dict[str, Any]:
        """Return it as plain JSON, to be kept with what was worked out by it."""
        value = self.rule.value
        return {
            "code": self.rule.code,
            "value": str(value) if isinstance(value, Decimal) else value,
            "jurisdiction": self.rule.jurisdiction,
            "binding": self.binding,
            "source_zh": self.rule.source_zh,
            "source_en": self.rule.source_en,
            "verified": self.rule.verified,
        }


@dataclass(frozen=True, slots=True)
class Rules:
    """All that holds for one distribution on a day; None where nothing is prescribed."""

    team: Held | None
    main: Held | None
    publicity: Held | None
    cost_kinds: tuple[str, ...]

    @property
    def publicity_days(self) -> int:
        """How long it must be public inside the institution; 0 where that is not asked for."""
        held = self.publicity
        return held.rule.number if held is not None and held.binding else 0

    def facts(self) -> dict[str, Any]:
        """Return the rules as plain JSON."""
        known = {"team": self.team, "main": self.main, "publicity": self.publicity}
        return {name: held.facts() for name, held in known.items() if held is not None}


def rules_for(session: Session, deal: Deal, *, pilot: bool, on: date) -> Rules:
    """Return what holds for a deal's income on a day.

    ``pilot`` says that the seller is a pilot unit: where its region has a rule for those, that one
    stands in place of the general floor.
    """
    binds = is_state_founded(deal.seller_organisation)
    place = deal.jurisdiction

    def held(code: str, *, for_all: bool = False) -> Held | None:
        found = find_rule(session, code, jurisdiction=place, on=on)
        return None if found is None else Held(found, binds and (found.binding or for_all))

    code = floor_code(deal)
    team = held(f"{code}_pilot") if code and pilot else None
    kinds = find_rule(session, "direct_cost_kinds", jurisdiction=place, on=on)
    listed = kinds.codes if kinds is not None else COST_KINDS
    return Rules(
        team=team or (held(code) if code else None),
        main=held("main_contributors_share") if code else None,
        # The table's row is a default, since no national number of days is known; for those whom
        # the floor binds this site asks for it, and an operator may change or end the row.
        publicity=held("reward_publicity_days", for_all=True) if code else None,
        cost_kinds=tuple(kind for kind in listed if kind in COST_KINDS),
    )


def floor_code(deal: Deal) -> str | None:
    """Return the rule that holds the floor for a deal's form; None where there is none.

    Transfer and licence have one, contribution as equity another; pay for development, consulting
    and service is no income from a transfer (the Act, 45).
    """
    form = forms.get(deal.form)
    if form.equity is not None:
        return "team_floor_equity"
    return "team_floor_transfer" if form.contract in _TRANSFERS else None


def kept_rule(distribution: Distribution, name: str) -> Mapping[str, Any] | None:
    """Return a rule as it stood when the distribution was proposed (``team``, ``main`` ...)."""
    return distribution.basis.get(name)

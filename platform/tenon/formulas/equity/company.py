"""A company as its cap table shows it at one moment: holders, pool, rights, grants, capital.

Immutable: events make a new one. Knows no event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from tenon.formulas.equity.grants import Grant
from tenon.formulas.equity.rights import Right
from tenon.money import split

KINDS = ("limited", "joint_stock")


class Impossible(ValueError):
    """What an event asks for cannot be, by arithmetic or by law.

    Attributes:
        code: a stable name of the reason.
        facts: values for its wording.
    """

    def __init__(self, code: str, /, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(f"{code} {facts}" if facts else code)


@dataclass(frozen=True, slots=True)
class Company:
    """The state of one company.

    Attributes:
        kind: ``limited`` (a unit is one minor unit of registered capital) or ``joint_stock``.
        currency: of every amount.
        par: registered capital a unit, in minor units; 1 in a limited company.
        issued: holder -> units, in the order in which they came; nobody with none.
        pool: units set aside for options and not issued yet.
        rights: subscription rights by key, as long as they live.
        grants: public grants that may become equity, by key, as long as they are open.
        reserve: capital reserve, minor units: what was paid beyond registered capital.
    """

    kind: str
    currency: str
    par: Fraction
    issued: Mapping[str, int] = field(default_factory=dict)
    pool: int = 0
    rights: Mapping[str, Right] = field(default_factory=dict)
    grants: Mapping[str, Grant] = field(default_factory=dict)
    reserve: Fraction = Fraction(0)

    @property
    def issued_units(self) -> int:
        """All units that somebody holds."""
        return sum(self.issued.values())

    @property
    def right_units(self) -> int:
        """Units that living subscription rights would still bring, vested or not."""
        return sum(right.open_units for right in self.rights.values())

    @property
    def diluted_units(self) -> int:
        """Fully diluted: issued, pool and what subscription rights would bring.

        An open grant counts for nothing here: how many units it brings is known only when the
        market round that converts it has a price.
        """
        return self.issued_units + self.pool + self.right_units

    @property
    def capital(self) -> Fraction:
        """Registered capital in minor units."""
        return self.issued_units * self.par

    def share(self, holder: str) -> Fraction:
        """Return a holder's exact part of the issued units."""
        return Fraction(self.issued.get(holder, 0), self.issued_units)

    def shares(self) -> dict[str, Fraction]:
        """Return every holder's exact part of the issued units; they sum to 1."""
        whole = self.issued_units
        return {holder: Fraction(units, whole) for holder, units in self.issued.items()}

    def diluted(self) -> dict[tuple[str, str], int]:
        """Return units fully diluted by what they are.

        Keys are ``("holder", name)``, ``("right", key)`` and ``("pool", "")``; none is zero.
        """
        rows = {("holder", holder): units for holder, units in self.issued.items()}
        rows |= {("right", key): right.open_units for key, right in self.rights.items()}
        rows[("pool", "")] = self.pool
        return {key: units for key, units in rows.items() if units}

    def diluted_shares(self) -> dict[tuple[str, str], Fraction]:
        """Return the exact parts of ``diluted``; they sum to 1."""
        whole = self.diluted_units
        return {key: Fraction(units, whole) for key, units in self.diluted().items()}


def found(kind: str, currency: str, par: Fraction | None = None) -> Company:
    """Return a company that nobody holds yet.

    ``par`` is needed for a joint-stock company (minor units a share) and fixed at 1 for a limited
    one. Raises Impossible for an unknown kind or a par that cannot be.
    """
    if kind not in KINDS:
        raise Impossible("unknown_kind", kind=kind)
    if kind == "limited":
        if par not in (None, 1):
            raise Impossible("par_of_limited")
        par = Fraction(1)
    if par is None or par <= 0:
        raise Impossible("par_needed")
    return Company(kind=kind, currency=currency, par=Fraction(par))


def with_units(issued: Mapping[str, int], holder: str, change: int) -> dict[str, int]:
    """Return holdings with a holder's units changed; raises Impossible below zero."""
    left = issued.get(holder, 0) + change
    if left < 0:
        raise Impossible("not_enough_units", holder=holder, units=issued.get(holder, 0))
    changed = {**issued, holder: left}
    return {name: units for name, units in changed.items() if units}


def shown_percentages(parts: Mapping[str, int], places: int = 3) -> dict[str, Fraction]:
    """Return percentages rounded for the eye, by largest remainder, so that they add up to 100."""
    if not parts:
        return {}
    steps = split(100 * 10**places, list(parts.values()))
    return {key: Fraction(step, 10**places) for key, step in zip(parts, steps, strict=True)}

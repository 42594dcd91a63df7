"""Reads of the room: what a rule says in a place on a day, and the table as lists.

Other rooms ask ``rule``. Must not know any page or change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import NotFound
from tenon.history import HistoryEntry
from tenon.money import Money
from tenon.rules import values
from tenon.rules.catalogue import COUNTRY, Entry, catalogue, entry
from tenon.rules.models import RuleRow
from tenon.rules.values import Value
from tenon.taxonomy.catalogue import find, is_chinese, lineage_codes

__all__ = ["Entry", "Rule", "RuleFilter", "entry", "find_row", "find_rule", "holding", "rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds in a place on a day.

    Attributes:
        value: int, Decimal, text, or ``{"minor": ..., "currency": ...}``, by ``kind``.
        unit: days, working_days, months, years, percent ...; empty for money and text.
        jurisdiction: where the row holds: the place asked for, or one that it lies in.
        applies: ``binding`` or ``default``.
        verified: whether the value was read in the source named.
    """

    code: str
    jurisdiction: str
    effective_from: date
    effective_to: date | None
    kind: str
    value: Value
    unit: str
    applies: str
    source_zh: str
    source_en: str
    verified: bool

    @property
    def binding(self) -> bool:
        """Whether it holds against another agreement."""
        return self.applies == "binding"

    @property
    def money(self) -> Money:
        """The value as an amount; raises ValueError for other kinds."""
        if not isinstance(self.value, dict):
            raise ValueError(f"{self.code} is no amount")
        return Money(self.value["minor"], self.value["currency"])

    @property
    def number(self) -> int:
        """The value as a whole number; raises ValueError for other kinds."""
        if not isinstance(self.value, int):
            raise ValueError(f"{self.code} is no whole number")
        return self.value

    @property
    def codes(self) -> tuple[str, ...]:
        """What is chosen, of a rule that chooses among a few; raises ValueError for other kinds."""
        if not isinstance(self.value, str):
            raise ValueError(f"{self.code} chooses nothing")
        return values.codes_in(self.value)

    def source(self, language: str) -> str:
        """Return where it stands, in ``language``."""
        return self.source_zh if is_chinese(language) else self.source_en


def rule(session: Session, code: str, *, jurisdiction: str | None, on: date) -> Rule:
    """Return what a rule says in a place on a day.

    Where the place has no row of its own for that day, the regions that it lies in are asked,
    nearest first, then the country. A place that is no region, or None, asks the country.

    Raises:
        NotFound: nothing is prescribed there on that day (``no_rule``).
    """
    found = find_rule(session, code, jurisdiction=jurisdiction, on=on)
    if found is None:
        raise NotFound("no_rule", rule=code, jurisdiction=jurisdiction, on=on.isoformat())
    return found


def find_rule(session: Session, code: str, *, jurisdiction: str | None, on: date) -> Rule | None:
    """Return the same as ``rule``, or None where nothing is prescribed."""
    places = places_above(jurisdiction)
    rows = session.scalars(
        sa.select(RuleRow).where(
            RuleRow.code == code, RuleRow.jurisdiction.in_(places), valid_on(on)
        )
    ).all()
    if not rows:
        return None
    return as_rule(min(rows, key=lambda row: places.index(row.jurisdiction)))


def holding(session: Session, *, jurisdiction: str | None, on: date) -> dict[str, Rule]:
    """Return code -> what it says in a place on a day, of every rule that says anything there."""
    places = places_above(jurisdiction)
    found: dict[str, RuleRow] = {}
    wanted = sa.select(RuleRow).where(RuleRow.jurisdiction.in_(places), valid_on(on))
    for row in session.scalars(wanted):
        known = found.get(row.code)
        if known is None or places.index(row.jurisdiction) < places.index(known.jurisdiction):
            found[row.code] = row
    return {code: as_rule(row) for code, row in found.items()}


def places_above(jurisdiction: str | None) -> tuple[str, ...]:
    """Return a place and all that it lies in, nearest first, the country last.

    Of a division that the taxonomy does not carry, its city or province is asked.
    """
    code = jurisdiction or ""
    for known in (code, f"{code[:4]}00", f"{code[:2]}0000"):
        if find("region", known) is not None:
            return (*lineage_codes("region", known), COUNTRY)
    return (COUNTRY,)


def valid_on(on: date) -> sa.ColumnElement[bool]:
    """Return the SQL condition that a row holds on a day."""
    return sa.and_(
        RuleRow.effective_from <= on,
        sa.or_(RuleRow.effective_to.is_(None), RuleRow.effective_to >= on),
    )


def as_rule(row: RuleRow) -> Rule:
    """Return a row as others read it."""
    return Rule(
        code=row.code,
        jurisdiction=row.jurisdiction,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        kind=row.kind,
        value=values.read(row.kind, row.value["value"]),
        unit=row.unit,
        applies=row.applies,
        source_zh=row.source_zh,
        source_en=row.source_en,
        verified=row.verified,
    )


def described(row: RuleRow) -> Entry:
    """Return what the files say of a row's rule; what the row itself says where they do no more."""
    found = catalogue().entries.get(row.code)
    if found is not None and found.kind == row.kind:
        return found
    return Entry(
        code=row.code,
        topic="",
        kind=row.kind,
        unit=row.unit,
        title_zh=row.code,
        title_en=row.code,
        explanation_zh="",
        explanation_en="",
    )


def find_row(session: Session, public_id: str) -> RuleRow:
    """Return a row; raises NotFound."""
    found = session.scalar(sa.select(RuleRow).where(RuleRow.public_id == public_id))
    if found is None:
        raise NotFound(kind="rule")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFilter:
    """What the table is narrowed to; empty means all.

    Attributes:
        topic: a file's name.
        jurisdiction: rows of this place and of those above it.
        on: rows that hold on this day.
        code: rows of this rule.
    """

    topic: str = ""
    jurisdiction: str = ""
    on: date | None = None
    code: str = ""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the SQL conditions."""
        found: list[sa.ColumnElement[bool]] = []
        if self.topic:
            codes = [each.code for each in catalogue().entries.values() if each.topic == self.topic]
            found.append(RuleRow.code.in_(codes))
        if self.jurisdiction:
            found.append(RuleRow.jurisdiction.in_(places_above(self.jurisdiction)))
        if self.on is not None:
            found.append(valid_on(self.on))
        if self.code:
            found.append(RuleRow.code == self.code)
        return found


def rows(session: Session, where: RuleFilter) -> Sequence[RuleRow]:
    """Return the rows: topics and rules in the files' order, the country first, then by day."""
    found = session.scalars(sa.select(RuleRow).where(*where.conditions())).all()
    order = {code: number for number, code in enumerate(catalogue().entries)}
    return sorted(
        found,
        key=lambda row: (
            order.get(row.code, len(order)),
            row.code,
            row.jurisdiction != COUNTRY,
            row.jurisdiction,
            row.effective_from,
        ),
    )


def jurisdictions(session: Session) -> Sequence[str]:
    """Return the places that have rows, the country first."""
    found = session.scalars(sa.select(RuleRow.jurisdiction).distinct()).all()
    return sorted(found, key=lambda place: (place != COUNTRY, place))


def overlapping(
    session: Session,
    *,
    code: str,
    jurisdiction: str,
    since: date,
    until: date | None,
    besides: int | None = None,
) -> RuleRow | None:
    """Return a row of the same rule and place that holds on a day of this span, if any."""
    wanted = sa.select(RuleRow).where(
        RuleRow.code == code,
        RuleRow.jurisdiction == jurisdiction,
        sa.or_(RuleRow.effective_to.is_(None), RuleRow.effective_to >= since),
    )
    if until is not None:
        wanted = wanted.where(RuleRow.effective_from <= until)
    if besides is not None:
        wanted = wanted.where(RuleRow.id != besides)
    return session.scalars(wanted.limit(1)).first()


def history(session: Session, row: RuleRow) -> Sequence[HistoryEntry]:
    """Return what happened to a row, newest first."""
    return session.scalars(
        sa.select(HistoryEntry)
        .where(HistoryEntry.chain_kind == "rule", HistoryEntry.chain_id == row.public_id)
        .order_by(HistoryEntry.sequence.desc())
    ).all()

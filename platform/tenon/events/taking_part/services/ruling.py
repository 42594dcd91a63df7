"""What the organiser decides of pairs: let them meet, keep them apart, fix slot and table.

Rows come as codes of badges, two a line, or as ticked pairs; each is judged by itself, and the
same judging serves preview and doing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Forbidden, Invalid
from tenon.events.models import Event, EventSlot, EventTable, PairRule, Registration
from tenon.events.models.taking_part import RULES
from tenon.events.permissions import may_run
from tenon.events.queries import slots_of, tables_of
from tenon.events.states import EVENT
from tenon.events.taking_part.queries.availability import absences, slots_for_all
from tenon.events.taking_part.queries.may_meet import ordered
from tenon.events.taking_part.queries.people import for_lists
from tenon.events.taking_part.services.places import lock

AT_ONCE = 500
REMARK_LIMIT = 300
_BETWEEN = str.maketrans(dict.fromkeys('，；、,;\t"', " "))


@dataclass(frozen=True, slots=True)
class Asked:
    """One row as it was given.

    Attributes:
        line: its number, from 1.
        first, second: codes of two people.
        slot: number of the slot as people count, from 1; None: the one chosen for all.
        table: name of the table; empty: the one chosen for all, or any.
        fault: why the line cannot be read, else empty.
    """

    line: int
    first: str
    second: str
    slot: int | None = None
    table: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Ruled:
    """What becomes of a row.

    Attributes:
        asked: the row.
        code: ``new``, ``changed``, ``same``, or why it cannot be.
        a, b: the two, where they were found.
        slot, table: of a fixed meeting.
    """

    asked: Asked
    code: str
    a: Registration | None = None
    b: Registration | None = None
    slot: EventSlot | None = None
    table: EventTable | None = None

    @property
    def done(self) -> bool:
        """Whether the rule stands, or would."""
        return self.code in ("new", "changed", "same")


@dataclass(slots=True)
class _Known:
    """What rows are judged by; what is fixed by earlier rows of the same choice counts too."""

    people: Mapping[str, Registration]
    slots: Mapping[int, EventSlot]
    tables: Mapping[str, EventTable]
    rules: dict[tuple[int, int], PairRule]
    absent: Mapping[int, frozenset[int]]
    for_all: frozenset[int]
    seen: set[tuple[int, int]] = field(default_factory=set)
    busy: set[tuple[int, int]] = field(default_factory=set)
    taken: set[tuple[int, int]] = field(default_factory=set)


def read_lines(text: str) -> list[Asked]:
    """Return rows of a pasted text or CSV: two codes, then slot and table where they are given.

    Values are parted by commas, semicolons, tabs or spaces; empty lines are left out.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.translate(_BETWEEN).split()
        if parts:
            found.append(_read(number, parts))
    return found


def _read(number: int, parts: Sequence[str]) -> Asked:
    first, second = (*parts, "", "")[:2]
    if not 2 <= len(parts) <= 4:
        return Asked(number, first, second, fault="two_codes_a_line")
    slot = parts[2] if len(parts) > 2 else ""
    if slot and not (slot.isascii() and slot.isdecimal() and len(slot) < 5):
        return Asked(number, first, second, fault="slot_is_a_number")
    table = parts[3] if len(parts) > 3 else ""
    return Asked(number, first.upper(), second.upper(), int(slot) if slot else None, table)


def judge(
    session: Session,
    event: Event,
    rows: Sequence[Asked],
    *,
    rule: str,
    slot: int | None = None,
    table: str = "",
    by: Actor,
) -> list[Ruled]:
    """Return what would become of each row; changes nothing.

    ``slot`` (from 1) and ``table`` are for rows that name none. Raises Forbidden, Invalid at
    ``rule`` or ``rows``.
    """
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    if rule not in RULES:
        raise Invalid({"rule": "unknown_code" if rule else "required"})
    if not rows or len(rows) > AT_ONCE:
        raise Invalid({"rows": "too_many_at_once" if rows else "nothing_chosen"})
    known = _known(session, event, rows)
    return [
        _judge(known, replace(row, slot=row.slot or slot, table=row.table or table), rule)
        for row in rows
    ]


def rule_pairs(
    session: Session,
    event: Event,
    rows: Sequence[Asked],
    *,
    rule: str,
    slot: int | None = None,
    table: str = "",
    remark: str = "",
    by: Actor,
    now: datetime,
) -> list[Ruled]:
    """Do what ``judge`` says; rows that cannot be are left out. Raises as it does."""
    if len(remark) > REMARK_LIMIT:
        raise Invalid({"remark": "too_long"})
    event = lock(session, event)
    ruled = judge(session, event, rows, rule=rule, slot=slot, table=table, by=by)
    kept = {
        (each.a_id, each.b_id): each
        for each in session.scalars(sa.select(PairRule).where(PairRule.event_id == event.id))
    }
    for each in ruled:
        if each.code in ("new", "changed") and each.a is not None and each.b is not None:
            pair = ordered(each.a.id, each.b.id)
            row = kept.get(pair) or _add(session, event, pair)
            row.rule, row.remark = rule, remark
            row.slot_id = each.slot.id if each.slot else None
            row.table_id = each.table.id if each.table else None
            row.made_by, row.made_at = by.user_id, now
    session.flush()
    number = sum(each.code in ("new", "changed") for each in ruled)
    if number:
        _note(session, event, "rule_pairs", {"rule": rule, "pairs": number}, by=by, now=now)
    return ruled


def forget_rules(
    session: Session, event: Event, public_ids: Sequence[str], *, by: Actor, now: datetime
) -> int:
    """Take rules back; return how many there were. Raises Forbidden, Invalid at ``chosen``."""
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    if not public_ids:
        raise Invalid({"chosen": "nothing_chosen"})
    result = session.execute(
        sa.delete(PairRule)
        .where(PairRule.event_id == event.id, PairRule.public_id.in_(list(public_ids)))
        .execution_options(synchronize_session=False)
    )
    number = int(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it
    if number:
        _note(session, event, "forget_pairs", {"pairs": number}, by=by, now=now)
    return number


def _known(session: Session, event: Event, rows: Sequence[Asked]) -> _Known:
    codes = {code for row in rows for code in (row.first, row.second) if code}
    people = session.scalars(
        sa.select(Registration)
        .where(Registration.event_id == event.id, sa.func.upper(Registration.code).in_(codes))
        .options(*for_lists())
    )
    rules = session.scalars(sa.select(PairRule).where(PairRule.event_id == event.id))
    return _Known(
        people={each.code.upper(): each for each in people},
        slots={slot.number + 1: slot for slot in slots_of(session, event)},
        tables={each.name: each for each in tables_of(session, event)},
        rules={(each.a_id, each.b_id): each for each in rules},
        absent=absences(session, event),
        for_all=slots_for_all(session, event),
    )


def _judge(known: _Known, row: Asked, rule: str) -> Ruled:
    if row.fault:
        return Ruled(row, row.fault)
    a, b = known.people.get(row.first), known.people.get(row.second)
    if a is None or b is None:
        return Ruled(row, "unknown_first" if a is None else "unknown_second", a, b)
    if a.id == b.id:
        return Ruled(row, "same_person", a, b)
    if {a.state, b.state} != {"confirmed"}:
        return Ruled(row, "not_confirmed", a, b)
    pair = ordered(a.id, b.id)
    if pair in known.seen:
        return Ruled(row, "said_twice", a, b)
    known.seen.add(pair)
    slot, table, fault = _placed(known, row, a, b) if rule == "fix" else (None, None, "")
    if fault:
        return Ruled(row, fault, a, b, slot, table)
    before = known.rules.get(pair)
    return Ruled(row, _news(before, rule, slot, table), a, b, slot, table)


def _news(
    before: PairRule | None, rule: str, slot: EventSlot | None, table: EventTable | None
) -> str:
    if before is None:
        return "new"
    wanted = (rule, slot.id if slot else None, table.id if table else None)
    return "same" if (before.rule, before.slot_id, before.table_id) == wanted else "changed"


def _placed(
    known: _Known, row: Asked, a: Registration, b: Registration
) -> tuple[EventSlot | None, EventTable | None, str]:
    """Return slot and table of a fixed meeting, and why it cannot be there."""
    if row.slot is None:
        return None, None, "slot_missing"
    slot = known.slots.get(row.slot)
    if slot is None:
        return None, None, "unknown_slot"
    table = known.tables.get(row.table) if row.table else None
    if row.table and table is None:
        return slot, None, "unknown_table"
    pair = ordered(a.id, b.id)
    fixed = [rule for key, rule in known.rules.items() if rule.slot_id == slot.id and key != pair]
    busy = {key for rule in fixed for key in (rule.a_id, rule.b_id)}
    taken = {rule.table_id for rule in fixed if rule.table_id is not None}
    if any(each.id in busy or (each.id, slot.id) in known.busy for each in (a, b)):
        return slot, table, "already_fixed_then"
    if slot.id in known.for_all or any(
        slot.id in known.absent.get(each.id, frozenset()) for each in (a, b)
    ):
        return slot, table, "not_free_then"
    if table is not None:
        if slot.number in table.closed:
            return slot, table, "table_closed_then"
        if table.id in taken or (table.id, slot.id) in known.taken:
            return slot, table, "table_taken_then"
        known.taken.add((table.id, slot.id))
    known.busy |= {(a.id, slot.id), (b.id, slot.id)}
    return slot, table, ""


def _add(session: Session, event: Event, pair: tuple[int, int]) -> PairRule:
    row = PairRule(event_id=event.id, a_id=pair[0], b_id=pair[1])
    session.add(row)
    return row


def _note(
    session: Session, event: Event, kind: str, facts: dict[str, object], *, by: Actor, now: datetime
) -> None:
    history.record(
        session, chain=(EVENT.kind, event.public_id), kind=kind, by=by, now=now, facts=facts
    )

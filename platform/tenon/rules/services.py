"""Change the table of rules: what the files bring, what operators add, correct and end.

No two rows of one rule and place hold on the same day; what an operator wrote is never
overwritten by a later load. Must not know any page; the caller commits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.permissions import require
from tenon.actors import SYSTEM, Actor
from tenon.db import new_public_id
from tenon.errors import Invalid
from tenon.history.services import lock
from tenon.rules import permissions, queries
from tenon.rules.catalogue import Entry, Seed, catalogue, entry, is_jurisdiction
from tenon.rules.models import APPLIES, RuleRow

SOURCE_LENGTH = 1000
_AMENDED = ("effective_to", "value", "applies", "source_zh", "source_en", "verified")


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, in rows; ``kept`` are those that an operator's edit keeps as they are."""

    inserted: int
    updated: int
    kept: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What an operator writes of a row; ``value`` as the table keeps it (``values.parse``)."""

    effective_to: date | None
    value: Any
    applies: str
    source_zh: str
    source_en: str
    verified: bool


def load(session: Session, *, now: datetime) -> LoadReport:
    """Bring rows that nobody edited in step with the files; a second call changes nothing."""
    stored = {
        (row.code, row.jurisdiction, row.effective_from): row
        for row in session.scalars(sa.select(RuleRow))
    }
    did = {"inserted": 0, "updated": 0, "kept": 0, "unchanged": 0}
    for seed in catalogue().seeds:
        row = stored.get((seed.code, seed.jurisdiction, seed.effective_from))
        if row is None:
            did["inserted" if _insert(session, seed, now) else "kept"] += 1
        elif row.edited_at is not None:
            did["kept"] += 1
        else:
            did["updated" if _amend(session, row, seed, now) else "unchanged"] += 1
    session.flush()
    return LoadReport(**did)


def _insert(session: Session, seed: Seed, now: datetime) -> bool:
    """Add a file's row, unless an operator's own holds on one of its days."""
    if queries.overlapping(
        session,
        code=seed.code,
        jurisdiction=seed.jurisdiction,
        since=seed.effective_from,
        until=seed.effective_to,
    ):
        return False
    described = entry(seed.code)
    row = RuleRow(
        code=seed.code,
        jurisdiction=seed.jurisdiction,
        effective_from=seed.effective_from,
        effective_to=seed.effective_to,
        kind=described.kind,
        unit=described.unit,
        value={"value": seed.value},
        applies=seed.applies,
        source_zh=seed.source_zh,
        source_en=seed.source_en,
        verified=seed.verified,
        created_at=now,
        public_id=new_public_id(),
    )
    session.add(row)
    session.flush()
    _record(session, row, "loaded", _facts(row), by=SYSTEM, now=now)
    return True


def _amend(session: Session, row: RuleRow, seed: Seed, now: datetime) -> bool:
    wanted = {name: getattr(seed, name) for name in _AMENDED}
    wanted["value"] = {"value": seed.value}
    changed = _set(row, wanted)
    if changed:
        _record(session, row, "loaded", changed, by=SYSTEM, now=now)
    return bool(changed)


def add_rule(
    session: Session,
    *,
    code: str,
    jurisdiction: str,
    effective_from: date | None,
    wording: Wording,
    by: Actor,
    now: datetime,
) -> RuleRow:
    """Add a row of a known rule.

    Raises:
        Forbidden: the actor is no operator.
        Invalid: at a field; ``overlaps`` where another row of this rule and place holds on one
            of its days (end that one first).
    """
    require(permissions.may_edit_rules(by))
    described = catalogue().entries.get(code)
    problems = dict(_problems(wording, described))
    if described is None:
        problems["code"] = "unknown_code"
    if not is_jurisdiction(jurisdiction):
        problems["jurisdiction"] = "unknown_code"
    if effective_from is None:
        problems["effective_from"] = "required"
    if problems or described is None or effective_from is None:
        raise Invalid(problems)
    _check_span(session, code, jurisdiction, effective_from, wording.effective_to)
    row = RuleRow(
        code=code,
        jurisdiction=jurisdiction,
        effective_from=effective_from,
        kind=described.kind,
        unit=described.unit,
        public_id=new_public_id(),
        created_at=now,
        edited_by=by.user_id,
        edited_at=now,
        **_columns(wording),
    )
    session.add(row)
    session.flush()
    _record(session, row, "added", _facts(row), by=by, now=now)
    return row


def edit_rule(
    session: Session, row: RuleRow, *, wording: Wording, by: Actor, now: datetime
) -> None:
    """Correct a row. A new value from some day on is a row of its own: end this one, add that.

    Raises Forbidden and Invalid as ``add_rule``.
    """
    require(permissions.may_edit_rules(by))
    problems = dict(_problems(wording, queries.described(row)))
    if problems:
        raise Invalid(problems)
    _check_span(
        session,
        row.code,
        row.jurisdiction,
        row.effective_from,
        wording.effective_to,
        besides=row.id,
    )
    changed = _set(row, _columns(wording))
    if not changed:
        return
    row.edited_by, row.edited_at = by.user_id, now
    session.flush()
    _record(session, row, "edited", changed, by=by, now=now)


def end_rule(session: Session, row: RuleRow, *, on: date | None, by: Actor, now: datetime) -> None:
    """Let a row hold for the last time on a day.

    Raises:
        Forbidden: the actor is no operator.
        Invalid: at ``on``: required; out_of_order for a day before it began, or after the day on
            which it ends already.
    """
    require(permissions.may_edit_rules(by))
    if on is None:
        raise Invalid({"on": "required"})
    if on < row.effective_from or (row.effective_to is not None and on > row.effective_to):
        raise Invalid({"on": "out_of_order"})
    changed = _set(row, {"effective_to": on})
    row.edited_by, row.edited_at = by.user_id, now
    session.flush()
    _record(session, row, "ended", changed, by=by, now=now)


def _check_span(
    session: Session,
    code: str,
    jurisdiction: str,
    since: date,
    until: date | None,
    *,
    besides: int | None = None,
) -> None:
    # Of two operators at one rule and place the second waits, and then sees the first one's row.
    lock(session, ("rules", f"{code}/{jurisdiction}"))
    if until is not None and until < since:
        raise Invalid({"effective_to": "out_of_order"})
    if queries.overlapping(
        session, code=code, jurisdiction=jurisdiction, since=since, until=until, besides=besides
    ):
        raise Invalid({"effective_from" if besides is None else "effective_to": "overlaps"})


def _problems(wording: Wording, described: Entry | None) -> Iterator[tuple[str, str]]:
    if described is not None and not described.takes(wording.value):
        yield "value", "unknown_code" if described.choices else "not_a_number"
    if wording.applies not in APPLIES:
        yield "applies", "unknown_code"
    for name in ("source_zh", "source_en"):
        text = getattr(wording, name).strip()
        if not text:
            yield name, "required"
        elif len(text) > SOURCE_LENGTH:
            yield name, "too_long"


def _columns(wording: Wording) -> dict[str, Any]:
    return {
        "effective_to": wording.effective_to,
        "value": {"value": wording.value},
        "applies": wording.applies,
        "source_zh": wording.source_zh.strip(),
        "source_en": wording.source_en.strip(),
        "verified": wording.verified,
    }


def _set(row: RuleRow, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Set what differs; return it as facts, each with what was there before."""
    changed = {
        name: {"from": _plain(getattr(row, name)), "to": _plain(value)}
        for name, value in wanted.items()
        if getattr(row, name) != value
    }
    for name in changed:
        setattr(row, name, wanted[name])
    return changed


def _facts(row: RuleRow) -> dict[str, Any]:
    names = ("code", "jurisdiction", "effective_from", "effective_to", "value", "applies")
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value["value"] if isinstance(value, dict) else value


def _record(
    session: Session,
    row: RuleRow,
    kind: str,
    facts: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> None:
    chain = ("rule", row.public_id)
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)

"""The figures of one event, each as the keys of the rows behind it; and what was signed later.

A figure's number is how many keys it has, so a number and its rows cannot say different things.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.events.models import CheckIn, Event, EventGroup, Meeting, Outcome, Registration, Wish
from tenon.events.models.day import OUTCOMES
from tenon.figures.models import ContractRecord
from tenon.figures.queries import Scope, conditions
from tenon.introductions.models import Introduction

PEOPLE, WISHES, MEETINGS, SIDES = "people", "wishes", "meetings", "sides"
INTRODUCTIONS, DEALS = "introductions", "deals"
STARS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: what its rows are (PEOPLE, WISHES ...) and their keys."""

    of: str
    keys: Sequence[int]

    def __len__(self) -> int:
        """Return the number that the report shows."""
        return len(self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The report of one event.

    Attributes:
        groups: code -> group, in the event's order.
        states: states of registration that occur.
        figures: code -> figure, such as ``registered``, ``registered.confirmed.company``,
            ``wished.must``, ``held``, ``outcome.nda``, ``outcome.nda.company``, ``stars.5``.
        signed: currency -> sum in minor units, of deals that came of it, as known now.
        satisfaction: mean of all stars; None where nobody answered.
    """

    groups: Mapping[str, EventGroup]
    states: Sequence[str]
    figures: Mapping[str, Figure]
    signed: Mapping[str, int] = field(default_factory=dict)
    satisfaction: Fraction | None = None

    def number(self, code: str) -> int:
        """Return a figure's number; nothing to count is nought."""
        found = self.figures.get(code)
        return 0 if found is None else len(found)


def report(session: Session, event: Event) -> Report:
    """Return an event's figures as they are now; a dozen statements, whatever its size."""
    groups = {each.id: each for each in event.groups}
    found: dict[str, Figure] = {}
    people = session.execute(
        sa.select(Registration.id, Registration.state, Registration.group_id)
        .where(Registration.event_id == event.id)
        .order_by(Registration.id)
    ).all()
    group_of = {row.id: groups[row.group_id].code for row in people}
    _count_people(session, event, people, group_of, found)
    _count_wishes(session, event, found)
    _count_meetings(session, event, found)
    stars = _count_outcomes(session, event, group_of, found)
    deals = _count_what_came(session, event, found)
    return Report(
        groups={each.code: each for each in event.groups},
        states=list(dict.fromkeys(row.state for row in people)),
        figures=found,
        signed=_signed(session, deals),
        satisfaction=Fraction(sum(stars), len(stars)) if stars else None,
    )


def _count_people(
    session: Session,
    event: Event,
    people: Iterable[Any],
    group_of: Mapping[int, str],
    found: dict[str, Figure],
) -> None:
    keys: dict[str, list[int]] = {"registered": []}
    for row in people:
        for code in ("", f".{row.state}", f".{row.state}.{group_of[row.id]}"):
            keys.setdefault(f"registered{code}", []).append(row.id)
    there = session.scalars(
        sa.select(CheckIn.registration_id)
        .where(CheckIn.event_id == event.id)
        .order_by(CheckIn.registration_id)
    ).all()
    keys["checked_in"] = list(there)
    for key in there:
        keys.setdefault(f"checked_in.{group_of[key]}", []).append(key)
    found |= {code: Figure(PEOPLE, each) for code, each in keys.items()}


def _count_wishes(session: Session, event: Event, found: dict[str, Figure]) -> None:
    """Count wishes that stand; mutual where each wished the other, or the other agreed."""
    rows = session.execute(
        sa.select(Wish.id, Wish.from_id, Wish.to_id, Wish.kind, Wish.state)
        .where(
            Wish.event_id == event.id,
            Wish.kind.in_(("must", "would")),
            Wish.state.in_(("open", "accepted", "declined")),
        )
        .order_by(Wish.id)
    ).all()
    standing = {(row.from_id, row.to_id) for row in rows if row.state != "declined"}
    keys: dict[str, list[int]] = {"wished": [], "wished.mutual": []}
    pairs = set()
    for row in rows:
        keys["wished"].append(row.id)
        keys.setdefault(f"wished.{row.kind}", []).append(row.id)
        pair = tuple(sorted((row.from_id, row.to_id)))
        agreed = row.state == "accepted" or (
            row.state == "open" and (row.to_id, row.from_id) in standing
        )
        if agreed and pair not in pairs:
            pairs.add(pair)
            keys["wished.mutual"].append(row.id)
    found |= {code: Figure(WISHES, each) for code, each in keys.items()}


def _count_meetings(session: Session, event: Event, found: dict[str, Figure]) -> None:
    rows = session.execute(
        sa.select(Meeting.id, Meeting.state)
        .where(Meeting.event_id == event.id)
        .order_by(Meeting.id)
    ).all()
    live = [row.id for row in rows if row.state != "called_off"]
    keys: dict[str, list[int]] = {"scheduled": live}
    for row in rows:
        keys.setdefault(row.state, []).append(row.id)
    found |= {code: Figure(MEETINGS, each) for code, each in keys.items()}


def _count_outcomes(
    session: Session, event: Event, group_of: Mapping[int, str], found: dict[str, Figure]
) -> list[int]:
    """Count what sides said, and how far two agree; return every rating."""
    rows = session.execute(
        sa.select(
            Outcome.id,
            Outcome.meeting_id,
            Outcome.registration_id,
            Outcome.outcome,
            Outcome.rating,
        )
        .join(Meeting, Meeting.id == Outcome.meeting_id)
        .where(Meeting.event_id == event.id)
        .order_by(Outcome.id)
    ).all()
    sides: dict[str, list[int]] = {"answered": []}
    said: dict[int, list[str]] = {}
    for row in rows:
        group = group_of[row.registration_id]
        for code in (
            "answered",
            f"outcome.{row.outcome}",
            f"outcome.{row.outcome}.{group}",
            f"stars.{row.rating}",
        ):
            sides.setdefault(code, []).append(row.id)
        said.setdefault(row.meeting_id, []).append(row.outcome)
    found |= {code: Figure(SIDES, each) for code, each in sides.items()}
    both = {key: words for key, words in said.items() if len(words) > 1}
    agree = [key for key, words in both.items() if len(set(words)) == 1]
    differ = [key for key, words in both.items() if len(set(words)) > 1]
    found["agree"], found["differ"] = Figure(MEETINGS, agree), Figure(MEETINGS, differ)
    found["best"] = Figure(MEETINGS, [key for key, words in said.items() if _led_on(words)])
    return [row.rating for row in rows]


def _led_on(words: Iterable[str]) -> bool:
    """Whether a side saw more in a meeting than nothing."""
    return any(OUTCOMES.index(each) > 0 for each in words)


def _count_what_came(session: Session, event: Event, found: dict[str, Figure]) -> sa.Select[int]:
    """Count introductions and deals that the meetings began; return the select of the deals."""
    meetings = sa.select(Meeting.id).where(Meeting.event_id == event.id)
    introductions = sa.select(Introduction.id).where(
        Introduction.origin_kind == "meeting", Introduction.origin_id.in_(meetings)
    )
    deals = sa.select(Deal.id).where(
        sa.or_(
            sa.and_(Deal.origin_kind == "meeting", Deal.origin_id.in_(meetings)),
            sa.and_(Deal.origin_kind == "introduction", Deal.origin_id.in_(introductions)),
        )
    )
    began = session.scalars(introductions.order_by(Introduction.id)).all()
    found["introductions"] = Figure(INTRODUCTIONS, began)
    found["deals"] = Figure(DEALS, session.scalars(deals.order_by(Deal.id)).all())
    signed = session.scalars(
        sa.select(ContractRecord.deal_id)
        .where(*conditions(Scope()), ContractRecord.deal_id.in_(deals))
        .order_by(ContractRecord.deal_id)
    ).all()
    found["signed"] = Figure(DEALS, signed)
    return deals


def _signed(session: Session, deals: sa.Select[int]) -> Mapping[str, int]:
    rows = session.execute(
        sa.select(ContractRecord.currency, sa.func.sum(ContractRecord.value_minor))
        .where(*conditions(Scope()), ContractRecord.deal_id.in_(deals))
        .group_by(ContractRecord.currency)
        .order_by(ContractRecord.currency)
    )
    return {row[0]: int(row[1]) for row in rows}

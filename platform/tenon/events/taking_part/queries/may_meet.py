"""Who may meet whom at an event: groups, houses, and what the organiser decided of two."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.events.models import Event, EventMay, PairRule, Registration

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MayMeet:
    """The rules of one event, to be asked for many pairs.

    Attributes:
        groups: pairs of group keys that may meet, the lower first.
        rules: pair of registration keys, the lower first -> ``add``, ``forbid`` or ``fix``.
    """

    groups: frozenset[Pair]
    rules: dict[Pair, str]

    def __call__(self, a: Registration, b: Registration) -> bool:
        """Whether two may meet: the organiser's word first, then groups; never one's own house."""
        if a.id == b.id or a.event_id != b.event_id:
            return False
        rule = self.rules.get(ordered(a.id, b.id))
        if rule is not None:
            return rule != "forbid"
        if a.organisation_id is not None and a.organisation_id == b.organisation_id:
            return False
        return ordered(a.group_id, b.group_id) in self.groups


def ordered(a: int, b: int) -> Pair:
    """Return two keys, the lower first."""
    return (a, b) if a <= b else (b, a)


def may_meet(session: Session, event: Event, *, of: int | None = None) -> MayMeet:
    """Read an event's rules in two statements; ``of``: those of one registration suffice."""
    groups = session.execute(
        sa.select(EventMay.a_id, EventMay.b_id).where(EventMay.event_id == event.id)
    )
    wanted = sa.select(PairRule.a_id, PairRule.b_id, PairRule.rule).where(
        PairRule.event_id == event.id
    )
    if of is not None:
        wanted = wanted.where(sa.or_(PairRule.a_id == of, PairRule.b_id == of))
    rules = {(a, b): rule for a, b, rule in session.execute(wanted)}
    return MayMeet(frozenset(ordered(a, b) for a, b in groups), rules)

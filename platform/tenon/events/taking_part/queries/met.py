"""Whether two who take part know each other: meetings held before, introductions, deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tenon.deals.models import Deal
from tenon.events.models import Meeting, Registration
from tenon.introductions.models import Introduction

MEETING, INTRODUCTION, DEAL = "meeting", "introduction", "deal"


def met_before(
    session: Session, own: Registration, others: Sequence[Registration]
) -> Mapping[int, tuple[str, ...]]:
    """Return registration -> how its house or person is known to the own one; three statements.

    ``meeting``: one was held at an earlier event; ``introduction``: one that both accepted;
    ``deal``: one that both are parties of. Houses count as a whole.
    """
    found: dict[int, list[str]] = defaultdict(list)
    houses = {each.organisation_id for each in others} - {None}
    people, with_houses = _met(session, own)
    for each in others:
        if each.user_id in people or each.organisation_id in with_houses:
            found[each.id].append(MEETING)
    if own.organisation_id is not None and houses:
        introduced = _partners(
            session,
            own.organisation_id,
            Introduction.from_organisation_id,
            Introduction.to_organisation_id,
            Introduction.opened_at.is_not(None),
        )
        dealt = _partners(
            session,
            own.organisation_id,
            Deal.seller_organisation_id,
            Deal.buyer_organisation_id,
            sa.true(),
        )
        for each in others:
            for kind, partners in ((INTRODUCTION, introduced), (DEAL, dealt)):
                if each.organisation_id in partners:
                    found[each.id].append(kind)
    return {key: tuple(kinds) for key, kinds in found.items()}


def _met(session: Session, own: Registration) -> tuple[set[int], set[int]]:
    """Return people and houses with whom a meeting was held at other events."""
    mine, theirs = aliased(Registration), aliased(Registration)
    same = [mine.user_id == own.user_id] if own.user_id is not None else []
    if own.organisation_id is not None:
        same.append(mine.organisation_id == own.organisation_id)
    if not same:
        return set(), set()
    rows = session.execute(
        sa.select(theirs.user_id, theirs.organisation_id)
        .select_from(Meeting)
        .join(mine, mine.id.in_((Meeting.a_id, Meeting.b_id)))
        .join(theirs, sa.and_(theirs.id.in_((Meeting.a_id, Meeting.b_id)), theirs.id != mine.id))
        .where(Meeting.state == "held", Meeting.event_id != own.event_id, sa.or_(*same))
    ).all()
    return _known(row[0] for row in rows), _known(row[1] for row in rows)


def _partners(
    session: Session,
    house: int,
    one: sa.orm.InstrumentedAttribute[int],
    other: sa.orm.InstrumentedAttribute[int],
    condition: sa.ColumnElement[bool],
) -> set[int]:
    rows = session.execute(
        sa.select(one, other).where(sa.or_(one == house, other == house), condition).distinct()
    )
    return {b if a == house else a for a, b in rows}


def _known(keys: Iterable[int | None]) -> set[int]:
    return {key for key in keys if key is not None}

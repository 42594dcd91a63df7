"""What lists show and what pages let in are the same, for everybody and every state."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, VISITOR, Actor
from tenon.events.models import Event
from tenon.events.permissions import may_run, may_see
from tenon.events.queries import run_by, visible_to
from tenon.events.states import EVENT_STATES
from tests.events.planning.scenes import Cast, begun
from tests.factories.accounts import actor_for, make_organisation


def test_sql_and_predicates_say_the_same(session: Session, cast: Cast, now: datetime) -> None:
    for state in EVENT_STATES:
        begun(session, cast, now).state = state
        elsewhere = begun(session, cast, now)
        elsewhere.state, elsewhere.organisation = state, make_organisation(session)
        elsewhere.owner_id = cast.other_broker.id
    session.flush()
    people = (
        cast.broker,
        cast.editor,
        cast.member,
        cast.stranger,
        cast.other_broker,
        cast.operator,
    )
    actors: list[Actor] = [VISITOR, SYSTEM, *map(actor_for, people)]
    found = session.scalars(sa.select(Event)).all()
    assert len(found) == 2 * len(EVENT_STATES)
    for actor in actors:
        seen = set(session.scalars(sa.select(Event.id).where(visible_to(actor))))
        assert seen == {event.id for event in found if may_see(actor, event)}
        run = set(session.scalars(sa.select(Event.id).where(run_by(actor))))
        assert run == {event.id for event in found if may_run(actor, event)}

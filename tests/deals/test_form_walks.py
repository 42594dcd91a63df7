"""Random walks over the roads of every form: who goes where, and what must hold at each step.

Guards and effects are stilled here, since each has tests of its own; what is walked is the table.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.deals import effects, forms, guards, permissions
from tenon.deals.forms.schema import Form, Step
from tenon.deals.models import Deal
from tenon.deals.services.moving import advance, take_step
from tenon.errors import Conflict, DomainError, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.history import HistoryEntry, proof
from tenon.outbox.models import OutboxMessage
from tests.deals.cast import ROLES, Cast

FORMS = forms.all_forms()
ENDS = ("completed", "terminated", "lapsed", "dropped")
Move = tuple[str, int, int]
moves = st.tuples(
    st.sampled_from(["on", "on", "on", "any", "stale"]), st.integers(0, 30), st.integers(0, 30)
)


@pytest.fixture
def _stilled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "require", lambda *_args, **_named: None)
    monkeypatch.setattr(effects, "follow", lambda *_args, **_named: None)


def ways_on(form: Form, deal: Deal) -> list[Step]:
    """The steps that lead out of the deal's state; ends come last, so that walks get far."""
    found = [each for each in form.steps if deal.state in each.sources]
    return sorted(found, key=lambda each: form.stage_of(each.target) in ENDS)


def entitled(cast: Cast, deal: Deal, step: Step) -> list[Actor]:
    """All who may take a step."""
    actors = [SYSTEM, *(cast.actor(role) for role in ROLES)]
    return [a for a in actors if any(permissions.has_right(a, deal, right) for right in step.by)]


def _take(session: Session, deal: Deal, step: Step, by: Actor, now: datetime) -> None:
    """As the step's button does, or the service whose step it is."""
    if step.done_by_service:
        advance(session, deal, step, by=by, now=now)
    else:
        reason = "other" if step.reason else None
        take_step(session, deal, step.name, by=by, now=now, reason=reason)


def _holds(session: Session, form: Form, deal: Deal, steps: list[str]) -> None:
    """What holds after every move."""
    session.flush()
    session.expire(deal)
    assert deal.state in {each.code for each in form.states}
    assert deal.stage == form.stage_of(deal.state)
    if deal.stage in ("signed", "in_force", "completed", "terminated"):
        assert deal.signed_on is not None
        assert deal.effective_on is not None
    assert (deal.ended_on is not None) == (deal.stage in ENDS)
    if deal.stage in ("terminated", "dropped"):
        assert deal.end_reason is not None
    chain = session.scalars(
        sa.select(HistoryEntry).filter_by(chain_id=deal.public_id).order_by(HistoryEntry.sequence)
    ).all()
    assert [each.kind for each in chain] == steps
    assert not chain or chain[-1].facts["to"] == deal.state
    told = session.scalar(
        sa.select(sa.func.count(OutboxMessage.id)).where(OutboxMessage.topic == "deal.moved")
    )
    assert told == len(steps) == deal.version - 1


def _refused(session: Session, deal: Deal, step: Step, by: Actor, now: datetime) -> None:
    """A step that is not the actor's, or not the state's, changes nothing and says why."""
    before = (deal.state, deal.version)
    nested = session.begin_nested()
    with pytest.raises(DomainError) as caught:
        take_step(session, deal, step.name, by=by, now=now, reason="other")
    nested.rollback()
    session.expire(deal)
    assert (deal.state, deal.version) == before
    if step.done_by_service or not (permissions.may_see(by, deal) or by.system):
        assert isinstance(caught.value, NotFound)
    elif not any(permissions.has_right(by, deal, right) for right in step.by):
        assert isinstance(caught.value, Forbidden)
    else:
        assert isinstance(caught.value, IllegalTransition)


def _walk(session: Session, cast: Cast, form: Form, walk: list[Move], *, now: datetime) -> None:
    deal = cast.deal(session, form=form.code, state=form.states[0].code)
    steps: list[str] = []
    for how, one, two in walk:
        now += timedelta(hours=7)
        ways = ways_on(form, deal)
        if not ways:
            assert deal.stage in ENDS
            break
        if how == "any":
            step = form.steps[one % len(form.steps)]
            by = [SYSTEM, *(cast.actor(role) for role in ROLES)][two % (len(ROLES) + 1)]
            if not permissions.may_step(by, deal, step) or step.done_by_service:
                _refused(session, deal, step, by, now)
                continue
        else:
            step = ways[min(one % 6, len(ways) - 1)]
            able = entitled(cast, deal, step)
            by = able[two % len(able)]
        if how == "stale":
            with pytest.raises(Conflict):
                advance(session, deal, step, by=by, now=now, expected_version=deal.version - 1)
            continue
        _take(session, deal, step, by, now)
        steps.append(step.name)
        _holds(session, form, deal, steps)
    assert list(proof.verify(session)) == []


@pytest.mark.usefixtures("_stilled")
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(walk=st.lists(moves, min_size=6, max_size=16))
def test_walks_keep_what_must_hold(
    session: Session, cast: Cast, now: datetime, form: Form, walk: list[Move]
) -> None:
    session.flush()
    example = session.begin_nested()
    try:
        _walk(session, cast, form, walk, now=now)
    finally:
        example.rollback()
        session.expire_all()


@pytest.mark.usefixtures("_stilled")
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_every_step_of_every_form_can_be_taken_by_each_who_may(
    session: Session, cast: Cast, now: datetime, form: Form
) -> None:
    """Every state of the table is stood in, and every step out of it taken, in the database."""
    for step in form.steps:
        for source in step.sources:
            deal = cast.deal(session, form=form.code, state=source)
            able = entitled(cast, deal, step)
            assert able, f"nobody may {step.name}"
            by = able[0]
            _take(session, deal, step, by, now)
            assert deal.state == step.target
            assert deal.stage == form.stage_of(step.target)


@pytest.mark.usefixtures("_stilled")
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_a_step_that_wants_a_reason_is_not_taken_without_one(
    session: Session, cast: Cast, now: datetime, form: Form
) -> None:
    for step in form.steps:
        if not step.reason or step.done_by_service:
            continue
        deal = cast.deal(session, form=form.code, state=step.sources[0])
        by = entitled(cast, deal, step)[0]
        with pytest.raises(Invalid) as caught:
            take_step(session, deal, step.name, by=by, now=now)
        assert caught.value.fields == {"reason": "required"}
        assert deal.state == step.sources[0]

"""Every step by every role in every state: taken, forbidden, unknown, or not possible now.

The tables are written by hand, from what an introduction is to be; they know nothing of the code's.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tenon import history
from tenon.errors import Conflict, Forbidden, IllegalTransition, NotFound
from tenon.history import proof
from tenon.introductions import permissions
from tenon.introductions.models import Introduction
from tests.introductions.cast import ROLES, Cast, bring_to, express, take

FROM = {"from_editor", "from_administrator", "broker_of_from"}
TO = {"to_editor", "to_administrator", "broker_of_to"}

MAY = {
    "proposed": {
        "express": FROM,
        "turn_down": FROM,
        "withdraw": {"proposer"},
    },
    "checking": {
        "give_back": {"broker"},
        "pass_on": {"broker"},
        "refuse": {"broker"},
        "withdraw": FROM,
    },
    "returned": {"express": FROM, "withdraw": FROM},
    "asked": {"ask_back": TO, "decline": TO, "accept": TO, "withdraw": FROM},
    "asked_back": {"reply": FROM, "decline": TO, "accept": TO, "withdraw": FROM},
    "nda": {"agree": FROM | TO, "end": FROM | TO},
    "connected": {"demand_nda": FROM | TO, "end": FROM | TO},
    "declined": {},
    "refused": {},
    "withdrawn": {},
    "lapsed": {},
    "void": {},
    "ended": {},
}
"""State -> step -> who may take it. What is not here nobody may."""

RIGHT = {
    **dict.fromkeys(("express", "turn_down", "reply", "withdraw"), FROM),
    **{step: {"broker"} for step in ("give_back", "pass_on", "refuse")},
    **dict.fromkeys(("ask_back", "decline", "accept"), TO),
    **dict.fromkeys(("demand_nda", "agree", "end"), FROM | TO),
}
"""Step -> whose it is: they are told that the state does not allow it, others that they may not."""

NEVER_KNOW = {"visitor", "nobody", "stranger"}
APPROACHED = {"to_member", "to_editor", "to_administrator"}
NOT_TOLD = {"proposed", "checking", "returned", "refused", "void"}
"""States in which the broker has not passed it on (a void one was still being checked here)."""


def _expected(state: str, role: str, step: str) -> str:
    if role in NEVER_KNOW or (role in APPROACHED and state in NOT_TOLD):
        return "unknown"
    if role in MAY[state].get(step, set()):
        return "taken"
    if step == "withdraw" and state == "proposed":
        return "forbidden"  # nobody asked yet: the side turns it down, its broker takes it back
    if role == "broker_of_to" and state in NOT_TOLD:
        return "forbidden"  # knows of it as every broker does; their house has not been told
    return "too late" if role in RIGHT[step] else "forbidden"


def _outcome(
    session: Session, cast: Cast, it: Introduction, step: str, role: str, now: datetime
) -> str:
    nested = session.begin_nested()
    try:
        take(session, it, step, by=cast.actor(role), now=now)
    except NotFound:
        return "unknown"
    except Forbidden:
        return "forbidden"
    except IllegalTransition:
        return "too late"
    except Conflict as error:
        return {"agreed_already": "taken"}.get(error.code, error.code)  # theirs, and done before
    finally:
        nested.rollback()
        session.expire(it)
    return "taken"


@pytest.mark.parametrize("state", MAY)
def test_every_role_and_step(session: Session, cast: Cast, now: datetime, state: str) -> None:
    it = bring_to(session, cast, state, now=now)
    session.flush()
    wrong = []
    for role in ROLES:
        for step in RIGHT:
            got = _outcome(session, cast, it, step, role, now)
            if got != (due := _expected(state, role, step)):
                wrong.append(f"{step} by {role} in {state}: {got}, not {due}")
            offered = permissions.may(cast.actor(role), step, it)
            if offered != (due == "taken"):
                wrong.append(f"{step} is {'' if offered else 'not '}offered to {role} in {state}")
    assert wrong == []
    assert it.state == state


@pytest.mark.parametrize(
    ("role", "may"),
    [
        *[(role, True) for role in ("broker", "proposer", "other_broker", "operator")],
        *[(role, False) for role in ("broker_of_from", "broker_of_to", "system", "from_editor")],
    ],
)
@pytest.mark.parametrize("step", ["pass_on", "give_back", "refuse"])
def test_what_nobody_looks_after_any_broker_of_neither_house_may_check(
    session: Session, cast: Cast, now: datetime, role: str, may: bool, step: str
) -> None:
    cast.result.broker_id = None
    it = express(session, cast, now=now)
    actor = cast.actor(role)
    if not may:
        with pytest.raises(Forbidden):
            take(session, it, step, by=actor, now=now)
        return
    assert permissions.may_read(actor, it)
    take(session, it, step, by=actor, now=now)
    assert it.broker_id == actor.user_id  # whoever does it looks after it
    others = {"broker", "proposer", "other_broker"} - {role}
    assert not any(permissions.may_read(cast.actor(each), it) for each in others)


def test_history_tells_each_step_and_verifies(session: Session, cast: Cast, now: datetime) -> None:
    it = bring_to(session, cast, "connected", now=now)
    session.flush()
    entries = session.query(history.HistoryEntry).filter_by(chain_id=it.public_id)
    assert [each.kind for each in entries.order_by(history.HistoryEntry.sequence)] == [
        "propose",
        "express",
        "pass_on",
        "accept_with_nda",
        "nda_drafted",
        "nda_confirmed",
        "nda_confirmed",
        "agree",
    ]
    assert list(proof.verify(session)) == []

"""One step for many introductions, each by itself: done, or why not, and nothing half-done.

Every row has a savepoint of its own, so that what one refuses leaves
the others alone. ``rehearse`` takes the same steps and takes them back: what a page shows before
somebody agrees is what would happen, with the very notices that would be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.errors import Conflict, DomainError, Forbidden, Invalid
from tenon.introductions import notifying, permissions
from tenon.introductions.models import AUDIENCES, Introduction, IntroductionMessage
from tenon.introductions.queries.introductions import for_lists, visible_to
from tenon.introductions.services.checking import give_back, pass_on, refuse, take_over
from tenon.introductions.services.wording import check_reason, check_text
from tenon.introductions.services.writing import write_message
from tenon.notices import wording
from tenon.notices.models import Notice

AT_ONCE = 100
SAID_TWICE = timedelta(hours=1)
"""Within this time the same words to the same people are one message sent twice."""

_UNNAMED = {"zh": "一家未具名的单位", "en": "An organisation that is not named"}
STEPS = ("take_over", "pass_on", "give_back", "refuse", "message", "assign")


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyStep:
    """What is to be done to each.

    Attributes:
        name: one of STEPS.
        reason: why not (refuse).
        remark: to the interested side (refuse).
        text: of a message, or what should be written better (give_back).
        audience: of a message: ``all``, ``from``, ``to`` or ``brokers``.
        broker_id: to whom (assign).
    """

    name: str
    reason: str = ""
    remark: str = ""
    text: str = ""
    audience: str = "all"
    broker_id: int | None = None

    def check(self) -> None:
        """Raise Invalid where the step itself makes no sense, whatever it is done to."""
        if self.name not in STEPS:
            raise Invalid({"step": "unknown_code"})
        if self.name == "refuse":
            check_reason(self.reason, self.remark)
        if self.name in ("give_back", "message"):
            check_text(self.text, "text")
        if self.name == "message" and self.audience not in AUDIENCES:
            raise Invalid({"audience": "unknown_code"})
        if self.name == "assign" and self.broker_id is None:
            raise Invalid({"broker": "required"})


@dataclass(frozen=True, slots=True)
class Told:
    """What a person is told: the words of the notice and its mail, in their language."""

    language: str
    words: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row.

    Attributes:
        key: what was chosen: the public id of an introduction or of a counterpart.
        done: whether the step was taken.
        code: why not, as the domain's errors name it; empty where it was done.
        introduction: the one concerned, where the actor may know of it.
        told: what whom is told, in a rehearsal; each form of words once.
    """

    key: str
    done: bool
    code: str = ""
    introduction: Introduction | None = None
    told: tuple[Told, ...] = field(default=())


def act_on_many(
    session: Session,
    choice: Sequence[tuple[str, int | None]],
    *,
    step: ManyStep,
    by: Actor,
    now: datetime,
) -> list[Outcome]:
    """Take a step for every introduction of ``choice``; return each row's outcome, in its order.

    ``choice`` are public ids with the versions that the actor looked at (None: whatever it is).
    Rows are locked first, in one order, so that two who act on the same ones at once take turns.

    Raises Invalid at ``chosen`` for an empty choice and for more than AT_ONCE, at the step's own
    fields, and Forbidden for who is neither broker nor operator.
    """
    rows = _prepare(session, choice, step, by)
    return [_one(session, rows, key, version, step, by, now) for key, version in _once(choice)]


def rehearse(
    session: Session,
    choice: Sequence[tuple[str, int | None]],
    *,
    step: ManyStep,
    by: Actor,
    now: datetime,
) -> list[Outcome]:
    """Return what ``act_on_many`` would do, and the notices that would go out; changes nothing."""
    rows = _prepare(session, choice, step, by)
    found = []
    for key, version in _once(choice):
        whole = session.begin_nested()
        try:
            found.append(_one(session, rows, key, version, step, by, now, rehearsal=True))
        finally:
            whole.rollback()
            session.expire_all()
    return found


def _once(choice: Sequence[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    return list({key: (key, version) for key, version in reversed(choice)}.values())[::-1]


def _prepare(
    session: Session, choice: Sequence[tuple[str, int | None]], step: ManyStep, by: Actor
) -> dict[str, Introduction]:
    if not (by.broker or by.operator):
        raise Forbidden(action=step.name)
    check_choice([key for key, _ in choice])
    step.check()
    if step.name == "assign" and not by.operator:
        raise Forbidden(action="assign")
    if step.name == "assign":
        _require_broker(session, step.broker_id)
    rows = session.scalars(
        sa.select(Introduction)
        .where(Introduction.public_id.in_([key for key, _ in choice]), visible_to(by))
        .options(*for_lists())
        .order_by(Introduction.id)
        .with_for_update(of=Introduction)
        .execution_options(populate_existing=True)
    )
    return {each.public_id: each for each in rows}


def check_choice(chosen: Sequence[str]) -> None:
    """Raise Invalid at ``chosen`` where nothing is chosen, or too much at once."""
    if not chosen:
        raise Invalid({"chosen": "nothing_chosen"})
    if len(set(chosen)) > AT_ONCE:
        raise Invalid({"chosen": "too_many_at_once"})


def _require_broker(session: Session, user_id: int | None) -> None:
    person = None if user_id is None else session.get(User, user_id)
    if person is None or not person.active or not actor_of(person).broker:
        raise Invalid({"broker": "unknown_code"})


def _one(
    session: Session,
    rows: dict[str, Introduction],
    key: str,
    version: int | None,
    step: ManyStep,
    by: Actor,
    now: datetime,
    *,
    rehearsal: bool = False,
) -> Outcome:
    introduction = rows.get(key)
    if introduction is None:
        return Outcome(key, done=False, code="not_found")
    try:
        with session.begin_nested():
            said = _take(session, introduction, step, version, by, now)
            told = _told(session, introduction, step, said, by, now) if rehearsal else ()
    except DomainError as error:
        # What a verb read anew within the savepoint is not what stands after it.
        session.refresh(introduction)
        code = _why_not(error, introduction, step, by)
        return Outcome(key, done=False, code=code, introduction=introduction)
    return Outcome(key, done=True, introduction=introduction, told=told)


def _why_not(error: DomainError, introduction: Introduction, step: ManyStep, by: Actor) -> str:
    """Return why a step was not taken; of an Invalid, what is wrong at its first field."""
    if isinstance(error, Invalid):
        return next(iter(error.fields.values()), error.code)
    if not isinstance(error, Forbidden) and error.code != "changed_meanwhile":
        return error.code
    if permissions.is_party(by, introduction):
        return "own_house"
    if step.name == "assign" and error.code == "own_house":
        return "colleague_own_house"
    if introduction.broker_id not in (None, by.user_id) and not by.operator:
        return "somebody_elses"
    if isinstance(error, Forbidden) and permissions.may_take(by, introduction):
        return "take_over_first"
    return error.code


def _take(
    session: Session,
    introduction: Introduction,
    step: ManyStep,
    version: int | None,
    by: Actor,
    now: datetime,
) -> IntroductionMessage | None:
    if version is not None and introduction.version != version:
        raise Conflict("changed_meanwhile", kind="introduction")
    if step.name == "message":
        if permissions.is_party(by, introduction):
            raise Forbidden("own_house")  # as a side they write on its page, not as its broker
        _require_unsaid(session, introduction, step.text, by, now)
        return write_message(
            session, introduction, text=step.text, audience=step.audience, by=by, now=now
        )
    verbs: dict[str, Callable[[], None]] = {
        "take_over": lambda: take_over(session, introduction, by=by, now=now),
        "assign": lambda: take_over(
            session, introduction, broker_id=step.broker_id, by=by, now=now
        ),
        "pass_on": lambda: pass_on(session, introduction, by=by, now=now),
        "give_back": lambda: give_back(session, introduction, remark=step.text, by=by, now=now),
        "refuse": lambda: refuse(
            session, introduction, reason=step.reason, remark=step.remark, by=by, now=now
        ),
    }
    verbs[step.name]()
    return None


def _require_unsaid(
    session: Session, introduction: Introduction, text: str, by: Actor, now: datetime
) -> None:
    """Raise Conflict where the actor said just this a moment ago: a form that was sent twice."""
    again = session.scalar(
        sa.select(IntroductionMessage.id)
        .where(
            IntroductionMessage.introduction_id == introduction.id,
            IntroductionMessage.author_id == by.user_id,
            IntroductionMessage.text == text.strip(),
            IntroductionMessage.at > now - SAID_TWICE,
        )
        .limit(1)
    )
    if again is not None:
        raise Conflict("said_already", kind="introduction")


def _told(
    session: Session,
    introduction: Introduction,
    step: ManyStep,
    said: IntroductionMessage | None,
    by: Actor,
    now: datetime,
) -> tuple[Told, ...]:
    """Return what would be told, by telling it within the rehearsal."""
    if said is not None:
        notifying.tell_said(session, said, now=now)
    elif step.name in ("pass_on", "refuse", "give_back"):
        notifying.tell_step(session, introduction, step.name, now=now)
    return told_at(session, introduction, by=by, now=now)


def told_at(
    session: Session, introduction: Introduction, *, by: Actor, now: datetime
) -> tuple[Told, ...]:
    """Return the words of notices about an introduction that were written at this very moment.

    Each form of words once; a name that the actor may not know is left out of them.
    """
    rows = session.execute(
        sa.select(Notice, User.language)
        .join(User, User.id == Notice.user_id)
        .where(
            Notice.path == f"/introductions/{introduction.public_id}",
            Notice.created_at == now,
        )
        .order_by(Notice.id)
    )
    found = {
        (language, wording.words(notice.kind, _discreet(notice.facts, introduction, by), language))
        for notice, language in rows
    }
    return tuple(Told(*each) for each in sorted(found, reverse=True))


def _discreet(facts: dict[str, Any], introduction: Introduction, by: Actor) -> dict[str, Any]:
    secret = [
        {"zh": house.name("zh"), "en": house.name("en")}
        for side, house in (
            ("from", introduction.from_organisation),
            ("to", introduction.to_organisation),
        )
        if not permissions.may_know_name(by, introduction, side)
    ]
    if facts.get("organisation") in secret:
        return facts | {"organisation": dict(_UNNAMED)}
    return facts

"""The thread: what is said in an introduction, to whom, and how far each person has read."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.introductions import permissions
from tenon.introductions.models import (
    AUDIENCES,
    Introduction,
    IntroductionMessage,
    IntroductionRead,
)
from tenon.introductions.services.wording import check_naming, check_text
from tenon.introductions.states import INTRODUCTION
from tenon.outbox import emit


def write_message(
    session: Session,
    introduction: Introduction,
    *,
    text: str,
    audience: str = "all",
    by: Actor,
    now: datetime,
) -> IntroductionMessage:
    """Write in the thread: the sides once it is open, its brokers while it lives.

    ``audience`` is ``all``; a broker may also write to one side (``from``, ``to``) or for brokers
    alone. Raises NotFound, Forbidden, Conflict (``introduction_over``), Invalid at ``text`` or
    ``audience``.
    """
    if not permissions.may_see(by, introduction):
        raise NotFound
    if introduction.live_key is None and permissions.may_read(by, introduction):
        raise Conflict("introduction_over", kind="introduction")
    if not permissions.may_write(by, introduction):
        raise Forbidden(action="write")
    side = permissions.side_of(by, introduction)
    if audience not in AUDIENCES or (side is not None and audience != "all"):
        raise Invalid({"audience": "unknown_code"})
    said = say(
        session, introduction, text=text, kind="message", speaker=side or "broker",
        audience=audience, by=by, now=now,
    )  # fmt: skip
    history.record(
        session,
        chain=(INTRODUCTION.kind, introduction.public_id),
        kind="message",
        by=by,
        now=now,
        facts={"message": said.id, "audience": audience},
    )
    emit(session, "introductions.said", {"id": said.id}, now=now)
    return said


def say(
    session: Session,
    introduction: Introduction,
    *,
    text: str,
    kind: str,
    speaker: str,
    audience: str = "all",
    field: str = "text",
    by: Actor,
    now: datetime,
) -> IntroductionMessage:
    """Add a message to the thread; who may, the caller has asked.

    Raises Invalid at ``field``, also where it names a side that keeps its name back.
    """
    check_text(text, field)
    check_naming(session, introduction, text, field, by=by)
    said = IntroductionMessage(
        introduction_id=introduction.id,
        kind=kind,
        speaker=speaker,
        audience=audience,
        author_id=by.user_id,
        text=text.strip(),
        at=now,
    )
    introduction.last_message_at = now
    session.add(said)
    session.flush()
    return said


def mark_read(session: Session, introduction: Introduction, *, by: Actor, now: datetime) -> None:
    """Note that the actor has read the thread as far as it goes; never backwards."""
    if by.user_id is None or not permissions.may_read(by, introduction):
        return
    last = session.scalar(
        sa.select(sa.func.max(IntroductionMessage.id)).where(
            IntroductionMessage.introduction_id == introduction.id
        )
    )
    if last is None:
        return
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    made = dialect.insert(IntroductionRead).values(
        introduction_id=introduction.id, user_id=by.user_id, message_id=last, at=now
    )
    session.execute(
        made.on_conflict_do_update(
            index_elements=["introduction_id", "user_id"],
            set_={"message_id": last, "at": now},
            where=IntroductionRead.message_id < last,
        )
    )

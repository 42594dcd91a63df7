"""The thread of an introduction as one actor may read it, and what they have not read yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.introductions import permissions
from tenon.introductions.models import Introduction, IntroductionMessage, IntroductionRead

LONGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Said:
    """One message as an actor may read it.

    Attributes:
        message: what was said.
        author: who said it, where the actor may know; None otherwise.
        new: not read by the actor before.
    """

    message: IntroductionMessage
    author: User | None
    new: bool


def _readable(actor: Actor, introduction: Introduction) -> sa.ColumnElement[bool]:
    side = permissions.side_of(actor, introduction)
    if actor.operator or (actor.broker and side is None):
        return sa.true()
    own = [side] if side is not None else []
    return sa.or_(
        IntroductionMessage.audience.in_(["all", *own]), IntroductionMessage.speaker.in_(own)
    )


def thread(
    session: Session,
    introduction: Introduction,
    *,
    by: Actor,
    before: int | None = None,
    limit: int = LONGEST_PAGE,
) -> tuple[Sequence[Said], bool]:
    """Return the latest messages that the actor may read, oldest first, and whether more precede.

    Empty for who may not read the introduction. ``before`` is a message's key, to page back.
    """
    if not permissions.may_read(by, introduction):
        return [], False
    wanted = sa.select(IntroductionMessage).where(
        IntroductionMessage.introduction_id == introduction.id, _readable(by, introduction)
    )
    if before is not None:
        wanted = wanted.where(IntroductionMessage.id < before)
    rows = session.scalars(wanted.order_by(IntroductionMessage.id.desc()).limit(limit + 1)).all()
    more, messages = len(rows) > limit, list(reversed(rows[:limit]))
    people = people_of(session, introduction, messages, by=by)
    read_to = _read_to(session, introduction, by)
    return [
        Said(each, people.get(each.id), each.id > read_to and each.author_id != by.user_id)
        for each in messages
    ], more


def people_of(
    session: Session,
    introduction: Introduction,
    messages: Sequence[IntroductionMessage],
    *,
    by: Actor,
) -> Mapping[int, User]:
    """Return message key -> author, for those whose name the actor may know; brokers always."""
    known = {
        side: permissions.may_know_people(by, introduction, side) for side in ("from", "to")
    } | {"broker": True}
    wanted = {each.author_id for each in messages if known[each.speaker]} - {None}
    rows = session.scalars(
        sa.select(User)
        .where(User.id.in_(wanted), User.erased_at.is_(None))
        .options(lazyload(User.roles), lazyload(User.memberships))
    )
    users = {user.id: user for user in rows}
    return {
        each.id: users[each.author_id]
        for each in messages
        if known[each.speaker] and each.author_id in users
    }


def unread_of(
    session: Session, introductions: Sequence[Introduction], *, by: Actor
) -> Mapping[int, int]:
    """Return introduction key -> how many messages the actor may read and has not; one statement.

    All of ``introductions`` are seen from one position: a party's list, or a broker's.
    """
    if by.user_id is None or not introductions:
        return {}
    seen = sa.orm.aliased(IntroductionRead)
    conditions = sa.or_(
        *(
            sa.and_(IntroductionMessage.introduction_id == each.id, _readable(by, each))
            for each in introductions
        )
    )
    rows = session.execute(
        sa.select(IntroductionMessage.introduction_id, sa.func.count())
        .outerjoin(
            seen,
            sa.and_(
                seen.introduction_id == IntroductionMessage.introduction_id,
                seen.user_id == by.user_id,
            ),
        )
        .where(
            conditions,
            IntroductionMessage.id > sa.func.coalesce(seen.message_id, 0),
            sa.or_(
                IntroductionMessage.author_id.is_(None),
                IntroductionMessage.author_id != by.user_id,
            ),
        )
        .group_by(IntroductionMessage.introduction_id)
    )
    return {key: count for key, count in rows}  # noqa: C416  # rows are no pairs to the checker


def _read_to(session: Session, introduction: Introduction, by: Actor) -> int:
    return (
        session.scalar(
            sa.select(IntroductionRead.message_id).where(
                IntroductionRead.introduction_id == introduction.id,
                IntroductionRead.user_id == by.user_id,
            )
        )
        or 0
    )

"""What ends an introduction: one side, a listing that goes away, time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import SYSTEM, Actor
from tenon.introductions.models import END_REASONS, Introduction
from tenon.introductions.services.closing import close
from tenon.introductions.services.disclosure import close_tiers
from tenon.introductions.services.moving import move
from tenon.introductions.services.secrecy import asked_for_later, drop_agreement
from tenon.introductions.stages import next_due
from tenon.introductions.states import INTRODUCTION, WAITING_STATES
from tenon.outbox import emit

AT_A_TIME = 200


def end(
    session: Session,
    introduction: Introduction,
    *,
    reason: str,
    remark: str = "",
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """End an open introduction. Tiers that it opened close, unless it led on to something."""
    close(
        session, introduction, "end", reason=reason, remark=remark, by=by, now=now,
        known=END_REASONS, expected_version=expected_version,
    )  # fmt: skip
    if reason != "led_on":
        close_tiers(session, introduction, now=now)


def void_all_of(session: Session, listing_id: int, *, now: datetime) -> int:
    """End what waits for an answer about a listing that is public no more; return how many."""
    touched = session.scalars(
        sa.select(Introduction)
        .where(
            sa.or_(
                Introduction.listing_id == listing_id,
                Introduction.own_listing_id == listing_id,
            ),
            Introduction.state.in_(WAITING_STATES),
        )
        .order_by(Introduction.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for introduction in touched:
        move(introduction, "void", by=SYSTEM, now=now)
    return len(touched)


def work_off_due(session: Session, *, now: datetime) -> int:
    """Remind, escalate or let lapse what is due, at most AT_A_TIME; return how many.

    A reminder that is overdue by more than the next step gives way to that step.
    """
    due = session.scalars(
        sa.select(Introduction)
        .where(Introduction.due_at <= now)
        .order_by(Introduction.due_at, Introduction.id)
        .limit(AT_A_TIME)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for introduction in due:
        _step(session, introduction, now=now)
    session.flush()
    return len(due)


def _step(session: Session, introduction: Introduction, *, now: datetime) -> None:
    step, since = introduction.due_step, introduction.stage_since
    while step != "lapse" and step is not None:
        following, at = next_due(introduction.state, step, since)
        if at > now:
            _nudge(session, introduction, step, now=now)
            introduction.due_step, introduction.due_at = following, at
            return
        step = following
    if asked_for_later(introduction):
        drop_agreement(session, introduction)
        move(introduction, "forgo_nda", by=SYSTEM, now=now)
        return
    was_open = introduction.opened_at is not None
    move(introduction, "lapse", by=SYSTEM, now=now)
    if was_open:
        close_tiers(session, introduction, now=now)


def _nudge(session: Session, introduction: Introduction, step: str, *, now: datetime) -> None:
    history.record(
        session,
        chain=(INTRODUCTION.kind, introduction.public_id),
        kind=step,
        by=SYSTEM,
        now=now,
        facts={"stage": introduction.state},
    )
    payload = {"id": introduction.id, "step": step, "stage": introduction.state}
    emit(session, "introductions.due", payload, now=now)

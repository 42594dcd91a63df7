"""The one way in which an introduction changes its stage: state, deadline, and the live pair."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden
from tenon.introductions.models import Introduction
from tenon.introductions.stages import first_due
from tenon.introductions.states import INTRODUCTION, LIVE_STATES
from tenon.listings.permissions import is_public


def require_standing(introduction: Introduction, *, now: datetime) -> None:
    """Check that an introduction still has two sides that may meet.

    Raises Conflict ``not_public`` where a listing has gone meanwhile, Forbidden
    ``organisation_not_approved`` where the interested side's organisation was suspended.
    """
    brought = (introduction.listing, introduction.own_listing)
    if not all(is_public(each, now) for each in brought if each is not None):
        raise Conflict("not_public")
    if introduction.from_organisation.state != "approved":
        raise Forbidden("organisation_not_approved")


def move(
    introduction: Introduction,
    step: str,
    *,
    by: Actor,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    along: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
) -> None:
    """Take a step and set what goes with the new stage; permissions are the caller's business.

    ``along`` are further columns of the same statement. ``expected_version`` is the one that the
    actor's page showed. Raises IllegalTransition, and Conflict where somebody was faster.
    """
    if expected_version is not None and introduction.version != expected_version:
        raise Conflict("changed_meanwhile", kind="introduction")
    target = INTRODUCTION.changes[step].target
    due_step, due_at = first_due(target, now)
    columns = {"stage_since": now, "due_step": due_step, "due_at": due_at, **(along or {})}
    if target not in LIVE_STATES:
        columns["live_key"] = None
    INTRODUCTION.move(introduction, step, by=by, now=now, facts=facts, along=columns)

"""Ending an introduction for a reason: decline, turn down, refuse, end say it the same way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.introductions import permissions
from tenon.introductions.models import DECLINE_REASONS, Introduction
from tenon.introductions.services.moving import move
from tenon.introductions.services.wording import check_naming, check_reason


def close(
    session: Session,
    introduction: Introduction,
    step: str,
    *,
    reason: str,
    remark: str,
    by: Actor,
    now: datetime,
    known: tuple[str, ...] = DECLINE_REASONS,
    along: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
) -> None:
    """Take a step that ends it, with its reason, one of ``known``; ``along`` says who took it.

    Raises as ``permissions.require`` and ``move`` do, and Invalid at ``reason`` or ``remark``,
    also where the remark names a side whose name is kept back.
    """
    permissions.require(by, step, introduction)
    check_reason(reason, remark, known=known)
    check_naming(session, introduction, remark, "remark", by=by)
    move(
        introduction,
        step,
        by=by,
        now=now,
        facts={"reason": reason},
        along={"end_reason": reason, "end_remark": remark.strip() or None, **(along or {})},
        expected_version=expected_version,
    )

"""Outbox handlers of the house itself: the daily export of signed heads, and tidying up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.matches.sites import settings_behind
from tenon.operations.audit import write_heads
from tenon.outbox import handles
from tenon.outbox.services import forget_done

PERIODIC = [("history.export", timedelta(days=1)), ("outbox.tidy", timedelta(days=1))]
KEEP_DONE = timedelta(days=30)


@handles("history.export", reads=True, patience=1800)
def export_heads(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Write the day's heads under var/heads, from where the operator copies them elsewhere."""
    write_heads(session, settings_behind(session), None, now=now)


@handles("outbox.tidy")
def tidy(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Delete messages done a month ago."""
    forget_done(session, before=now - KEEP_DONE)

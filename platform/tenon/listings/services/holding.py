"""Keep a pasted text until its writer has signed in, and forget it after a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Invalid
from tenon.listings.models import SIDES, HeldText
from tenon.listings.services.validation import TEXT_LIMIT

PATIENCE = timedelta(days=1)


def hold_text(session: Session, *, side: str, text: str, now: datetime) -> HeldText:
    """Keep a text; raises Invalid where it is empty, too long or for no known side."""
    faults = {}
    if side not in SIDES:
        faults["side"] = "unknown_code"
    if not text.strip():
        faults["text"] = "required"
    if len(text) > TEXT_LIMIT:
        faults["text"] = "too_long"
    if faults:
        raise Invalid(faults)
    held = HeldText(side=side, text=text.strip(), at=now)
    session.add(held)
    session.flush()
    return held


def held_text(session: Session, token: str, *, side: str, now: datetime) -> str:
    """Return what is held for this side under a token; empty where nothing is, or no longer."""
    found = session.scalars(
        sa.select(HeldText.text).where(
            HeldText.public_id == token, HeldText.side == side, HeldText.at > now - PATIENCE
        )
    ).first()
    return found or ""


def held_side(session: Session, token: str, *, now: datetime) -> str | None:
    """Return the side that a text held under a token is for; None where none is, or no longer."""
    return session.scalars(
        sa.select(HeldText.side).where(HeldText.public_id == token, HeldText.at > now - PATIENCE)
    ).first()


def drop_text(session: Session, token: str) -> None:
    """Forget a text: it has become a draft."""
    _delete(session, HeldText.public_id == token)


def forget_held(session: Session, *, now: datetime) -> None:
    """Forget what nobody came back for."""
    _delete(session, HeldText.at <= now - PATIENCE)


def _delete(session: Session, condition: sa.ColumnElement[bool]) -> None:
    session.execute(
        sa.delete(HeldText).where(condition).execution_options(synchronize_session=False)
    )

"""What this room and the history hold about a person, for the download. Erasure is a service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, User
from tenon.accounts.personal_data import collects
from tenon.history import HistoryEntry


@collects("account")
def collect_account(session: Session, user: User) -> Mapping[str, Any]:
    """Return the account, its organisations and roles; secrets are named, not shown."""
    memberships = session.scalars(
        sa.select(Membership).where(Membership.user_id == user.id).order_by(Membership.id)
    )
    return {
        "public_id": user.public_id,
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "created_at": _moment(user.created_at),
        "confirmed_at": _moment(user.confirmed_at),
        "terms_accepted_at": _moment(user.terms_accepted_at),
        "password": "kept as a hash" if user.password else None,
        "codes": "an authenticator app's key" if user.tf_totp_secret else None,
        "roles": sorted(role.name for role in user.roles),
        "memberships": [
            {
                "organisation": each.organisation.public_id,
                "name_zh": each.organisation.name_zh,
                "name_en": each.organisation.name_en,
                "role": each.role,
                "state": each.state,
                "note": each.note,
                "created_at": _moment(each.created_at),
                "decided_at": _moment(each.decided_at),
            }
            for each in memberships
        ],
    }


@collects("history")
def collect_history(session: Session, user: User) -> Mapping[str, Any]:
    """Return what the person did, as the record has it."""
    entries = session.scalars(
        sa.select(HistoryEntry).where(HistoryEntry.actor_id == user.id).order_by(HistoryEntry.id)
    )
    return {
        "entries": [
            {
                "at": _moment(each.at),
                "thing": each.chain_kind,
                "id": each.chain_id,
                "kind": each.kind,
                "facts": each.facts,
            }
            for each in entries
        ]
    }


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None

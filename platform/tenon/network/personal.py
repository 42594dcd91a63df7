"""What this room holds about a person, and how it forgets them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.network.models import (
    Absence,
    BrokerField,
    BrokerProfile,
    BrokerRegion,
    Handover,
    PortfolioFirm,
    StationMember,
)
from tenon.network.queries.people import fields_of, profile_of, regions_of


@collects("network")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return where the person works, what they can do, when they are away, whom they look after."""
    return {
        "places": [
            {
                "place": each.station.code,
                "role": each.role,
                "since": each.since.isoformat(),
                "until": _day(each.until),
            }
            for each in session.scalars(
                sa.select(StationMember)
                .where(StationMember.user_id == user.id)
                .order_by(StationMember.id)
            )
        ],
        "profile": _profile(session, user),
        "absences": [
            {
                "first_day": each.first_day.isoformat(),
                "last_day": each.last_day.isoformat(),
                "as": "away" if each.user_id == user.id else "deputy",
                "note": each.note if each.user_id == user.id else None,
            }
            for each in session.scalars(
                sa.select(Absence)
                .where(sa.or_(Absence.user_id == user.id, Absence.deputy_id == user.id))
                .order_by(Absence.id)
            )
        ],
        "firms": [
            {
                "organisation": each.organisation.public_id,
                "since": each.since.isoformat(),
                "ended_at": each.ended_at.isoformat() if each.ended_at else None,
            }
            for each in session.scalars(
                sa.select(PortfolioFirm)
                .where(PortfolioFirm.broker_id == user.id)
                .order_by(PortfolioFirm.id)
            )
        ],
        "hand_overs": [
            {
                "id": each.public_id,
                "as": "from" if each.from_user_id == user.id else "by",
                "note": each.note,
                "counts": each.counts,
                "at": each.at.isoformat(),
            }
            for each in session.scalars(
                sa.select(Handover)
                .where(sa.or_(Handover.from_user_id == user.id, Handover.by_id == user.id))
                .order_by(Handover.id)
            )
        ],
    }


def _profile(session: Session, user: User) -> Mapping[str, Any] | None:
    profile = profile_of(session, user.id)
    if profile is None:
        return None
    return {
        "languages": profile.languages,
        "fields": [f"{scheme}:{code}" for scheme, code in fields_of(session, user.id)],
        "regions": regions_of(session, user.id),
        "most_firms": profile.most_firms,
        "most_needs": profile.most_needs,
        "certificate": profile.certificate,
        "certificate_number": profile.certificate_number,
        "certified_until": _day(profile.certified_until),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


@erases("network")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Forget who it was: places keep their history as digests, firms are nobody's again."""
    changes: list[sa.Update | sa.Delete] = [
        sa.delete(table).where(column == user.id)
        for table, column in (
            (StationMember, StationMember.user_id),
            (BrokerField, BrokerField.user_id),
            (BrokerRegion, BrokerRegion.user_id),
            (BrokerProfile, BrokerProfile.user_id),
            (Absence, Absence.user_id),
            (PortfolioFirm, PortfolioFirm.broker_id),
        )
    ]
    changes += [
        sa.update(Absence).where(Absence.deputy_id == user.id).values(deputy_id=None),
        sa.update(StationMember).where(StationMember.added_by == user.id).values(added_by=None),
        sa.update(Handover).where(Handover.by_id == user.id).values(by_id=None),
        sa.update(Handover)
        .where(Handover.from_user_id == user.id)
        .values(from_user_id=None, note=""),
    ]
    for change in changes:
        session.execute(change.execution_options(synchronize_session=False))

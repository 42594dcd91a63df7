"""Firms and people that a search finds."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, Organisation, Role, User, UserRole
from tenon.desk.queries.sight import firms_open_to
from tenon.desk.search.hits import Hit, Query, of_two, says
from tenon.listings.models import Expert
from tenon.listings.queries import experts_visible_to
from tenon.network.models import StationMember


def firms(session: Session, query: Query) -> list[Hit]:
    """Return organisations by part of a name, registration number or public id; one statement.

    Their page on the desk where it is open to the reader, else the page that everybody has.
    """
    row = Organisation
    found = says(query, row.name_zh, row.name_en)
    ways = [found, row.credit_code == query.text.upper()]
    if query.code:
        ways.append(row.public_id == query.code)
    rows = session.execute(
        sa.select(
            row.public_id,
            row.name_zh,
            row.name_en,
            row.credit_code,
            firms_open_to(query.by, row.id.expression).label("open"),
        )
        .where(row.state == "approved", sa.or_(*ways))
        .order_by(sa.func.length(sa.func.coalesce(row.name_zh, row.name_en)), row.id)
        .limit(query.limit + 1)
    )
    return [
        Hit(
            of_two(each.name_zh, each.name_en, query.language),
            f"/desk/firms/{each.public_id}" if each.open else f"/organisations/{each.public_id}",
            more=each.credit_code or "",
        )
        for each in rows
    ]


def people(session: Session, query: Query) -> list[Hit]:
    """Return brokers, colleagues and published experts by name; operators find everybody.

    Two statements.
    """
    by = query.by
    known: sa.ColumnElement[bool] = sa.true()
    if not by.operator:
        brokers = sa.select(UserRole.user_id).join(Role).where(Role.name == "broker")
        colleagues = sa.select(Membership.user_id).where(
            Membership.state == "active",
            Membership.organisation_id.in_(sorted(by.memberships)),
        )
        # As one set of keys: an OR over two would read everybody.
        known = User.id.in_(sa.union(brokers, colleagues))
    ways = [says(query, User.name)]
    if query.code and by.operator:
        ways.append(User.public_id == query.code)
    works_in_sight = (
        sa.select(StationMember.id)
        .where(
            StationMember.user_id == User.id,
            StationMember.ended_at.is_(None),
            StationMember.station_id.in_(sorted(by.stations)),
        )
        .exists()
    )
    rows = session.execute(
        sa.select(User.public_id, User.name, works_in_sight.label("near"))
        .where(known, User.active.is_(True), User.erased_at.is_(None), sa.or_(*ways))
        .order_by(User.name, User.id)
        .limit(query.limit + 1)
    )
    found = [Hit(row.name, f"/admin/people/{row.public_id}" if by.operator else "") for row in rows]
    return [*found, *_experts(session, query)][: query.limit + 1]


def _experts(session: Session, query: Query) -> list[Hit]:
    rows = session.execute(
        sa.select(Expert.public_id, Expert.name_zh, Expert.name_en)
        .where(experts_visible_to(query.by), says(query, Expert.name_zh, Expert.name_en))
        .order_by(Expert.id)
        .limit(query.limit + 1)
    )
    return [
        Hit(
            of_two(row.name_zh, row.name_en, query.language),
            f"/experts/{row.public_id}",
            state="expert",
        )
        for row in rows
    ]

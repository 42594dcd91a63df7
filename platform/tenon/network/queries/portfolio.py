"""Reads of portfolios: whose firm is whose, who may know it, and firms to take or to give."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from matching.script import simplify
from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.network.models import PortfolioFirm
from tenon.taxonomy import catalogue

LIVE = PortfolioFirm.ended_at.is_(None)


def firms_of(session: Session, broker_id: int) -> frozenset[int]:
    """Return the keys of the organisations that a broker looks after now."""
    row = PortfolioFirm
    return frozenset(
        session.scalars(sa.select(row.organisation_id).where(row.broker_id == broker_id, LIVE))
    )


def keeper_of(session: Session, organisation_id: int) -> int | None:
    """Return the key of the broker who looks after an organisation now, if anybody does."""
    return session.scalar(
        sa.select(PortfolioFirm.broker_id).where(
            PortfolioFirm.organisation_id == organisation_id, LIVE
        )
    )


def live_row(session: Session, organisation_id: int) -> PortfolioFirm | None:
    """Return the row that says who looks after an organisation now, if anybody does."""
    return session.scalar(
        sa.select(PortfolioFirm).where(PortfolioFirm.organisation_id == organisation_id, LIVE)
    )


def live_rows(session: Session, organisation_ids: Collection[int]) -> Mapping[int, PortfolioFirm]:
    """Return organisation -> the row that says who looks after it now; one statement."""
    if not organisation_ids:
        return {}
    rows = session.scalars(
        sa.select(PortfolioFirm)
        .where(PortfolioFirm.organisation_id.in_(organisation_ids), LIVE)
        .options(joinedload(PortfolioFirm.broker).options(*_bare()))
    )
    return {each.organisation_id: each for each in rows}


def may_see_firm(actor: Actor, portfolio: PortfolioFirm) -> bool:
    """Whether the actor may know who looks after a firm: that broker, a place in sight, operators.

    A firm at no place is known to its broker and to operators alone.
    """
    return (
        actor.operator
        or (actor.user_id is not None and portfolio.broker_id == actor.user_id)
        or (
            actor.broker and portfolio.station_id is not None and actor.covers(portfolio.station_id)
        )
    )


def firms_in_sight(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition on ``PortfolioFirm`` that agrees with ``may_see_firm``."""
    if actor.operator:
        return sa.true()
    own = PortfolioFirm.broker_id == actor.user_id if actor.user_id else sa.false()
    if not actor.broker:
        return own
    return sa.or_(own, PortfolioFirm.station_id.in_(sorted(actor.stations)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmFilter:
    """What a list of firms is narrowed to; empty means all.

    Attributes:
        text: part of a name in either language, or a whole unified social credit code.
        region: code; the regions below it count in.
        free: only what nobody looks after.
    """

    text: str = ""
    region: str = ""
    free: bool = False

    def condition(self) -> list[sa.ColumnElement[bool]]:
        """Return the SQL conditions on ``Organisation``."""
        found: list[sa.ColumnElement[bool]] = [Organisation.state == "approved"]
        text = self.text.strip()
        if text:
            names = (Organisation.name_zh, Organisation.name_en)
            forms = sorted({text.lower(), simplify(text).lower()})
            named = [
                sa.func.lower(name).contains(form, autoescape=True)
                for name in names
                for form in forms
            ]
            found.append(sa.or_(*named, Organisation.credit_code == text.upper()))
        if self.region and catalogue.find("region", self.region) is not None:
            codes = catalogue.descendant_codes("region", self.region)
            found.append(Organisation.region.in_(codes))
        if self.free:
            found.append(~sa.exists().where(PortfolioFirm.organisation_id == Organisation.id, LIVE))
        return found


def portfolio(
    session: Session,
    broker_id: int,
    where: FirmFilter,
    *,
    by: Actor,
    limit: int = 20,
    offset: int = 0,
) -> tuple[Sequence[PortfolioFirm], int]:
    """Return what a broker looks after as ``by`` may see it, by name, and how many in all."""
    wanted = (
        sa.select(PortfolioFirm)
        .join(PortfolioFirm.organisation)
        .where(PortfolioFirm.broker_id == broker_id, LIVE, firms_in_sight(by))
    )
    # What was suspended meanwhile is still somebody's.
    wanted = wanted.where(*where.condition()[1:])
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    name = sa.func.coalesce(Organisation.name_zh, Organisation.name_en)
    rows = session.scalars(
        wanted.options(
            joinedload(PortfolioFirm.organisation),
            joinedload(PortfolioFirm.station),
        )
        .order_by(name, PortfolioFirm.id)
        .limit(limit)
        .offset(offset)
    )
    return rows.all(), total


def organisations(
    session: Session, where: FirmFilter, *, limit: int = 20, offset: int = 0
) -> tuple[Sequence[Organisation], int]:
    """Return approved organisations that fit, firms first, by name, and how many in all."""
    wanted = sa.select(Organisation).where(*where.condition())
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    first = sa.case((Organisation.kind == "enterprise", 0), else_=1)
    name = sa.func.coalesce(Organisation.name_zh, Organisation.name_en)
    rows = session.scalars(
        wanted.order_by(first, name, Organisation.id).limit(limit).offset(offset)
    )
    return rows.all(), total


def firm_counts(session: Session, broker_ids: Collection[int]) -> Mapping[int, int]:
    """Return broker -> how many firms they look after now; brokers without one are left out."""
    if not broker_ids:
        return {}
    rows = session.execute(
        sa.select(PortfolioFirm.broker_id, sa.func.count())
        .where(PortfolioFirm.broker_id.in_(broker_ids), LIVE)
        .group_by(PortfolioFirm.broker_id)
    )
    return dict(rows.all())


def station_counts(session: Session) -> Mapping[int, int]:
    """Return place -> how many firms are looked after there now."""
    rows = session.execute(
        sa.select(PortfolioFirm.station_id, sa.func.count())
        .where(PortfolioFirm.station_id.is_not(None), LIVE)
        .group_by(PortfolioFirm.station_id)
    )
    return {key: number for key, number in rows if key is not None}


def _bare() -> tuple[_AbstractLoad, ...]:
    return lazyload(User.roles), lazyload(User.memberships)

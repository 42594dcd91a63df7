"""Licences granted of IP rights, as scopes to compare; open licences that stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import NotFound
from tenon.listings.models import IpRight
from tenon.rights.models import LicenceGrant, OpenLicence
from tenon.rights.overlap import Collision, Scope, collisions


def licences_of(session: Session, right: IpRight) -> Sequence[LicenceGrant]:
    """Return every licence on record of a right, those that live first."""
    return session.scalars(
        sa.select(LicenceGrant)
        .where(LicenceGrant.ip_right_id == right.id)
        .order_by(LicenceGrant.state.desc(), LicenceGrant.since, LicenceGrant.id)
    ).all()


def scope_of(licence: LicenceGrant) -> Scope:
    """Return what a licence covers; its key is its own public id."""
    return Scope(
        kind=licence.kind,
        rights=frozenset({licence.ip_right_id}),
        territory=tuple(licence.territory),
        fields=tuple(licence.fields),
        since=licence.since,
        until=licence.until,
        key=licence.public_id,
    )


def colliding(
    session: Session, proposed: Scope, *, besides_deal: str | None = None
) -> list[tuple[Collision, LicenceGrant]]:
    """Return the live licences that collide with a proposed scope, certain collisions first."""
    if not proposed.rights:
        return []
    wanted = sa.select(LicenceGrant).where(
        LicenceGrant.ip_right_id.in_(proposed.rights), LicenceGrant.state == "live"
    )
    if besides_deal is not None:
        wanted = wanted.where(
            sa.or_(LicenceGrant.deal.is_(None), LicenceGrant.deal != besides_deal)
        )
    live = {each.public_id: each for each in session.scalars(wanted)}
    found = collisions(proposed, (scope_of(each) for each in live.values()))
    return [(hit, live[hit.granted.key]) for hit in found]


def shutting_out(session: Session, right: IpRight, *, on: date) -> LicenceGrant | None:
    """Return an exclusive or sole licence, or an assignment, that lives on a day, if any."""
    return session.scalars(
        sa.select(LicenceGrant)
        .where(
            LicenceGrant.ip_right_id == right.id,
            LicenceGrant.state == "live",
            LicenceGrant.kind.in_(("exclusive", "sole", "assignment")),
            sa.or_(LicenceGrant.until.is_(None), LicenceGrant.until >= on),
        )
        .limit(1)
    ).first()


def declaration_of(session: Session, right: IpRight, *, on: date) -> OpenLicence | None:
    """Return the open licence that stands for a right on a day, if any."""
    return session.scalars(
        sa.select(OpenLicence)
        .where(
            OpenLicence.ip_right_id == right.id,
            OpenLicence.state == "declared",
            OpenLicence.declared_on <= on,
            OpenLicence.until >= on,
        )
        .limit(1)
    ).first()


def declared_on(
    session: Session, right: IpRight, *, organisation_id: int, on: date
) -> OpenLicence | None:
    """Return a declaration of this organisation that stood on a day, withdrawn since or not."""
    return session.scalars(
        sa.select(OpenLicence)
        .where(
            OpenLicence.ip_right_id == right.id,
            OpenLicence.organisation_id == organisation_id,
            OpenLicence.declared_on <= on,
            OpenLicence.until >= on,
            sa.or_(OpenLicence.withdrawn_on.is_(None), OpenLicence.withdrawn_on > on),
        )
        .limit(1)
    ).first()


def declarations_of(session: Session, rights: Iterable[int], *, on: date) -> Sequence[OpenLicence]:
    """Return the open licences that stand for any of these rights on a day."""
    return session.scalars(
        sa.select(OpenLicence)
        .where(
            OpenLicence.ip_right_id.in_(list(rights)),
            OpenLicence.state == "declared",
            OpenLicence.until >= on,
        )
        .order_by(OpenLicence.id)
    ).all()


def open_licences(
    session: Session, *, on: date, withdrawn: bool = False, limit: int = 20, offset: int = 0
) -> tuple[Sequence[OpenLicence], int]:
    """Return a page of declarations, the latest first, and how many there are in all.

    Those that stand on a day, or with ``withdrawn`` those that were withdrawn.
    """
    wanted = sa.select(OpenLicence)
    if withdrawn:
        wanted = wanted.where(OpenLicence.state == "withdrawn")
    else:
        wanted = wanted.where(OpenLicence.state == "declared", OpenLicence.until >= on)
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    found = session.scalars(
        wanted.order_by(OpenLicence.declared_on.desc(), OpenLicence.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return found.all(), total


def find_open_licence(session: Session, public_id: str) -> OpenLicence:
    """Return a declaration, a withdrawn one too, since it stays public; raises NotFound."""
    found = session.scalar(sa.select(OpenLicence).where(OpenLicence.public_id == public_id))
    if found is None:
        raise NotFound(kind="open_licence")
    return found

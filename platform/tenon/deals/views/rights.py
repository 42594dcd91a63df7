"""What a deal's page shows of rights: how they stand, whose they are, which licences collide.

A colliding licence is shown to those who may see its deal, or who own a part of the right; to
others only that there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals import forms, permissions
from tenon.deals.models import Deal
from tenon.deals.scope import scope_of, subjects_of, today_of
from tenon.listings.models import IpRight
from tenon.rights import permissions as rights_permissions
from tenon.rights import queries
from tenon.rights.models import LicenceGrant
from tenon.rights.overlap import Collision
from tenon.web.requests import request_now
from tenon.web.sections import Section, add_section

_WITH_RIGHTS = frozenset({"transfer", "licence"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A collision as one reader may see it.

    Attributes:
        deal: the colliding deal, for who may see it.
        open: whether the licence itself may be shown.
    """

    hit: Collision
    licence: LicenceGrant
    deal: Deal | None
    open: bool


def install(app: Flask) -> None:
    """Add the part to every deal's first page."""
    add_section(app, "deal", Section("rights/_of_deal.html", load, order=30))


def load(session: Session, deal: Deal, actor: Actor) -> Mapping[str, Any] | None:
    """Return the part for who may read the deal's terms; None where it is about no right."""
    subjects = subjects_of(deal)
    contract = forms.get(deal.form).contract
    if not subjects or contract not in _WITH_RIGHTS or not permissions.may_read(actor, deal):
        return None
    on = today_of(request_now())
    act = "assignment" if contract == "transfer" else "licence"
    own = permissions.side_of(actor, deal) == "seller" or permissions.looks_after(actor, deal)
    return {
        "rights": [
            (right, queries.standing(session, right, on=on, act=act)) for right in deal.ip_rights
        ],
        "owned": [(each, queries.owners(session, each, on=on)) for each in subjects] if own else [],
        "collisions": _collisions(session, deal, actor, on=on) if not deal.signed_on else [],
        "nav": ("rights", str(_("Rights"))),
    }


def _collisions(session: Session, deal: Deal, actor: Actor, *, on: date) -> list[Shown]:
    proposed = scope_of(session, deal, now=request_now())
    if proposed is None:
        return []
    found = queries.colliding(session, proposed, besides_deal=deal.public_id)
    return [_shown(session, actor, hit, licence, on=on) for hit, licence in found]


def _shown(
    session: Session, actor: Actor, hit: Collision, licence: LicenceGrant, *, on: date
) -> Shown:
    if licence.deal is not None:
        other = session.scalar(sa.select(Deal).where(Deal.public_id == licence.deal))
        seen = other if other is not None and permissions.may_see(actor, other) else None
        return Shown(hit, licence, seen, open=seen is not None)
    right = session.get_one(IpRight, licence.ip_right_id)
    owners = queries.owners(session, right, on=on)
    in_sight = queries.in_sight(session, right, by=actor)
    may_see = rights_permissions.may_see_owners(actor, owners, in_sight=in_sight)
    return Shown(hit, licence, None, open=may_see)

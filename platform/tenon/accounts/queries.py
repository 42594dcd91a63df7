"""Reads of the accounts room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from matching.script import simplify
from tenon.accounts import actor_parts
from tenon.accounts.models import Membership, Organisation, Role, User, UserRole
from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.taxonomy import catalogue


def actor_of(user: User) -> Actor:
    """Return the actor that a person is: memberships, acting organisation, roles on the site."""
    memberships = {m.organisation_id: m.role for m in user.memberships if m.state == "active"}
    acting = user.acting_for_id if user.acting_for_id in memberships else None
    if acting is None and memberships:
        acting = min(memberships)
    names = {role.name for role in user.roles}
    return Actor(
        user_id=user.id,
        organisation_id=acting,
        memberships=memberships,
        broker="broker" in names,
        operator="operator" in names,
        stations=actor_parts.stations_of(user),
        salt=user.salt,
    )


def person(session: Session, public_id: str) -> User:
    """Return a person by public id; raises NotFound, also for one who was erased."""
    found = session.scalar(
        sa.select(User).where(User.public_id == public_id, User.erased_at.is_(None))
    )
    if found is None:
        raise NotFound(kind="user")
    return found


def person_by_email(session: Session, email: str) -> User:
    """Return a person by mail address, in any case; raises NotFound."""
    found = session.scalar(sa.select(User).where(User.email == email.strip().lower()))
    if found is None:
        raise NotFound(kind="user")
    return found


def search_people(
    session: Session, *, text: str = "", role: str = "", limit: int = 20, offset: int = 0
) -> tuple[Sequence[User], int]:
    """Return people by part of name or address, newest first, and how many there are in all."""
    wanted = sa.select(User).where(User.erased_at.is_(None))
    if text.strip():
        part = _part(text)
        wanted = wanted.where(
            sa.or_(
                sa.func.lower(User.name).like(part, escape="\\"), User.email.like(part, escape="\\")
            )
        )
    if role:
        wanted = wanted.where(
            User.id.in_(sa.select(UserRole.user_id).join(Role).where(Role.name == role))
        )
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    rows = session.scalars(wanted.order_by(User.id.desc()).limit(limit).offset(offset))
    return rows.all(), total


def operators(session: Session) -> Sequence[User]:
    """Return the operators who can sign in."""
    holders = sa.select(UserRole.user_id).join(Role).where(Role.name == "operator")
    return session.scalars(sa.select(User).where(User.id.in_(holders), User.active.is_(True))).all()


def has_demo_people(session: Session) -> bool:
    """Whether the database holds demo accounts, whose passwords are printed for all to see."""
    return session.scalar(sa.select(User.id).where(User.demo.is_(True)).limit(1)) is not None


def organisation(session: Session, public_id: str) -> Organisation:
    """Return an organisation by public id; raises NotFound. Who may see it is not asked here."""
    found = session.scalar(sa.select(Organisation).where(Organisation.public_id == public_id))
    if found is None:
        raise NotFound(kind="organisation")
    return found


def is_state_founded(organisation: Organisation) -> bool:
    """Whether the state founded the organisation: as stated, else as its kind suggests.

    What nobody stated counts as yes for universities and institutes in China and as no for all
    others. Floors of income sharing bind only those that the state founded (Act on Promoting
    Transformation of Scientific and Technological Achievements, 45).
    """
    if organisation.state_founded is not None:
        return organisation.state_founded
    return organisation.kind in {"university", "institute"} and organisation.country == "CN"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationFilter:
    """What a directory is narrowed to; empty means all.

    Attributes:
        text: part of a name in either language; traditional characters find simplified ones.
        kind: one of the seven kinds.
        region: code; the regions below it count in.
        state: ``approved`` for the public; empty for all, for operators.
    """

    text: str = ""
    kind: str = ""
    region: str = ""
    state: str = "approved"

    def condition(self) -> list[sa.ColumnElement[bool]]:
        """Return the SQL conditions."""
        found: list[sa.ColumnElement[bool]] = []
        if self.state:
            found.append(Organisation.state == self.state)
        if self.kind:
            found.append(Organisation.kind == self.kind)
        if self.region and catalogue.find("region", self.region) is not None:
            codes = catalogue.descendant_codes("region", self.region)
            found.append(Organisation.region.in_(codes))
        if self.text.strip():
            found.append(_named_like(self.text))
        return found


def organisations(
    session: Session, where: OrganisationFilter, *, limit: int = 20, offset: int = 0
) -> tuple[Sequence[Organisation], int]:
    """Return organisations and how many there are in all; applications first, then by name."""
    wanted = sa.select(Organisation).where(*where.condition())
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    first = sa.case((Organisation.state == "pending", 0), else_=1)
    name = sa.func.coalesce(Organisation.name_zh, Organisation.name_en)
    rows = session.scalars(
        wanted.order_by(first, name, Organisation.id).limit(limit).offset(offset)
    )
    return rows.all(), total


def count_pending(session: Session) -> int:
    """Return how many applications wait for an operator."""
    counted = sa.select(sa.func.count()).where(Organisation.state == "pending")
    return session.scalar(counted) or 0


def namesakes(
    session: Session, name_zh: str | None, name_en: str | None, *, besides: int | None = None
) -> Sequence[Organisation]:
    """Return organisations that carry one of the names, whatever their case or script."""
    names = {
        form.strip().lower()
        for name in (name_zh, name_en)
        if name and name.strip()
        for form in (name, simplify(name))
    }
    if not names:
        return []
    wanted = sa.select(Organisation).where(
        sa.or_(
            sa.func.lower(Organisation.name_zh).in_(names),
            sa.func.lower(Organisation.name_en).in_(names),
        ),
        Organisation.state != "refused",
    )
    if besides is not None:
        wanted = wanted.where(Organisation.id != besides)
    return session.scalars(wanted.order_by(Organisation.id).limit(5)).all()


def members(session: Session, organisation_id: int) -> Sequence[Membership]:
    """Return live memberships with their people: requests first, then by time of joining."""
    first = sa.case((Membership.state == "requested", 0), else_=1)
    return session.scalars(
        sa.select(Membership)
        .where(Membership.organisation_id == organisation_id, Membership.state != "ended")
        .options(joinedload(Membership.user))
        .order_by(first, Membership.created_at, Membership.id)
    ).all()


def membership_of(session: Session, organisation_id: int, membership_id: int) -> Membership:
    """Return a membership of this very organisation; raises NotFound for any other's."""
    found = session.get(Membership, membership_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound(kind="membership")
    return found


def live_membership(
    session: Session, user_id: int | None, organisation_id: int
) -> Membership | None:
    """Return the person's request or membership that has not ended, if any."""
    return session.scalar(
        sa.select(Membership).where(
            Membership.user_id == user_id,
            Membership.organisation_id == organisation_id,
            Membership.state != "ended",
        )
    )


def memberships_of(session: Session, user_id: int) -> Sequence[Membership]:
    """Return the person's live memberships and requests, oldest first."""
    return session.scalars(
        sa.select(Membership)
        .where(Membership.user_id == user_id, Membership.state != "ended")
        .order_by(Membership.created_at, Membership.id)
    ).all()


def administrators(session: Session, organisation_id: int) -> Sequence[User]:
    """Return an organisation's administrators who can sign in."""
    holders = sa.select(Membership.user_id).where(
        Membership.organisation_id == organisation_id,
        Membership.state == "active",
        Membership.role == "administrator",
    )
    return session.scalars(sa.select(User).where(User.id.in_(holders), User.active.is_(True))).all()


def has_other_administrator(session: Session, organisation_id: int, *, besides: int) -> bool:
    """Whether an organisation has an administrator besides that person."""
    wanted = sa.select(Membership.id).where(
        Membership.organisation_id == organisation_id,
        Membership.state == "active",
        Membership.role == "administrator",
        Membership.user_id != besides,
    )
    return session.scalar(wanted.limit(1)) is not None


def organisations_left_without_administrator(session: Session, user_id: int) -> list[Organisation]:
    """Return organisations with other members that this person alone administers."""
    own = session.scalars(
        sa.select(Membership).where(
            Membership.user_id == user_id,
            Membership.state == "active",
            Membership.role == "administrator",
        )
    ).all()
    return [
        membership.organisation
        for membership in own
        if not has_other_administrator(session, membership.organisation_id, besides=user_id)
        and _has_other_members(session, membership.organisation_id, user_id)
    ]


def _has_other_members(session: Session, organisation_id: int, user_id: int) -> bool:
    wanted = sa.select(Membership.id).where(
        Membership.organisation_id == organisation_id,
        Membership.state == "active",
        Membership.user_id != user_id,
    )
    return session.scalar(wanted.limit(1)) is not None


def _part(text: str) -> str:
    """Return a LIKE pattern that holds ``text`` itself, whatever signs it has."""
    plain = text.strip().lower()
    for sign in ("\\", "%", "_"):
        plain = plain.replace(sign, f"\\{sign}")
    return f"%{plain}%"


def _named_like(text: str) -> sa.ColumnElement[bool]:
    columns = (Organisation.name_zh, Organisation.name_en)
    return sa.or_(
        *(
            sa.func.lower(column).like(_part(form), escape="\\")
            for form in {text, simplify(text)}
            for column in columns
        )
    )

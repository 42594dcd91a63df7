"""Who may read a thing's ledger, and what it says to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.orm.interfaces import ORMOption

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.credit import things
from tenon.credit.models import CreditConcerned, CreditDispute, CreditEntry
from tenon.credit.things import Described, Thing
from tenon.errors import NotFound


def may_read(session: Session, *, thing: Thing, actor: Actor) -> bool:
    """Whether the actor may read a thing's ledger.

    Whoever is or was credited on it, members of the organisations concerned, and operators.
    """
    if actor.operator:
        return True
    if actor.user_id is None:
        return False
    entry, concerned = CreditEntry, CreditConcerned
    credited = sa.exists().where(
        entry.thing_kind == thing[0], entry.thing_id == thing[1], entry.user_id == actor.user_id
    )
    member = sa.exists().where(
        concerned.thing_kind == thing[0],
        concerned.thing_id == thing[1],
        concerned.organisation_id.in_(list(actor.memberships)),
    )
    return bool(session.scalar(sa.select(sa.or_(credited, member))))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ledger as one viewer may know it.

    Attributes:
        entry: the line.
        stands: whether it gives credit at present.
        thing: what is known of the thing; None where the viewer may not know it.
        named: whether the viewer may learn who was credited and for whom.
        dispute: the latest dispute over it that was not withdrawn.
    """

    entry: CreditEntry
    stands: bool
    thing: Described | None
    named: bool
    dispute: CreditDispute | None


def ledger_of(session: Session, *, thing: Thing, actor: Actor) -> list[Line]:
    """Return a thing's ledger, oldest first; raises NotFound for those whom it does not concern."""
    if not may_read(session, thing=thing, actor=actor):
        raise NotFound(kind="credit")
    entries = session.scalars(
        sa.select(CreditEntry)
        .where(CreditEntry.thing_kind == thing[0], CreditEntry.thing_id == thing[1])
        .options(*people_and_houses())
        .order_by(CreditEntry.sequence)
    ).all()
    return lines_of(session, entries, actor=actor)


def people_and_houses() -> tuple[ORMOption, ...]:
    """Return what a page of entries loads with them: names, and nobody's roles or memberships."""
    person = joinedload(CreditEntry.user).options(lazyload(User.roles), lazyload(User.memberships))
    return person, joinedload(CreditEntry.organisation)


def find_entry(session: Session, public_id: str, *, by: Actor) -> CreditEntry:
    """Return an entry; raises NotFound, also where the actor may not read its thing's ledger."""
    entry = session.scalar(sa.select(CreditEntry).where(CreditEntry.public_id == public_id))
    if entry is None or not may_read(session, thing=(entry.thing_kind, entry.thing_id), actor=by):
        raise NotFound(kind="credit_entry")
    return entry


def lines_of(session: Session, entries: Sequence[CreditEntry], *, actor: Actor) -> list[Line]:
    """Return entries as the actor may know them, in order, by a fixed number of queries."""
    keys = [entry.id for entry in entries]
    replaced = _replaced(session, keys)
    disputes = _disputes(session, keys)
    known = things.describe(
        session, [(entry.thing_kind, entry.thing_id) for entry in entries], actor
    )
    lines = []
    for entry in entries:
        thing = known.get((entry.thing_kind, entry.thing_id))
        lines.append(
            Line(
                entry=entry,
                stands=entry.says == "credit" and entry.id not in replaced,
                thing=thing,
                named=_may_name(actor, entry, thing),
                dispute=disputes.get(entry.id),
            )
        )
    return lines


def _may_name(actor: Actor, entry: CreditEntry, thing: Described | None) -> bool:
    """Whether the viewer may learn the person and the organisation of an entry."""
    if actor.operator or entry.user_id == actor.user_id:
        return True
    return thing is not None and entry.organisation_id not in thing.withheld


def _replaced(session: Session, keys: Collection[int]) -> set[int]:
    wanted = sa.select(CreditEntry.replaces_id).where(CreditEntry.replaces_id.in_(keys))
    return {key for key in session.scalars(wanted) if key is not None}


def _disputes(session: Session, keys: Collection[int]) -> Mapping[int, CreditDispute]:
    found = session.scalars(
        sa.select(CreditDispute)
        .where(CreditDispute.entry_id.in_(keys), CreditDispute.state != "withdrawn")
        .order_by(CreditDispute.id)
    )
    return {each.entry_id: each for each in found}

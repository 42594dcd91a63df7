"""Add to the ledger: a line, the chain's entry that proves it, and word to the person credited."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.credit.acts import ACTS, THINGS
from tenon.credit.chains import chain_of, digest_of, facts_of
from tenon.credit.models import CreditConcerned, CreditEntry
from tenon.credit.queries.standing import entries_of_person, is_replaced
from tenon.credit.services.telling import tell_recorded
from tenon.db import new_public_id
from tenon.errors import Invalid
from tenon.history import HistoryEntry
from tenon.history.services import first_entries, lock

_AT_A_TIME = 500  # rows of one INSERT


def record_act(
    session: Session,
    *,
    thing: tuple[str, str],
    act: str,
    person: User,
    organisation_id: int | None = None,
    concerned: Collection[int] = (),
    by: Actor,
    now: datetime,
    origin: tuple[str, str] | None = None,
) -> CreditEntry:
    """Credit a person with an act on a thing, in the transaction in which the act happens.

    The same (thing, act, person) twice changes nothing and returns the entry that stands. What an
    operator struck in a dispute stays struck: that entry is returned, and nothing is added.

    Args:
        session: the change's own.
        thing: (kind, public id), the kind one of ``THINGS``.
        act: one of ``ACTS``.
        person: who did it.
        organisation_id: whom they did it for.
        concerned: organisations whose members may read this thing's ledger from now on.
        by: whose doing made the entry, for the history.
        now: the moment of the act.
        origin: (kind, public id) of what it came from.

    Raises Invalid for an unknown act or kind, and for a person who was erased.
    """
    _check(thing, act)
    if person.erased_at is not None:
        raise Invalid({"person": "erased"})
    lock(session, chain_of(thing))
    add_concerned(session, thing=thing, organisation_ids=concerned)
    earlier = entries_of_person(session, thing=thing, act=act, user_id=person.id)
    if earlier:
        return earlier[-1]
    entry = append(
        session,
        thing=thing,
        act=act,
        person=person,
        organisation_id=organisation_id,
        by=by,
        now=now,
        origin=origin,
    )
    if by.user_id != person.id:  # who does it oneself knows
        tell_recorded(session, entry, person=person, now=now)
    return entry


def append(
    session: Session,
    *,
    thing: tuple[str, str],
    act: str,
    person: User,
    organisation_id: int | None,
    by: Actor,
    now: datetime,
    origin: tuple[str, str] | None = None,
    replaces: CreditEntry | None = None,
    says: str = "credit",
) -> CreditEntry:
    """Write a line and its entry in the chain; the caller has looked whether it may.

    Raises IntegrityError where the person's line for this act stands already, or where the line
    to be replaced was replaced meanwhile.
    """
    earlier = entries_of_person(session, thing=thing, act=act, user_id=person.id)
    kind, public_id = origin or (None, None)
    entry = CreditEntry(
        public_id=new_public_id(),
        thing_kind=thing[0],
        thing_id=thing[1],
        says=says,
        act=act,
        user_id=person.id,
        person_digest=digest_of(person),
        organisation_id=organisation_id,
        generation=(
            replaces.generation
            if says == "strike" and replaces is not None
            else 1 + sum(is_replaced(session, each) for each in earlier)
        ),
        origin_kind=kind,
        origin_id=public_id,
        replaces_id=None if replaces is None else replaces.id,
        at=now,
    )
    written = history.record(
        session,
        chain=chain_of(thing),
        kind=says,
        by=by,
        now=now,
        facts=facts_of(entry, replaces=None if replaces is None else replaces.public_id),
    )
    entry.sequence = written.sequence
    session.add(entry)
    session.flush()
    return entry


def add_concerned(
    session: Session, *, thing: tuple[str, str], organisation_ids: Collection[int]
) -> None:
    """Let the members of these organisations read a thing's ledger."""
    wanted = set(organisation_ids)
    if not wanted:
        return
    table = CreditConcerned
    known = session.scalars(
        sa.select(table.organisation_id).where(
            table.thing_kind == thing[0], table.thing_id == thing[1]
        )
    )
    for organisation_id in sorted(wanted - set(known)):
        session.add(table(thing_kind=thing[0], thing_id=thing[1], organisation_id=organisation_id))
    session.flush()


@dataclass(frozen=True, slots=True)
class Act:
    """One act of many on things that are new.

    Attributes:
        thing: (kind, public id); nothing was ever recorded of it.
        organisation_id: for whom.
        concerned: organisations whose members may read the thing's ledger.
    """

    thing: tuple[str, str]
    organisation_id: int | None
    concerned: tuple[int, ...] = ()


def record_first_acts(
    session: Session,
    acts: Iterable[Act],
    *,
    act: str,
    person: User,
    by: Actor,
    now: datetime,
    origin: tuple[str, str] | None = None,
) -> None:
    """Credit one person with the same act on many new things (an import), in whole batches.

    Writes what ``record_act`` would; tells nobody, since the caller tells of the whole. A thing
    whose chain exists already breaks the database's constraint.
    """
    batch = list(acts)
    for start in range(0, len(batch), _AT_A_TIME):
        part = batch[start : start + _AT_A_TIME]
        entries = [
            _first_entry(each, act=act, person=person, now=now, origin=origin) for each in part
        ]
        chains = [
            (chain_of(each.thing), "credit", facts_of(entry, replaces=None))
            for each, entry in zip(part, entries, strict=True)
        ]
        connection = session.connection()
        connection.execute(sa.insert(HistoryEntry), first_entries(chains, by=by, now=now))
        connection.execute(sa.insert(CreditEntry), [_row(entry) for entry in entries])
        concerned = [
            {
                "thing_kind": each.thing[0],
                "thing_id": each.thing[1],
                "organisation_id": organisation_id,
            }
            for each in part
            for organisation_id in dict.fromkeys(each.concerned)
        ]
        if concerned:
            connection.execute(sa.insert(CreditConcerned), concerned)


def _first_entry(
    each: Act, *, act: str, person: User, now: datetime, origin: tuple[str, str] | None
) -> CreditEntry:
    _check(each.thing, act)
    kind, public_id = origin or (None, None)
    return CreditEntry(
        public_id=new_public_id(),
        thing_kind=each.thing[0],
        thing_id=each.thing[1],
        sequence=1,
        says="credit",
        act=act,
        user_id=person.id,
        person_digest=digest_of(person),
        organisation_id=each.organisation_id,
        generation=1,
        origin_kind=kind,
        origin_id=public_id,
        at=now,
    )


_COLUMNS = tuple(column.key for column in CreditEntry.__table__.columns if column.key != "id")


def _row(entry: CreditEntry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in _COLUMNS}


def _check(thing: tuple[str, str], act: str) -> None:
    if thing[0] not in THINGS:
        raise Invalid({"thing": "unknown_code"})
    if act not in ACTS:
        raise Invalid({"act": "unknown_code"})

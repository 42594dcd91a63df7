"""What the parts of a break-down are called: regions, fields, houses, people, places, months.

A firm that posts needs anonymously is not named to brokers: a figure by house would tell which
it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.insight import words
from tenon.listings.models import Listing
from tenon.network.models import Station
from tenon.taxonomy.queries import find, label

_AT_A_TIME = 500
_OFFERING = ("university", "institute")


@dataclass(frozen=True, slots=True)
class Name:
    """What a part is called, and by what an address names it.

    ``address`` is None where its list may not be asked for: it is not known, or stays unnamed.
    """

    text: str
    address: str | None


def names_of(
    session: Session,
    dimension: str,
    keys: Iterable[str | None],
    *,
    language: str,
    by: Actor,
) -> Mapping[str | None, Name]:
    """Return key -> name of the parts of a dimension; at most two statements for 500 parts.

    ``dimension`` is one of the measures' or of the funnel's.
    """
    wanted = [each for each in dict.fromkeys(keys) if each is not None]
    found: dict[str | None, Name] = {None: Name(words.said(words.NOT_STATED, language), None)}
    if dimension in ("institution", "broker", "station"):
        read = {"institution": _houses, "broker": _people, "station": _places}[dimension]
        known: dict[str, Name] = {}
        for start in range(0, len(wanted), _AT_A_TIME):
            part = [int(each) for each in wanted[start : start + _AT_A_TIME]]
            known |= read(session, part, language, by)
        unknown = Name(words.said(words.NOT_STATED, language), None)
        return found | {each: known.get(each, unknown) for each in wanted}
    return found | {each: _term(dimension, each, language) for each in wanted}


def _term(dimension: str, key: str, language: str) -> Name:
    if dimension == "side":
        return Name(words.said(words.SIDES[key], language), key)
    if dimension == "month":
        return Name(words.month(key, language), key)
    scheme, code = ("region", key) if dimension == "region" else tuple(key.split(":", 1))
    known = find(scheme, code) is not None
    return Name(label(scheme, code, language), key if known else None)


def _houses(session: Session, keys: list[int], language: str, by: Actor) -> Mapping[str, Name]:
    rows = session.scalars(sa.select(Organisation).where(Organisation.id.in_(keys))).all()
    hidden, closed = unnamed(session, keys, by), closed_houses(session, keys, by)
    secret = Name(words.said(words.UNNAMED_FIRM, language), None)
    return {
        str(each.id): secret
        if each.id in hidden
        else Name(each.name(language), None if each.id in closed else each.public_id)
        for each in rows
    }


def unnamed(session: Session, keys: list[int], by: Actor) -> Collection[int]:
    """Return the firms with an anonymous need: only operators and their members may single out."""
    if by.operator:
        return frozenset()
    rows = session.scalars(
        sa.select(Listing.organisation_id)
        .where(Listing.organisation_id.in_(keys), Listing.anonymous.is_(True))
        .distinct()
    )
    return frozenset(rows) - set(by.memberships)


def closed_houses(session: Session, keys: list[int], by: Actor) -> Collection[int]:
    """Return the houses whose figures alone the actor may not ask for: others' that seek.

    All of them, not only those with an anonymous need: the refusal would tell which these are.
    Universities and institutes, which offer, are asked for unless they have such a need.
    """
    if by.operator:
        return frozenset()
    seeking = session.scalars(
        sa.select(Organisation.id).where(
            Organisation.id.in_(keys), Organisation.kind.not_in(_OFFERING)
        )
    )
    return (frozenset(seeking) - set(by.memberships)) | frozenset(unnamed(session, keys, by))


def _people(session: Session, keys: list[int], language: str, by: Actor) -> Mapping[str, Name]:  # noqa: ARG001  # as the others
    rows = session.execute(
        sa.select(User.id, User.public_id, User.name).where(User.id.in_(keys))
    ).all()
    nobody = words.said(words.FORMER_PERSON, language)
    return {str(key): Name(name or nobody, public_id) for key, public_id, name in rows}


def _places(session: Session, keys: list[int], language: str, by: Actor) -> Mapping[str, Name]:  # noqa: ARG001  # as the others
    rows: Any = session.scalars(sa.select(Station).where(Station.id.in_(keys)))
    return {str(each.id): Name(each.name(language), each.public_id) for each in rows}

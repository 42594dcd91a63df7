"""What the chain of history says of an entry: the one form that writing and proving share.

Reads nothing and writes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.credit.models import CreditEntry
from tenon.history.services import digest_actor

CHAIN = "credit"
LONGEST = 40  # characters that history keeps of a chain's id


def chain_of(thing: tuple[str, str]) -> tuple[str, str]:
    """Return the chain of a thing's ledger; raises ValueError where history cannot keep its id."""
    name = ":".join(thing)
    if len(name) > LONGEST:
        raise ValueError(f"{name} is too long for a chain's id")
    return CHAIN, name


def facts_of(entry: CreditEntry, *, replaces: str | None) -> Mapping[str, Any]:
    """Return the facts of an entry, which hold no personal data.

    ``replaces`` is the public id of the entry that it replaces. Who was credited is in them as a
    salted digest, for whom as the organisation's key, which no page shows.
    """
    return {
        "entry": entry.public_id,
        "act": entry.act,
        "person": entry.person_digest,
        "organisation": entry.organisation_id,
        "generation": entry.generation,
        "origin": None if entry.origin_kind is None else [entry.origin_kind, entry.origin_id],
        "replaces": replaces,
    }


def digest_of(person: User) -> str:
    """Return the salted digest that stands for a person credited."""
    return digest_actor(Actor(user_id=person.id, salt=person.salt))


def digest_of_text(text: str, *, writer: User) -> str:
    """Return the salted digest that stands for what a person wrote; erasing them ends it."""
    return hmac.new(writer.salt.encode(), text.encode(), hashlib.sha256).hexdigest()

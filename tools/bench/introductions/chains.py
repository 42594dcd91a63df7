"""Credit and history of what was made up: entries whose hashes hold, as the site writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from tenon.actors import SYSTEM, Actor
from tenon.credit.chains import chain_of, facts_of
from tenon.credit.models import CreditConcerned, CreditEntry
from tenon.history.models import HistoryEntry
from tenon.history.services import GENESIS, digest_actor, hash_of
from tools.bench.introductions.drawing import Chance
from tools.bench.introductions.houses import Houses
from tools.bench.introductions.lives import TARGETS, Life
from tools.bench.introductions.loading import Rows
from tools.bench.introductions.offers import Offer

_APPROACHED: Final = frozenset({"ask_back", "decline", "accept", "accept_with_nda", "end"})
_BROKERS: Final = frozenset({"propose", "give_back", "pass_on", "refuse"})
_CREDIT_COLUMNS: Final = tuple(
    column.key for column in CreditEntry.__table__.columns if column.key != "id"
)

Step = tuple[str, datetime, int | None, Mapping[str, Any]]


class Chains:
    """Writes histories and the ledger, for introductions and for listings."""

    def __init__(self, houses: Houses, chance: Chance) -> None:
        self._houses, self._chance = houses, chance
        self._digest = cache(self._digest_of)

    def tables(self, lives: Sequence[Life]) -> Iterator[tuple[Any, Rows]]:
        """Yield the ledger and the history of a batch of introductions."""
        credited = [entry for life in lives for entry in self._introduced(life)]
        yield CreditEntry, (_row(entry) for entry in credited)
        yield CreditConcerned, (row for life in lives for row in _concerned(life))
        yield HistoryEntry, (row for life in lives for row in self._steps(life))
        yield HistoryEntry, self._ledger_chains(credited)

    def listing_tables(self, offers: Sequence[Offer]) -> Iterator[tuple[Any, Rows]]:
        """Yield the ledger and the history of listings: who collected each one handed in."""
        collected = [self._collected(offer) for offer in offers if offer.state != "draft"]
        yield CreditEntry, (_row(entry) for entry in collected)
        yield (
            CreditConcerned,
            (
                {
                    "thing_kind": "listing",
                    "thing_id": offer.public_id,
                    "organisation_id": offer.organisation_id,
                }
                for offer in offers
                if offer.state != "draft"
            ),
        )
        yield HistoryEntry, (row for offer in offers for row in self._written(offer))
        yield HistoryEntry, self._ledger_chains(collected)

    def _digest_of(self, person: int | None) -> str:
        if person is None:
            return digest_actor(SYSTEM)
        return digest_actor(Actor(user_id=person, salt=self._houses.salts[person]))

    def _chain(self, chain: tuple[str, str], steps: Sequence[Step]) -> Rows:
        before = GENESIS
        for sequence, (kind, at, person, facts) in enumerate(steps, 1):
            row = {
                "chain_kind": chain[0],
                "chain_id": chain[1],
                "sequence": sequence,
                "at": at,
                "kind": kind,
                "actor_id": person,
                "actor_digest": self._digest(person),
                "facts": facts,
                "previous_hash": before,
            }
            before = row["hash"] = hash_of(HistoryEntry(**row))
            yield row

    def _steps(self, life: Life) -> Rows:
        row, before = life.row, None
        steps: list[Step] = []
        for step, at in life.steps:
            target = TARGETS[step]
            facts: dict[str, Any] = {"from": before, "to": target}
            if before is None:
                own = life.own.public_id if life.own else None
                facts = {"to": target, "listing": life.listing.public_id, "own_listing": own}
            if step in ("decline", "refuse", "end"):
                facts["reason"] = row["end_reason"]
            steps.append((step, at, _actor(life, step), facts))
            before = target
        return self._chain(("introduction", row["public_id"]), steps)

    def _introduced(self, life: Life) -> Iterator[CreditEntry]:
        row = life.row
        if row["opened_at"] is None:
            return
        brokers = sorted({row["broker_id"], row["proposer_id"]} - {None})
        for sequence, broker in enumerate(brokers, 1):
            yield CreditEntry(
                public_id=self._chance.public_id(),
                thing_kind="introduction",
                thing_id=row["public_id"],
                sequence=sequence,
                says="credit",
                act="introduced",
                user_id=broker,
                person_digest=self._digest(broker),
                organisation_id=None,
                generation=1,
                origin_kind="listing",
                origin_id=life.listing.public_id,
                at=row["opened_at"],
            )

    def _collected(self, offer: Offer) -> CreditEntry:
        return CreditEntry(
            public_id=self._chance.public_id(),
            thing_kind="listing",
            thing_id=offer.public_id,
            sequence=1,
            says="credit",
            act="collected",
            user_id=offer.author_id,
            person_digest=self._digest(offer.author_id),
            organisation_id=offer.organisation_id,
            generation=1,
            at=offer.created_at,
        )

    def _ledger_chains(self, entries: Sequence[CreditEntry]) -> Rows:
        """Yield the ledger's chains; entries of one thing stand next to each other."""
        together: dict[tuple[str, str], list[Step]] = {}
        for entry in entries:
            step = ("credit", entry.at, entry.user_id, facts_of(entry, replaces=None))
            together.setdefault((entry.thing_kind, entry.thing_id), []).append(step)
        for thing, steps in together.items():
            yield from self._chain(chain_of(thing), steps)

    def _written(self, offer: Offer) -> Rows:
        steps: list[Step] = [("create", offer.created_at, offer.author_id, {"to": "draft"})]
        if offer.public:
            facts = {"from": "in_review", "to": "published"}
            steps.append(("publish", offer.created_at, offer.broker_id, facts))
        return self._chain(("listing", offer.public_id), steps)


def _concerned(life: Life) -> Rows:
    if life.row["opened_at"] is None:
        return
    if life.row["broker_id"] is None and life.row["proposer_id"] is None:
        return
    for side in ("from", "to"):
        yield {
            "thing_kind": "introduction",
            "thing_id": life.row["public_id"],
            "organisation_id": life.row[f"{side}_organisation_id"],
        }


def _actor(life: Life, step: str) -> int | None:
    key: int | None = life.row["from_user_id"]
    if step in _APPROACHED:
        key = life.row["to_user_id"]
    elif step in _BROKERS:
        key = life.row["broker_id"]
    elif step in ("lapse", "void"):
        key = None
    return key


def _row(entry: CreditEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _CREDIT_COLUMNS}

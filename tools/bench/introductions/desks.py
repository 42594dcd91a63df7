"""What lies on the desks of the made-up world: needs on their way, notes, tasks, contracts.

Contracts are deals in force with the record that figures read; two in a hundred introductions
that were connected led to one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from tenon.deals.models import Deal, DealListing
from tenon.desk.models import DeskNote, DeskTask
from tenon.figures.models import ContractRecord
from tenon.routing.models import NeedCase, NeedCaseMove
from tools.bench.introductions.drawing import Chance
from tools.bench.introductions.houses import REGIONS, Houses
from tools.bench.introductions.loading import Rows
from tools.bench.introductions.network import FIRMS_EACH, Network
from tools.bench.introductions.offers import Offer, Offers
from tools.bench.introductions.sentences import Sentences
from tools.bench.introductions.sizes import DAYS

NOTES_EACH, TASKS_EACH = 100, 40
CONTRACTS_OF: Final = 25
"""One contract for so many introductions."""

_ANSWER_DAYS: Final = 7
_CLOSED: Final = {
    "rejected": "rejected",
    "withdrawn": "withdrawn",
    "concluded": "concluded",
    "expired": "expired",
}
_FORM: Final = "licence_nonexclusive"


def desk_tables(
    houses: Houses, offers: Offers, chance: Chance, sentences: Sentences
) -> Iterator[tuple[Any, Rows]]:
    """Yield tables with their rows, in an order that foreign keys allow."""
    network = Network(houses)
    needs = [
        offer
        for offer in offers.every
        if offer.station_id is not None and offer.state not in ("draft", "returned")
    ]
    cases = [_case(key, offer, network, chance) for key, offer in enumerate(needs, 1)]
    yield NeedCase, iter(cases)
    yield NeedCaseMove, (row for case in cases for row in _moves(case))
    yield DeskNote, _notes(network, chance, sentences)
    yield DeskTask, _tasks(network, chance, sentences)
    contracts = _contracts(houses, offers, chance)
    yield Deal, (_deal(key, *each, chance) for key, each in enumerate(contracts, 1))
    yield (
        DealListing,
        (
            {"deal_id": key, "listing_id": offer.id}
            for key, (offer, _, _) in enumerate(contracts, 1)
        ),
    )
    yield ContractRecord, (_record(key, *each, chance) for key, each in enumerate(contracts, 1))


def _case(key: int, offer: Offer, network: Network, chance: Chance) -> dict[str, Any]:
    received = offer.created_at + timedelta(days=1)
    closed = _CLOSED.get(offer.state)
    answered = received + timedelta(days=1 + 9 * chance.share())
    known = answered < chance.now and (closed is not None or chance.share() < 0.9)
    rank = network.keeper(offer.organisation_id)
    return {
        "id": key,
        "public_id": chance.public_id(),
        "listing_id": offer.id,
        "entry_station_id": offer.station_id,
        "station_id": offer.station_id,
        "broker_id": None if rank is None else network.houses.broker(rank),
        "state": "closed" if closed else "answered" if known else "open",
        "version": 3,
        "risen": 0,
        "received_at": received,
        "due_on": (received + timedelta(days=_ANSWER_DAYS)).date(),
        "answered_at": answered if known else None,
        "answered_how": "passed_on" if known else None,
        "closed_how": closed,
    }


def _moves(case: dict[str, Any]) -> Rows:
    steps = [("received", "open", case["received_at"])]
    if case["answered_at"] is not None:
        steps.append(("answered", "answered", case["answered_at"]))
    if case["closed_how"] is not None:
        steps.append(("closed", "closed", steps[-1][2] + timedelta(days=1)))
    for number, (kind, state, at) in enumerate(steps, 1):
        yield {
            "case_id": case["id"],
            "number": number,
            "kind": kind,
            "state": state,
            "at": at,
            "to_station_id": case["station_id"],
            "to_broker_id": case["broker_id"],
            "due_on": case["due_on"],
            "reasons": [],
        }


def _notes(network: Network, chance: Chance, sentences: Sentences) -> Rows:
    sizes = network.houses.sizes
    for rank in range(sizes.brokers):
        for number in range(NOTES_EACH):
            firm = rank + sizes.brokers * (number % FIRMS_EACH)
            house = network.houses.firm(firm % sizes.firms)
            at = chance.ago(DAYS * chance.share())
            yield {
                "public_id": chance.public_id(),
                "about_kind": "organisation",
                "about_id": house,
                "organisation_id": house,
                "author_id": network.houses.broker(rank),
                "station_id": network.place_of(rank),
                "audience": ("me", "place", "up")[number % 3],
                "text": sentences.passage("zh"),
                "version": 1,
                "created_at": at,
                "changed_at": at,
            }


def _tasks(network: Network, chance: Chance, sentences: Sentences) -> Rows:
    for rank in range(network.houses.sizes.brokers):
        broker = network.houses.broker(rank)
        for number in range(TASKS_EACH):
            due = chance.now + timedelta(days=number - TASKS_EACH * 0.8)
            done = due < chance.now - timedelta(days=2)
            yield {
                "public_id": chance.public_id(),
                "title": sentences.title(number)["zh"][:100],
                "detail": "",
                "due_on": due.date(),
                "owner_id": broker,
                "created_by": broker,
                "version": 1,
                "done_at": due if done else None,
                "done_by": broker if done else None,
                "created_at": due - timedelta(days=9),
            }


Contract = tuple[Offer, int, Any]


def _contracts(houses: Houses, offers: Offers, chance: Chance) -> list[Contract]:
    """Return (result, buyer, when it was signed); results are drawn, buyers are firms."""
    results = [each for each in offers.every if each.side == "achievement"]
    found: list[Contract] = []
    for _ in range(houses.sizes.introductions // CONTRACTS_OF):
        buyer = houses.firm(chance.below(houses.sizes.firms))
        found.append((chance.pick(results), buyer, chance.ago(1 + DAYS * chance.share())))
    return found


def _deal(key: int, offer: Offer, buyer: int, at: Any, chance: Chance) -> dict[str, Any]:
    value = 1_000_00 * (10 + key % 5_000)
    return {
        "id": key,
        "public_id": chance.public_id(),
        "title": offer.titles["zh"],
        "form": _FORM,
        "stage": "in_force",
        "state": "in_force",
        "version": 9,
        "seller_organisation_id": offer.organisation_id,
        "buyer_organisation_id": buyer,
        "broker_id": offer.broker_id,
        "origin_kind": "none",
        "no_need_reason": "样例",
        "language": "zh",
        "jurisdiction": "CN",
        "currency": "CNY",
        "value_minor": value,
        "agreed_at": at,
        "signed_on": at.date(),
        "effective_on": at.date(),
        "stage_since": at,
        "state_since": at,
        "created_at": at - timedelta(days=60),
    }


def _record(key: int, offer: Offer, buyer: int, at: Any, chance: Chance) -> dict[str, Any]:
    seller_province, buyer_province = chance.pick(REGIONS), chance.pick(REGIONS)
    return {
        "deal_id": key,
        "sequence": 1,
        "recorded_at": at,
        "change": "signed",
        "form": _FORM,
        "contract": "licence",
        "signed_on": at.date(),
        "currency": "CNY",
        "value_minor": 1_000_00 * (10 + key % 5_000),
        "seller_id": offer.organisation_id,
        "seller_kind": "university",
        "seller_region": seller_province,
        "seller_province": seller_province,
        "buyer_id": buyer,
        "buyer_country": "CN",
        "buyer_region": buyer_province,
        "buyer_province": buyer_province,
        "field_scheme": "hitech",
        "field_code": str(1 + key % 8),
        "new_company": False,
    }

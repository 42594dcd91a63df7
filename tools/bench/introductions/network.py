"""The service network of the made-up world: one centre, nodes, stations, brokers and their firms.

Pure arithmetic says who works where and keeps which firm, so that later parts need not ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from tenon.network.models import (
    BrokerField,
    BrokerProfile,
    BrokerRegion,
    PortfolioFirm,
    Station,
    StationAncestor,
    StationMember,
)
from tools.bench.introductions.drawing import Chance
from tools.bench.introductions.houses import REGIONS, Houses
from tools.bench.introductions.loading import Rows
from tools.bench.introductions.sizes import DAYS

CENTRE: Final = 1
FIRMS_EACH: Final = 40


@dataclass(frozen=True, slots=True)
class Network:
    """Which key is what: the centre, then nodes, then stations, shared out among the nodes."""

    houses: Houses

    @property
    def nodes(self) -> range:
        """Keys of the nodes."""
        return range(CENTRE + 1, CENTRE + 1 + self.houses.sizes.nodes)

    @property
    def stations(self) -> range:
        """Keys of the stations."""
        return range(self.nodes.stop, self.nodes.stop + self.houses.sizes.stations)

    def parent(self, place: int) -> int | None:
        """Return the key of the place above."""
        if place == CENTRE:
            return None
        if place in self.nodes:
            return CENTRE
        return self.nodes[(place - self.stations.start) % len(self.nodes)]

    def place_of(self, rank: int) -> int:
        """Return where a broker works: the busiest at the centre, then the heads of nodes."""
        above = 1 + len(self.nodes)
        if rank < above:
            return CENTRE + rank
        return self.stations[(rank - above) % len(self.stations)]

    def keeper(self, organisation_id: int) -> int | None:
        """Return the rank of the broker who looks after a firm; None where nobody does."""
        if not self.houses.is_firm(organisation_id):
            return None
        rank, brokers = organisation_id - self.houses.firm(0), self.houses.sizes.brokers
        return rank % brokers if rank < brokers * FIRMS_EACH else None

    def station_of(self, organisation_id: int) -> int | None:
        """Return the place where what a firm needs comes in; None where nobody keeps it."""
        rank = self.keeper(organisation_id)
        return None if rank is None else self.place_of(rank)


def network_tables(network: Network, chance: Chance) -> Iterator[tuple[Any, Rows]]:
    """Yield tables with their rows, in an order that foreign keys allow."""
    places = [CENTRE, *network.nodes, *network.stations]
    yield Station, (_station(network, place, chance) for place in places)
    yield StationAncestor, (row for place in places for row in _above(network, place))
    ranks = range(network.houses.sizes.brokers)
    since = chance.ago(DAYS)
    yield (
        StationMember,
        (
            {
                "station_id": network.place_of(rank),
                "user_id": network.houses.broker(rank),
                "role": "head" if rank < network.stations.start - 1 else "broker",
                "since": since.date(),
            }
            for rank in ranks
        ),
    )
    yield BrokerProfile, (_profile(network, rank, chance) for rank in ranks)
    yield BrokerField, (_field(network, rank) for rank in ranks)
    yield BrokerRegion, (_region(network, rank) for rank in ranks)
    yield PortfolioFirm, _portfolio(network, chance)


def _station(network: Network, place: int, chance: Chance) -> dict[str, Any]:
    level = "centre" if place == CENTRE else "node" if place in network.nodes else "station"
    return {
        "id": place,
        "public_id": chance.public_id(),
        "code": f"SAMPLE-{place:04d}",
        "level": level,
        "state": "active",
        "version": 1,
        "parent_id": network.parent(place),
        "name_zh": f"样例站点{place:04d}",
        "region": REGIONS[place % len(REGIONS)],
        "created_at": chance.ago(DAYS + 5),
    }


def _above(network: Network, place: int) -> Rows:
    distance, above = 0, place
    while True:
        yield {"station_id": place, "ancestor_id": above, "distance": distance}
        found = network.parent(above)
        if found is None:
            return
        distance, above = distance + 1, found


def _profile(network: Network, rank: int, chance: Chance) -> dict[str, Any]:
    return {
        "user_id": network.houses.broker(rank),
        "languages": ["zh", "en"] if rank % 3 == 0 else ["zh"],
        "most_firms": 60,
        "most_needs": 30,
        "certificate": "broker" if rank % 2 else "manager",
        "certificate_number": f"SAMPLE-{rank:05d}",
        "certified_until": (chance.now + timedelta(days=30 + rank)).date(),
        "updated_at": chance.now,
    }


def _field(network: Network, rank: int) -> dict[str, Any]:
    return {
        "user_id": network.houses.broker(rank),
        "scheme": "hitech",
        "code": str(1 + rank % 8),
    }


def _region(network: Network, rank: int) -> dict[str, Any]:
    return {"user_id": network.houses.broker(rank), "region": REGIONS[rank % len(REGIONS)]}


def _portfolio(network: Network, chance: Chance) -> Rows:
    since = chance.ago(DAYS / 2)
    sizes = network.houses.sizes
    for rank in range(min(sizes.brokers * FIRMS_EACH, sizes.firms)):
        house = network.houses.firm(rank)
        yield {
            "organisation_id": house,
            "broker_id": network.houses.broker(rank % sizes.brokers),
            "station_id": network.station_of(house),
            "since": since,
        }

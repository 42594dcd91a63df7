"""Random documents of many listings: the strategies' values, drawn by a seed."""

from __future__ import annotations

import random

from matching.documents import LANGUAGES, SIDES, Document, Facets
from tests.unit.matching.strategies import DEALS, FIELDS, KINDS, REGIONS, TEXTS


def listing(key: int, chance: random.Random, most: int = 3) -> list[Document]:
    """Draw one to ``most`` documents of one key."""
    return [
        Document(
            key,
            chance.choice(SIDES),
            chance.choice(LANGUAGES),
            chance.choice(TEXTS),
            "。".join(chance.sample(TEXTS, chance.randint(0, 3))),
            _facets(chance),
            version=chance.randint(0, 9),
        )
        for _ in range(chance.randint(1, most))
    ]


def _facets(chance: random.Random) -> Facets:
    def some(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(chance.sample(values, chance.randint(0, 2)))

    return Facets(
        organisation=chance.choice((None, 1, 2, 3, 4)),
        organisation_kind=chance.choice((None, *KINDS)),
        fields=some(FIELDS),
        industries=some(("C", "C35")),
        region=some(REGIONS),
        readiness=chance.choice((None, *range(1, 10))),
        deal_forms=some(DEALS),
        published=chance.randint(0, 20_000),
        expires=chance.choice((None, chance.randint(0, 20_000))),
    )

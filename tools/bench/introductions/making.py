"""Make the whole world in a migrated, empty database.

The same seed and moment give the same rows, but for the hash of the password that all share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy.engine import Connection

from tenon.db import Database
from tools.bench.introductions.chains import Chains
from tools.bench.introductions.desks import desk_tables
from tools.bench.introductions.drawing import Chance
from tools.bench.introductions.following import Following
from tools.bench.introductions.houses import house_tables, make_houses
from tools.bench.introductions.inboxes import TABLE as NOTICES
from tools.bench.introductions.inboxes import notices
from tools.bench.introductions.lives import Life, Lives
from tools.bench.introductions.loading import Rows, finish, load
from tools.bench.introductions.network import Network, network_tables
from tools.bench.introductions.offers import make_offers, offer_tables
from tools.bench.introductions.sentences import Sentences
from tools.bench.introductions.sizes import Sizes

BATCH: Final = 10_000

Say = Callable[[str], None]


def make_world(
    database: Database, sizes: Sizes, *, now: datetime, seed: int = 1, say: Say = lambda _: None
) -> Counter[str]:
    """Write everything and return table -> rows; one transaction.

    The database must be migrated, hold the taxonomy and be empty otherwise.
    """
    written: Counter[str] = Counter()
    chance = Chance(f"{seed} {sizes.introductions}", now)
    sentences = Sentences(chance)
    houses = make_houses(sizes, chance)
    offers = make_offers(houses, chance, sentences)
    chains = Chains(houses, chance)
    following = Following(sizes, chains, chance, sentences)
    with database.writer() as session:
        connection = session.connection()
        _write(connection, house_tables(houses, chance), written)
        _write(connection, network_tables(Network(houses), chance), written)
        say(f"{written['organisations']:,} houses, {written['users']:,} people")
        _write(connection, offer_tables(offers, chance, sentences), written)
        _write(connection, chains.listing_tables(offers.every), written)
        say(f"{written['listings']:,} listings")
        for batch in _batches(Lives(houses, offers, chance, sentences)):
            _write(connection, following.tables(batch), written)
            if written["introductions"] % (10 * BATCH) == 0:
                say(f"{written['introductions']:,} introductions")
        _write(connection, desk_tables(houses, offers, chance, sentences), written)
        say(f"{written['need_cases']:,} needs on their way, {written['deals']:,} contracts")
        _write(connection, [(NOTICES, notices(houses, offers, chance))], written)
        finish(connection)
        session.commit()
    return written


def _write(
    connection: Connection, tables: Iterable[tuple[Any, Rows]], written: Counter[str]
) -> None:
    for table, rows in tables:
        written[table.__tablename__] += load(connection, table, rows)


def _batches(lives: Iterable[Life]) -> Iterator[list[Life]]:
    source = iter(lives)
    while batch := list(islice(source, BATCH)):
        yield batch

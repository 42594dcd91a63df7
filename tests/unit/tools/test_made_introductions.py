"""The made-up world of the bench: every row fits, the same seed gives it again, chains hold."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tenon.accounts.models import User
from tenon.credit.models import CreditEntry
from tenon.db import Database
from tenon.history import proof
from tenon.introductions.models import Introduction, IntroductionMessage, IntroductionRead
from tenon.introductions.services.asking import live_key
from tenon.introductions.states import LIVE_STATES, STATES, WAITING_STATES
from tenon.listings.models import Listing
from tenon.listings.queries import is_public
from tenon.notices.models import Notice
from tools.bench.introductions import kept
from tools.bench.introductions.drawing import Chance
from tools.bench.introductions.houses import Houses, make_houses
from tools.bench.introductions.lives import Life, Lives
from tools.bench.introductions.making import make_world
from tools.bench.introductions.offers import make_offers
from tools.bench.introductions.sentences import Sentences
from tools.bench.introductions.sizes import Sizes

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SMALL = Sizes(
    firms=60,
    institutions=6,
    researchers=3,
    brokers=4,
    operators=1,
    listings=300,
    introductions=1_500,
    messages=9_000,
    readers=20,
    notices=5,
)


def lives(seed: int) -> list[Life]:
    chance = Chance(f"{seed}", NOW)
    sentences = Sentences(chance)
    houses = make_houses(SMALL, chance)
    return list(Lives(houses, make_offers(houses, chance, sentences), chance, sentences))


@pytest.fixture(scope="module")
def made() -> list[Life]:
    return lives(1)


def test_the_same_seed_and_moment_give_the_same(made: list[Life]) -> None:
    assert [each.row for each in lives(1)] == [each.row for each in made]
    assert [each.row for each in lives(2)] != [each.row for each in made]


def test_all_stages_occur_in_realistic_shares(made: list[Life]) -> None:
    found = Counter(each.row["state"] for each in made)

    assert set(found) == set(STATES)
    assert 0.02 < sum(found[state] for state in WAITING_STATES) / len(made) < 0.07
    assert found["connected"] + found["ended"] > len(made) / 2


def test_few_have_much_and_many_have_little(made: list[Life]) -> None:
    houses = Houses(SMALL, ())
    found = Counter(
        each.row["from_organisation_id"]
        for each in made
        if houses.is_firm(each.row["from_organisation_id"])
    ).most_common()

    assert found[0][1] > 1.7 * found[len(found) // 2][1]


def test_steps_come_in_order_and_lead_to_the_stage(made: list[Life]) -> None:
    for life in made:
        moments = [at for _, at in life.steps]
        assert moments == sorted(moments)
        assert moments[-1] == life.row["stage_since"] <= NOW
        if life.row["due_at"] is not None:
            assert NOW - timedelta(days=1) < life.row["due_at"] < NOW + timedelta(days=31)


def test_the_database_takes_every_row_and_goes_on_after_them(database: Database) -> None:
    written = make_world(database, SMALL, now=NOW)

    assert written["introductions"] == SMALL.introductions
    assert 0.7 < written["introduction_messages"] / SMALL.messages < 1.3
    with database.writing() as session:
        for table in (Introduction, IntroductionMessage, IntroductionRead, CreditEntry, Notice):
            counted = session.scalar(sa.select(sa.func.count()).select_from(table))
            assert counted == written[table.__tablename__]
        person = User(email="new@sample.example", name="样例新人")
        session.add(person)
        session.flush()
        assert person.id == Houses(SMALL, ()).people + 1


def test_what_lives_is_about_what_is_public_once_a_pair(database: Database) -> None:
    make_world(database, SMALL, now=NOW)
    with database.reading() as session:
        live = session.scalars(
            sa.select(Introduction).where(Introduction.state.in_(LIVE_STATES))
        ).all()
        public = set(session.scalars(sa.select(Listing.id).where(is_public(NOW))))
    assert live
    for each in live:
        key = live_key(each.listing_id, each.own_listing_id, each.from_organisation_id)
        assert each.live_key == key
        assert each.listing_id in public
        assert each.own_listing_id is None or each.own_listing_id in public


def test_history_and_ledger_prove_to_be_whole(database: Database) -> None:
    make_world(database, SMALL, now=NOW)
    with database.reading() as session:
        salts = {user.id: user.salt for user in session.scalars(sa.select(User))}
        assert list(proof.verify(session, salts=salts)) == []


def test_a_smaller_world_has_the_same_shape() -> None:
    half = Sizes().times(0.5)
    assert (half.introductions, half.listings, half.notices) == (250_000, 100_000, 50)


def test_a_world_is_used_again_only_while_it_fits(tmp_path: Path) -> None:
    stamp = tmp_path / "made.json"
    wanted: dict[str, object] = {"sizes": {"firms": 1}, "seed": 1}
    assert not kept.fits(stamp, wanted, now=NOW)
    kept.write_stamp(stamp, wanted, now=NOW)
    assert kept.fits(stamp, wanted, now=NOW + timedelta(days=29))
    assert not kept.fits(stamp, wanted, now=NOW + timedelta(days=31))
    assert not kept.fits(stamp, wanted | {"seed": 2}, now=NOW)

"""The portfolio map, and how listings are looked at beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.documents import Document
from matching.engine import MatchEngine
from matching.results import Band
from tenon.desk import fits
from tenon.desk.mapping import behind, portfolio_map
from tenon.desk.models import FieldSupply, ListingFit
from tenon.desk.today.needs import unmatched
from tenon.listings.models import Listing
from tests.desk.scenes import NOW, Desk
from tests.factories.listings import make_achievement, make_need


@dataclass
class _Found:
    key: int
    band: Band


class _Engine:
    """Says what it was told: pairs of keys with a band."""

    def __init__(self, pairs: dict[tuple[int, int], Band]) -> None:
        self.pairs, self.asked = pairs, 0

    def match_many(
        self,
        asked: Sequence[Sequence[Document]],
        k: int,  # noqa: ARG002  # the engine's form
        where: object,  # noqa: ARG002  # the engine's form
    ) -> list[list[_Found]]:
        """Return the counterparts that were told, in either direction."""
        self.asked += len(asked)
        return [
            [
                _Found(one if one != each[0].key else other, band)
                for (one, other), band in self.pairs.items()
                if each[0].key in (one, other)
            ]
            for each in asked
        ]


def _look(session: Session, engine: _Engine, now: Any = NOW) -> int:
    found = fits.look(session, cast("MatchEngine", engine), now=now)
    fits.write(session, found, now=now)
    fits.write_supply(session, fits.count_supply(session, now=now), now=now)
    session.flush()
    return len(found)


def test_needs_against_supply_by_field(session: Session, desk: Desk) -> None:
    line = [("hitech", "8.1")]
    weak = make_need(session, organisation=desk.firm, state="published", fields=line)
    spare = make_achievement(session, state="published", fields=[*line, ("hitech", "8.2")])
    make_need(session, state="published", fields=line)  # of nobody's portfolio
    past = NOW.date() - timedelta(days=1)
    make_need(session, organisation=desk.firm, state="published", fields=line, deadline=past)
    engine = _Engine(
        {
            (desk.need.id, desk.result.id): Band.GOOD,
            (weak.id, spare.id): Band.POSSIBLE,
        }
    )
    before = portfolio_map(session, by=desk.actor("broker"), scope="mine", now=NOW)
    assert (before.needs, before.unknown, before.counted_at) == (3, 3, None)
    _look(session, engine)
    for name, scope, needs in (
        ("broker", "mine", 2),
        ("head", "below", 2),
        ("sibling", "below", 0),
    ):
        found = portfolio_map(session, by=desk.actor(name), scope=scope, now=NOW)
        lines = {each.code: each for each in found.lines}
        assert lines["8.1"].needs == needs, name
        assert (lines["8.1"].supply, lines["8.1"].unsought) == (2, 1)
        assert (lines["8"].supply, lines["8"].unsought) == (2, 1)  # once, though in two fields
    found = portfolio_map(session, by=desk.actor("broker"), scope="mine", now=NOW)
    assert (found.needs, found.without_supply, found.unknown, found.unplaced) == (3, 2, 0, 1)
    rows, total = behind(
        session, "without_supply", "8", by=desk.actor("broker"), scope="mine", now=NOW,
        language="zh",
    )  # fmt: skip
    assert ([row.public_id for row in rows], total) == ([weak.public_id], 1)
    rows, total = behind(
        session, "unsought", "8.2", by=desk.actor("broker"), scope="mine", now=NOW, language="en"
    )
    assert ([row.public_id for row in rows], total) == ([spare.public_id], 1)


def test_a_deadline_is_over_when_the_sites_day_is(session: Session, desk: Desk) -> None:
    """Half past midnight of the 23rd in China is still the 22nd elsewhere."""
    desk.need.deadline = date(2026, 11, 22)
    session.flush()
    by = desk.actor("broker")
    for moment, needs in (
        (datetime(2026, 11, 22, 15, 30, tzinfo=UTC), 2),
        (datetime(2026, 11, 22, 16, 30, tzinfo=UTC), 1),
    ):
        assert portfolio_map(session, by=by, scope="mine", now=moment).needs == needs
        found = session.scalars(sa.select(Listing.id).where(unmatched(by, moment))).all()
        assert (desk.need.id in found) is (needs == 2)


def test_each_listing_is_looked_at_once_until_it_changes_or_grows_stale(
    session: Session, desk: Desk
) -> None:
    engine = _Engine({})
    assert _look(session, engine) == 3
    assert _look(session, engine) == 0
    desk.need.text_version += 1
    session.flush()
    assert _look(session, engine) == 1
    assert _look(session, engine, NOW + fits.STALE + timedelta(minutes=1)) == 3
    desk.result.state = "withdrawn"
    session.flush()
    fits.write_supply(session, fits.count_supply(session, now=NOW), now=NOW)
    assert session.scalar(sa.select(sa.func.count()).select_from(FieldSupply)) == 0


def test_what_is_public_no_longer_counts_for_nobody(session: Session, desk: Desk) -> None:
    engine = _Engine({(desk.need.id, desk.result.id): Band.STRONG})
    desk.result.state = "withdrawn"
    session.flush()
    _look(session, engine)
    kept = session.get(ListingFit, desk.need.id)
    assert kept is not None
    assert (kept.band, kept.fitting) == (None, 0)

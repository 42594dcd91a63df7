"""Rows for tests of learning: a made-up site's visits, written as the pages would write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.learning.comparing import Comparison, Standing
from matching.learning.examination import Examination
from matching.learning.trial import Trial
from matching.ranking import LEARNT, Learned, load_weights
from tenon.listings.models import Listing
from tenon.matches.models import MatchFeedback, MatchImpression
from tests.factories.accounts import make_organisation
from tests.factories.listings import make_achievement, make_need
from tests.unit.matching.learning.simulated import SHOWN, World

DAY_0 = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def impression(need: Listing, achievement: Listing, now: datetime, **values: Any) -> dict[str, Any]:
    """A row of what the need's organisation saw, first on its page."""
    standard = {
        "need_id": need.id,
        "achievement_id": achievement.id,
        "organisation_id": need.organisation_id,
        "side": "need",
        "day": (now.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days,
        "position": 1,
        "place": 1,
        "band": "good",
        "seen": {"relevance": 0.3, "price": 1.0},
        "ranking": 0,
        "explored": False,
        "page": "matches",
        "at": now,
    }
    return standard | values


def word(need: Listing, achievement: Listing, now: datetime, **values: Any) -> dict[str, Any]:
    """What the need's organisation said of a pair: interested, unless told otherwise."""
    standard = {
        "need_id": need.id,
        "achievement_id": achievement.id,
        "side": "need",
        "kind": "interested",
        "reason": None,
        "organisation_id": need.organisation_id,
        "own": False,
        "origin_kind": "match",
        "at": now,
    }
    return standard | values


def add(session: Session, table: type, rows: list[dict[str, Any]]) -> None:
    """Insert rows in bulk."""
    session.execute(sa.insert(table), rows)


def write_visits(session: Session, world: World, visits: int, needs: int = 40) -> None:
    """Let a made-up world's users visit so many pages, and write down what they saw and said.

    A listing is shown to a need once only, so that each word stays the only one on its pair.
    """
    firm, school = make_organisation(session, kind="enterprise"), make_organisation(session)
    rounds = -(-visits // needs)
    asking = [make_need(session, organisation=firm, state="published") for _ in range(needs)]
    results = [
        make_achievement(session, organisation=school, state="published")
        for _ in range(SHOWN * rounds)
    ]
    for number in range(visits):
        world.visit(number % needs, number * 100 // visits)
    seen, said = [], []
    for number, (asker, day, shown) in enumerate(world.visits):
        now = DAY_0 + timedelta(days=day)
        for slot, (place, new, one) in enumerate(shown):
            pair = asking[asker], results[SHOWN * (number // needs) + slot]
            facts = {"relevance": one.relevance, **one.features}
            values: dict[str, Any] = {
                "position": one.position,
                "place": place,
                "explored": new,
                "seen": facts,
            }
            seen.append(impression(*pair, now, **values))
            if one.gain > 0:
                said.append(word(*pair, now))
            elif one.gain < 0:
                said.append(word(*pair, now, kind="declined", reason="other"))
    add(session, MatchImpression, seen)
    add(session, MatchFeedback, said)


def small_judged(folder: Path) -> Path:
    """A judged set of the test's own, on which all sensible weights do alike."""
    texts = {
        "a-zh": "高温管道外壁光纤连续测温装置，误差小于0.5℃。",
        "b-en": "A corn harvester cuts the stalks and bales them behind the machine.",
        "c-zh": "耐盐水稻新品种，在盐碱地上亩产六百公斤。",
    }
    folder.mkdir()
    for name in ("corpus", "queries"):
        rows = [{"_id": key, "text": text} for key, text in texts.items()]
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "facets.jsonl").write_text('{"_id": "a-zh", "fields": ["hitech:1"]}\n')
    grades = "".join(f"{key}\t{key}\t2\n" for key in texts)
    (folder / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{grades}")
    return folder


def better_trial(number: int, base: str | None = None) -> Trial:
    """An attempt that brought something, with figures and weights of its own."""
    learned = Learned(
        number,
        base or load_weights().base,
        0.1 + number,
        -1 / 3,
        dict.fromkeys(LEARNT, 1 / 7 * number),
    )
    comparison = Comparison(
        pages=90,
        words=120,
        askers=40,
        before=Standing(0.25, 0.55),
        after=Standing(0.31, 0.62),
        difference=0.06,
        low=0.02,
        high=0.1,
    )
    judged = {"all": (0.7, 0.71), "en": (0.69, 0.69), "zh": (0.71, 0.73)}
    return Trial("better", 640, Examination(0.9, 0.2, 300), learned, comparison, judged)

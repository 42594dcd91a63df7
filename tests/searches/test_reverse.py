"""The reverse search finds what running each search finds: no more, and no less."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from tenon import demo
from tenon.accounts.queries import actor_of
from tenon.listings.models import Listing
from tenon.searches.models import SavedFinding, SavedQuestion, SavedSearch
from tenon.searches.queries.answering import answer
from tenon.searches.queries.reverse import _near, answered_by, load_shelf
from tenon.searches.services import gauging
from tests.factories.accounts import make_membership, make_organisation, make_user
from tests.factories.listings import make_achievement, make_need
from tests.matches.conftest import Index
from tests.searches.conftest import Keep

SET = Path(demo.__file__).parent / "set"
PLACES = ("420111", "420100", "440300", None)
FORMS = ("service", "assignment", "licence_sole")
FIELDS = (("hitech", "1"), ("hitech", "4"), ("ipc", "G02"), ("gbt4754", "39"), ("gbt4754", "C"))
WORDS = ("传感器", "激光", "laser", "fibre sensor for hot pipes", "高温 测温", "电池", "水", "fog")


@cache
def _lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (SET / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def demo_set(session: Session, index: Index, now: datetime) -> list[int]:
    """The demo's results and needs with all manner of facets, published and indexed."""
    kinds = ("university", "institute", "enterprise")
    owners = [
        make_organisation(session, kind=kinds[n % 3], region=PLACES[n % 4], country="CN")
        for n in range(8)
    ]
    owners.append(make_organisation(session, kind="enterprise", region=None, country="US"))
    made = []
    for name, make, body in (
        ("a_achievements", make_achievement, "summary"),
        ("b_achievements", make_achievement, "summary"),
        ("a_needs", make_need, "background"),
        ("b_needs", make_need, "background"),
    ):
        for n, one in enumerate(_lines(f"{name}.jsonl")):
            values = {} if make is make_need else {"problem": None, "advantages": None}
            made.append(
                make(
                    session,
                    organisation=owners[n % 9],
                    state="published",
                    language=one["language"],
                    title=one["title"],
                    summary=one[body],
                    region=PLACES[n % 4] if n % 2 else None,
                    readiness=1 + n % 9 if n % 4 else None,
                    deal_forms=FORMS[: n % 4],
                    fields=FIELDS[n % 4 : n % 4 + n % 3],
                    anonymous=make is make_need and n % 5 == 0,
                    published_at=now - timedelta(days=30),
                    **values,
                )
            )
    index()
    return [each.id for each in made]


def _searches(session: Session, keep: Keep, ids: list[int]) -> Iterator[SavedSearch]:
    """Searches of every kind by two people, one of whom belongs to a listing's owner."""
    person, member = make_user(session), make_user(session)
    listing = session.get_one(Listing, ids[0])
    make_membership(session, member, listing.organisation)
    for n, text in enumerate(WORDS):
        yield keep(person, f"w{n}", text=text)
        yield keep(member, f"w{n}", text=text, side_="achievement" if n % 2 else "need")
    filters = (
        {"side_": "need", "region": "420000"},
        {"hitech": "1,4", "language": "zh"},
        {"industry": "C", "kind": "enterprise,institute"},
        {"readiness": "4-6,8-9", "deal_form": "assignment"},
        {"region": "US"},
        {"region": "420100", "ipc": "G02"},
    )
    for n, chosen in enumerate(filters):
        yield keep(person, f"f{n}", **chosen)
    paragraphs = [("need", one["background"]) for one in _lines("a_needs.jsonl")[:24]]
    paragraphs += [("achievement", one["summary"]) for one in _lines("b_achievements.jsonl")[:16]]
    for n, (side, text) in enumerate(paragraphs):
        yield keep(member if n % 2 else person, f"p{n}", text=text, side=side)
    listings = [session.get_one(Listing, key) for key in ids]
    own = [each for each in listings if each.organisation_id == listing.organisation_id]
    for n, each in enumerate(own[:8]):
        yield keep(member, f"l{n}", listing=each)


def test_it_finds_what_running_every_search_finds(
    session: Session,
    engine: MatchEngine,
    demo_set: list[int],
    keep: Keep,
    now: datetime,
) -> None:
    searches = list(_searches(session, keep, demo_set))
    session.commit()
    expected = set()
    for search in searches:
        by = actor_of(search.user)
        found = answer(session, engine, search, by=by, now=now, limit=2_000).listings
        expected |= {
            (search.id, each.id) for each in found if each.organisation_id not in by.memberships
        }
    # As if nothing of it had been there when the searches were kept.
    session.execute(sa.delete(SavedFinding))
    session.commit()
    pairs = answered_by(session, engine, demo_set, now=now)
    assert len(pairs) == len(set(pairs)), "a pair was found twice"
    assert set(pairs) == expected
    kinds = {search.kind for search in searches if any(key == search.id for key, _ in expected)}
    assert kinds == {"browse", "box", "listing"}
    shelf = load_shelf(session, engine)
    assert shelf.questions is not None
    assert not shelf.stale
    asked = shelf.asking
    passed = sum(
        len(_near(engine, shelf, session.get_one(Listing, key), set(asked))[1])
        for key in demo_set[:40]
    )
    assert passed < len(asked) * 40 / 3, "the figures let nearly everything through"


def test_searches_without_figures_or_of_another_model_are_asked_and_gauged(
    session: Session,
    engine: MatchEngine,
    demo_set: list[int],
    keep: Keep,
    now: datetime,
) -> None:
    person = make_user(session)
    search = keep(person, text=_lines("a_achievements.jsonl")[0]["summary"], side="need")
    shown = answer(session, engine, search, by=actor_of(person), now=now)
    found = sorted(each.id for each in shown.listings)
    session.execute(sa.delete(SavedFinding))
    session.execute(sa.update(SavedQuestion).values(encoder="another"))
    session.commit()
    assert found
    assert answered_by(session, engine, found, now=now) == [(search.id, key) for key in found]
    work = gauging.due(session, engine, now=now)
    gauging.write(session, work.search_ids, work.rows)
    session.commit()
    assert work.search_ids == [search.id]
    assert session.scalars(sa.select(SavedQuestion.encoder)).all() == [engine.state().encoder]
    assert not gauging.due(session, engine, now=now).search_ids
    assert gauging.due(session, engine, now=now + gauging.AGE).search_ids == [search.id]

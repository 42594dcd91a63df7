"""The demo: whole or not at all, findable, with queues that are not empty; never in production."""

from __future__ import annotations

import dataclasses
import json
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.app import create_app, load_tasks
from tenon.clock import utc_now
from tenon.credit.models import CreditDispute, CreditEntry
from tenon.db import Database
from tenon.demo import loading, pairs
from tenon.demo.people import PEOPLE, SIGN_INS
from tenon.events.models import Event, Meeting, Outcome, Registration
from tenon.introductions.models import Introduction, IntroductionNda
from tenon.listings.models import Expert, Listing
from tenon.matches import building, indexing
from tenon.matches.engine import engine_of
from tenon.matches.models import MatchFeedback
from tenon.matches.sites import remember_site
from tenon.settings import Settings, SettingsError
from tests.demo.conftest import Shown
from tests.factories.accounts import make_organisation, post

# One worker takes all of these, so that the demo is loaded once a database.
pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture
def site(settings: Settings) -> Iterator[Settings]:
    """Settings whose database handlers can find."""
    load_tasks()
    remember_site(settings)
    yield settings
    indexing.release(settings)


def test_demo_fills_every_desk(shown: Session) -> None:
    states = Counter(shown.scalars(sa.select(Listing.state)))
    assert states["published"] >= 200
    assert states["draft"] == 4  # two of them brought from visits
    assert states["in_review"] == 2
    assert states["returned"] == 1
    assert states["on_hold"] == 1
    assert shown.scalar(sa.select(sa.func.count(Organisation.id))) == 30
    assert shown.scalar(sa.select(sa.func.count(Expert.id))) == 60
    kinds = Counter(shown.scalars(sa.select(MatchFeedback.kind)))
    assert kinds["interested"] >= 2
    assert kinds["declined"] >= 1
    owners = set(shown.scalars(sa.select(Organisation.kind)))
    assert owners == {
        "government", "enterprise", "university", "institute", "finance", "service", "user",
    }  # fmt: skip


def test_demo_shows_introductions_at_every_turn(shown: Session) -> None:
    lately = Introduction.created_at > utc_now() - timedelta(days=30)
    asked = sa.select(Introduction.state).where(Introduction.origin_kind != "meeting", lately)
    assert Counter(shown.scalars(asked)) == {
        "connected": 1, "asked": 2, "declined": 1, "checking": 1, "proposed": 1, "returned": 1,
        "asked_back": 1, "withdrawn": 1,
    }  # fmt: skip
    assert all(shown.scalars(sa.select(IntroductionNda.agreed_at)))
    connected = sa.select(Introduction).where(Introduction.state == "connected", lately)
    of_it = CreditEntry.thing_id == shown.scalars(connected).one().public_id
    assert shown.scalars(sa.select(CreditEntry).where(of_it)).one().user.email.startswith("broker@")
    assert shown.scalars(sa.select(CreditDispute.state)).all() == ["open"]


def test_demo_has_an_event_that_is_over_one_today_and_one_to_register_for(
    demo: Shown, shown: Session
) -> None:
    *earlier, past, today, coming = shown.scalars(sa.select(Event).order_by(Event.starts_at)).all()
    assert all(each.state == "over" and each.reached_at is not None for each in earlier)
    now = demo.at
    assert (past.state, today.state, coming.state) == ("over", "open", "open")
    assert past.ends_at < now < coming.starts_at
    assert today.starts_at <= now < today.ends_at
    parts = Counter(
        (event, state)
        for event, state in shown.execute(sa.select(Registration.event_id, Registration.state))
    )
    assert parts[today.id, "confirmed"] == 80
    assert parts[coming.id, "waiting"] > 0
    meetings = Counter(
        (event, state) for event, state in shown.execute(sa.select(Meeting.event_id, Meeting.state))
    )
    assert meetings[past.id, "held"] > 50
    assert meetings[past.id, "no_show"] > 0
    assert sum(count for (event, _), count in meetings.items() if event == today.id) > 150
    assert len(set(shown.scalars(sa.select(Outcome.outcome)))) >= 5
    led = sa.select(Introduction.id).where(Introduction.origin_kind == "meeting")
    assert len(shown.scalars(led).all()) >= 3  # today has some too, by the hour


def test_demo_has_one_of_each_role_whose_sign_ins_lie_in_a_private_file(
    demo: Shown, shown: Session
) -> None:
    found = loading.sign_ins(demo.settings)
    assert [item["role"] for item in found] == [person.role for person in PEOPLE]
    assert len({item["password"] for item in found}) == len(PEOPLE)
    file = demo.settings.var / SIGN_INS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    people = shown.scalars(sa.select(User)).all()
    assert all(user.demo for user in people)
    words = json.dumps([user.password for user in people])
    assert not any(item["password"] in words for item in found)


def test_demo_people_can_sign_in(demo: Shown) -> None:
    client = create_app(demo.settings, demo.database).test_client()
    (broker,) = [item for item in loading.sign_ins(demo.settings) if item["role"] == "broker"]
    done = post(client, "/account/sign-in", email=broker["email"], password=broker["password"])
    assert done.status_code == 302
    assert client.get("/review").status_code == 200


def test_demo_is_loaded_into_an_empty_database_alone(
    site: Settings, database: Database, session: Session
) -> None:
    make_organisation(session)
    session.commit()
    assert not loading.load_demo_into_empty(database, site, quiet=True)
    assert session.scalar(sa.select(sa.func.count(User.id))) == 0
    assert loading.sign_ins(site) == []


def test_second_loading_changes_nothing(demo: Shown) -> None:
    before = (demo.settings.var / SIGN_INS).read_bytes()
    assert not loading.load_demo_into_empty(demo.database, demo.settings, quiet=True)
    assert (demo.settings.var / SIGN_INS).read_bytes() == before


def test_loading_that_broke_off_leaves_nothing_and_begins_anew(
    site: Settings, database: Database, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(loading, "write_waiting", break_off)
        with pytest.raises(KeyboardInterrupt):
            loading.load_demo_into_empty(database, site, quiet=True)
    for table in (User, Organisation, Listing, Expert):
        assert session.scalar(sa.select(sa.func.count(table.id))) == 0
    assert loading.sign_ins(site) == []
    session.rollback()
    assert loading.load_demo_into_empty(database, site, quiet=True)


def test_sign_ins_that_outlived_their_database_are_not_believed(
    site: Settings, database: Database
) -> None:
    site.var.mkdir(parents=True, exist_ok=True)
    stale = [{"role": "broker", "email": "broker@demo.example", "password": "x", "name": "y"}]
    (site.var / SIGN_INS).write_text(json.dumps(stale), encoding="utf-8")
    assert loading.sign_ins(site) == []


def test_production_refuses_a_database_with_demo_people(
    site: Settings, database: Database, demo: Shown
) -> None:
    for settings, held in ((site, database), (demo.settings, demo.database)):
        loading.refuse_demo_in_production(held, settings)
    production = dataclasses.replace(site, environment="production")
    loading.refuse_demo_in_production(database, production)
    with pytest.raises(SettingsError, match="production"):
        loading.refuse_demo_in_production(demo.database, production)


def test_matcher_finds_most_of_what_the_set_calls_the_answer(demo: Shown, shown: Session) -> None:
    building.ensure_index(demo.database, demo.settings, quiet=True)
    found = pairs.measure(shown, engine_of(demo.settings), now=utc_now())
    assert found.answered + found.unanswered == 88
    assert found.top[1] >= 0.6
    assert found.top[10] >= 0.85
    assert found.unanswered_strong / found.unanswered <= 0.25


def test_set_names_nobody_real_and_judges_what_is_there() -> None:
    known: set[str] = set()
    for path in sorted(Path(loading.SET).glob("?_*.jsonl")):
        if "pairs" not in path.name:
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            ids = [row["external_id"] for row in rows]
            assert len(ids) == len(set(ids))
            known.update(ids)
    for need, graded in pairs.grades().items():
        assert need in known
        assert graded.keys() <= known
        assert set(graded.values()) <= {0, 1, 2}

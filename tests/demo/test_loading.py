"""The demo: whole or not at all, findable, with queues that are not empty; never in production."""

from __future__ import annotations

import dataclasses
import json
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.app import load_tasks
from tenon.clock import utc_now
from tenon.credit.models import CreditDispute, CreditEntry
from tenon.db import Database
from tenon.demo import loading, pairs
from tenon.demo.people import PEOPLE, SIGN_INS
from tenon.introductions.models import Introduction, IntroductionNda
from tenon.listings.models import Expert, Listing
from tenon.matches import building, indexing
from tenon.matches.engine import engine_of
from tenon.matches.models import MatchFeedback
from tenon.matches.sites import remember_site
from tenon.settings import Settings, SettingsError
from tests.factories.accounts import make_organisation, post


@pytest.fixture
def site(settings: Settings) -> Iterator[Settings]:
    """Settings whose database handlers can find."""
    load_tasks()
    remember_site(settings)
    yield settings
    indexing.release(settings)


def test_demo_fills_every_desk(site: Settings, database: Database, session: Session) -> None:
    assert loading.load_demo_into_empty(database, site, quiet=True)
    states = Counter(session.scalars(sa.select(Listing.state)))
    assert states["published"] >= 200
    assert states["draft"] == 2
    assert states["in_review"] == 2
    assert states["returned"] == 1
    assert states["on_hold"] == 1
    assert session.scalar(sa.select(sa.func.count(Organisation.id))) == 30
    assert session.scalar(sa.select(sa.func.count(Expert.id))) == 60
    kinds = Counter(session.scalars(sa.select(MatchFeedback.kind)))
    assert kinds["interested"] >= 2
    assert kinds["declined"] >= 1
    owners = set(session.scalars(sa.select(Organisation.kind)))
    assert owners == {
        "government", "enterprise", "university", "institute", "finance", "service", "user",
    }  # fmt: skip


def test_demo_shows_introductions_at_every_turn(
    site: Settings, database: Database, session: Session
) -> None:
    loading.load_demo_into_empty(database, site, quiet=True)
    states = Counter(session.scalars(sa.select(Introduction.state)))
    assert states == {
        "connected": 1, "asked": 2, "declined": 1, "checking": 1, "proposed": 1, "returned": 1,
        "asked_back": 1, "withdrawn": 1,
    }  # fmt: skip
    agreement = session.scalars(sa.select(IntroductionNda)).one()
    assert agreement.agreed_at is not None
    credited = session.scalars(sa.select(CreditEntry).where(CreditEntry.act == "introduced")).one()
    assert credited.user.email == "broker@demo.example"
    assert session.scalars(sa.select(CreditDispute.state)).all() == ["open"]


def test_demo_has_one_of_each_role_whose_sign_ins_lie_in_a_private_file(
    site: Settings, database: Database, session: Session
) -> None:
    loading.load_demo_into_empty(database, site, quiet=True)
    found = loading.sign_ins(site)
    assert [item["role"] for item in found] == [person.role for person in PEOPLE]
    assert len({item["password"] for item in found}) == len(PEOPLE)
    file = site.var / SIGN_INS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    people = session.scalars(sa.select(User)).all()
    assert all(user.demo for user in people)
    words = json.dumps([user.password for user in people])
    assert not any(item["password"] in words for item in found)


def test_demo_people_can_sign_in(site: Settings, database: Database, client: FlaskClient) -> None:
    loading.load_demo_into_empty(database, site, quiet=True)
    (broker,) = [item for item in loading.sign_ins(site) if item["role"] == "broker"]
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


def test_second_loading_changes_nothing(
    site: Settings, database: Database, session: Session
) -> None:
    loading.load_demo_into_empty(database, site, quiet=True)
    before = (site.var / SIGN_INS).read_bytes()
    assert not loading.load_demo_into_empty(database, site, quiet=True)
    assert (site.var / SIGN_INS).read_bytes() == before


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


def test_production_refuses_a_database_with_demo_people(site: Settings, database: Database) -> None:
    production = dataclasses.replace(site, environment="production")
    loading.refuse_demo_in_production(database, production)
    loading.load_demo_into_empty(database, site, quiet=True)
    loading.refuse_demo_in_production(database, site)
    with pytest.raises(SettingsError, match="production"):
        loading.refuse_demo_in_production(database, production)


def test_matcher_finds_most_of_what_the_set_calls_the_answer(
    site: Settings, database: Database, session: Session
) -> None:
    loading.load_demo_into_empty(database, site, quiet=True)
    building.ensure_index(database, site, quiet=True)
    found = pairs.measure(session, engine_of(site), now=utc_now())
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

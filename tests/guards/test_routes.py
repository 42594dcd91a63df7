"""Every route, as every kind of person: who is let in is what the table of access says.

Each request is made on a site of its own (a copied database file), with the ids of real things
that belong to one organisation, so that what a stranger may do to them is asked too.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tenon.app import create_app
from tenon.db import Database
from tenon.matches import indexing
from tenon.matches.sites import remember_site
from tenon.settings import Settings
from tenon.web.access import Access, table
from tests.factories import accounts, listings
from tests.guards.walking import address_of
from tests.guards.world import World, make_world
from tests.guards.world_of_commissions import make_commissions
from tests.guards.world_of_deals import make_deals
from tests.guards.world_of_desk import make_desk
from tests.guards.world_of_events import make_events
from tests.guards.world_of_network import make_network
from tests.guards.world_of_reports import make_reports
from tests.guards.world_of_routing import make_routing
from tests.guards.world_of_searches import make_searches
from tests.guards.world_of_targets import make_targets

pytestmark = pytest.mark.xdist_group("routes")

# Who is let through the fence. A level that is not here fails the test: decide who holds it.
EVERYBODY = (
    "visitor",
    "loner",
    "member",
    "editor",
    "administrator",
    "stranger",
    "broker",
    "operator",
)
SIGNED_IN = EVERYBODY[1:]
EDITORS = ("editor", "administrator", "stranger")
HOLDERS = {
    Access.PUBLIC: EVERYBODY,
    Access.SIGNED_IN: SIGNED_IN,
    Access.MEMBER: ("member", *EDITORS),
    Access.EDITOR: EDITORS,
    Access.EDITOR_OR_OPERATOR: (*EDITORS, "operator"),
    Access.ADMINISTRATOR: ("administrator", "stranger"),
    Access.BROKER: ("broker", "operator"),
    Access.OPERATOR: ("operator",),
}


Judge = Callable[[Rule, str, TestResponse], str | None]


@dataclass
class Site:
    """A site with one of everything, made new for each request that may change it."""

    settings: Settings
    app: Flask
    database: Database
    fresh: Path
    world: World = field(default_factory=World)

    def restore(self) -> None:
        """Put the database back to how it was at first."""
        self.database.dispose()
        place = Path(str(self.database.engine.url.database))
        for rest in place.parent.glob(f"{place.name}-*"):
            rest.unlink()
        shutil.copyfile(self.fresh, place)

    def ask(self, rule: Rule, method: str, role: str, *, draft: bool) -> TestResponse:
        """Ask for a route as somebody, with a form's token where one is due."""
        client = self.app.test_client()
        if role != "visitor":
            accounts.sign_in(client, self.world.people[role])
        with self.app.test_request_context():
            path = address_of(rule, self.world.things, draft=draft)
        if method == "GET":
            return client.get(path, buffered=True)
        try:
            return accounts.post(client, path)
        finally:
            self.restore()


@pytest.fixture(scope="session")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("walk")
    place = folder / "walk.db"
    shutil.copyfile(sqlite_template, place)
    settings = Settings(
        environment="test",
        var=folder / "var",
        database_url=f"sqlite:///{place}",
        secret_key="walk-secret-key-of-sufficient-length-0123456789",
        dispatcher="none",
        rate_limits=False,
    )
    with Database(settings.database_url) as database:
        app = create_app(settings, database)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        made = Site(settings, app, database, folder / "fresh.db")
        with database.writing() as session:
            shown = make_world(session, made.world)
            make_deals(session, made.world, shown)
            make_events(session, made.world, shown)
            make_network(session, made.world, shown)
            make_routing(session, made.world)
            make_commissions(session, made.world)
            make_desk(session, made.world, shown)
            make_searches(session, made.world, shown.id)
            make_targets(session, made.world)
            make_reports(session, made.world)
        remember_site(settings)
        with database.reading() as session:
            indexing.rebuild(session, now=listings.NOW)
        indexing.release(settings)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.dispose()
        shutil.copyfile(place, made.fresh)
        yield made


def _routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def _to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 302 and "/account/sign-in" in (answer.location or "")


def _walk(
    site: Site, role: str, judge: Callable[[Rule, str, TestResponse], str | None]
) -> list[str]:
    """Ask for every route as ``role``, of a published and of a draft listing; return complaints."""
    found = []
    for rule, method in _routes(site.app):
        for draft in (False, True) if rule.rule.startswith("/listings/<public_id>") else (False,):
            answer = site.ask(rule, method, role, draft=draft)
            complaint = judge(rule, method, answer)
            if complaint:
                which = " (draft)" if draft else ""
                found.append(f"{method} {rule.rule}{which}: {answer.status_code} {complaint}")
    return found


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_route_answers_as_the_table_says(site: Site, role: str) -> None:
    levels = table(site.app)

    def judge(rule: Rule, method: str, answer: TestResponse) -> str | None:
        if answer.status_code >= 500:
            return "broke"
        level = levels[rule.endpoint]
        if role in HOLDERS[level]:
            # The sign-in pages themselves send on whoever is in the wrong place there.
            lost = _to_sign_in(answer) and not rule.endpoint.startswith("security.")
            return "sends them to sign in" if lost else None
        if role == "visitor":
            return None if _to_sign_in(answer) else f"needs {level.value}"
        return None if answer.status_code == 403 else f"needs {level.value}"

    assert _walk(site, role, judge) == []


# Routes below a listing or an organisation that strangers may use, and why.
OPEN_TO_STRANGERS = {
    "listings.show": "published listings are public",
    "listings.file": "its public files too",
    "listings.detail": "what is open to everybody signed in",
    "matches.of_listing": "its counterparts are as public as it is",
    "matches.say": "a word on a match is said by the other side",
    "matches.unsay": "and taken back",
    "accounts.organisation": "the directory is public",
    "accounts.join": "asking to join is how one becomes a member",
}


@pytest.mark.parametrize("role", ["visitor", "loner", "stranger"])
def test_strangers_change_and_see_nothing_of_others(site: Site, role: str) -> None:
    private = (
        "/listings/<public_id>",
        "/organisations/<public_id>",
        "/imports/<public_id>",
        "/introductions/<public_id>",
        "/credit/statements/<public_id>",
        "/credit/entries/<public_id>",
        "/credit/disputes/<public_id>",
        "/credit/things/",
        "/deals/<public_id>",
        "/objections/",
        "/approvals/",
        "/first-refusals/",
        "/sharing/<public_id>",
        "/use-reports/",
        "/equity/<public_id>",
        "/equity/agreements/",
        "/simulations/deals/",
        "/simulations/<public_id>",
        "/searches/<public_id>",
        "/searches/offers/",
        "/targets/<public_id>",
        "/insight/",
        "/commissions/agreements/",
        "/commissions/shares/",
        "/commissions/receivers/",
        "/commissions/payouts/",
        "/events/<public_id>/set-up",
        "/events/<public_id>/open",
        "/events/<public_id>/take-back",
        "/events/<public_id>/close",
        "/events/<public_id>/call-off",
        "/events/sessions/",
        "/events/mailings/",
        "/events/meetings/",
        "/network/brokers/",
        "/network/hand-overs/",
        "/network/firms/",
    )

    def judge(rule: Rule, method: str, answer: TestResponse) -> str | None:
        if not rule.rule.startswith(private) or rule.endpoint in OPEN_TO_STRANGERS:
            return None
        refused = answer.status_code in {403, 404} or _to_sign_in(answer)
        return None if refused else "lets a stranger in"

    assert _walk(site, role, judge) == []


@pytest.mark.parametrize("role", ["visitor", "loner", "stranger"])
def test_drafts_do_not_exist_for_strangers(site: Site, role: str) -> None:
    for rule, method in _routes(site.app):
        if rule.rule.startswith("/listings/<public_id>"):
            answer = site.ask(rule, method, role, draft=True)
            refused = answer.status_code in {403, 404} or _to_sign_in(answer)
            assert refused, f"{method} {rule.rule}: {answer.status_code}"


# Pages that the owning administrator is refused although the level is theirs, and why.
NOT_THE_OWNERS = {
    "listings.claim": "a person claims their own page",
    "rights.apply": "those who contributed apply",
    "accounts.apply_again": "only a refused organisation applies again",
    "introductions.answer": "the interested side answers a proposal, before it is asked on",
}


def test_owner_sees_every_page_of_their_own_things(site: Site, now: datetime) -> None:
    levels = table(site.app)

    def judge(rule: Rule, method: str, answer: TestResponse) -> str | None:
        held = "administrator" in HOLDERS[levels[rule.endpoint]]
        if method != "GET" or not held or rule.endpoint in NOT_THE_OWNERS:
            return None
        return "is refused to its owner" if answer.status_code == 403 else None

    assert _walk(site, "administrator", judge) == []

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
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tenon import history
from tenon.accounts.models import User
from tenon.app import create_app
from tenon.db import Database
from tenon.listings.models import Attachment, ExpertClaim, ImportJob, Listing, ListingGrant
from tenon.matches import indexing
from tenon.matches.sites import remember_site
from tenon.notices.bounce_models import UnreachableAddress
from tenon.notices.models import Mail, Notice
from tenon.settings import Settings
from tenon.web.access import Access, table
from tests.factories import accounts, credit, introductions, listings, statements
from tests.guards.walking import Things, address_of

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
    people: dict[str, User] = field(default_factory=dict)
    things: Things = field(default_factory=Things)

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
            accounts.sign_in(client, self.people[role])
        with self.app.test_request_context():
            path = address_of(rule, self.things, draft=draft)
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
            _people(session, made)
            _things(session, made)
        remember_site(settings)
        with database.reading() as session:
            indexing.rebuild(session, now=listings.NOW)
        indexing.release(settings)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.dispose()
        shutil.copyfile(place, made.fresh)
        yield made


def _people(session: Session, site: Site) -> None:
    """One of each role of the owning organisation, and people from elsewhere."""
    own = accounts.make_organisation(session)
    other = accounts.make_organisation(session, kind="enterprise")
    places = {
        "member": (own, "member"),
        "editor": (own, "editor"),
        "administrator": (own, "administrator"),
        "stranger": (other, "administrator"),
    }
    for role in SIGNED_IN:
        user = site.people[role] = accounts.make_user(session, name=role)
        if role in places:
            accounts.make_membership(session, user, *places[role])
            user.acting_for_id = places[role][0].id
        elif role in {"broker", "operator"}:
            accounts.grant_role(session, user, role)
    asking = accounts.make_user(session)
    membership = accounts.make_membership(session, asking, own, "member", "requested")
    site.things.organisation = own.public_id
    site.things.membership = membership.id
    site.things.user = asking.public_id
    site.things.grantee = other.id


def _things(session: Session, site: Site) -> None:
    """One of everything, of the owning organisation, written by its editor."""
    things, now = site.things, listings.NOW
    author = site.people["editor"]
    own = author.memberships[0].organisation
    expert = listings.make_expert(session, organisation=own)
    right = listings.make_ip_right(session)
    detail = {"signed_in": "温度范围。", "introduction": "配方。", "nda": "工艺。"}
    common: dict[str, Any] = {"organisation": own, "author": author, "details": detail}
    shown = listings.make_achievement(
        session, state="published", contributors=[expert], ip_rights=[right], **common
    )
    draft = listings.make_achievement(session, state="draft", **common)
    other = listings.make_need(session, state="published")
    rows: dict[str, Any] = {
        "file": Attachment(
            listing_id=shown.id, name="a.pdf", media_type="application/pdf", size=1,
            sha256="0" * 64, uploaded_at=now,
        ),
        "draft_file": Attachment(
            listing_id=draft.id, name="b.pdf", media_type="application/pdf", size=1,
            sha256="1" * 64, uploaded_at=now,
        ),
        "grant": ListingGrant(
            listing_id=shown.id, organisation_id=things.grantee, tier="introduction",
            reason="introduction", starts_at=now,
        ),
        "claim": ExpertClaim(expert_id=expert.id, user_id=site.people["loner"].id, at=now),
        "mail": Mail(
            user_id=author.id, recipient=author.email, subject="a", text="a", html=None,
            message_id="<walk@tenon.example>", created_at=now, failed_at=now, problem="550",
        ),
        "obstacle": UnreachableAddress(
            user_id=author.id, address_digest="0" * 64, kind="hard", status="5.1.1",
            reason="unknown", bounces=1, since=now,
        ),
        "notice": Notice(
            user_id=author.id, kind="organisation_approve", path="/",
            facts={"organisation": {"zh": "机构", "en": "Body"}}, created_at=now,
        ),
        "job": ImportJob(
            user_id=author.id, organisation_id=own.id, kind="achievements", source="file",
            state="uploaded", name="a.csv", sha256="0" * 64, size=1, created_at=now,
        ),
    }  # fmt: skip
    session.add_all(rows.values())
    session.flush()
    for listing in (shown, draft):
        by = accounts.actor_for(author)
        history.record(
            session, chain=("listing", listing.public_id), kind="created", by=by, now=now
        )
    things.listing, things.draft, things.other = shown.public_id, draft.public_id, other.public_id
    things.expert, things.right = expert.public_id, right.public_id
    things.file, things.draft_file = rows["file"].public_id, rows["draft_file"].public_id
    things.grant, things.notice = rows["grant"].id, rows["notice"].id
    things.mail, things.obstacle = rows["mail"].id, rows["obstacle"].id
    things.claim, things.job = rows["claim"].public_id, rows["job"].public_id
    _introduced(session, site, shown)
    _credited(session, site, author)


def _introduced(session: Session, site: Site, shown: Listing) -> None:
    """An introduction to those behind a listing, accepted, with its agreement."""
    author = site.people["editor"]
    it = introductions.make_introduction(session, state="nda", listing=shown, to_user=author)
    site.things.introduction = it.public_id


def _credited(session: Session, site: Site, author: User) -> None:
    """The author's lines of the ledger, one of them disputed, and a statement of them."""
    own = author.memberships[0].organisation_id
    credit.make_entry(session, author)
    entry = credit.make_entry(session, author, act="hosted", concerned=[own])
    disputed = credit.make_dispute(session, entry, by=accounts.actor_for(site.people["member"]))
    site.things.entry, site.things.credited = entry.public_id, entry.thing_id
    site.things.dispute = disputed.public_id
    statement = statements.make_statement(session, author)
    site.things.statement, site.things.code = statement.public_id, statement.code


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

"""What the walk over all routes asks for: people of every kind, and one of everything.

world_of_deals.py makes what belongs to deals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Organisation, User
from tenon.listings.models import Attachment, Expert, ExpertClaim, ImportJob, Listing, ListingGrant
from tenon.notices.bounce_models import UnreachableAddress
from tenon.notices.models import Mail, Notice
from tests.factories import accounts, credit, introductions, listings, statements
from tests.guards.walking import Things

ROLES = ("loner", "member", "editor", "administrator", "stranger", "broker", "operator")


@dataclass
class World:
    """Who asks, and the ids of what they ask for."""

    people: dict[str, User] = field(default_factory=dict)
    things: Things = field(default_factory=Things)


def make_world(session: Session, world: World) -> Listing:
    """Make people and things of all rooms before deals; return the published listing."""
    _people(session, world)
    return _things(session, world)


def _people(session: Session, world: World) -> None:
    """One of each role of the owning organisation, and people from elsewhere."""
    own = accounts.make_organisation(session)
    other = accounts.make_organisation(session, kind="enterprise")
    places = {
        "member": (own, "member"),
        "editor": (own, "editor"),
        "administrator": (own, "administrator"),
        "stranger": (other, "administrator"),
    }
    for role in ROLES:
        user = world.people[role] = accounts.make_user(session, name=role)
        if role in places:
            accounts.make_membership(session, user, *places[role])
            user.acting_for_id = places[role][0].id
        elif role in {"broker", "operator"}:
            accounts.grant_role(session, user, role)
    asking = accounts.make_user(session)
    membership = accounts.make_membership(session, asking, own, "member", "requested")
    world.things.organisation = own.public_id
    world.things.membership = membership.id
    world.things.user = asking.public_id
    world.things.grantee = other.id


def _things(session: Session, world: World) -> Listing:
    """One of everything, of the owning organisation, written by its editor."""
    things, now = world.things, listings.NOW
    author = world.people["editor"]
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
    rows = _rows(world, own, expert, shown, draft, things.grantee)
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
    _introduced(session, world, shown)
    _credited(session, world, author)
    return shown


def _rows(
    world: World,
    own: Organisation,
    expert: Expert,
    shown: Listing,
    draft: Listing,
    grantee: int | None,
) -> dict[str, Any]:
    """What hangs on listings and people: files, a grant, a claim, a mail, a notice, an import."""
    now, author = listings.NOW, world.people["editor"]
    return {
        "file": Attachment(
            listing_id=shown.id, name="a.pdf", media_type="application/pdf", size=1,
            sha256="0" * 64, uploaded_at=now,
        ),
        "draft_file": Attachment(
            listing_id=draft.id, name="b.pdf", media_type="application/pdf", size=1,
            sha256="1" * 64, uploaded_at=now,
        ),
        "grant": ListingGrant(
            listing_id=shown.id, organisation_id=grantee, tier="introduction",
            reason="introduction", starts_at=now,
        ),
        "claim": ExpertClaim(expert_id=expert.id, user_id=world.people["loner"].id, at=now),
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


def _introduced(session: Session, world: World, shown: Listing) -> None:
    """An introduction to those behind a listing, accepted, with its agreement."""
    author = world.people["editor"]
    it = introductions.make_introduction(session, state="nda", listing=shown, to_user=author)
    world.things.introduction = it.public_id


def _credited(session: Session, world: World, author: User) -> None:
    """The author's lines of the ledger, one of them disputed, and a statement of them."""
    own = author.memberships[0].organisation_id
    credit.make_entry(session, author)
    entry = credit.make_entry(session, author, act="hosted", concerned=[own])
    disputed = credit.make_dispute(session, entry, by=accounts.actor_for(world.people["member"]))
    world.things.entry, world.things.credited = entry.public_id, entry.thing_id
    world.things.dispute = disputed.public_id
    statement = statements.make_statement(session, author)
    world.things.statement, world.things.code = statement.public_id, statement.code

"""Who is to know of which need: people at all places of the network, needs in all states, tables.

The tables are what must hold, written down; nothing of the site computes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import VISITOR, Actor
from tenon.introductions import services as introductions
from tenon.introductions.models import Introduction
from tenon.listings.models import Listing
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    sign_in,
)
from tests.factories.credit import make_entry
from tests.factories.listings import make_achievement, make_ip_right, make_need
from tests.factories.network import Tree, make_station_member, make_tree
from tests.introductions.cast import ANSWERS

ROLES = (
    "visitor",
    "researcher",
    "member",
    "stranger",
    "station",
    "sibling",
    "node",
    "other_node",
    "centre",
    "outside",
    "operator",
)
"""``member`` writes for the firm, ``stranger`` for another one, ``researcher`` for a university.
``station`` is a broker where the needs lie, ``sibling`` at the station beside it, ``node`` heads
the node above both, ``other_node`` the one beside that; ``outside`` works at no place."""

BROKERS = ("station", "sibling", "node", "other_node", "centre", "outside")

STATES = ("draft", "in_review", "on_hold", "published", "withdrawn", "concluded")

_OWN = {"member", "operator"}
_UPWARDS = _OWN | {"station", "node", "centre"}
KNOWS: Mapping[str, set[str]] = {
    "draft": _OWN,
    "in_review": _UPWARDS,
    "on_hold": _UPWARDS,
    "published": set(ROLES),
    "withdrawn": _UPWARDS,
    "concluded": _UPWARDS,
}
"""State of a need at the station -> who may know that it exists."""

TIERS: Mapping[str, set[str]] = {
    "public": set(ROLES),
    "signed_in": set(ROLES) - {"visitor"},
    "introduction": _OWN,
    "nda": _OWN,
}
"""Tier -> who may read it of a need that they know of, before anybody consents to anything."""

AFTER_CONSENT: Mapping[str, Mapping[str, set[str]]] = {
    "asked": TIERS,
    "nda": {**TIERS, "introduction": _OWN | {"researcher"}},
    "connected": {
        **TIERS,
        "introduction": _OWN | {"researcher"},
        "nda": _OWN | {"researcher"},
    },
}
"""Stage of the researcher's introduction to the need -> tier -> who may read it then."""

INTRODUCED: Mapping[str, set[str]] = {
    "checking": {"researcher", "operator", "station", "node", "centre"},
    "asked": {"researcher", "member", "operator", "station", "node", "centre"},
    "nda": {"researcher", "member", "operator", "station", "node", "centre"},
    "connected": {"researcher", "member", "operator", "station", "node", "centre"},
}
"""Stage -> who may know of the introduction; the firm once its broker has passed it on."""

READS = {"researcher", "member", "operator", "station"}
"""Who may read its thread once the station's broker looks after it."""

NAMES: Mapping[str, set[str]] = {
    "asked": {"member", "operator", "station"},
    "connected": {"member", "operator", "station", "researcher"},
}
"""Stage -> who may learn which firm stands behind a public need that names nobody."""

IN_CARE = {"station"}
"""Who finds the need that names nobody among what they look after, even where they took its firm
into their portfolio, as any broker may a free one."""

WAITING: Mapping[str, Mapping[str, int]] = {
    role: (
        {"waiting": 1, "edited": 1, "on_hold": 1}
        if role in {"station", "node", "centre", "operator"}
        else {"waiting": 0, "edited": 0, "on_hold": 0}
    )
    for role in (*BROKERS, "operator")
}
"""Who reviews -> queue -> how many wait there for them."""

MARK = "玄鲸"
"""Stands in every title, so that a search for it asks for all of them."""

FIRM = "墨屿七号机电"
"""The name of the firm behind the need that names nobody."""


def mark_of(state: str) -> str:
    """Return what stands in the title of the need in a state, and nowhere else."""
    return f"暗号{STATES.index(state)}寅"


@dataclass
class Scene:
    """The network, everybody by role, one need in each state, a public one without a name."""

    tree: Tree
    people: dict[str, User]
    firm: Organisation
    hidden_firm: Organisation
    university: Organisation
    needs: dict[str, Listing] = field(default_factory=dict)
    anonymous: Listing | None = None
    result: Listing | None = None

    def actor(self, role: str) -> Actor:
        """Return who a role acts as now."""
        return VISITOR if role == "visitor" else actor_for(self.people[role])


def make_scene(session: Session) -> Scene:
    """Make it all; flushed."""
    tree = make_tree(session)
    firm = make_organisation(session, kind="enterprise", name_zh="示例热电厂")
    hidden = make_organisation(session, kind="enterprise", name_zh=FIRM, name_en=None)
    university = make_organisation(session, name_zh="示例理工大学")
    people = {
        "station": make_station_member(session, tree.station),
        "sibling": make_station_member(session, tree.sibling),
        "node": make_station_member(session, tree.node, role="head"),
        "other_node": make_station_member(session, tree.other_node, role="head"),
        "centre": make_station_member(session, tree.centre, role="head"),
        "outside": grant_role(session, make_user(session), "broker"),
        "operator": grant_role(session, make_user(session), "operator"),
        "member": make_user(session),
        "stranger": make_user(session),
        "researcher": make_user(session),
    }
    other = make_organisation(session, kind="enterprise")
    for role, house in (
        ("member", firm), ("member", hidden), ("stranger", other), ("researcher", university),
    ):  # fmt: skip
        make_membership(session, people[role], house, "editor")
        people[role].acting_for_id = people[role].acting_for_id or house.id
    session.flush()
    made = Scene(tree, people, firm, hidden, university)
    _needs(session, made)
    return made


def _needs(session: Session, scene: Scene) -> None:
    details = {"signed_in": "注册可见。", "introduction": "引荐可见。", "nda": "签约可见。"}
    for state in STATES:
        edited = {"text_version": 2} if state == "published" else {}
        need = make_need(
            session, organisation=scene.firm, author=scene.people["member"], state=state,
            title=f"求{MARK}{mark_of(state)}装置", details=details,
            station_id=scene.tree.station.id, **edited,
        )  # fmt: skip
        if state == "withdrawn":  # from the public
            need.published_at, need.submitted_at = need.created_at, None
        scene.needs[state] = need
        if state != "draft":  # whoever collected it has lines of the ledger about it
            make_entry(
                session, scene.people["member"], thing=("listing", need.public_id),
                concerned=[scene.firm.id],
            )  # fmt: skip
    scene.anonymous = make_need(
        session, organisation=scene.hidden_firm, author=scene.people["member"], state="published",
        title=f"求{MARK}无名装置", anonymous=True, details=details,
        station_id=scene.tree.station.id, broker_id=scene.people["station"].id,
    )  # fmt: skip
    scene.result = make_achievement(
        session, organisation=scene.university, author=scene.people["researcher"],
        state="published", title=f"{MARK}装置及其用法", ip_rights=[make_ip_right(session)],
    )  # fmt: skip
    session.flush()


def bring_to(session: Session, made: Scene, stage: str, now: datetime) -> Introduction:
    """The researcher asks about the public need; the station's broker looks after it."""
    assert made.result is not None
    it = introductions.express_interest(
        session, listing=made.needs["published"], own_listing=made.result, answers=ANSWERS,
        organisation_id=made.university.id, by=made.actor("researcher"), now=now,
    )  # fmt: skip
    if stage == "checking":
        return it
    introductions.pass_on(session, it, by=made.actor("station"), now=now)
    if stage == "asked":
        return it
    introductions.accept(session, it, consent=True, by=made.actor("member"), now=now)
    if stage == "connected":
        for role in ("researcher", "member"):
            introductions.confirm_agreement(
                session, it, signatory="代表", sha256=it.nda.sha256 if it.nda else "",
                confirmed=True, by=made.actor(role), now=now,
            )  # fmt: skip
    assert it.state == stage
    return it


def browser_of(app: Flask, scene: Scene, role: str) -> FlaskClient:
    client = app.test_client()
    if role != "visitor":
        sign_in(client, scene.people[role])
    with client.session_transaction() as cookie:
        cookie["language"] = "zh"
    return client

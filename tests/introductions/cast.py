"""Who takes part in an introduction, in every role; and introductions brought to any state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import SYSTEM, VISITOR, Actor
from tenon.introductions import services
from tenon.introductions.models import Introduction
from tenon.introductions.services import Answers
from tenon.listings.models import Listing
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.listings import make_achievement, make_need

NAMES = ("玄武岩暗礁机电有限公司", "Basalt Reef Electrics", "玄武岩暗礁", "Basalt Reef")
PERSON, ADDRESS, SITE = "Rui Nameless", "rui@basalt-reef.example", "basalt-reef.example"
TIERS = {"introduction": "详细试验数据只给引荐的对方。", "nda": "配方只在签署协议后给出。"}
ANSWERS = Answers(
    interest="我们关心它在二百度以上能不能连续工作一年。",
    offer="我们有一条可以停机一周的产线和两名工程师。",
    proposal="先寄样品，在我们的管道上试装一个月，再谈价格。",
)
ROLES = (
    "visitor",
    "nobody",
    "stranger",
    "from_member",
    "from_editor",
    "from_administrator",
    "to_member",
    "to_editor",
    "to_administrator",
    "broker",
    "proposer",
    "other_broker",
    "broker_of_from",
    "broker_of_to",
    "operator",
    "system",
)
"""``broker`` looks after it, ``proposer`` had the idea, ``other_broker`` has nothing to do with
it; ``broker_of_from`` and ``broker_of_to`` are brokers and editors of a side at once."""


@dataclass(frozen=True, slots=True)
class Cast:
    """A firm that is interested, a university that is approached, and all others by role."""

    firm: Organisation
    university: Organisation
    need: Listing
    result: Listing
    people: Mapping[str, User]
    actors: Mapping[str, Actor]

    def actor(self, role: str) -> Actor:
        """Return the actor of a role (one of ROLES)."""
        return self.actors[role]


def make_cast(
    session: Session,
    *,
    tiers: Mapping[str, str] = TIERS,
    need: Mapping[str, Any] | None = None,
    result: Mapping[str, Any] | None = None,
) -> Cast:
    """Make one of each role; the listings are public, the broker looks after the result."""
    firm = make_organisation(
        session,
        kind="enterprise",
        name_zh=NAMES[0],
        name_en=NAMES[1],
        website=f"https://www.{SITE}/about",
    )
    university = make_organisation(session, name_zh="示例理工大学", name_en="Example Polytechnic")
    people = {
        "nobody": make_user(session, name="Nobody"),
        "stranger": make_user(session, name="Stranger"),
        "operator": grant_role(session, make_user(session, name="Operator"), "operator"),
    }
    make_membership(session, people["stranger"], make_organisation(session, kind="enterprise"))
    for side, house in (("from", firm), ("to", university)):
        for role in ("member", "editor", "administrator"):
            name = f"{side}_{role}"
            own = {"name": PERSON, "email": ADDRESS} if name == "from_editor" else {"name": name}
            people[name] = make_user(session, **own)
            make_membership(session, people[name], house, role)
    for name in ("broker", "proposer", "other_broker", "broker_of_from", "broker_of_to"):
        people[name] = grant_role(session, make_user(session, name=name), "broker")
    make_membership(session, people["broker_of_from"], firm, "editor")
    make_membership(session, people["broker_of_to"], university, "editor")
    public: dict[str, Any] = {"state": "published", "details": dict(tiers)}
    return Cast(
        firm,
        university,
        make_need(
            session,
            organisation=firm,
            author=people["from_editor"],
            **public | dict(need or {}),
        ),
        make_achievement(
            session,
            organisation=university,
            author=people["to_editor"],
            **public | {"broker_id": people["broker"].id} | dict(result or {}),
        ),
        people,
        {role: actor_for(user) for role, user in people.items()}
        | {"visitor": VISITOR, "system": SYSTEM},
    )


def express(session: Session, cast: Cast, *, now: datetime, **values: Any) -> Introduction:
    """The firm asks to be introduced, for its need."""
    standard: dict[str, Any] = {
        "listing": cast.result,
        "own_listing": cast.need,
        "organisation_id": cast.firm.id,
        "answers": ANSWERS,
        "by": cast.actor("from_editor"),
    }
    return services.express_interest(session, **standard | values, now=now)


def propose(session: Session, cast: Cast, *, now: datetime, **values: Any) -> Introduction:
    """A broker suggests it to the firm."""
    standard: dict[str, Any] = {
        "listing": cast.result,
        "own_listing": cast.need,
        "organisation_id": cast.firm.id,
        "note": "这项成果看来正合你们的管道。",
        "by": cast.actor("proposer"),
    }
    return services.propose(session, **standard | values, now=now)


def take(session: Session, it: Introduction, step: str, *, by: Actor, now: datetime) -> None:
    """Take a step with sensible words; ``agree`` confirms for one side."""
    if step == "agree":
        sha256 = it.nda.sha256 if it.nda is not None else ""
        services.confirm_agreement(
            session, it, signatory="授权代表", sha256=sha256, confirmed=True, by=by, now=now
        )
        return
    steps: Mapping[str, tuple[Any, dict[str, Any]]] = {
        "express": (services.answer_proposal, {"answers": ANSWERS}),
        "turn_down": (services.turn_down, {"reason": "too_early"}),
        "give_back": (services.give_back, {"remark": "请写明试验条件。"}),
        "pass_on": (services.pass_on, {}),
        "refuse": (services.refuse, {"reason": "description_unclear"}),
        "ask_back": (services.ask_back, {"text": "管道的外径是多少？"}),
        "reply": (services.reply, {"text": "外径三百毫米。"}),
        "decline": (services.decline, {"reason": "no_capacity", "remark": "明年再谈。"}),
        "accept": (services.accept, {"consent": True}),
        "demand_nda": (services.demand_agreement, {}),
        "withdraw": (services.withdraw, {}),
        "end": (services.end, {"reason": "no_fit"}),
    }
    verb, words = steps[step]
    verb(session, it, **words, by=by, now=now)


PATHS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "checking": (),
    "returned": (("give_back", "broker"),),
    "asked": (("pass_on", "broker"),),
    "asked_back": (("pass_on", "broker"), ("ask_back", "to_editor")),
    "nda": (("pass_on", "broker"), ("accept", "to_editor")),
    "connected": (
        ("pass_on", "broker"),
        ("accept", "to_editor"),
        ("agree", "from_editor"),
        ("agree", "to_editor"),
    ),
    "declined": (("pass_on", "broker"), ("decline", "to_editor")),
    "refused": (("refuse", "broker"),),
    "withdrawn": (("pass_on", "broker"), ("withdraw", "from_editor")),
    "ended": (("pass_on", "broker"), ("accept", "to_editor"), ("end", "from_editor")),
}
"""State -> the steps, and by whom, from a request to it (with something for the NDA tier)."""


def bring_to(session: Session, cast: Cast, state: str, *, now: datetime) -> Introduction:
    """Return an introduction in ``state``, brought there by its services; flushed."""
    it = propose(session, cast, now=now)
    if state == "proposed":
        return it
    take(session, it, "express", by=cast.actor("from_editor"), now=now)
    if state == "void":
        services.void_all_of(session, cast.result.id, now=now)
        return it
    for step, role in PATHS["asked" if state == "lapsed" else state]:
        take(session, it, step, by=cast.actor(role), now=now)
    if state == "lapsed":
        services.work_off_due(session, now=now + timedelta(days=40))
    assert it.state == state
    return it

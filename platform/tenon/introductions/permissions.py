"""Who may see what of an introduction, and who may take which step.

``queries.visible_to`` says the same as ``may_see`` in SQL, ``queries.thread`` the same as
``may_read_message``; tests hold them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tenon.actors import Actor
from tenon.errors import Forbidden, IllegalTransition, NotFound
from tenon.introductions.models import Introduction, IntroductionMessage
from tenon.introductions.states import INTRODUCTION, OPEN_STATES, WAITING_STATES


def side_of(actor: Actor, introduction: Introduction) -> str | None:
    """Return the side that the actor is on: ``from``, ``to``, or None.

    A person who belongs to both organisations is on the side that they act for at present.
    """
    sides = {
        introduction.from_organisation_id: "from",
        introduction.to_organisation_id: "to",
    }
    if actor.organisation_id in sides and actor.organisation_id in actor.memberships:
        return sides[actor.organisation_id]
    return next((side for key, side in sides.items() if key in actor.memberships), None)


def is_party(actor: Actor, introduction: Introduction) -> bool:
    """Whether the actor belongs to one of the two organisations."""
    return side_of(actor, introduction) is not None


def is_its_broker(actor: Actor, introduction: Introduction) -> bool:
    """Whether the actor is the broker who looks after it, or who proposed it."""
    return (
        (actor.broker or actor.operator)
        and actor.user_id is not None
        and actor.user_id in (introduction.broker_id, introduction.proposer_id)
    )


def in_sight(actor: Actor, introduction: Introduction) -> bool:
    """Whether a broker knows of it: their own, nobody's place, or at a place that they see."""
    return is_its_broker(actor, introduction) or actor.covers(
        introduction.from_station_id, introduction.to_station_id
    )


def may_take(actor: Actor, introduction: Introduction) -> bool:
    """Whether the actor may look after it: has it in sight, of neither side, nobody else does."""
    return (
        (actor.operator or (actor.broker and in_sight(actor, introduction)))
        and not actor.system
        and actor.user_id is not None
        and introduction.broker_id in (None, actor.user_id)
        and not is_party(actor, introduction)
        and actor.user_id != introduction.from_user_id
    )


def may_see(actor: Actor, introduction: Introduction) -> bool:
    """Whether the actor may know of it: the parties (see below), brokers in sight, operators.

    The side that is approached knows of it once the broker has passed it on.
    """
    if actor.operator or (actor.broker and in_sight(actor, introduction)):
        return True
    return is_party(actor, introduction) and may_see_as_party(actor, introduction)


def was_passed_on(introduction: Introduction) -> bool:
    """Whether the approached side has been told of it."""
    return introduction.passed_on_at is not None


def may_read(actor: Actor, introduction: Introduction) -> bool:
    """Whether the actor may read its answers and its thread.

    The parties, its own brokers, operators; who might take it while nobody has.
    """
    if actor.operator or is_its_broker(actor, introduction):
        return True
    if is_party(actor, introduction):
        return may_see_as_party(actor, introduction)
    return may_take(actor, introduction) and introduction.state in WAITING_STATES


def may_see_as_party(actor: Actor, introduction: Introduction) -> bool:
    """Whether a side of the actor's knows of it yet."""
    return introduction.from_organisation_id in actor.memberships or was_passed_on(introduction)


def may_read_message(actor: Actor, introduction: Introduction, said: IntroductionMessage) -> bool:
    """Whether the actor, who may read the introduction, may read this message of it."""
    if actor.operator or (actor.broker and not is_party(actor, introduction)):
        return True
    side = side_of(actor, introduction)
    return said.audience == "all" or side in (said.audience, said.speaker)


def may_know_name(actor: Actor, introduction: Introduction, side: str) -> bool:
    """Whether the actor may learn which organisation stands on ``side``."""
    if not introduction.keeps_name_back(side) or actor.operator:
        return True
    if introduction.organisation_id(side) in actor.memberships:
        return True
    brought = introduction.listing_of(side)
    if actor.broker and brought is not None and brought.broker_id == actor.user_id:
        return True
    concerned = is_party(actor, introduction) or is_its_broker(actor, introduction)
    return introduction.opened_at is not None and concerned


def may_know_listing(actor: Actor, introduction: Introduction, side: str) -> bool:
    """Whether the actor may learn which listing ``side`` brings in.

    A listing that bears its owner's name is kept back together with the name.
    """
    brought = introduction.listing_of(side)
    if brought is None:
        return False
    return brought.anonymous or may_know_name(actor, introduction, side)


def may_know_people(actor: Actor, introduction: Introduction, side: str) -> bool:
    """Whether the actor may learn who speaks for ``side``: its own people, or all once open."""
    if actor.operator or introduction.organisation_id(side) in actor.memberships:
        return True
    concerned = is_party(actor, introduction) or is_its_broker(actor, introduction)
    return introduction.opened_at is not None and concerned


def _speaks(actor: Actor, introduction: Introduction, side: str) -> bool:
    return side_of(actor, introduction) == side and actor.at_least(
        "editor", introduction.organisation_id(side)
    )


def _interested(actor: Actor, introduction: Introduction) -> bool:
    return _speaks(actor, introduction, "from")


def _approached(actor: Actor, introduction: Introduction) -> bool:
    return _speaks(actor, introduction, "to")


def _either(actor: Actor, introduction: Introduction) -> bool:
    return _interested(actor, introduction) or _approached(actor, introduction)


def _checks(actor: Actor, introduction: Introduction) -> bool:
    return may_take(actor, introduction)


def _withdraws(actor: Actor, introduction: Introduction) -> bool:
    """Who asked takes it back: a proposal its broker, a request the side that made it."""
    if introduction.state == "proposed":
        return actor.user_id is not None and introduction.proposer_id == actor.user_id
    return _interested(actor, introduction)


def may_write(actor: Actor, introduction: Introduction) -> bool:
    """Whether the actor may write in the thread: the sides once it is open, its brokers always."""
    if introduction.live_key is None:
        return False
    if introduction.state in OPEN_STATES and _either(actor, introduction):
        return True
    return is_its_broker(actor, introduction) and not is_party(actor, introduction)


RIGHTS: Mapping[str, Callable[[Actor, Introduction], bool]] = {
    "express": _interested,
    "turn_down": _interested,
    "give_back": _checks,
    "pass_on": _checks,
    "refuse": _checks,
    "ask_back": _approached,
    "reply": _interested,
    "decline": _approached,
    "accept": _approached,
    "demand_nda": _either,
    "agree": _either,
    "withdraw": _withdraws,
    "end": _either,
}
"""Step -> who has the right to it, whatever state the introduction is in."""


def may(actor: Actor, step: str, introduction: Introduction) -> bool:
    """Whether the actor may take this step now: what templates ask for their buttons."""
    fits = introduction.state in INTRODUCTION.changes[step].sources
    return fits and may_read(actor, introduction) and RIGHTS[step](actor, introduction)


def require(actor: Actor, step: str, introduction: Introduction) -> None:
    """Check a step.

    Raises:
        NotFound: the actor may not know of the introduction.
        Forbidden: the actor may know of it and may not do this.
        IllegalTransition: they may, and the introduction's state does not allow it now.
    """
    if not may_see(actor, introduction):
        raise NotFound
    if not (may_read(actor, introduction) and RIGHTS[step](actor, introduction)):
        raise Forbidden(action=step)
    if introduction.state not in INTRODUCTION.changes[step].sources:
        raise IllegalTransition(step=step, state=introduction.state, kind="introduction")

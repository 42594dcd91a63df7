"""Who may see and change what of the desk; ``queries.sight`` says the same in SQL.

A firm's own people never read what brokers note about it, whatever else they are.
"""

from __future__ import annotations

from collections.abc import Collection

from tenon.actors import Actor
from tenon.desk.models import DeskNote, DeskTask
from tenon.network.models import PortfolioFirm
from tenon.network.queries import portfolio


def works_here(actor: Actor) -> bool:
    """Whether the actor has a desk at all: brokers and operators."""
    return (actor.broker or actor.operator) and actor.user_id is not None


def may_see_firm(actor: Actor, organisation_id: int, kept: PortfolioFirm | None) -> bool:
    """Whether the actor may open a firm's page on the desk.

    ``kept`` is the live row of the firm's keeper. A firm that nobody looks after is open to every
    broker; one in a portfolio to those who may know of that (``portfolio.may_see_firm``). The
    firm's own people never.
    """
    if not works_here(actor) or organisation_id in actor.memberships:
        return False
    return kept is None or portfolio.may_see_firm(actor, kept)


def may_read_note(actor: Actor, note: DeskNote, *, places: Collection[int]) -> bool:
    """Whether the actor may read a note; ``places`` are where they work themselves."""
    if not works_here(actor) or note.removed_at is not None:
        return False
    if note.author_id == actor.user_id:
        return True
    concerned = {note.organisation_id, note.other_organisation_id} & set(actor.memberships)
    if concerned or note.audience == "me":
        return False
    if actor.operator:
        return True
    if note.station_id is None:
        return False
    sees = actor.stations if note.audience == "up" else places
    return note.station_id in sees


def may_change_note(actor: Actor, note: DeskNote) -> bool:
    """Whether the actor may edit or take back a note: who wrote it."""
    return note.author_id == actor.user_id and note.removed_at is None and works_here(actor)


def may_see_task(actor: Actor, task: DeskTask) -> bool:
    """Whether the actor may know of a task: who does it, and who asked for it."""
    return works_here(actor) and actor.user_id in (task.owner_id, task.created_by)

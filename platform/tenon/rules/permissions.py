"""Who may read and change the table of rules."""

from __future__ import annotations

from tenon.actors import Actor


def may_read_rules(actor: Actor) -> bool:
    """Whether the actor may read rules with their sources: everybody who is signed in."""
    return actor.signed_in


def may_edit_rules(actor: Actor) -> bool:
    """Whether the actor adds, corrects and ends rows: operators."""
    return actor.operator

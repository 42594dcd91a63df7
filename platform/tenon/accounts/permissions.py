"""Who may do what to people, organisations and memberships.

Predicates without side effects; services require them, templates and lists ask the same ones.
"""

from __future__ import annotations

from tenon.accounts.models import Membership, Organisation
from tenon.actors import Actor
from tenon.errors import Forbidden


def require(allowed: bool, code: str = "forbidden") -> None:  # noqa: FBT001  # reads as a sentence
    """Raise Forbidden unless ``allowed``."""
    if not allowed:
        raise Forbidden(code)


def may_see_organisation(actor: Actor, organisation: Organisation) -> bool:
    """Whether the organisation's page is open: to all once approved, before to its own people."""
    return (
        organisation.state == "approved"
        or actor.operator
        or actor.role_in(organisation.id) is not None
    )


def may_create_organisation(actor: Actor) -> bool:
    """Whether the actor may apply for a new organisation."""
    return actor.signed_in


def may_note_organisation(actor: Actor) -> bool:
    """Whether the actor may write down a firm that is not theirs: brokers, after a visit."""
    return actor.signed_in and actor.broker


def may_edit_organisation(actor: Actor, organisation: Organisation) -> bool:
    """Whether the profile may be changed: by its administrators and by operators."""
    return actor.operator or actor.at_least("administrator", organisation.id)


def may_apply_again(actor: Actor, organisation: Organisation) -> bool:
    """Whether a refused application may be sent again."""
    return organisation.state == "refused" and actor.at_least("administrator", organisation.id)


def may_decide_on_organisations(actor: Actor) -> bool:
    """Whether the actor approves, refuses, suspends and restores organisations."""
    return actor.operator


def may_manage_members(actor: Actor, organisation: Organisation) -> bool:
    """Whether the actor decides on requests, roles and ends of memberships."""
    return may_edit_organisation(actor, organisation)


def may_ask_to_join(actor: Actor, organisation: Organisation) -> bool:
    """Whether the actor may ask: signed in, not a member, the organisation approved."""
    return (
        actor.signed_in
        and organisation.state == "approved"
        and actor.role_in(organisation.id) is None
    )


def may_end_membership(actor: Actor, membership: Membership) -> bool:
    """Whether the membership or request may be ended: by the person, or who manages members."""
    return actor.user_id == membership.user_id or may_manage_members(actor, membership.organisation)


def may_act_for(actor: Actor, organisation_id: int) -> bool:
    """Whether the actor is an active member and so may act for the organisation."""
    return actor.role_in(organisation_id) is not None


def may_submit_for(actor: Actor, organisation: Organisation) -> bool:
    """Whether the actor may send in what was drafted: an editor of an approved organisation."""
    return organisation.state == "approved" and actor.at_least("editor", organisation.id)


def may_manage_people(actor: Actor) -> bool:
    """Whether the actor searches people, grants roles and blocks accounts."""
    return actor.operator


def may_erase(actor: Actor, user_id: int) -> bool:
    """Whether the actor may have a person erased: the person, or an operator on request."""
    return actor.operator or actor.user_id == user_id

"""Who may see and keep what of owners, standing and grants: predicates over what was read.

Must not know a session: the owners of a subject are read by ``queries.owners``.
"""

from __future__ import annotations

from tenon.actors import Actor
from tenon.listings.models import Listing
from tenon.rights.models import RightGrant
from tenon.rights.shares import Owners


def may_see_owners(actor: Actor, owners: Owners, *, in_sight: bool) -> bool:
    """Whether the actor may read shares, standing and licences.

    Members of organisations that own a part, persons who do, operators; brokers where the result
    lies at a place of the network that they see (``in_sight``, as ``queries.in_sight`` says).
    """
    return (
        actor.operator
        or (actor.broker and in_sight)
        or any(actor.role_in(each.organisation_id) is not None for each in owners.shares)
        or _owns_personally(actor, owners)
    )


def _owns_personally(actor: Actor, owners: Owners) -> bool:
    return actor.user_id is not None and any(
        each.user_id == actor.user_id for each in owners.shares
    )


def may_record_owners(actor: Actor, owners: Owners) -> bool:
    """Whether the actor may write down who owns: administrators of an owner, operators."""
    return actor.operator or any(
        actor.at_least("administrator", each.organisation_id) for each in owners.shares
    )


def may_keep_standing(actor: Actor, owners: Owners) -> bool:
    """Whether the actor keeps annuities, pledges, licences: editors of an owner, operators."""
    return actor.operator or any(
        actor.at_least("editor", each.organisation_id) for each in owners.shares
    )


def may_declare_open(actor: Actor, owners: Owners) -> bool:
    """Whether the actor declares an open licence: an administrator of an owner."""
    return any(actor.at_least("administrator", each.organisation_id) for each in owners.shares)


def decides_grants(actor: Actor, organisation_id: int) -> bool:
    """Whether the actor approves, publishes, refuses grants: the institution's administrators."""
    return actor.at_least("administrator", organisation_id)


def takes_part(actor: Actor, grant: RightGrant) -> bool:
    """Whether the actor applied, or is one of the contributors named."""
    return actor.user_id is not None and (
        actor.user_id == grant.applicant_id
        or any(each.user_id == actor.user_id for each in grant.members)
    )


def may_see_grant(actor: Actor, grant: RightGrant) -> bool:
    """Whether the actor may read a grant whole: its team, the institution's editors, operators.

    What is published anybody reads on the page of publicity.
    """
    return (
        actor.operator or takes_part(actor, grant) or actor.at_least("editor", grant.institution_id)
    )


def may_withdraw_grant(actor: Actor, grant: RightGrant) -> bool:
    """Whether the actor takes an application back: who made it."""
    return actor.user_id is not None and actor.user_id == grant.applicant_id


def may_object(actor: Actor, grant: RightGrant) -> bool:
    """Whether the actor may object while a grant is published: anybody signed in but its team."""
    return actor.signed_in and grant.state == "publicised" and not takes_part(actor, grant)


def may_apply(actor: Actor, listing: Listing, contributors: frozenset[int]) -> bool:
    """Whether the actor may apply for rights in an achievement: a contributor, or its author.

    ``contributors`` are the keys of the people of the site who contributed.
    """
    return actor.user_id is not None and (
        actor.user_id in contributors or actor.user_id == listing.author_id
    )

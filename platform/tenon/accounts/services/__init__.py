"""Verbs of the room. Each takes the session first, ``by`` and ``now``, and never commits."""

from tenon.accounts.services.erasure import erase_person
from tenon.accounts.services.memberships import (
    ask_to_join,
    change_role,
    decide_request,
    end_membership,
)
from tenon.accounts.services.organisations import (
    Profile,
    apply_again,
    create_organisation,
    decide_organisation,
    edit_organisation,
    note_organisation,
)
from tenon.accounts.services.people import (
    change_profile,
    create_person,
    grant_role,
    revoke_role,
    set_active,
    switch_organisation,
)

__all__ = [
    "Profile",
    "apply_again",
    "ask_to_join",
    "change_profile",
    "change_role",
    "create_organisation",
    "create_person",
    "decide_organisation",
    "decide_request",
    "edit_organisation",
    "end_membership",
    "erase_person",
    "grant_role",
    "note_organisation",
    "revoke_role",
    "set_active",
    "switch_organisation",
]

"""Who may do what: each predicate against each kind of actor."""

from __future__ import annotations

import pytest

from tenon.accounts import permissions
from tenon.accounts.models import ORGANISATION_STATES, Membership, Organisation
from tenon.actors import SYSTEM, VISITOR, Actor
from tenon.errors import Forbidden

OWN, OTHER = 1, 2
ACTORS = {
    "visitor": VISITOR,
    "stranger": Actor(user_id=7, memberships={OTHER: "administrator"}),
    "member": Actor(user_id=8, memberships={OWN: "member"}),
    "editor": Actor(user_id=9, memberships={OWN: "editor"}),
    "administrator": Actor(user_id=10, memberships={OWN: "administrator"}),
    "broker": Actor(user_id=11, broker=True),
    "operator": Actor(user_id=12, operator=True),
    "system": SYSTEM,
}


def organisation(state: str) -> Organisation:
    return Organisation(id=OWN, state=state, kind="university", name_zh="示例大学")


def allowed(predicate: str, state: str) -> set[str]:
    thing = organisation(state)
    return {name for name, actor in ACTORS.items() if getattr(permissions, predicate)(actor, thing)}


INSIDERS = {"member", "editor", "administrator"}


@pytest.mark.parametrize("state", ORGANISATION_STATES)
def test_each_action_is_open_to_these_alone(state: str) -> None:
    approved = state == "approved"
    runs_it = {"administrator", "operator", "system"}
    assert allowed("may_see_organisation", state) == (
        set(ACTORS) if approved else INSIDERS | {"operator", "system"}
    )
    assert allowed("may_edit_organisation", state) == runs_it
    assert allowed("may_manage_members", state) == runs_it
    assert allowed("may_ask_to_join", state) == (
        {"stranger", "broker", "operator"} if approved else set()
    )
    assert allowed("may_apply_again", state) == ({"administrator"} if state == "refused" else set())
    assert allowed("may_submit_for", state) == ({"editor", "administrator"} if approved else set())


def test_site_wide_actions_are_the_operators_alone() -> None:
    for name, actor in ACTORS.items():
        runs = name in {"operator", "system"}
        assert permissions.may_manage_people(actor) is runs
        assert permissions.may_decide_on_organisations(actor) is runs
        assert permissions.may_erase(actor, 7) is (runs or name == "stranger")
        assert permissions.may_act_for(actor, OWN) is (name in INSIDERS)
        assert permissions.may_create_organisation(actor) is (name not in {"visitor", "system"})


def test_a_membership_is_ended_by_its_person_or_who_manages() -> None:
    membership = Membership(user_id=8, organisation=organisation("approved"))
    may = {
        name for name, actor in ACTORS.items() if permissions.may_end_membership(actor, membership)
    }
    assert may == {"member", "administrator", "operator", "system"}


def test_requiring_what_is_not_allowed_is_forbidden() -> None:
    permissions.require(True)
    with pytest.raises(Forbidden) as caught:
        permissions.require(False, "own_review")
    assert caught.value.code == "own_review"

"""What an actor holds."""

from __future__ import annotations

import pytest

from tenon.actors import SYSTEM, VISITOR, Actor


@pytest.mark.parametrize(
    ("held", "asked", "expected"),
    [
        ("member", "member", True),
        ("member", "editor", False),
        ("editor", "member", True),
        ("editor", "administrator", False),
        ("administrator", "editor", True),
    ],
)
def test_at_least_follows_the_rank(held: str, asked: str, expected: bool) -> None:
    assert Actor(user_id=1, memberships={7: held}).at_least(asked, 7) is expected


def test_at_least_counts_in_that_organisation_alone() -> None:
    actor = Actor(user_id=1, memberships={7: "administrator"})
    assert not actor.at_least("member", 8)
    assert not actor.at_least("member", None)


def test_visitor_and_system_are_not_signed_in() -> None:
    assert not VISITOR.signed_in
    assert not SYSTEM.signed_in
    assert SYSTEM.operator

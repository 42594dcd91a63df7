"""What a meeting is worth, and what keeps two apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenon.events.timetables import valuing
from tenon.events.timetables.defaults import weights
from tenon.events.timetables.picture import Asked, Ruled
from tests.events.timetables.pictures import people, picture


def test_a_must_is_worth_more_than_a_would_and_yes_and_mutual_more_still() -> None:
    would = valuing.worth(picture([(1, 11, "would")]), 1, 11)
    must = valuing.worth(picture([(1, 11, "must")]), 1, 11)
    accepted = valuing.worth(picture([Asked(1, 11, "would", "accepted")]), 1, 11)
    mutual = valuing.worth(picture([(1, 11, "would"), (11, 1, "would")]), 11, 1)
    assert would == weights()["would"] < must == weights()["must"]
    assert accepted == would + weights()["accepted"]
    assert mutual == 2 * would + weights()["mutual"]


def test_the_match_score_adds_at_most_its_weight() -> None:
    plain = valuing.worth(picture([(1, 11, "would")]), 1, 11)
    scored = valuing.worth(picture([Asked(1, 11, "would", "open", 1000)]), 1, 11)
    half = valuing.worth(picture([Asked(1, 11, "would", "open", 500)]), 1, 11)
    assert scored == plain + weights()["score"]
    assert plain < half < scored


def test_what_the_organiser_adds_is_worth_something_without_a_wish() -> None:
    shown = picture(ruled=(Ruled(1, 11, "add"),))
    assert [(one.a, one.b, one.value) for one in valuing.pairs(shown)] == [
        (1, 11, weights()["added"])
    ]


@pytest.mark.parametrize(
    ("asked", "ruled", "code"),
    [
        ([(1, 11, "would"), (11, 1, "rather_not")], (), "rather_not"),
        ([Asked(1, 11, "must", "declined")], (), "declined"),
        ([(1, 11, "would")], (Ruled(1, 11, "forbid"),), "forbidden"),
        ([(1, 2, "would")], (), "may_not_meet"),
        ([(1, 99, "would")], (), "not_taking_part"),
        ([(1, 11, "would")], (), None),
        ([(1, 2, "would")], (Ruled(1, 2, "add"),), None),
        ([Asked(1, 11, "must", "declined"), (11, 1, "would")], (), None),
    ],
)
def test_what_keeps_two_apart(
    asked: list[tuple[int, int, str] | Asked], ruled: tuple[Ruled, ...], code: str | None
) -> None:
    shown = picture(asked, ruled=ruled)
    first = asked[0] if isinstance(asked[0], Asked) else Asked(*asked[0])
    assert valuing.refusal(shown, first.from_id, first.to_id) == code
    assert bool(valuing.pairs(shown)) is (code is None)


def test_colleagues_do_not_meet_unless_the_organiser_says_so_or_the_event_ignores_it() -> None:
    those = people()
    those[1], those[11] = replace(those[1], house=5), replace(those[11], house=5)
    asked = [(1, 11, "would")]
    assert valuing.refusal(picture(asked, those=those), 1, 11) == "same_house"
    relaxed = picture(asked, those=those, levels={"same_house": "ignore"})
    assert valuing.refusal(relaxed, 1, 11) is None
    added = picture(asked, those=those, ruled=(Ruled(1, 11, "add"),))
    assert valuing.refusal(added, 1, 11) is None


def test_a_withdrawn_side_leaves_the_other_sides_wish() -> None:
    """Withdrawn wishes are not read; a declined one counts nothing beside the other's own."""
    shown = picture([Asked(1, 11, "must", "declined"), (11, 1, "would")])
    assert valuing.worth(shown, 1, 11) == weights()["would"]

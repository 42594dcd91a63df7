"""Who is proposed for a need, from plain facts: order, reasons, absence, load; nearest place."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tenon.routing.scoring import Candidate, Place, Proposal, Sought, nearest_place, propose

NEED = Sought(frozenset({("ipc", "C08")}), "420111", "en")
PLAIN = Candidate(1)


def codes(proposal: Proposal) -> list[str]:
    return [str(each["code"]) for each in proposal.reasons]


def test_keeper_comes_first_whatever_others_know() -> None:
    expert = Candidate(2, NEED.fields, frozenset({"420111"}), frozenset({"en"}))
    found = propose(NEED, [expert, replace(PLAIN, keeper=True)])
    assert [each.user_id for each in found] == [1, 2]
    assert codes(found[0]) == ["keeper", "load"]
    assert codes(found[1]) == ["field", "region", "language", "load"]


def test_field_itself_before_wider_before_another() -> None:
    wider, other = frozenset({("ipc", "C")}), frozenset({("ipc", "H04")})
    found = propose(NEED, [Candidate(1, other), Candidate(2, wider), Candidate(3, NEED.fields)])
    assert [each.user_id for each in found] == [3, 2, 1]
    assert found[0].reasons[0]["field"] == "C08"
    assert found[1].reasons[0]["field"] == "C"
    assert codes(found[2]) == ["load"]


def test_nearer_region_counts_more_and_load_decides_between_equals() -> None:
    near, province = frozenset({"420100"}), frozenset({"420000"})
    found = propose(NEED, [Candidate(1, regions=province), Candidate(2, regions=near)])
    assert [each.user_id for each in found] == [2, 1]
    busy = Candidate(1, open_needs=9, most_needs=12)
    free = Candidate(2, open_needs=3, most_needs=12)
    found = propose(NEED, [busy, free])
    assert [each.user_id for each in found] == [2, 1]
    assert found[0].reasons[-1] == {"code": "load", "open": 3, "most": 12}


def test_who_is_full_or_passed_it_on_is_not_asked() -> None:
    full = Candidate(1, NEED.fields, open_needs=4, most_needs=4)
    assert propose(NEED, [full]) == []
    assert propose(NEED, [PLAIN], without=[1]) == []


def test_deputy_stands_in_for_who_is_away() -> None:
    away = Candidate(1, NEED.fields, keeper=True, away=True, deputy_id=2)
    found = propose(NEED, [away, Candidate(2, here=False), Candidate(3, NEED.fields)])
    assert [each.user_id for each in found] == [2, 3]
    assert found[0].reasons[0] == {"code": "stands_in", "for": 1}
    assert propose(NEED, [replace(away, deputy_id=None)]) == []
    assert propose(NEED, [away, Candidate(2, away=True)]) == []
    # Somebody from elsewhere is only ever a deputy.
    assert propose(NEED, [Candidate(2, here=False)]) == []


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        user_id=st.integers(1, 8),
        fields=st.sets(st.sampled_from([("ipc", "C08"), ("ipc", "C"), ("hitech", "1")])).map(
            frozenset
        ),
        open_needs=st.integers(0, 9),
        most_needs=st.none() | st.integers(0, 9),
        keeper=st.booleans(),
        away=st.booleans(),
        deputy_id=st.none() | st.integers(1, 8),
        here=st.booleans(),
    ),
    unique_by=lambda each: each.user_id,
)


@given(CANDIDATES)
def test_nobody_away_or_full_is_ever_proposed_and_nobody_twice(people: list[Candidate]) -> None:
    known = {each.user_id: each for each in people}
    found = propose(NEED, people)
    assert len({each.user_id for each in found}) == len(found)
    for each in found:
        assert not known[each.user_id].away
        assert not known[each.user_id].full
        assert each.reasons
    assert found == propose(NEED, people[::-1])


def test_nearest_place_is_the_smallest_region_around_and_the_deepest_of_equals() -> None:
    centre, node = Place(1, "420000", 0), Place(2, "420100", 1)
    station = Place(3, "420100", 2)
    assert nearest_place("420111", [centre, node, station]) == 3
    assert nearest_place("420500", [centre, node, station]) == 1
    assert nearest_place("510100", [centre, node, station]) is None
    assert nearest_place(None, [centre]) is None

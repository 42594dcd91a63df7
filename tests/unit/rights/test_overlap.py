"""Which licences collide: cases of the field, and a reference that tries every point of a grid."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.rights.overlap import (
    Collision,
    Scope,
    collisions,
    common_fields,
    common_territory,
    doubtful_fields,
)
from tenon.taxonomy.catalogue import descendant_codes, lineage_codes

DAY = date(2026, 1, 1)
EXCLUSIVE = Scope("exclusive", frozenset({1}), since=DAY, key="earlier")


def later(kind: str = "exclusive", **changes: object) -> Scope:
    known: dict[str, object] = {"rights": frozenset({1}), "since": DAY}
    return Scope(kind, **(known | changes))  # type: ignore[arg-type]  # as the test says


def hits(proposed: Scope, granted: Scope) -> list[Collision]:
    return [hit for hit in collisions(proposed, [granted]) if hit.certain]


@pytest.mark.parametrize("kind", ["exclusive", "sole", "nonexclusive", "open"])
@pytest.mark.parametrize("earlier", ["exclusive", "sole"])
def test_an_exclusive_or_sole_licence_shuts_out_every_later_one(kind: str, earlier: str) -> None:
    granted = Scope(earlier, frozenset({1}), since=DAY)
    assert hits(later(kind), granted)


def test_non_exclusive_licences_stand_side_by_side() -> None:
    granted = Scope("nonexclusive", frozenset({1}), since=DAY)
    assert hits(later("nonexclusive"), granted) == []
    assert hits(later("open"), granted) == []


@pytest.mark.parametrize("kind", ["exclusive", "sole"])
@pytest.mark.parametrize("earlier", ["nonexclusive", "open"])
def test_exclusivity_over_earlier_licences_must_name_them(kind: str, earlier: str) -> None:
    granted = Scope(earlier, frozenset({1}), since=DAY)
    assert hits(later(kind), granted)
    assert hits(later(kind, subject_to_earlier=True), granted) == []


def test_naming_earlier_licences_does_not_help_against_an_exclusive_one() -> None:
    assert hits(later("exclusive", subject_to_earlier=True), EXCLUSIVE)


def test_what_is_sold_is_neither_sold_again_nor_licensed() -> None:
    sold = Scope("assignment", frozenset({1}), since=DAY)
    for kind in ("assignment", "exclusive", "nonexclusive", "open"):
        assert hits(later(kind), sold)


def test_licences_live_on_under_a_new_owner() -> None:
    assert hits(later("assignment"), EXCLUSIVE) == []


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        (("*",), ("CN",), ("CN",)),
        (("CN",), ("420100",), ("420100",)),
        (("420000",), ("420100",), ("420100",)),
        (("420100",), ("420000", "330000"), ("420100",)),
        (("420100",), ("330100",), ()),
        (("CN",), ("US",), ()),
        (("CN",), ("HK",), ()),
        (("US", "CN"), ("330000", "DE"), ("330000",)),
        (("330106",), ("330000",), ("330106",)),  # a district that the taxonomy lacks
        (("*",), ("*",), ("*",)),
    ],
)
def test_territories_are_a_tree(
    one: tuple[str, ...], other: tuple[str, ...], common: tuple[str, ...]
) -> None:
    assert common_territory(one, other) == common
    assert set(common_territory(other, one)) == set(common)


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        (("*",), ("光纤测温",), ("光纤测温",)),
        (("石化管道测温",), ("管道测温",), ("石化管道测温",)),
        (("管道測溫",), ("管道测温",), ("管道測溫",)),
        (("Pipeline sensors",), ("pipeline  SENSORS",), ("Pipeline sensors",)),
        (("gbt4754:39",), ("C39",), ("gbt4754:39",)),
        (("ipc:G02",), ("ipc:G",), ("ipc:G02",)),
    ],
)
def test_fields_overlap_by_words_and_by_codes(
    one: tuple[str, ...], other: tuple[str, ...], common: tuple[str, ...]
) -> None:
    assert common_fields(one, other) == common
    assert bool(common_fields(other, one)) is bool(common)


@pytest.mark.parametrize(
    ("one", "other"),
    [("oil", "soil sensors"), ("水稻", "小麦"), ("gbt4754:39", "gbt4754:13"), ("ipc:G", "ipc:H")],
)
def test_fields_that_differ_do_not_collide(one: str, other: str) -> None:
    assert common_fields([one], [other]) == ()


def test_words_that_nobody_can_compare_are_left_to_people() -> None:
    found = collisions(later(fields=("水稻",)), [Scope("sole", frozenset({1}), fields=("小麦",))])
    assert [hit.certain for hit in found] == [False]
    assert found[0].fields == ("水稻 / 小麦",)
    told_apart = Scope("sole", frozenset({1}), fields=("ipc:H",))
    assert collisions(later(fields=("ipc:G",)), [told_apart]) == []
    assert doubtful_fields(["ipc:G"], ["ipc:H"]) == ()


def test_time_is_compared_to_the_day() -> None:
    granted = Scope("exclusive", frozenset({1}), since=DAY, until=date(2026, 12, 31))
    assert hits(later(since=date(2026, 12, 31)), granted)
    assert hits(later(since=date(2027, 1, 1)), granted) == []
    assert hits(later(since=date(2025, 1, 1), until=date(2025, 12, 31)), granted) == []
    [hit] = hits(later(since=date(2026, 6, 1)), granted)
    assert (hit.since, hit.until) == (date(2026, 6, 1), date(2026, 12, 31))


def test_another_right_is_another_matter() -> None:
    assert hits(later(rights=frozenset({2})), EXCLUSIVE) == []
    [hit] = hits(later(rights=frozenset({1, 2})), EXCLUSIVE)
    assert hit.rights == {1}


# ---- against a reference that tries every point -------------------------------------------------

PLACES = ("110101", "110102", "120101", "420111", "420106", "US", "DE")
AREAS = ("*", "CN", "110000", "110101", "120000", "420000", "420100", "420111", "US", "DE")
SECTIONS = ("ipc:G", "ipc:H", "ipc:G01", "ipc:G02", "ipc:H01", "*")
POINTS = ("G01", "G02", "G03", "H01", "H02")


def covers_place(area: str, place: str) -> bool:
    if area in ("*", place):
        return True
    if not place.isdigit():
        return False
    return area == "CN" or area in {place[:2] + "0000", place[:4] + "00"}


def covers_field(field: str, point: str) -> bool:
    return field == "*" or field.removeprefix("ipc:") in lineage_codes("ipc", point)


def naive(one: Scope, other: Scope) -> bool:
    """Whether some right, place, field and day lies in both."""
    shared = one.rights & other.rights
    places = any(
        any(covers_place(a, place) for a in one.territory)
        and any(covers_place(b, place) for b in other.territory)
        for place in PLACES
    )
    fields = any(
        any(covers_field(a, point) for a in one.fields)
        and any(covers_field(b, point) for b in other.fields)
        for point in POINTS
    )
    days = any(
        all(scope.since <= day and (scope.until is None or day <= scope.until) for scope in pair)
        for pair in [(one, other)]
        for day in (DAY + timedelta(number) for number in range(-1, 45))
    )
    return bool(shared) and places and fields and days


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    since = DAY + timedelta(draw(st.integers(0, 20)))
    length = draw(st.one_of(st.none(), st.integers(0, 20)))
    return Scope(
        kind=draw(st.sampled_from(["exclusive", "sole", "nonexclusive", "open", "assignment"])),
        rights=frozenset(draw(st.sets(st.integers(1, 3), min_size=1, max_size=2))),
        territory=tuple(draw(st.sets(st.sampled_from(AREAS), min_size=1, max_size=3))),
        fields=tuple(draw(st.sets(st.sampled_from(SECTIONS), min_size=1, max_size=2))),
        since=since,
        until=None if length is None else since + timedelta(length),
        subject_to_earlier=draw(st.booleans()),
        key=draw(st.sampled_from("abc")),
    )


def forbidden(granted: str, proposed: str, *, named: bool) -> bool:
    """Return the table of kinds, written out once more."""
    table = {
        "assignment": {"assignment", "exclusive", "sole", "nonexclusive", "open"},
        "exclusive": {"exclusive", "sole", "nonexclusive", "open"},
        "sole": {"exclusive", "sole", "nonexclusive", "open"},
        "nonexclusive": set() if named else {"exclusive", "sole"},
        "open": set() if named else {"exclusive", "sole"},
    }
    return proposed in table[granted]


@given(proposed=scopes(), granted=st.lists(scopes(), max_size=6))
def test_collisions_are_those_that_the_reference_finds(
    proposed: Scope, granted: list[Scope]
) -> None:
    expected = [
        each
        for each in granted
        if forbidden(each.kind, proposed.kind, named=proposed.subject_to_earlier)
        and naive(proposed, each)
    ]
    found = [hit.granted for hit in collisions(proposed, granted) if hit.certain]
    assert sorted(found, key=repr) == sorted(expected, key=repr)


@given(one=scopes(), other=scopes())
def test_whether_two_scopes_overlap_does_not_depend_on_their_order(
    one: Scope, other: Scope
) -> None:
    def covered(a: Scope, b: Scope) -> bool:
        return bool(
            common_territory(a.territory, b.territory) and common_fields(a.fields, b.fields)
        )

    assert covered(one, other) is covered(other, one)


def test_the_grid_of_the_reference_has_a_point_in_every_area_and_section() -> None:
    for area in AREAS:
        assert any(covers_place(area, place) for place in PLACES), area
    for section in SECTIONS[:-1]:
        assert set(POINTS) & set(descendant_codes("ipc", section.removeprefix("ipc:")))

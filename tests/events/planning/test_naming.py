"""Names of tables, there and back."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenon.events.planning.naming import read_names, write_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A1-A3", ["A1", "A2", "A3"]),
        ("A1-3", ["A1", "A2", "A3"]),
        ("A1–A3，B1", ["A1", "A2", "A3", "B1"]),
        ("01-03", ["01", "02", "03"]),
        ("8-11", ["8", "9", "10", "11"]),
        ("1至3、贵宾桌", ["1", "2", "3", "贵宾桌"]),
        ("A1-B3", ["A1-B3"]),
        ("3-1", ["3-1"]),
        ("A1, A1", ["A1"]),
        (" ,; ", []),
        ("Room 1-2", ["Room 1", "Room 2"]),
    ],
)
def test_names_are_read(text: str, names: list[str]) -> None:
    assert read_names(text) == names


@pytest.mark.parametrize(
    ("text", "code"), [("x" * 21, "too_long"), ("1-501", "too_many"), ("1-99999999", "too_long")]
)
def test_too_much_is_refused(text: str, code: str) -> None:
    with pytest.raises(ValueError, match=code):
        read_names(text)


_names = st.lists(
    st.one_of(
        st.integers(0, 30).map(str),
        st.tuples(st.sampled_from("AB"), st.integers(0, 120)).map(lambda t: f"{t[0]}{t[1]}"),
        st.integers(0, 12).map(lambda n: f"{n:02d}"),
        st.sampled_from(["贵宾桌", "VIP", "a b"]),
    ),
    unique=True,
    max_size=30,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_names)
def test_what_is_written_is_read_as_it_was(names: list[str]) -> None:
    assert read_names(write_names(names)) == names


def test_runs_become_ranges() -> None:
    assert write_names(["A1", "A2", "A3", "B1", "B2", "9", "10", "11"]) == "A1-A3, B1, B2, 9-11"

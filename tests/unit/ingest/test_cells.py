"""Cells keep what people wrote, whatever it is."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cells import bad_character_at, neutralise, restore, scrub, tidy, write_csv

NASTY = st.text(
    st.one_of(
        st.sampled_from("=+-@'\"\t\r\n,;|＝＋－＠\x00\ufeff　"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=20,
)


@given(NASTY)
def test_neutralise_is_undone_exactly(text: str) -> None:
    assert restore(neutralise(text)) == text


@given(NASTY)
def test_neutralised_text_never_begins_a_formula(text: str) -> None:
    assert neutralise(text)[:1] not in set("=+-@\t\r\n＝＋－＠")


def test_write_csv_neutralises_and_counts() -> None:
    stream = io.StringIO(newline="")
    assert write_csv(stream, ["a", "=b"], [["=1+1", None], ["-5", "x,y"]]) == 2
    assert stream.getvalue() == "a,'=b\r\n'=1+1,\r\n'-5,\"x,y\"\r\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a\r\nb\rc  ", "a\nb\nc"),
        ("水\u200b下\xad", "水下"),
        ("\ufefftitle", "title"),
        ("plain", "plain"),
        ("a\u2028b", "a\nb"),
        ("क्‍ष", "क्‍ष"),  # the zero-width joiner changes how this is written
    ],
)
def test_tidy_drops_only_what_nobody_sees(text: str, expected: str) -> None:
    assert tidy(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R&D at AT&T", "R&D at AT&T"),
        ("5 &gt; 3 &amp;&#174;", "5 > 3 &®"),
        ("&notanentity; &copyright", "&notanentity; &copyright"),
        ("<p>One</p><p>H<sub>2</sub>O</p>", "One\nH2O"),
        ("评<公司法>与<春秋>", "评<公司法>与<春秋>"),
        ("a < b and c > d", "a < b and c > d"),
        ("it\x92s \x95 10 \uf06dm \uf0b1 1", "it’s • 10 μm ± 1"),
        ("x\ue00cy  z", "xy z"),
        ("a\x00b", "ab"),
    ],
)
def test_scrub_repairs_without_inventing(text: str, expected: str) -> None:
    assert scrub(text) == expected


@given(NASTY)
def test_scrub_of_scrubbed_text_has_nothing_invisible(text: str) -> None:
    assert bad_character_at(scrub(text)) is None
    assert scrub(text) == scrub(text).strip()


def test_bad_character_is_found_with_its_place() -> None:
    assert bad_character_at("ab\x00c") == 3
    assert bad_character_at("a\ud800") == 2
    assert bad_character_at("ab\tc\n") is None

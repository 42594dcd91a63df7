"""Codes: one wrong character or a swap of two never gives a code; what people type is read."""

from __future__ import annotations

import itertools
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.credit.statements.codes import (
    ALPHABET,
    LENGTH,
    check_character,
    is_code,
    new_code,
    read,
    written,
)

free = st.text(ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1)
codes = free.map(lambda text: text + check_character(text))
places = st.integers(0, LENGTH - 1)


@given(codes, places)
def test_one_wrong_character_never_gives_a_code(code: str, place: int) -> None:
    assert is_code(code)
    for wrong in set(ALPHABET) - {code[place]}:
        assert not is_code(code[:place] + wrong + code[place + 1 :])


@given(codes)
def test_two_characters_that_change_places_never_give_a_code(code: str) -> None:
    for first, second in itertools.combinations(range(LENGTH), 2):
        if code[first] != code[second]:
            swapped = list(code)
            swapped[first], swapped[second] = code[second], code[first]
            assert not is_code("".join(swapped))


@given(codes, places)
def test_a_character_too_few_or_too_many_is_no_code(code: str, place: int) -> None:
    assert not is_code(code[:place] + code[place + 1 :])
    assert not is_code(code[:place] + code[place] + code[place:])


def test_guessing_is_hopeless_and_characters_are_told_apart() -> None:
    assert (LENGTH - 1) * math.log2(len(ALPHABET)) > 49
    assert len(set(ALPHABET)) == len(ALPHABET)
    for alike in ("0ODQ", "1IL", "2Z", "5S", "8B", "6G", "UVW"):
        assert len(set(alike) & set(ALPHABET)) <= 1


def test_new_codes_are_codes_of_random_characters() -> None:
    made = [new_code() for _ in range(2000)]
    assert all(map(is_code, made))
    assert len(set(made)) == len(made)
    for place in range(LENGTH):  # each about 87 times; 20 is 7 deviations away
        assert min(sum(code[place] == char for code in made) for char in ALPHABET) > 20


@given(codes)
def test_what_is_written_is_read_back(code: str) -> None:
    on_paper = written(code)
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", on_paper)
    full_width = "".join(chr(ord(char) + 0xFEE0) for char in on_paper)
    for typed in (
        on_paper,
        on_paper.lower(),
        code,
        f"  {on_paper} \n",
        full_width,
        full_width.lower(),
        on_paper.replace("-", " "),
        on_paper.replace("-", "—"),
        on_paper.replace("-", "\u3000"),
        on_paper.replace("-", "\u200b"),
        on_paper.replace("-", "_"),
        f"https://tenon.example.org/verify/{on_paper}",
        f"https://tenon.example.org/verify/{on_paper.lower()}/",
    ):
        assert read(typed) == code


@pytest.mark.parametrize("typed", ["", "   ", "----", "。", "/", "..", "\u200b"])
def test_nothing_typed_is_nothing(typed: str) -> None:
    assert read(typed) == ""


@given(st.text(max_size=300))
def test_anything_typed_is_read_without_fault(typed: str) -> None:
    plain = read(typed)
    assert read(plain) == plain or not is_code(plain)

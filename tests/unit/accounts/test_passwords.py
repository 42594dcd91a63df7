"""Hashes of passwords, and which passwords are too easy."""

from __future__ import annotations

import unicodedata
from types import SimpleNamespace
from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from hypothesis import given
from hypothesis import strategies as st

from tenon.accounts.passwords import hash_password
from tenon.accounts.sign_in_parts import _easy


@given(st.text(min_size=1, max_size=40))
def test_hash_fits_the_password_on_any_keyboard(password: str) -> None:
    hashed = hash_password(password, cheap=True)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        typed = unicodedata.normalize("NFKD", unicodedata.normalize(form, password))
        assert PasswordHasher().verify(hashed, typed)
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(hashed, unicodedata.normalize("NFKD", password) + "x")


def test_real_hashes_cost_what_the_rfc_advises() -> None:
    assert hash_password("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize(
    ("password", "about", "easy"),
    [
        ("seven wooden joints", {}, False),
        ("abababababab", {}, True),
        ("lanwei@example.org", {"email": "lanwei@example.org"}, True),
        ("LANWEI1234", {"email": "lanwei@example.org"}, True),
        ("lanwei and seven joints", {"email": "lanwei@example.org"}, False),
        ("Wei Lan 12", {"name": "Wei Lan"}, True),
        ("a@example.org", {"user": SimpleNamespace(email="a@example.org", name="A")}, True),
        ("一二三四五六七八九十", {"name": "李"}, False),
    ],
)
def test_passwords_of_ones_own_names_are_easy(
    password: str, about: dict[str, Any], easy: bool
) -> None:
    assert _easy(password, about) is easy

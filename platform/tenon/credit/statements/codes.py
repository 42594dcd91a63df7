"""Codes by which a statement is found: short, read aloud without doubt, checked before anything.

Twelve of 23 characters, the last of which checks the others. 23 is a prime and the places weigh
1 to 12, so every single wrong character and every swap of two shows. Eleven free characters are
23 ** 11, close to 2 ** 50. Knows nothing of statements.
"""

from __future__ import annotations

import secrets
import unicodedata

# Of characters that look or sound alike one is left: no 0 O D Q, 1 I L, 2 beside Z, 5 beside S,
# 8 beside B, 6 beside G, no U beside V beside W.
ALPHABET = "23456789ACEFHJKMNPRTWXY"
LENGTH = 12
_GROUP = 4
_FREE = LENGTH - 1
_BASE = len(ALPHABET)


def new_code() -> str:
    """Return a code that nobody can guess: eleven random characters and the one that checks."""
    free = "".join(secrets.choice(ALPHABET) for _ in range(_FREE))
    return free + check_character(free)


def check_character(free: str) -> str:
    """Return the character that makes the weighted sum of all twelve a multiple of 23."""
    total = sum(place * ALPHABET.index(char) for place, char in enumerate(free, 1))
    # LENGTH is the last place's weight; its inverse exists since 23 is a prime.
    return ALPHABET[-total * pow(LENGTH, -1, _BASE) % _BASE]


def is_code(text: str) -> bool:
    """Whether this is a code in its plain form, with the character that checks in order."""
    if len(text) != LENGTH or any(char not in ALPHABET for char in text):
        return False
    return check_character(text[:_FREE]) == text[_FREE]


def read(typed: str) -> str:
    """Return what somebody typed in plain form, be it a code or not.

    Any case, full-width characters of a Chinese keyboard, dashes and blanks of any kind, and a
    whole address that ends in the code.
    """
    plain = unicodedata.normalize("NFKC", typed).strip().rstrip("/").rsplit("/", 1)[-1].upper()
    return "".join(char for char in plain if not _separates(char))


def _separates(char: str) -> bool:
    """Whether a character only parts groups: blanks, dashes, dots, and what cannot be seen."""
    return unicodedata.category(char) in {"Zs", "Pd", "Pc", "Cc", "Cf"} or char in "·.。、"


def written(code: str) -> str:
    """Return a code in groups of four, as it stands on paper: ``XXXX-XXXX-XXXX``."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))

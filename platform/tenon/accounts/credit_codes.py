"""Unified social credit codes of Chinese organisations, with their check character (GB 32100).

Pure. A code has 18 characters: authority, category, six digits of the region, nine of the
organisation, one to check; letters that look like digits (I, O, S, V, Z) are never used.
"""

from __future__ import annotations

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LENGTH = 18


def normal(code: str) -> str:
    """Return a code as it is kept: half-width, capitals, no gaps or dashes."""
    plain = unicodedata.normalize("NFKC", code)
    return "".join(character for character in plain.upper() if character not in " -\t")


def check_character(first: str) -> str:
    """Return the last character for the first seventeen (weights 3**i modulo 31).

    Raises ValueError for a character that no code has.
    """
    total = sum(
        ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(first)
    )
    return ALPHABET[-total % 31]


def is_valid(code: str) -> bool:
    """Whether a code in its kept form has the right length, characters and check."""
    if len(code) != _LENGTH or any(character not in ALPHABET for character in code):
        return False
    return code[2:8].isdigit() and check_character(code[:-1]) == code[-1]

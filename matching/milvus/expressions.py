"""A filter as Milvus' boolean expression; ``Where.admits`` is the definition.

Codes are asked for by number (a hash), so no text of a user's comes into an expression.
Knows neither connections nor words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from matching.columns import NONE, wanted_tokens
from matching.documents import LANGUAGES, SIDES, Where


def token_number(token: str) -> int:
    """Return the number that stands for a facet token (63 bits of a hash)."""
    digest = hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def expression(where: Where) -> str | None:
    """Return the expression; empty where all pass, None where nothing can."""
    chosen = (where.sides, where.languages, where.organisations, where.keys)
    if any(one is not None and not one for one in chosen):
        return None
    parts = []
    if where.sides is not None:
        parts.append(_among("side", [SIDES.index(side) for side in where.sides]))
    if where.languages is not None:
        parts.append(_among("language", [LANGUAGES.index(one) for one in where.languages]))
    if where.organisations is not None:
        parts.append(_among("organisation", where.organisations))
    if where.organisation_not:
        parts.append(_not_among("organisation", where.organisation_not))
    if where.keys is not None:
        parts.append(_among("key", where.keys))
    if where.keys_not:
        parts.append(_not_among("key", where.keys_not))
    for group in wanted_tokens(where):
        numbers = sorted({token_number(token) for token in group})
        parts.append(f"array_contains_any(tokens, {numbers})")
    return " and ".join([*parts, *_numbers(where)])


def _numbers(where: Where) -> list[str]:
    parts = []
    if where.readiness is not None:
        low, high = where.readiness
        parts.append(f"readiness >= {max(low, NONE + 1)} and readiness <= {high}")
    if where.published_since is not None:
        parts.append(f"published >= {where.published_since}")
    if where.today is not None:
        parts.append(f"expires >= {where.today}")
    return parts


def _among(name: str, numbers: Iterable[int]) -> str:
    return f"{name} in {sorted(set(numbers))}"


def _not_among(name: str, numbers: Iterable[int]) -> str:
    return f"{name} not in {sorted(set(numbers))}"

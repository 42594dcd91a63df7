"""The taxonomy as the library's vocabulary: codes and labels in either language to codes."""

from __future__ import annotations

from functools import lru_cache

from tenon.taxonomy.naming import resolve


class SiteTerms:
    """Answers for the schemes of the taxonomy."""

    def resolve(self, scheme: str, text: str) -> str | None:
        """Return the code that ``text`` names, or None where it names none or several."""
        return _resolve(scheme, text)


@lru_cache(maxsize=16_384)
def _resolve(scheme: str, text: str) -> str | None:
    return resolve(scheme, text)

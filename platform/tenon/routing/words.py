"""Why a broker passes a need back, in both languages, as notices and pages say it."""

from __future__ import annotations

from collections.abc import Mapping

from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices.rendering import translate

PASS_REASONS: Mapping[str, str] = {
    "other_field": N_("another field than mine"),
    "no_time": N_("no time for it in these days"),
    "going_away": N_("away in these days"),
    "own_interest": N_("an interest of my own in it"),
    "another_reason": N_("another reason"),
}
"""Code -> English words, marked for translation."""


def reason_names(code: str) -> Mapping[str, str]:
    """Return language -> why it was passed back."""
    return {language: translate(PASS_REASONS[code], language) for language in ("zh", "en")}

"""What the other side is told of a word on a match. An anonymous firm is not named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.listings.models import Listing
from tenon.listings.queries import keepers
from tenon.matches.models import MatchFeedback
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.notices.services import notify

wording.register(
    {
        "match_interested": N_(
            "%(organisation)s is interested in “%(listing)s”, for “%(counterpart)s”."
        ),
        "match_interested_unnamed": N_(
            "A firm that is not named is interested in “%(listing)s”, for “%(counterpart)s”."
        ),
    },
    group="matches",
    heading=N_("Matches"),
)
wording.register(
    {
        "match_declined": N_(
            "Somebody looked at “%(listing)s” for a project of theirs and passed: %(reason)s"
        ),
    },
    group="matches",
    mail="digest",
    samples={"reason": {"zh": "技术阶段太早", "en": "it is at too early a stage"}},
)

REASONS: Mapping[str, Mapping[str, str]] = {
    "too_early": {"zh": "技术阶段太早", "en": "it is at too early a stage"},
    "no_clear_benefit": {
        "zh": "相比现有做法的好处不清楚",
        "en": "the benefit over today's practice is not clear",
    },
    "route_unclear": {
        "zh": "商业化路径不清楚",
        "en": "the route to the market is not clear",
    },
    "description_unclear": {"zh": "描述不清楚", "en": "the description is not clear"},
    "scientific_doubt": {"zh": "对科学依据有疑问", "en": "there are doubts about the science"},
    "other": {"zh": "其他原因", "en": "another reason"},
}
"""Inpart's categories of feedback in words for a notice; kept in both languages in its facts."""


def tell_other_side(
    session: Session, *, word: MatchFeedback, listing: Listing, other: Listing, now: datetime
) -> int:
    """Tell those who look after ``other`` what ``listing``'s organisation said; return how many."""
    facts: dict[str, Any] = {"listing": _titles(other), "counterpart": _titles(listing)}
    if word.kind == "declined":
        kind = "match_declined"
        facts["reason"] = dict(REASONS[word.reason or "other"])
    elif listing.anonymous:
        kind = "match_interested_unnamed"
    else:
        kind = "match_interested"
        names = listing.organisation
        facts["organisation"] = {"zh": names.name("zh"), "en": names.name("en")}
    people = keepers(session, other)
    for user in people:
        path = f"/listings/{other.public_id}/matches"
        notify(session, user=user, kind=kind, facts=facts, path=path, now=now)
    return len(people)


def _titles(listing: Listing) -> dict[str, str]:
    return {code: listing.text(code).title for code in ("zh", "en")}

"""Notices: what active people found in their inbox, mostly read and mailed."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tenon.introductions.reasons import advice, in_words
from tenon.notices.models import Notice
from tools.bench.introductions.drawing import Chance
from tools.bench.introductions.houses import Houses
from tools.bench.introductions.loading import Rows
from tools.bench.introductions.offers import Offers

TABLE: Final = Notice
_KINDS: Final = (
    "introduction_pass_on",
    "introduction_accept",
    "introduction_said",
    "introduction_decline",
    "introduction_remind",
    "listing_publish",
)
_UNREAD_SHARE: Final = 0.08
_DAYS: Final = 300


def notices(houses: Houses, offers: Offers, chance: Chance) -> Rows:
    """Yield the notices of as many people as the sizes say: all brokers, then others evenly."""
    sizes = houses.sizes
    others = max(0, sizes.readers - sizes.brokers)
    step = max(1, (houses.broker(0) - 1) // max(1, others))
    people = [houses.broker(rank) for rank in range(sizes.brokers)]
    people += [1 + place * step for place in range(others) if 1 + place * step < houses.broker(0)]
    # Told in the order of time and not of people: an inbox lies scattered over the table.
    for turn in range(sizes.notices):
        oldest = _DAYS * (1 - turn / sizes.notices)
        for person in people:
            at = chance.ago(oldest * (0.9 + 0.1 * chance.share()))
            read = at + timedelta(hours=5) if chance.share() > _UNREAD_SHARE else None
            kind = chance.pick(_KINDS)
            titles = chance.pick(offers.every).titles
            yield {
                "user_id": person,
                "kind": kind,
                "facts": _facts(kind, titles),
                "path": f"/introductions/{chance.public_id()}",
                "created_at": at,
                "read_at": None if read is None or read > chance.now else read,
                "in_site": True,
                "mail": "mailed" if chance.share() < 0.6 else "none",
            }


def _facts(kind: str, titles: dict[str, str]) -> dict[str, object]:
    house = {"zh": "样例企业", "en": "Sample Firm"}
    if kind == "listing_publish":
        return {"title": titles}
    facts: dict[str, object] = {"listing": titles}
    if kind in ("introduction_pass_on", "introduction_accept"):
        facts["organisation"] = house
    elif kind == "introduction_said":
        facts["speaker"] = house
    elif kind == "introduction_decline":
        facts |= {"reason": in_words("too_early"), "advice": advice("too_early")}
    elif kind == "introduction_remind":
        facts["day"] = "2027-03-31"
    return facts

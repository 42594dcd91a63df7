"""Introductions: who asks whom about what, when, and how far it came.

A life is a row of the table and the steps that led there, each with its moment, so that threads,
agreements, credit and history (``following``) agree with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tenon.introductions.models import DECLINE_REASONS
from tenon.introductions.services.asking import live_key
from tenon.introductions.stages import due, patience
from tenon.introductions.states import LIVE_STATES
from tools.bench.introductions.drawing import Chance, Shares, Skewed
from tools.bench.introductions.houses import Houses
from tools.bench.introductions.offers import Offer, Offers
from tools.bench.introductions.sentences import Sentences
from tools.bench.introductions.sizes import DAYS, FRESH, FRESH_DAYS, SETTLED

_AGING: Final = 1.5
_ROADS: Final[Mapping[str, Sequence[str]]] = {
    "proposed": ("propose",),
    "checking": ("express",),
    "returned": ("express", "give_back"),
    "asked": ("express", "pass_on"),
    "asked_back": ("express", "pass_on", "ask_back"),
    "nda": ("express", "pass_on", "accept_with_nda"),
    "connected": ("express", "pass_on", "accept"),
    "declined": ("express", "pass_on", "decline"),
    "refused": ("express", "refuse"),
    "withdrawn": ("express", "withdraw"),
    "lapsed": ("express", "pass_on", "lapse"),
    "void": ("express", "pass_on", "void"),
    "ended": ("express", "pass_on", "accept", "end"),
}
TARGETS: Final[Mapping[str, str]] = {
    "propose": "proposed",
    "express": "checking",
    "give_back": "returned",
    "pass_on": "asked",
    "ask_back": "asked_back",
    "accept_with_nda": "nda",
    "accept": "connected",
    "agree": "connected",
    "decline": "declined",
    "refuse": "refused",
    "withdraw": "withdrawn",
    "lapse": "lapsed",
    "void": "void",
    "end": "ended",
}
_WITH_OWN: Final = 0.6
_UNNAMED: Final = 0.05
_PROPOSED: Final = 0.1
_REDRAWS: Final = 40


@dataclass(frozen=True, slots=True)
class Life:
    """An introduction: its row, its listings, and (step, moment) in order."""

    row: dict[str, Any]
    listing: Offer
    own: Offer | None
    steps: tuple[tuple[str, datetime], ...]

    @property
    def agreement(self) -> bool:
        """Whether an agreement was drafted."""
        return any(step == "accept_with_nda" for step, _ in self.steps)

    def at(self, step: str) -> datetime | None:
        """Return when a step was last taken."""
        return next((at for name, at in reversed(self.steps) if name == step), None)


class Lives:
    """Draws introductions in the order of their beginnings."""

    def __init__(
        self, houses: Houses, offers: Offers, chance: Chance, sentences: Sentences
    ) -> None:
        self._houses, self._offers = houses, offers
        self._chance, self._sentences = chance, sentences
        self._firms = Skewed(houses.sizes.firms)
        self._institutions = Skewed(houses.sizes.institutions)
        self._shares = {True: Shares(FRESH), False: Shares(SETTLED)}
        self._live: set[str] = set()

    def __iter__(self) -> Iterator[Life]:
        """Yield as many as the sizes say, keys from 1, older ones first."""
        number = self._houses.sizes.introductions
        for key in range(1, number + 1):
            age = DAYS * (1 - key / (number + 1)) ** _AGING
            yield self._life(key, self._chance.ago(age), fresh=age < FRESH_DAYS)

    def _life(self, key: int, begins: datetime, *, fresh: bool) -> Life:
        chance = self._chance
        state = self._shares[fresh].pick(chance)
        listing, own, asking, pair = self._pair(live=state in LIVE_STATES)
        steps = self._steps(state, begins, secret=listing.secret or bool(own and own.secret))
        row = self._row(key, state, listing, own, asking, steps)
        row["live_key"] = pair if state in LIVE_STATES else None
        return Life(row, listing, own, steps)

    def _pair(self, *, live: bool) -> tuple[Offer, Offer | None, int, str]:
        """Draw a listing, perhaps one of the interested side's own, and that side."""
        chance, houses = self._chance, self._houses
        owned = self._offers.public if live else self._offers.own
        for _ in range(_REDRAWS):
            firm = houses.firm(self._firms.pick(chance))
            institution = houses.institution(self._institutions.pick(chance))
            asking, asked = (firm, institution) if chance.share() < 0.6 else (institution, firm)
            brought = owned.get(asking)
            if asked not in owned:
                continue
            listing = chance.pick(owned[asked])
            own = chance.pick(brought) if brought and chance.share() < _WITH_OWN else None
            pair = live_key(listing.id, own.id if own else None, asking)
            if live and pair in self._live:
                continue
            if live:
                self._live.add(pair)
            return listing, own, asking, pair
        raise RuntimeError("the world is too small for so many live introductions")

    def _steps(
        self, state: str, begins: datetime, *, secret: bool
    ) -> tuple[tuple[str, datetime], ...]:
        chance = self._chance
        names = list(_ROADS[state])
        if names[0] == "express" and chance.share() < _PROPOSED:
            names.insert(0, "propose")
        if secret and "accept" in names:
            place = names.index("accept")
            names[place : place + 1] = ["accept_with_nda", "agree"]
        steps, at = [(names[0], begins)], begins
        # Whoever waits entered the stage within its patience; all steps lie before now.
        lapse = timedelta(days=patience()[state]["lapse"]) if state in patience() else None
        floor = begins if lapse is None else max(begins, chance.now - lapse * 0.95)
        for left in range(len(names) - 1, 0, -1):
            latest = min(chance.now, at + timedelta(days=9))
            at = (
                chance.between(at, latest)
                if left > 1
                else chance.between(max(at, floor), max(latest, floor))
            )
            steps.append((names[-left], at))
        return tuple(steps)

    def _row(
        self,
        key: int,
        state: str,
        listing: Offer,
        own: Offer | None,
        asking: int,
        steps: tuple[tuple[str, datetime], ...],
    ) -> dict[str, Any]:
        chance, houses = self._chance, self._houses
        language = "en" if chance.share() < 0.2 else "zh"
        when = dict(steps)
        opened = when.get("accept") or when.get("accept_with_nda")
        asked = state != "proposed"
        since = steps[-1][1]
        step, at = _due(state, since, chance.now)
        spoke = houses.person_of(asking, chance.below(1_000))
        heard = "pass_on" in when and steps[-1][0] not in ("pass_on", "lapse", "void")
        broker = listing.broker_id
        if broker is None and (len(steps) > 1 and asked):
            broker = houses.broker(chance.below(houses.sizes.brokers))
        reason = None
        if state in ("declined", "refused"):
            reason = chance.pick(DECLINE_REASONS)
        elif state == "ended":
            reason = chance.pick(("led_on", "no_fit", "no_capacity"))
        return {
            "id": key,
            "public_id": chance.public_id(),
            "state": state,
            "version": len(steps),
            "listing_id": listing.id,
            "own_listing_id": own.id if own else None,
            "from_organisation_id": asking,
            "to_organisation_id": listing.organisation_id,
            "from_user_id": spoke if asked else None,
            "to_user_id": listing.author_id if heard else None,
            "broker_id": broker,
            "proposer_id": (broker or houses.broker(0)) if "propose" in when else None,
            "from_station_id": own.station_id if own else None,
            "to_station_id": listing.station_id,
            "live_key": None,
            "unnamed": asked and (bool(own and own.anonymous) or chance.share() < _UNNAMED),
            "language": language,
            "interest": self._sentences.passage(language) if asked else None,
            "offer": self._sentences.passage(language) if asked else None,
            "proposal": self._sentences.passage(language) if asked else None,
            "origin_kind": "broker" if "propose" in when else "match" if own else "listing",
            "end_reason": reason,
            "end_remark": self._sentences.passage(language) if reason else None,
            "from_consented_at": when.get("express"),
            "to_consented_at": opened,
            "opened_at": opened,
            "passed_on_at": when.get("pass_on"),
            "stage_since": since,
            "due_at": at,
            "due_step": step,
            "last_message_at": None,
            "created_at": steps[0][1],
        }


def _due(state: str, since: datetime, now: datetime) -> tuple[str | None, datetime | None]:
    """Return what falls due next in a stage that began at ``since``, all before done."""
    for step in patience().get(state, ()):
        at = due(state, step, since)
        if at > now:
            return step, at
    return (None, None) if state not in patience() else ("lapse", due(state, "lapse", since))

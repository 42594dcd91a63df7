"""What follows an introduction: its thread, who read it, agreement, opened tiers, credit, history.

History holds the steps and not each message, whose entries nobody reads on a page.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tenon.introductions.models import (
    Introduction,
    IntroductionMessage,
    IntroductionNda,
    IntroductionRead,
)
from tenon.introductions.services.secrecy import TEMPLATE
from tenon.listings.models import ListingGrant
from tools.bench.introductions.chains import Chains
from tools.bench.introductions.drawing import Chance
from tools.bench.introductions.lives import Life
from tools.bench.introductions.loading import Rows
from tools.bench.introductions.sentences import Sentences
from tools.bench.introductions.sizes import Sizes

LONG_THREAD: Final = 200
SHORT_THREAD: Final = 5
_LONG_EVERY: Final = 500
_SHORT_SHARE: Final = 0.1
_LONGEST: Final = 150
_OPENED_SHARE: Final = 0.54
_UNREAD_SHARE: Final = 0.15
_SPOKEN: Final = {
    "propose": ("remark", "broker", "from"),
    "give_back": ("remark", "broker", "from"),
    "ask_back": ("question", "to", "all"),
}
_SPEAKERS: Final = ("from", "to", "from", "to", "from", "to", "from", "to", "broker")


@dataclass(slots=True)
class _Message:
    """A message before it has a key."""

    at: datetime
    life: Life
    kind: str
    speaker: str
    audience: str


class Following:
    """Makes what follows, batch by batch, so that little is held at a time."""

    def __init__(self, sizes: Sizes, chains: Chains, chance: Chance, sentences: Sentences) -> None:
        self._chains, self._chance, self._sentences = chains, chance, sentences
        self._mean = sizes.messages / sizes.introductions / _OPENED_SHARE
        self._last_message = 0

    def tables(self, lives: Sequence[Life]) -> Iterator[tuple[Any, Rows]]:
        """Yield the tables of a batch of introductions, in an order that foreign keys allow."""
        said = sorted(
            (each for life in lives for each in self._thread(life)), key=lambda each: each.at
        )
        for each in said:
            each.life.row["last_message_at"] = each.at
        yield Introduction, (life.row for life in lives)
        keyed = list(enumerate(said, self._last_message + 1))
        self._last_message += len(said)
        yield IntroductionMessage, (self._message(key, each) for key, each in keyed)
        yield IntroductionRead, self._reads(keyed)
        yield IntroductionNda, (self._agreement(life) for life in lives if life.agreement)
        yield ListingGrant, (grant for life in lives for grant in self._grants(life))
        yield from self._chains.tables(lives)

    def _thread(self, life: Life) -> Iterator[_Message]:
        for step, at in life.steps:
            if step in _SPOKEN:
                kind, speaker, audience = _SPOKEN[step]
                yield _Message(at, life, kind, speaker, audience)
        opened = life.row["opened_at"]
        if opened is None:
            return
        until = min(self._chance.now, opened + timedelta(days=120))
        if life.row["state"] == "ended":
            until = life.row["stage_since"]
        for _ in range(self._length()):
            speaker = self._chance.pick(_SPEAKERS)
            if speaker == "broker" and life.row["broker_id"] is None:
                speaker = "from"
            yield _Message(self._chance.between(opened, until), life, "message", speaker, "all")

    def _length(self) -> int:
        draw = self._chance.share()
        if draw < 1 / _LONG_EVERY:
            return LONG_THREAD
        if draw < _SHORT_SHARE:
            return SHORT_THREAD
        return min(_LONGEST, int(-self._mean * math.log(1.0 - self._chance.share())))

    def _message(self, key: int, said: _Message) -> dict[str, Any]:
        row = said.life.row
        return {
            "id": key,
            "introduction_id": row["id"],
            "kind": said.kind,
            "speaker": said.speaker,
            "audience": said.audience,
            "author_id": _author(said),
            "text": self._sentences.passage(row["language"]),
            "at": said.at,
        }

    def _reads(self, keyed: Sequence[tuple[int, _Message]]) -> Rows:
        """Let those concerned have read up to the last message, or up to an earlier one."""
        threads: dict[int, list[tuple[int, _Message]]] = {}
        for key, said in keyed:
            threads.setdefault(said.life.row["id"], []).append((key, said))
        for thread in threads.values():
            row = thread[-1][1].life.row
            people = {row["from_user_id"], row["to_user_id"], row["broker_id"]} - {None}
            for person in sorted(people):
                place = -1
                if self._chance.share() < _UNREAD_SHARE:
                    place = self._chance.below(len(thread))
                key, said = thread[place]
                yield {
                    "introduction_id": row["id"],
                    "user_id": person,
                    "message_id": key,
                    "at": said.at,
                }

    def _agreement(self, life: Life) -> dict[str, Any]:
        row = life.row
        text = "\n".join(
            (f"{TEMPLATE} {row['public_id']}", *(self._sentences.passage("zh") for _ in range(6)))
        )
        made = life.at("accept_with_nda")
        agreed = life.at("agree")
        first = agreed or (made if self._chance.share() < 0.5 else None)
        return {
            "introduction_id": row["id"],
            "template": TEMPLATE,
            "text": text,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "made_at": made,
            "from_confirmed_at": first,
            "from_confirmed_by": row["from_user_id"] if first else None,
            "from_signatory": "样例签署人甲" if first else None,
            "to_confirmed_at": agreed,
            "to_confirmed_by": row["to_user_id"] if agreed else None,
            "to_signatory": "样例签署人乙" if agreed else None,
            "agreed_at": agreed,
        }

    def _grants(self, life: Life) -> Rows:
        row = life.row
        opened = {"introduction": row["opened_at"], "nda": life.at("agree")}
        closed = row["state"] == "ended" and row["end_reason"] != "led_on"
        for tier, at in opened.items():
            if at is None:
                continue
            sides = [(life.listing, row["from_organisation_id"])]
            if life.own is not None:
                sides.append((life.own, row["to_organisation_id"]))
            for listing, other in sides:
                yield {
                    "listing_id": listing.id,
                    "organisation_id": other,
                    "tier": tier,
                    "reason": tier,
                    "origin_kind": "introduction",
                    "origin_id": row["id"],
                    "starts_at": at,
                    "ends_at": row["stage_since"] if closed else None,
                }


def _author(said: _Message) -> int | None:
    row = said.life.row
    if said.speaker == "broker":
        key: int | None = row["broker_id"] or row["proposer_id"]
        return key
    side: int | None = row["from_user_id" if said.speaker == "from" else "to_user_id"]
    return side if side is not None else said.life.listing.author_id

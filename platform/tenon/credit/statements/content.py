"""What a statement says, gathered from the ledger and frozen as plain JSON.

Of things only what everybody may know: a title that is not public is left out, and so is one that
would tell, beside the person's name, whose anonymous need it is. Never writes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import VISITOR
from tenon.credit import things
from tenon.credit.acts import ACTS
from tenon.credit.chains import CHAIN, chain_of, digest_of
from tenon.credit.models import CreditDispute, CreditEntry
from tenon.credit.queries import stands
from tenon.credit.states import DISPUTE
from tenon.history import HistoryEntry
from tenon.history.services import canonical
from tenon.web.languages import SHOWN_ZONE

MOST_ENTRIES = 500  # some three seconds of making the file
_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included, in the zone in which the site showed time when it was issued."""

    since: date
    until: date
    zone: ZoneInfo = SHOWN_ZONE

    def day(self, moment: datetime) -> date:
        """Return the day of a moment."""
        return moment.astimezone(self.zone).date()

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.since <= self.day(moment) <= self.until

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.since, time.min, self.zone)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.until + timedelta(days=1), time.min, self.zone)


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry that stands, with the moment of the act itself.

    Attributes:
        entry: the line.
        done_at: when the act happened; for a line that a settled dispute brought about, the moment
            of the line that was disputed.
    """

    entry: CreditEntry
    done_at: datetime


def standing_entries(session: Session, user_id: int, period: Period) -> list[Standing]:
    """Return a person's standing entries whose act lies in the period, oldest act first."""
    dated = CreditEntry.at < period.end
    settled = CreditEntry.origin_kind == DISPUTE.kind
    entries = session.scalars(
        sa.select(CreditEntry)
        .where(
            CreditEntry.user_id == user_id,
            stands(),
            CreditEntry.at >= period.start,
            sa.or_(dated, settled),
        )
        .order_by(CreditEntry.at, CreditEntry.id)
    ).all()
    moments = _moments_of_acts(session, entries)
    found = [Standing(entry, moments[entry.id]) for entry in entries]
    return sorted(
        (each for each in found if period.holds(each.done_at)),
        key=lambda each: (each.done_at, each.entry.id),
    )


def _moments_of_acts(session: Session, entries: Sequence[CreditEntry]) -> dict[int, datetime]:
    """Return entry -> when its act happened, following disputes back to the first line."""
    moments = {entry.id: entry.at for entry in entries}
    asked = {entry.id: entry.origin_id for entry in entries if entry.origin_kind == DISPUTE.kind}
    while asked:
        disputed = {
            dispute.public_id: dispute.entry
            for dispute in _disputes(session, {str(origin) for origin in asked.values()})
        }
        further = {}
        for key, origin in asked.items():
            before = disputed.get(str(origin))
            if before is None:
                continue
            moments[key] = before.at
            if before.origin_kind == DISPUTE.kind:
                further[key] = before.origin_id
        asked = further
    return moments


def _disputes(session: Session, public_ids: Collection[str]) -> list[CreditDispute]:
    ids = sorted(public_ids)
    return [
        dispute
        for start in range(0, len(ids), _AT_A_TIME)
        for dispute in session.scalars(
            sa.select(CreditDispute).where(
                CreditDispute.public_id.in_(ids[start : start + _AT_A_TIME])
            )
        )
    ]


def disputed_now(session: Session, entry_ids: Sequence[str]) -> set[str]:
    """Return those of these entries (public ids) over which a dispute is open."""
    found: set[str] = set()
    for start in range(0, len(entry_ids), _AT_A_TIME):
        found |= set(
            session.scalars(
                sa.select(CreditEntry.public_id)
                .join(CreditDispute, CreditDispute.entry_id == CreditEntry.id)
                .where(
                    CreditDispute.state == "open",
                    CreditEntry.public_id.in_(entry_ids[start : start + _AT_A_TIME]),
                )
            )
        )
    return found


def gather(
    session: Session, user: User, found: Sequence[Standing], period: Period
) -> dict[str, Any]:
    """Return what the ledger says of a person: entries, totals by act, and the ledger's head."""
    heads, own = _proofs(session, [each.entry for each in found])
    disputed = disputed_now(session, [each.entry.public_id for each in found])
    titles = _public_titles(session, user, [each.entry for each in found])
    entries = [
        {
            "id": each.entry.public_id,
            "act": each.entry.act,
            "kind": each.entry.thing_kind,
            "title": titles.get(each.entry.id),
            "day": period.day(each.done_at).isoformat(),
            "disputed": each.entry.public_id in disputed,
            "settled": each.entry.origin_kind == DISPUTE.kind,
            "hash": own[each.entry.id],
        }
        for each in found
    ]
    return {
        "person": digest_of(user),
        "name": digest_of_name(user.salt, user.name),
        "entries": entries,
        "totals": {act: sum(each["act"] == act for each in entries) for act in ACTS},
        "disputed": len(disputed),
        "ledger": _digest_of_heads(heads),
    }


def _public_titles(
    session: Session, user: User, entries: Sequence[CreditEntry]
) -> dict[int, Mapping[str, str]]:
    """Return entry -> its thing's title in both languages, where everybody may read it here.

    The title of an anonymous need beside the name of somebody who works or worked for the firm,
    or who was credited for it, would tell whose need it is.
    """
    own = {membership.organisation_id for membership in user.memberships}
    known = things.describe(
        session, [(entry.thing_kind, entry.thing_id) for entry in entries], VISITOR
    )
    found: dict[int, Mapping[str, str]] = {}
    for entry in entries:
        thing = known.get((entry.thing_kind, entry.thing_id))
        if thing is not None and not thing.withheld & (own | {entry.organisation_id}):
            found[entry.id] = {"zh": thing.title_zh, "en": thing.title_en}
    return found


def _proofs(
    session: Session, entries: Sequence[CreditEntry]
) -> tuple[dict[str, tuple[int, str]], dict[int, str]]:
    """Return the present head of every chain concerned, and entry -> the hash of its own line."""
    places = {chain_of((e.thing_kind, e.thing_id))[1]: None for e in entries}
    names = list(places)
    heads: dict[str, tuple[int, str]] = {}
    hashes: dict[tuple[str, int], str] = {}
    for start in range(0, len(names), _AT_A_TIME):
        rows = session.execute(
            sa.select(HistoryEntry.chain_id, HistoryEntry.sequence, HistoryEntry.hash)
            .where(
                HistoryEntry.chain_kind == CHAIN,
                HistoryEntry.chain_id.in_(names[start : start + _AT_A_TIME]),
            )
            .order_by(HistoryEntry.sequence)
        )
        for chain, sequence, digest in rows:
            heads[chain] = (sequence, digest)
            hashes[chain, sequence] = digest
    own = {e.id: hashes[chain_of((e.thing_kind, e.thing_id))[1], e.sequence] for e in entries}
    return heads, own


def _digest_of_heads(heads: Mapping[str, tuple[int, str]]) -> str:
    """Return one hash over the heads of all chains concerned, whatever order they come in."""
    lines = [f"{CHAIN}/{name} {sequence} {digest}" for name, (sequence, digest) in heads.items()]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def digest_of_name(salt: str, name: str) -> str:
    """Return the salted digest that stands for the name on the paper."""
    return hmac.new(salt.encode(), f"name:{name}".encode(), hashlib.sha256).hexdigest()


def hash_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, of a statement's content in its one canonical form."""
    text = json.dumps(canonical(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

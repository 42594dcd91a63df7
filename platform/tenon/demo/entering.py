"""Results and needs of the demo come in over a year and a half, and their owners renew them.

Each lies before whatever hangs on it. On which day one comes in follows from its name in the set,
so that every loading spreads them alike. Through the same import as everybody's, a day at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.errors import Rejected
from ingest.records import AchievementRecord, Kind, NeedRecord
from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import SYSTEM
from tenon.credit.services import Act, record_first_acts
from tenon.demo import deals, introductions
from tenon.demo.people import SOURCE, house
from tenon.demo.searches import Searches
from tenon.listings.importing.files import open_file
from tenon.listings.importing.intake import Intake
from tenon.listings.importing.sink import DatabaseSink
from tenon.listings.models import Listing
from tenon.listings.services import renew
from tenon.network.queries.people import own_station
from tenon.routing.services import collect, reply

Record = AchievementRecord | NeedRecord

KINDS: tuple[Kind, ...] = ("achievements", "needs")
SPREAD = 540
"""Days over which they come in; the later, the more."""

GROWTH = 1.3
LEAD = 21
"""Days that a listing lies before what first hangs on it, at least."""

BEFORE_THE_END = timedelta(days=10)
"""So long before a term ends owners renew."""

ANSWERED_FOR = timedelta(days=420)
"""Since then the network keeps count of which needs were answered when."""

ANSWERS = (1, 2, 2, 3, 4, 1, 9, 2, 3, 1)
"""Days until a firm has its answer; some wait too long."""

ANSWER = "已收到并登记，正在全库比对合适的成果，有结果会安排双方先通一次电话。"

PACE = 10
"""What comes in within so many days comes in on one of them."""

FRIDAY = 4


def enter_listings(
    session: Session,
    people: Mapping[str, User],
    collectors: Mapping[str, Sequence[str]],
    *,
    folder: Path,
    now: datetime,
    listing_days: int,
) -> None:
    """Import what the set's files in ``folder`` hold, each on its day, oldest first.

    ``collectors`` holds role of the demo -> external ids of the houses whose listings that broker
    brought in. People's saved searches find what comes in after them.
    """
    searches = Searches(session, people, now=now)
    brought = {
        house(session, name).id: people[role] for role in collectors for name in collectors[role]
    }
    for age, records in sorted(days_of(folder).items(), reverse=True):
        at = _weekday(now - timedelta(days=age))
        entered = _import(session, records, now=at, listing_days=listing_days)
        _credit(session, entered, brought, now=at)
        for each in entered:
            if each.side == "need" and each.organisation_id in brought:
                _answer(session, each, brought[each.organisation_id], came=at, now=now)
            _renew(session, each, until=now, listing_days=listing_days)
        searches.look(entered, now=at)


def days_of(folder: Path) -> dict[int, list[Record]]:
    """Return how many days ago -> the records that came in then."""
    records = sorted(_records(folder), key=_draw)
    first: dict[str, int] = {}
    for name, days in (*deals.listings_since().items(), *introductions.listings_since().items()):
        first[name] = max(first.get(name, 0), days)
    found: dict[int, list[Record]] = {}
    for place, record in enumerate(records):
        age = SPREAD * ((place + 0.5) / len(records)) ** GROWTH
        if record.external_id in first:
            age = max(age, first[record.external_id] + LEAD)
        turn = int(age) // PACE
        found.setdefault(turn * PACE + 1 + 3 * turn % 8, []).append(record)
    return found


def _records(folder: Path) -> Iterator[Record]:
    for kind in KINDS:
        for path in sorted(folder.glob(f"?_{kind}.jsonl")):
            for each in open_file(path, kind=kind, source=SOURCE).rows():
                if isinstance(each, Rejected) or not isinstance(each, Record):
                    raise ValueError(f"the demo set is at fault: {path.name}: {each}")
                yield each


def _draw(record: Record) -> str:
    return _drawn(record.external_id)


def _drawn(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def _weekday(at: datetime) -> datetime:
    """Return the moment, or the same hour of the Friday before where it is a weekend."""
    return at - timedelta(days=max(0, at.weekday() - FRIDAY))


def _import(
    session: Session, records: Sequence[Record], *, now: datetime, listing_days: int
) -> Sequence[Listing]:
    sink = DatabaseSink(
        session, Intake(by=SYSTEM, now=now, publish=True, listing_days=listing_days)
    )
    sink.begin("achievements", SOURCE, write=True)
    wrong = [each for each in sink.take(records) if each.errors]
    if wrong:
        raise ValueError(f"the demo set is at fault: {wrong[:3]}")
    sink.finish()
    names = [each.external_id for each in records]
    return session.scalars(
        sa.select(Listing)
        .where(Listing.source == SOURCE, Listing.external_id.in_(names))
        .order_by(Listing.id)
    ).all()


def _credit(
    session: Session, entered: Sequence[Listing], brought: Mapping[int, User], *, now: datetime
) -> None:
    """Credit the brokers who look after the houses with what they collected."""
    acts: dict[int, list[Act]] = {}
    persons = {user.id: user for user in brought.values()}
    for each in entered:
        if each.organisation_id in brought:
            act = Act(
                thing=("listing", each.public_id),
                organisation_id=None,
                concerned=(each.organisation_id,),
            )
            acts.setdefault(brought[each.organisation_id].id, []).append(act)
    for key, found in acts.items():
        person = persons[key]
        record_first_acts(
            session, found, act="collected", person=person, by=actor_of(person), now=now
        )


def _answer(
    session: Session, need: Listing, broker: User, *, came: datetime, now: datetime
) -> None:
    """Let a need lie at the broker's place until the firm has its answer, some days later."""
    place = own_station(session, broker.id)
    if place is None or now - came > ANSWERED_FOR:
        return
    by = actor_of(broker)
    case = collect(session, need, station_id=place, by=by, now=came)
    then = came + timedelta(days=ANSWERS[int(_drawn(need.external_id or ""), 16) % len(ANSWERS)])
    if then < now:
        reply(session, case, text=ANSWER, by=by, now=then)


def _renew(session: Session, listing: Listing, *, until: datetime, listing_days: int) -> None:
    """Let the owner renew what would have expired, some days before."""
    end = listing.expires_at
    while end is not None and end - BEFORE_THE_END <= until:
        at = end - BEFORE_THE_END
        renew(session, listing, by=SYSTEM, now=at, listing_days=listing_days)
        end = listing.expires_at

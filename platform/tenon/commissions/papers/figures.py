"""What a broker's year comes to: counts from the ledger of credit, values, commission, by currency.

Plain JSON, as it is frozen on paper. Currencies stand side by side and are never added. Reads only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.commissions.models import Part, Payout, Receiver
from tenon.compliance.days import site_zone
from tenon.credit.acts import ACTS
from tenon.credit.models import CreditEntry
from tenon.credit.statements.content import Period, standing_entries
from tenon.deals.models import Deal
from tenon.listings.models import Listing
from tenon.network.models import BrokerProfile, Station, StationMember

_AT_A_TIME = 500


def period_of(year: int, *, until: date | None = None) -> Period:
    """Return the days of a year in the site's zone, up to a day where told."""
    last = date(year, 12, 31)
    return Period(date(year, 1, 1), last if until is None else min(last, until), site_zone())


def year_figures(session: Session, user: User, period: Period) -> dict[str, Any]:
    """Return a person's figures for a period of days.

    ``acts``: act -> standing entries; ``needs``: how many needs among those collected;
    ``closed``: currency -> [deals, contract value in minor units or None where no value is
    known yet]; ``due``, ``received``, ``announced``: currency -> minor units of commission that
    became theirs, that came to them as they confirmed, that payers say they paid them; ``others``:
    [whose it is, in both languages, with the same three] of what goes to an organisation or place
    of theirs for their part; ``certificate``; ``places``.
    """
    accounts = _accounts(session, user, period)
    entries = [each.entry for each in standing_entries(session, user.id, period)]
    return {
        "acts": {act: sum(each.act == act for each in entries) for act in ACTS},
        "needs": _needs(session, entries),
        "closed": _closed(session, entries),
        **accounts.pop((None, None), _nothing()),
        "others": [{**_names(session, where), **sums} for where, sums in accounts.items()],
        "certificate": _certificate(session, user),
        "places": _places(session, user, period),
    }


def _ids(entries: Sequence[CreditEntry], act: str, kind: str) -> list[str]:
    return sorted({each.thing_id for each in entries if (each.act, each.thing_kind) == (act, kind)})


def _needs(session: Session, entries: Sequence[CreditEntry]) -> int:
    ids = _ids(entries, "collected", "listing")
    return sum(
        session.scalar(
            sa.select(sa.func.count(Listing.id)).where(
                Listing.public_id.in_(ids[start : start + _AT_A_TIME]), Listing.side == "need"
            )
        )
        or 0
        for start in range(0, len(ids), _AT_A_TIME)
    )


def _closed(session: Session, entries: Sequence[CreditEntry]) -> dict[str, list[int]]:
    """Return currency -> [deals, their contract value in minor units]."""
    ids = _ids(entries, "closed", "deal")
    found: dict[str, list[int]] = {}
    for start in range(0, len(ids), _AT_A_TIME):
        rows = session.execute(
            sa.select(Deal.currency, sa.func.count(Deal.id), sa.func.sum(Deal.value_minor))
            .where(Deal.public_id.in_(ids[start : start + _AT_A_TIME]))
            .group_by(Deal.currency)
        )
        for currency, number, minor in rows:
            sums = found.setdefault(currency, [0, 0])
            sums[0] += int(number)
            sums[1] += int(minor or 0)
    return dict(sorted(found.items()))


Where = tuple[int | None, int | None]
"""The organisation or place to which a part goes; neither where it goes to the person."""

_WORDS = {"received": "received", "paid": "announced", "contested": "announced"}


def _nothing() -> dict[str, dict[str, int]]:
    return {"due": {}, "received": {}, "announced": {}}


def _accounts(
    session: Session, user: User, period: Period
) -> dict[Where, dict[str, dict[str, int]]]:
    """Return whose accounts -> due, received, announced -> currency -> minor units in a period."""
    where = (Receiver.organisation_id, Receiver.station_id)
    due = (
        sa.select(*where, sa.literal("due"), Part.currency, sa.func.sum(Part.minor))
        .join(Receiver, Receiver.id == Part.receiver_id)
        .where(Receiver.user_id == user.id, Part.on.between(period.since, period.until))
        .group_by(*where, Part.currency)
    )
    paid = (
        sa.select(*where, Payout.state, Payout.currency, sa.func.sum(Payout.minor))
        .join(Receiver, Receiver.id == Payout.receiver_id)
        .where(
            Receiver.user_id == user.id,
            Payout.state.in_(list(_WORDS)),
            Payout.paid_on.between(period.since, period.until),
        )
        .group_by(*where, Payout.state, Payout.currency)
    )
    found: dict[Where, dict[str, dict[str, int]]] = {}
    for house, place, what, currency, minor in [*session.execute(due), *session.execute(paid)]:
        sums = found.setdefault((house, place), _nothing())[_WORDS.get(what, "due")]
        sums[currency] = sums.get(currency, 0) + int(minor)
    ordered = sorted(found.items(), key=lambda each: (each[0][0] or 0, each[0][1] or 0))
    return {key: told for key, sums in ordered if any((told := _told(sums)).values())}


def _told(sums: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Return sums by currency in order, without those that came to nothing."""
    return {
        what: {currency: minor for currency, minor in sorted(each.items()) if minor}
        for what, each in sums.items()
    }


def _names(session: Session, where: Where) -> dict[str, str]:
    house, place = where
    found = (
        session.get_one(Organisation, house)
        if house is not None
        else session.get_one(Station, place)
    )
    return {"zh": found.name("zh"), "en": found.name("en")}


def _certificate(session: Session, user: User) -> dict[str, Any] | None:
    """Return what the network knows of their training: kind, number, last day."""
    profile = session.get(BrokerProfile, user.id)
    if profile is None or profile.certificate is None:
        return None
    until = profile.certified_until
    return {
        "kind": profile.certificate,
        "number": profile.certificate_number,
        "until": None if until is None else until.isoformat(),
    }


def _places(session: Session, user: User, period: Period) -> list[dict[str, str]]:
    """Return the places of the network where they worked in the period, in both languages."""
    rows = session.scalars(
        sa.select(Station)
        .join(StationMember, StationMember.station_id == Station.id)
        .where(
            StationMember.user_id == user.id,
            StationMember.since <= period.until,
            sa.or_(StationMember.until.is_(None), StationMember.until >= period.since),
        )
        .order_by(StationMember.since, Station.id)
    ).unique()
    found = {each.id: {"zh": each.name("zh"), "en": each.name("en")} for each in rows}
    return list(found.values())

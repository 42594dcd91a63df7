"""Who works where: brokers only, added and ended from above; profiles, absences, certificates."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts import personal_data
from tenon.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from tenon.history import HistoryEntry
from tenon.network.clocks import today
from tenon.network.models import PortfolioFirm, StationMember
from tenon.network.queries import people
from tenon.network.services import absence, profiles, staffing, watching
from tenon.network.services.profiles import Skills
from tenon.notices.models import Notice
from tests.network.cast import ROLES, Cast, firm

ADDS: dict[str, type[DomainError] | None] = {
    "operator": None,
    "top": None,
    "head": None,
    "chief": None,
    "broker": Forbidden,
}


@pytest.mark.parametrize("role", ROLES)
def test_who_adds_a_broker_to_a_station(
    session: Session, cast: Cast, now: datetime, role: str
) -> None:
    by, place = cast.actor(role), cast.tree.station
    refused = ADDS.get(role, NotFound)
    if refused is None:
        staffing.add_member(session, place, cast.loose, role="broker", by=by, now=now)
        assert place.id in cast.actor("loose").stations
    else:
        with pytest.raises(refused):
            staffing.add_member(session, place, cast.loose, role="broker", by=by, now=now)


def test_a_head_is_named_and_ended_from_above(session: Session, cast: Cast, now: datetime) -> None:
    place, chief = cast.tree.station, cast.actor("chief")
    with pytest.raises(Forbidden):
        staffing.add_member(session, place, cast.loose, role="head", by=chief, now=now)
    own = people.places_of(session, cast.chief.id)[0]
    with pytest.raises(Forbidden):
        staffing.end_member(session, own, by=chief, now=now)
    staffing.change_role(session, own, role="broker", by=cast.actor("head"), now=now)
    with pytest.raises(Forbidden):
        staffing.change_role(session, own, role="head", by=cast.actor("chief"), now=now)


def test_only_brokers_work_there_and_each_once(session: Session, cast: Cast, now: datetime) -> None:
    place, by = cast.tree.station, cast.actor("head")
    for person, code in ((cast.reader, "not_a_broker"), (cast.broker, "already_here")):
        with pytest.raises(Invalid) as refused:
            staffing.add_member(session, place, person, role="broker", by=by, now=now)
        assert refused.value.fields == {"person": code}
    later = today(now) + timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        staffing.add_member(session, place, cast.loose, role="liaison", since=later, by=by, now=now)
    assert refused.value.fields == {"since": "in_the_future"}


def test_an_end_is_written_and_takes_sight_away(
    session: Session, cast: Cast, now: datetime
) -> None:
    member = people.places_of(session, cast.broker.id)[0]
    by = cast.actor("chief")
    staffing.end_member(session, member, by=by, now=now)
    assert cast.actor("broker").stations == frozenset()
    assert member.until == today(now)
    with pytest.raises(Conflict):
        staffing.end_member(session, member, by=by, now=now)
    entry = session.scalars(
        sa.select(HistoryEntry).where(HistoryEntry.kind == "member_ended")
    ).one()
    assert entry.facts.keys() == {"role", "person"}
    assert len(entry.facts["person"]) == 64  # a digest, not a name
    staffing.add_member(session, cast.tree.station, cast.broker, role="broker", by=by, now=now)
    told = session.scalars(sa.select(Notice).where(Notice.user_id == cast.broker.id)).all()
    assert [each.kind for each in told] == ["network_placed"]


SKILLS = Skills(
    languages=("en", "zh"),
    fields=(("hitech", "1"), ("ipc", "H01")),
    regions=("420100",),
    most_firms=40,
    certificate="manager",
    number="2026-001",
    until=date(2027, 1, 10),
)


@pytest.mark.parametrize("role", ROLES)
def test_who_writes_a_brokers_profile(
    session: Session, cast: Cast, now: datetime, role: str
) -> None:
    by = cast.actor(role)
    if role in ("operator", "top", "head", "chief", "broker"):
        profiles.save_profile(session, cast.broker, SKILLS, by=by, now=now)
        assert people.fields_of(session, cast.broker.id) == [("hitech", "1"), ("ipc", "H01")]
        assert people.regions_of(session, cast.broker.id) == ["420100"]
    else:
        with pytest.raises(NotFound):
            profiles.save_profile(session, cast.broker, SKILLS, by=by, now=now)


def test_a_profile_is_checked(session: Session, cast: Cast, now: datetime) -> None:
    wrong = Skills(
        languages=("fr",), fields=(("ipc", "Z99"),), regions=("1",), most_firms=-1, number="7"
    )
    with pytest.raises(Invalid) as refused:
        profiles.save_profile(session, cast.broker, wrong, by=cast.actor("broker"), now=now)
    assert refused.value.fields == {
        "languages": "unknown_code",
        "fields": "unknown_code",
        "regions": "unknown_code",
        "most_firms": "out_of_range",
        "certificate": "required",
    }


def kinds_told(session: Session, user_id: int) -> list[str]:
    return list(
        session.scalars(sa.select(Notice.kind).where(Notice.user_id == user_id).order_by(Notice.id))
    )


def test_an_expiry_is_told_60_and_14_days_before_once_each(
    session: Session, cast: Cast, now: datetime
) -> None:
    by = cast.actor("broker")
    profiles.save_profile(session, cast.broker, SKILLS, by=by, now=now)
    end = datetime(2027, 1, 10, 4, tzinfo=now.tzinfo)
    told = [
        (left, watching.alert_expiring(session, now=end - timedelta(days=left)))
        for left in (61, 60, 59, 15, 14, 13, 0, -1)
    ]
    assert [left for left, number in told if number] == [60, 14]
    assert kinds_told(session, cast.broker.id) == ["network_certificate"] * 2
    assert kinds_told(session, cast.chief.id) == ["network_certificate_of"]
    renewed = Skills(certificate="manager", number="2", until=date(2027, 6, 1))
    profiles.save_profile(session, cast.broker, renewed, by=by, now=now)
    assert watching.alert_expiring(session, now=datetime(2027, 5, 20, tzinfo=now.tzinfo)) == 1


def test_absences_do_not_overlap_and_name_a_broker_who_is_here(
    session: Session, cast: Cast, now: datetime
) -> None:
    by = cast.actor("broker")
    first, last = today(now), today(now) + timedelta(days=4)

    def away(
        user: str = "broker", deputy: str | None = None, *, since: date = first, until: date = last
    ) -> None:
        absence.add_absence(
            session,
            getattr(cast, user),
            deputy=None if deputy is None else getattr(cast, deputy),
            by=cast.actor(user),
            now=now,
            first_day=since,
            last_day=until,
        )

    for deputy in ("broker", "reader"):
        with pytest.raises(Invalid) as refused:
            away(deputy=deputy)
        assert refused.value.fields == {"deputy": "unknown_code"}
    away(deputy="colleague")
    for kind, since, until in (
        ("away_already", last, last),
        ("days_reversed", first, first - timedelta(days=1)),
        ("in_the_past", date(2026, 1, 1), date(2026, 1, 2)),
    ):
        with pytest.raises(Invalid) as refused:
            away(since=since, until=until)
        assert refused.value.fields == {"last_day": kind}
    with pytest.raises(Invalid) as refused:
        away("sibling", deputy="broker")
    assert refused.value.fields == {"deputy": "away_too"}
    found = people.away_on(session, [cast.broker.id, cast.far.id], last)
    assert {key: each.deputy_id for key, each in found.items()} == {
        cast.broker.id: cast.colleague.id
    }
    assert people.stands_in_for(session, cast.colleague.id, first) == {cast.broker.id}
    assert kinds_told(session, cast.colleague.id) == ["network_deputy"]
    row = found[cast.broker.id]
    with pytest.raises(NotFound):
        absence.cancel_absence(session, row, by=cast.actor("sibling"), now=now)
    absence.cancel_absence(session, row, by=by, now=now)
    assert people.away_on(session, [cast.broker.id], last) == {}


def test_erasure_leaves_the_places_and_frees_the_firms(
    session: Session, cast: Cast, now: datetime
) -> None:
    house = firm(session)
    session.add(PortfolioFirm(organisation_id=house.id, broker_id=cast.broker.id, since=now))
    profiles.save_profile(session, cast.broker, SKILLS, by=cast.actor("broker"), now=now)
    held = personal_data.collect(session, cast.broker)["network"]
    assert held["firms"][0]["organisation"] == house.public_id
    assert held["profile"]["certificate_number"] == "2026-001"
    personal_data.erase(session, cast.broker, now)
    session.expire_all()
    held = personal_data.collect(session, cast.broker)["network"]
    assert not any(held.values())
    assert session.scalar(sa.select(sa.func.count()).select_from(StationMember)) == 6

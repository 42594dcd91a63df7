"""What the room holds about a person is shown to them, and goes with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from tenon.insight.measures.recording import record_staff
from tenon.insight.models import Target, TargetVersion
from tenon.insight.personal import collect, erase
from tenon.insight.targets.setting import set_target
from tests.factories.accounts import actor_for, grant_role, make_user
from tests.factories.network import make_station, make_station_member
from tests.insight.going_on import at
from tests.insight.test_targets import EVENTS, NOW


def test_a_target_of_ones_own_is_shown_and_withdrawn_at_the_end(session: Session) -> None:
    """A broker reads of their target and work; erased, neither target nor version names them."""
    person = grant_role(session, make_user(session), "operator")
    make_station_member(session, make_station(session), person, since=date(2026, 1, 1))
    record_staff(session, now=at(date(2026, 1, 2)))
    said = replace(EVENTS, scope="broker", broker_id=person.id)
    target = set_target(session, said, by=actor_for(person), now=NOW)
    told = collect(session, person)
    assert [each["value"] for each in told["targets"]] == [300]
    assert len(told["target_versions_written"]) == len(told["work_on_record"]) == 1
    erase(session, person, NOW)
    session.expire_all()
    assert session.get_one(Target, target.id).withdrawn_at is not None
    assert session.get_one(Target, target.id).broker_id is None
    assert session.get_one(TargetVersion, (target.id, 1)).by_id is None
    assert collect(session, person)["targets"] == []

"""Targets set, changed, imported; how far they are on any day; who may know what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import SYSTEM, VISITOR, Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.insight import measures
from tenon.insight.models import Target, TargetVersion
from tenon.insight.permissions import may_see, sees_inside, visible_to
from tenon.insight.targets import importing, setting
from tenon.insight.targets.progress import progress, progress_of_many
from tenon.insight.targets.queries import find_target, tree
from tenon.insight.targets.saying import Said, span_of
from tenon.listings.states import LISTING
from tenon.network.files import Line
from tenon.network.models import CalendarDay, StationMember
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.listings import make_need
from tests.factories.network import Tree, make_station_member, make_tree
from tests.insight.going_on import at, stage

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
EVENTS = Said(
    measure="events_held",
    value=300,
    period="year",
    first=date(2026, 1, 1),
    last=date(2026, 12, 31),
    source_document="示例市科技成果转化行动方案",
    source_paragraph="二（四）",
    source_sentence="每年组织 300 场以上科技成果转化对接活动。",
    public=True,
)


@pytest.fixture
def operator(session: Session) -> Actor:
    """Who sets targets."""
    return actor_for(grant_role(session, make_user(session), "operator"))


def test_versions_stay_and_a_past_day_knows_its_own(session: Session, operator: Actor) -> None:
    """300 in March, 320 from June on: as of April it was 300; both stand on record."""
    target = setting.set_target(session, EVENTS, by=operator, now=NOW)
    later = replace(EVENTS, value=320)
    setting.change_target(session, target, later, by=operator, now=NOW + timedelta(days=100))
    then = progress(session, target, day=date(2026, 4, 1), past=True)
    now = progress(session, target, day=date(2026, 7, 1), past=True)
    assert (then.value, now.value) == (300, 320)
    numbers = session.scalars(sa.select(TargetVersion.value).order_by(TargetVersion.number)).all()
    assert list(numbers) == [300, 320]


def test_one_of_a_kind_and_who_comes_second_is_told(session: Session, operator: Actor) -> None:
    """A second target for the same is refused; so is a change of what somebody else changed."""
    target = setting.set_target(session, EVENTS, by=operator, now=NOW)
    with pytest.raises(Conflict, match="target_exists"):
        setting.set_target(session, EVENTS, by=operator, now=NOW)
    seen = target.version
    setting.change_target(session, target, replace(EVENTS, value=310), by=operator, now=NOW)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        setting.change_target(
            session, target, replace(EVENTS, value=320), by=operator, now=NOW, expected_version=seen
        )
    setting.withdraw_target(session, target, by=operator, now=NOW, expected_version=None)
    setting.set_target(session, EVENTS, by=operator, now=NOW)
    with pytest.raises(Conflict, match="withdrawn"):
        setting.withdraw_target(session, target, by=operator, now=NOW, expected_version=None)


@pytest.mark.parametrize(
    ("wrong", "at_field"),
    [
        ({"measure": "luck"}, "measure"),
        ({"value": 0}, "value"),
        ({"measure": "contract_value"}, "currency"),
        ({"measure": "local_conversion", "value": 100_01}, "value"),
        ({"last": date(2025, 1, 1)}, "last"),
        ({"scope": "field"}, "scope"),
        ({"scope": "region"}, "region"),
        ({"scope": "station", "station_id": 10**6}, "station"),
        ({"scope": "broker", "broker_id": 10**6}, "broker"),
        ({"source_document": "x" * 301}, "source_document"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    session: Session, operator: Actor, wrong: dict[str, Any], at_field: str
) -> None:
    """Each fault by itself."""
    with pytest.raises(Invalid) as caught:
        setting.set_target(session, replace(EVENTS, **wrong), by=operator, now=NOW)
    assert at_field in caught.value.fields


def test_only_operators_set_targets(session: Session) -> None:
    """Brokers, editors and visitors do not."""
    broker = actor_for(grant_role(session, make_user(session), "broker"))
    for who in (broker, VISITOR):
        with pytest.raises(Forbidden):
            setting.set_target(session, EVENTS, by=who, now=NOW)


def test_periods() -> None:
    """Years, quarters and months by number; other days as given."""
    none: dict[str, Any] = {"first": None, "last": None}
    assert span_of("quarter", year=2026, part=4, **none) == (date(2026, 10, 1), date(2026, 12, 31))
    assert span_of("month", year=2028, part=2, **none) == (date(2028, 2, 1), date(2028, 2, 29))
    with pytest.raises(Invalid, match="part"):
        span_of("month", year=2026, part=13, **none)
    with pytest.raises(Invalid, match="last"):
        span_of("span", year=None, part=None, first=date(2026, 2, 1), last=date(2026, 1, 1))


def test_holidays_count_out_of_what_is_expected(session: Session, operator: Actor) -> None:
    """A week of holidays in January leaves less to be expected by its end."""
    target = setting.set_target(session, EVENTS, by=operator, now=NOW - timedelta(days=90))
    before = progress(session, target, day=date(2026, 1, 31))
    for day in range(5, 10):
        session.add(
            CalendarDay(day=date(2026, 1, day), kind="holiday", name_zh="节", name_en="Feast")
        )
    session.flush()
    after = progress(session, target, day=date(2026, 1, 31))
    assert before.passed - after.passed == 5
    assert (before.expected or 0) > (after.expected or 0)
    assert after.verdict.code == "behind"


def test_progress_counts_what_the_target_is_about(session: Session, operator: Actor) -> None:
    """Of two places each has its own contract; the node above has both; the list says the same."""
    one, other = stage(session, date(2026, 2, 3)), stage(session, date(2026, 2, 4))
    base = replace(EVENTS, measure="deals_signed", value=4, scope="station", public=False)
    mine = setting.set_target(
        session, replace(base, station_id=one.station.id), by=operator, now=NOW
    )
    whole = setting.set_target(
        session, replace(base, scope="site", station_id=None), by=operator, now=NOW
    )
    money = replace(
        EVENTS, measure="contract_value", currency="CNY", value=40_000_000, scope="broker",
        broker_id=other.broker.id, public=False,
    )  # fmt: skip
    paid = setting.set_target(session, money, by=operator, now=NOW)
    day = date(2026, 3, 2)
    single = [progress(session, each, day=day) for each in (mine, whole, paid)]
    assert [each.reached for each in single] == [1, 2, 10_000_000]
    many = progress_of_many(session, [mine, whole, paid], day=day)
    assert [(e.reached, e.verdict) for e in many] == [(e.reached, e.verdict) for e in single]
    assert progress(session, mine, day=date(2026, 2, 1), past=True).reached == 0


def test_last_years_shape_is_shown_where_there_was_a_year(
    session: Session, operator: Actor
) -> None:
    """Twelve needs of last year, all in its first quarter: by April all of the target is due."""
    for number in range(12):
        LISTING.move(
            make_need(session), "submit", by=SYSTEM, now=at(date(2025, 1, 6 + 7 * (number % 10)))
            if number < 3 else at(date(2025, 2, 3)),
        )  # fmt: skip
    needs = replace(EVENTS, measure="needs_collected", value=24)
    target = setting.set_target(session, needs, by=operator, now=NOW)
    assert progress(session, target, day=date(2026, 4, 1)).expected_by_season == 24
    assert (progress(session, target, day=date(2026, 1, 12)).expected_by_season or 0) < 12
    events = setting.set_target(session, EVENTS, by=operator, now=NOW)
    assert progress(session, events, day=date(2026, 4, 1)).expected_by_season is None


def test_a_list_asks_no_more_for_thirty_places_than_for_one(
    session: Session, operator: Actor
) -> None:
    """Targets of places share their statements."""
    grown = make_tree(session)
    base = replace(EVENTS, measure="needs_collected", scope="station")
    places = [grown.station, grown.sibling, grown.far, grown.node, grown.other_node, grown.centre]
    rows = [
        setting.set_target(session, replace(base, station_id=each.id), by=operator, now=NOW)
        for each in places
    ]

    def asked(some: list[Target]) -> int:
        sent: list[object] = []
        bind = session.get_bind()
        listener = lambda *args: sent.append(args[2])  # noqa: E731
        sa.event.listen(bind, "before_cursor_execute", listener)
        try:
            progress_of_many(session, some, day=date(2026, 3, 2))
        finally:
            sa.event.remove(bind, "before_cursor_execute", listener)
        return len(sent)

    assert asked(rows[:1]) == asked(rows) <= 4


class TestWhoSees:
    """A target of a place: operators and the place's own; siblings not even that it is there."""

    @pytest.fixture
    def grown(self, session: Session) -> Tree:
        """A network of three levels."""
        return make_tree(session)

    def test_by_place(self, session: Session, operator: Actor, grown: Tree) -> None:
        """The node's head sees the station's, the sibling's broker does not; 404, not 403."""
        said = replace(EVENTS, scope="station", station_id=grown.station.id, public=False)
        target = setting.set_target(session, said, by=operator, now=NOW)
        above = actor_for(make_station_member(session, grown.node, role="head"))
        here = actor_for(make_station_member(session, grown.station))
        beside = actor_for(make_station_member(session, grown.sibling))
        far = actor_for(make_station_member(session, grown.far))
        nobody = actor_for(make_user(session))
        for who in (operator, above, here):
            assert find_target(session, target.public_id, by=who) is target
            assert sees_inside(who, target)
        for who in (beside, far, nobody, VISITOR):
            with pytest.raises(NotFound):
                find_target(session, target.public_id, by=who)
        for who in (operator, above, here, beside, far, nobody, VISITOR):
            listed = session.scalar(sa.select(sa.func.count(Target.id)).where(visible_to(who)))
            assert bool(listed) == may_see(who, target)

    def test_of_one_broker(self, session: Session, operator: Actor, grown: Tree) -> None:
        """They themselves and who sees their place: head and node; not a sibling's head.

        Once the broker works elsewhere it is that place's, and of who works nowhere nobody's.
        """
        broker = make_station_member(session, grown.station)
        said = replace(EVENTS, scope="broker", broker_id=broker.id, public=False)
        target = setting.set_target(session, said, by=operator, now=NOW)
        own = actor_for(broker)
        head, above, beside, far = (
            actor_for(make_station_member(session, place, role="head"))
            for place in (grown.station, grown.node, grown.sibling, grown.far)
        )
        outside = actor_for(grant_role(session, make_user(session), "broker"))
        everybody = (operator, own, head, above, beside, far, outside, VISITOR)

        def knowing() -> set[int | None]:
            session.expire(target)
            listed = [
                who
                for who in everybody
                if session.scalar(sa.select(sa.func.count(Target.id)).where(visible_to(who)))
            ]
            assert listed == [who for who in everybody if may_see(who, target)]
            assert listed == [who for who in everybody if sees_inside(who, target)]
            return {who.user_id for who in listed}

        def keys(*actors: Actor) -> set[int | None]:
            return {who.user_id for who in actors}

        assert knowing() == keys(operator, own, head, above)
        assert find_target(session, target.public_id, by=head) is target
        with pytest.raises(NotFound):
            find_target(session, target.public_id, by=beside)
        member = session.scalars(sa.select(StationMember).filter_by(user_id=broker.id)).one()
        member.station_id = grown.sibling.id
        session.flush()
        assert knowing() == keys(operator, own, above, beside)
        member.until, member.ended_at = member.since, NOW
        session.flush()
        assert knowing() == keys(operator, own)

    def test_public_and_houses(self, session: Session, operator: Actor) -> None:
        """A public one is everybody's, from outside; a lead house knows it; its own sees inside."""
        house, lead, other = (make_organisation(session) for _ in range(3))
        said = replace(
            EVENTS, scope="institution", organisation_id=house.id, lead_id=lead.id, public=False
        )
        target = setting.set_target(session, said, by=operator, now=NOW)

        def member(of: Any) -> Actor:
            person: User = make_user(session)
            make_membership(session, person, of, "member")
            return actor_for(person)

        own, leads, stranger = member(house), member(lead), member(other)
        assert sees_inside(own, target)
        assert may_see(leads, target)
        assert not sees_inside(leads, target)
        assert not may_see(stranger, target)
        public = replace(said, public=True)
        setting.change_target(session, target, public, by=operator, now=NOW)
        assert may_see(VISITOR, target)
        assert not sees_inside(stranger, target)

    def test_the_tree_hides_what_is_out_of_sight(
        self, session: Session, operator: Actor, grown: Tree
    ) -> None:
        """Sub-targets add up against the node's; a broker below sees their own and a number."""
        base = replace(EVENTS, scope="station", public=False)

        def of(place: Any, value: int) -> Target:
            said = replace(base, station_id=place.id, value=value)
            return setting.set_target(session, said, by=operator, now=NOW)

        node, station, sibling = of(grown.node, 100), of(grown.station, 60), of(grown.sibling, 30)
        site = setting.set_target(session, EVENTS, by=operator, now=NOW)
        found = tree(session, node, by=operator)
        assert found.above is site
        assert (list(found.below), found.below_value, found.hidden) == ([station, sibling], 90, 0)
        here = actor_for(make_station_member(session, grown.station))
        assert tree(session, station, by=here).above is None
        seen = tree(session, site, by=here)
        assert (list(seen.below), seen.hidden) == ([], 1)


def test_every_row_of_a_file_is_reported(session: Session, operator: Actor) -> None:
    """New, changed, the same, wrong in several ways, twice in the file; only the good are taken."""
    grown = make_tree(session)
    standing = setting.set_target(session, EVENTS, by=operator, now=NOW)
    cells = {"measure": "events_held", "value": "300", "period": "year", "year": "2026"}
    place = {"scope": "station", "of": grown.station.code}

    def rows() -> list[Line]:
        made = [
            cells | {"value": "310", "scope": "site"},
            cells | place | {"value": "60"},
            cells | place | {"value": "70"},
            cells | {"scope": "station", "of": "no-such-place"},
            cells | {"measure": "luck", "scope": "site"},
            cells | {"scope": "site", "value": "many"},
            cells | {"measure": "contract_value", "scope": "site", "value": "14,500,000.50"},
        ]
        return [Line(number, each) for number, each in enumerate(made, 2)]

    looked = rows()
    importing.preview(session, looked, by=operator)
    outcomes = ["changed", "new", "wrong", "wrong", "wrong", "wrong", "new"]
    assert [each.outcome for each in looked] == outcomes
    problems = [each.problems for each in looked if each.problems]
    assert problems == [
        {"": "twice_in_file"}, {"of": "unknown_code"}, {"measure": "unknown_code"},
        {"value": "not_a_number"},
    ]  # fmt: skip
    assert session.scalar(sa.select(sa.func.count(Target.id))) == 1
    assert importing.take_in(session, rows(), by=operator, now=NOW) == 3
    assert standing.value == 310
    money = session.scalars(sa.select(Target).where(Target.measure == "contract_value")).one()
    assert (money.value, money.currency) == (1_450_000_050, "CNY")
    again = rows()[:2]
    importing.preview(session, again, by=operator)
    assert [each.outcome for each in again] == ["same", "same"]


def test_every_measure_may_be_a_target(session: Session, operator: Actor) -> None:
    """Of each a target can be set for the site and its progress told."""
    for measure in measures.every():
        said = replace(
            EVENTS,
            measure=measure.code,
            value=50,
            currency="CNY" if measure.unit == "money" else None,
        )
        target = setting.set_target(session, said, by=operator, now=NOW)
        found = progress(session, target, day=date(2026, 6, 30))
        assert found.reached == 0
        assert (found.expected is None) == (not measure.adds)

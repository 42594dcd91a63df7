"""The funnel: how many come how far, in how many days; as known on any day; whose it is."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.deals.models import Deal
from tenon.figures.recording import record_contract
from tenon.insight import funnel
from tenon.insight.measures import Scope
from tenon.listings.models import Listing
from tenon.listings.states import LISTING
from tenon.payments.models import Payment
from tests.factories.accounts import actor_for
from tests.factories.deals import make_deal
from tests.factories.events import make_event, make_meeting, make_registration, slots
from tests.factories.introductions import make_agreement, make_introduction
from tests.factories.listings import make_need
from tests.factories.network import make_station_member, make_tree
from tests.insight.going_on import DAY, at, publish
from tests.insight_reports.counting import statements

ENTRY = date(2026, 3, 2)
YEAR = Scope(first=date(2026, 1, 1), last=date(2026, 12, 31))


def handed_in(session: Session, day: date = ENTRY, **columns: Any) -> Listing:
    """A need that was handed in and published on a day."""
    need = make_need(session, created_at=at(day), **columns)
    publish(session, need, day)
    return need


def led_on(session: Session, need: Listing, days: tuple[int, ...]) -> Deal:
    """Lead a need to money: passed on, accepted, agreed, dealt, signed, paid after so many days."""
    passed, accepted, agreed, dealt, signed, paid = (ENTRY + each * DAY for each in days)
    made = make_introduction(
        session, state="connected", listing=need, now=at(passed), opened_at=at(accepted)
    )
    make_agreement(
        session, made, now=at(accepted), from_confirmed_at=at(agreed), to_confirmed_at=at(agreed),
        agreed_at=at(agreed),
    )  # fmt: skip
    deal = make_deal(session, state="signed", listings=[need], now=at(dealt), signed_on=signed)
    record_contract(session, deal, now=at(signed))
    session.add(
        Payment(
            deal_id=deal.id,
            payee="seller",
            amount_minor=1,
            currency="CNY",
            paid_on=paid,
            state="received",
            key=f"p{deal.id}",
            recorded_at=at(paid),
        )
    )
    session.flush()
    return deal


def test_numbers_shares_and_days_of_each_stage(session: Session) -> None:
    """Three came in; one went all the way, one was passed on after 20 days, one stayed."""
    far, half = handed_in(session), handed_in(session)
    handed_in(session)
    led_on(session, far, (2, 5, 6, 10, 40, 100))
    make_introduction(session, state="asked", listing=half, now=at(ENTRY + 20 * DAY))
    found = {each.code: each for each in funnel.stages(funnel.paths(session, YEAR, by=SYSTEM))}
    numbers = [found[code].number for code in funnel.STAGES]
    assert numbers == [3, 3, 2, 1, 1, 0, 1, 1, 1]
    introduced = found["introduced"]
    assert (introduced.median, introduced.ninety, introduced.timed) == (2, 20, 2)
    assert introduced.passing == Decimal(200) / 3
    # No meeting: the days of the deal run from the agreement.
    assert (found["dealing"].median, found["dealing"].passing) == (4, None)
    assert (found["signed"].median, found["paid"].median) == (30, 60)
    assert found["entered"].share == Decimal(100)


def test_a_meeting_that_was_held_counts(session: Session) -> None:
    need = handed_in(session)
    event = make_event(session, starts_at=at(ENTRY + 7 * DAY), ends_at=at(ENTRY + 7 * DAY, 9))
    one, other = make_registration(session, event), make_registration(session, event)
    slot = slots(session, event)[0]
    make_meeting(session, one, other, slot, state="held", need_id=need.id)
    [path] = funnel.paths(session, YEAR, by=SYSTEM)
    assert path.days[funnel.STAGES.index("met")] == ENTRY + 7 * DAY


def test_the_funnel_of_a_past_day_stays_what_it_was(session: Session) -> None:
    """Whatever is recorded later leaves it as it was, a payment taken back too."""
    need = handed_in(session)
    deal = led_on(session, need, (2, 5, 6, 10, 40, 100))
    then = Scope(first=YEAR.first, last=YEAR.last, as_of=ENTRY + 110 * DAY)
    early = Scope(first=YEAR.first, last=YEAR.last, as_of=ENTRY + 5 * DAY)
    said = funnel.paths(session, then, by=SYSTEM)
    assert [day is not None for day in funnel.paths(session, early, by=SYSTEM)[0].days] == (
        [True] * 4 + [False] * 5
    )
    assert said[0].days[-1] == ENTRY + 100 * DAY
    payment = session.query(Payment).filter_by(deal_id=deal.id).one()
    payment.state, payment.ended_at = "taken_back", at(ENTRY + 120 * DAY)
    payment.end_reason = "twice"
    LISTING.move(need, "withdraw", by=SYSTEM, now=at(ENTRY + 130 * DAY))
    handed_in(session, ENTRY + 140 * DAY)
    assert funnel.paths(session, then, by=SYSTEM) == said
    assert funnel.paths(session, YEAR, by=SYSTEM)[-1].days[-1] is None


def test_parts_add_up_and_lead_to_their_members(session: Session) -> None:
    handed_in(session, region="420100")
    handed_in(session, region="429004")
    handed_in(session, ENTRY + 40 * DAY, region="330100", fields=[("ipc", "G01")])
    found = funnel.paths(session, YEAR, by=SYSTEM)
    for dimension in funnel.DIMENSIONS:
        for key, stages in funnel.groups(found, dimension, YEAR):
            for stage in stages:
                members = funnel.members(
                    found, YEAR, stage=stage.code, dimension=dimension, value=key
                )
                assert len(members) == stage.number, (dimension, key, stage.code)
    months = [key for key, _stages in funnel.groups(found, "month", YEAR)]
    assert months == ["2026-03", "2026-04"]
    at_home = Scope(first=YEAR.first, last=YEAR.last, region="420000")
    cities = funnel.paths(session, at_home, by=SYSTEM)
    assert {key for key, _stages in funnel.groups(cities, "region", at_home)} == {
        "420100",
        "429004",
    }


def test_a_place_counts_its_own_and_who_may_not_open_a_listing_is_told(session: Session) -> None:
    tree = make_tree(session)
    broker = actor_for(make_station_member(session, tree.station))
    own = handed_in(session, station_id=tree.station.id)
    handed_in(session, station_id=tree.sibling.id)
    LISTING.move(own, "withdraw", by=SYSTEM, now=at(ENTRY + DAY))
    scope = Scope(first=YEAR.first, last=YEAR.last, station_ids=frozenset({tree.station.id}))
    [path] = funnel.paths(session, scope, by=broker)
    assert (path.key, path.seen) == (own.id, True)
    sibling = actor_for(make_station_member(session, tree.sibling))
    assert [each.seen for each in funnel.paths(session, scope, by=sibling)] == [False]


def test_the_number_of_statements_does_not_grow(session: Session) -> None:
    led_on(session, handed_in(session), (2, 5, 6, 10, 40, 100))
    with statements(session) as few:
        funnel.paths(session, YEAR, by=SYSTEM)
    for days in range(30):
        handed_in(session, ENTRY + timedelta(days=days))
    with statements(session) as many:
        assert len(funnel.paths(session, YEAR, by=SYSTEM)) == 31
    assert len(many) == len(few) == 6

"""Who proposes, agrees, shares; what is refused and how."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tenon.commissions import line as lines
from tenon.commissions import services
from tenon.commissions.services import Claim, Proposal
from tenon.compliance.days import day_of
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tests.factories.commissions import Line, make_agreement, make_line, make_split
from tests.factories.credit import make_entry
from tests.factories.listings import NOW
from tests.factories.network import make_station, make_station_member


@pytest.fixture
def line(session: Session) -> Line:
    return make_line(session)


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        ({"percent": Decimal(0)}, {"percent": "out_of_range"}),
        ({"percent": Decimal("0.00001")}, {"percent": "too_fine"}),
        ({"percent": None}, {"percent": "required"}),
        ({"currency": "cny"}, {"currency": "unknown_code"}),
        ({"kinds": ("penalty",)}, {"kinds": "required"}),
        ({"basis": "tiers", "tiers": [(100, Decimal(1))]}, {"tiers": "last_is_open"}),
        (
            {"basis": "tiers", "tiers": [(9, Decimal(1)), (9, Decimal(1)), (None, Decimal(1))]},
            {"tiers": "not_rising"},
        ),
        ({"basis": "fixed"}, {"fixed": "required", "fixed_event": "unknown_code"}),
        ({"cap_minor": 0}, {"cap": "out_of_range"}),
        ({"pay_within_days": 366}, {"pay_within_days": "out_of_range"}),
    ],
)  # fmt: skip
def test_terms_that_make_no_sense_are_refused(
    session: Session, line: Line, terms: dict[str, Any], fields: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as caught:
        make_agreement(session, line, agreed=False, **terms)
    assert caught.value.fields == fields


def test_who_may_propose(session: Session, line: Line) -> None:
    said = Proposal(percent=Decimal(1))
    for name, error in (("seller", Forbidden), ("outsider", NotFound), ("collector", NotFound)):
        with pytest.raises(error):
            services.propose(session, line.deal, said, by=line.actor(name), now=NOW)
    made = services.propose(session, line.deal, said, by=line.actor("operator"), now=NOW)
    with pytest.raises(Conflict, match="one_at_a_time"):
        services.propose(session, line.deal, said, by=line.actor("broker"), now=NOW)
    services.withdraw(session, made, by=line.actor("broker"), now=NOW)
    with pytest.raises(IllegalTransition):
        services.agree(session, made, by=line.actor("seller"), now=NOW)


def test_who_may_agree_and_end(session: Session, line: Line) -> None:
    made = make_agreement(session, line, agreed=False, seller_percent=Decimal(100))
    for name, error in (
        ("broker", Forbidden),
        ("seller_editor", Forbidden),
        ("buyer", NotFound),
        ("author", NotFound),
    ):
        with pytest.raises(error):
            services.agree(session, made, by=line.actor(name), now=NOW)
    with pytest.raises(Conflict):
        services.agree(session, made, by=line.actor("seller"), now=NOW, expected_version=99)
    assert services.agree(session, made, by=line.actor("seller"), now=NOW)
    assert [(each.side, each.sha256) for each in made.consents] == [("seller", made.sha256)]
    with pytest.raises(Forbidden):
        services.end(session, made, reason="不付", by=line.actor("seller"), now=NOW)


def test_the_line_names_who_led_to_the_deal_and_weights_share(session: Session, line: Line) -> None:
    people = lines.credited(session, line.deal)
    names = {user.id: name for name, user in line.people.items()}
    assert {names[each.user_id]: each.acts for each in people} == {
        "collector": ("collected",),
        "author": ("collected",),
        "writer": ("written",),
        "broker": ("introduced", "closed"),
    }
    found = services.suggest(session, line.deal, people, on=day_of(NOW))
    shares = {names[each.user_id]: part for each, part in zip(people, found, strict=True)}
    # Weights 20, 15, 30 and 25 of those that anybody has; the seller's own member is left out.
    assert shares == {
        "collector": Decimal("22.2222"),
        "author": Decimal(0),
        "writer": Decimal("16.6667"),
        "broker": Decimal("61.1111"),
    }
    outsider = line.people["outsider"]
    make_entry(
        session, outsider, thing=("introduction", line.introduction.public_id), act="introduced"
    )
    assert len(lines.introduced(session, line.deal, line.actor("broker"))) == 2


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        ({"broker": "50", "collector": "49.9999"}, "sum_not_100"),
        ({"broker": "50", "outsider": "50"}, "not_credited"),
        ({"broker": "50", "author": "50"}, "not_credited"),
        ({"broker": "100", "collector": "0"}, "out_of_range"),
        ({"broker": "33.33333", "collector": "66.66667"}, "too_fine"),
        ({}, "required"),
    ],
)
def test_shares_that_do_not_hold_are_refused(
    session: Session, line: Line, claims: dict[str, str], fault: str
) -> None:
    wanted = [Claim(line.people[name].id, Decimal(part)) for name, part in claims.items()]
    with pytest.raises(Invalid) as caught:
        services.propose_split(session, line.deal, wanted, by=line.actor("broker"), now=NOW)
    assert caught.value.fields == {"shares": fault}


def test_a_share_goes_to_a_station_of_ones_own_only(session: Session, line: Line) -> None:
    station, foreign = make_station(session), make_station(session)
    broker = line.people["broker"]
    make_station_member(session, station, broker)
    for place, allowed in ((foreign, False), (station, True)):
        claim = Claim(broker.id, Decimal(100), "station", place.id)
        if not allowed:
            with pytest.raises(Invalid, match="unknown_place"):
                services.propose_split(
                    session, line.deal, [claim], by=line.actor("broker"), now=NOW
                )
            continue
        made = services.propose_split(session, line.deal, [claim], by=line.actor("broker"), now=NOW)
        assert made.state == "confirmed", "who proposes agrees to the own share"
        assert made.shares[0].receiver.station_id == station.id


def test_a_share_is_answered_once_by_its_participant(session: Session, line: Line) -> None:
    split = make_split(session, line, confirmed=False)
    with pytest.raises(NotFound):
        services.confirm(session, split, by=line.actor("outsider"), now=NOW)
    with pytest.raises(Forbidden):
        services.confirm(session, split, by=line.actor("operator"), now=NOW)
    services.confirm(session, split, by=line.actor("writer"), now=NOW)
    with pytest.raises(Conflict):
        services.confirm(session, split, by=line.actor("writer"), now=NOW)
    services.dispute(session, split, words="比例不对", by=line.actor("collector"), now=NOW)
    assert split.state == "disputed"
    with pytest.raises(IllegalTransition):
        services.confirm(session, split, by=line.actor("collector"), now=NOW)

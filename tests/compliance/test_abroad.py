"""The checklist that a party abroad opens before clearing and signing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tenon.compliance.services import abroad
from tenon.compliance.services.abroad import Checklist
from tenon.deals.guards import Refusal, open_points
from tenon.deals.models import Deal
from tenon.deals.services import step_of
from tenon.errors import Conflict, Forbidden, Invalid
from tests.compliance.cast import Cast, agreed, make_cast
from tests.factories.listings import NOW

FREE: dict[str, Any] = {"export_control": "free", "state_funded": False}


@pytest.fixture
def cast(session: Session) -> Cast:
    """The buyer is a firm abroad."""
    return make_cast(session, buyer={"country": "DE"})


def refused(session: Session, deal: Deal) -> list[Refusal]:
    """What the checklist says of signing."""
    points = open_points(session, deal, step_of(deal, "sign"), now=NOW)
    return [each for each in points if each.guard == "foreign_checklist"]


def fill(session: Session, cast: Cast, deal: Deal, **given: Any) -> None:
    """Fill it in as the seller's administrator."""
    by = cast.actor("seller_administrator")
    abroad.fill(session, deal, Checklist(**FREE | given), by=by, now=NOW)


def test_parties_at_home_open_nothing(session: Session) -> None:
    cast = make_cast(session)
    assert refused(session, agreed(session, cast)) == []


def test_a_party_abroad_opens_it(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast)
    (told,) = refused(session, deal)
    assert "技术进出口管理条例" in told.source_zh
    fill(session, cast, deal)
    assert refused(session, deal) == []


def test_prohibited_technology_cannot_proceed(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast)
    fill(session, cast, deal, export_control="prohibited", export_licence="X-1")
    assert "prohibited" in refused(session, deal)[0].message


def test_restricted_technology_needs_its_licence(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast)
    fill(session, cast, deal, export_control="restricted")
    assert "licence" in refused(session, deal)[0].message
    fill(session, cast, deal, export_control="restricted", export_licence="许可-2027-9")
    assert refused(session, deal) == []


@pytest.mark.parametrize(
    ("form", "needs"),
    [("licence_exclusive", True), ("assignment", True), ("licence_nonexclusive", False)],
)
def test_state_funded_ip_goes_abroad_with_approval(
    session: Session, cast: Cast, form: str, needs: bool
) -> None:
    deal = agreed(session, cast, form)
    fill(session, cast, deal, state_funded=True)
    assert bool(refused(session, deal)) is needs
    if needs:
        assert "科学技术进步法" in refused(session, deal)[0].source_zh
        fill(session, cast, deal, state_funded=True, approval_number="批-3")
        assert refused(session, deal) == []


def test_a_seller_abroad_needs_no_approval_to_bring_it_in(session: Session) -> None:
    cast = make_cast(session, seller={"country": "DE", "state_founded": False})
    deal = agreed(session, cast)
    fill(session, cast, deal, state_funded=True)
    assert refused(session, deal) == []


def test_nothing_is_assumed(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast)
    with pytest.raises(Invalid) as told:
        fill(session, cast, deal, export_control="", state_funded=None)
    assert set(told.value.fields) == {"export_control", "state_funded"}


@pytest.mark.parametrize("role", ["seller_editor", "buyer_administrator", "broker", "operator"])
def test_the_sellers_administrators_answer_for_it(session: Session, cast: Cast, role: str) -> None:
    deal = agreed(session, cast)
    with pytest.raises(Forbidden):
        abroad.fill(session, deal, Checklist(**FREE), by=cast.actor(role), now=NOW)


def test_the_second_of_two_is_told(session: Session, cast: Cast) -> None:
    deal, by = agreed(session, cast), cast.actor("seller_administrator")
    fill(session, cast, deal)
    with pytest.raises(Conflict):
        abroad.fill(session, deal, Checklist(**FREE), by=by, now=NOW, expected_version=0)

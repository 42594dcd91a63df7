"""The way to a price: by agreement, listing or auction, the latter two with a base price."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenon.compliance.models import ComplianceSheet
from tenon.compliance.services import sheets
from tenon.compliance.services.sheets import Route
from tenon.deals.guards import open_points
from tenon.deals.models import Deal, DealFile
from tenon.deals.services import step_of
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tests.compliance.cast import Cast, agreed
from tests.factories.listings import NOW

AUCTION: dict[str, Any] = {"route": "auction", "base_minor": 50_000_000, "price_minor": 60_000_000}


def paper(session: Session, deal: Deal) -> DealFile:
    """A paper of the deal's seller."""
    made = DealFile(
        deal_id=deal.id,
        kind="evidence",
        name="成交确认书.pdf",
        media_type="application/pdf",
        size=4,
        sha256="a" * 64,
        side="seller",
        uploaded_at=NOW,
    )
    session.add(made)
    session.flush()
    return made


def set_route(session: Session, cast: Cast, deal: Deal, **route: Any) -> ComplianceSheet:
    """State the route as the seller's editor."""
    by = cast.actor("seller_editor")
    return sheets.set_route(session, deal, Route(**route), by=by, now=NOW)


def refused(session: Session, deal: Deal) -> list[str]:
    """What the route's guard says of clearing."""
    points = open_points(session, deal, step_of(deal, "clear"), now=NOW)
    return [each.message for each in points if each.guard == "price_route"]


@pytest.mark.parametrize("route", ["listing", "auction"])
def test_a_listing_and_an_auction_need_a_base_price(
    session: Session, cast: Cast, route: str
) -> None:
    deal = agreed(session, cast)
    with pytest.raises(Invalid) as told:
        set_route(session, cast, deal, route=route)
    assert told.value.fields == {"base": "required"}


def test_a_price_below_the_base_is_refused(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast)
    with pytest.raises(Invalid) as told:
        set_route(session, cast, deal, **AUCTION | {"price_minor": 49_999_999})
    assert told.value.fields == {"price": "below_base"}


def test_the_database_refuses_it_too(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast)
    session.add(
        ComplianceSheet(
            deal_id=deal.id, route="auction", base_minor=100, price_minor=99, changed_at=NOW
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_an_auction_is_proved_by_price_and_paper_and_needs_no_publicity(
    session: Session, cast: Cast
) -> None:
    deal = agreed(session, cast)
    set_route(session, cast, deal, **AUCTION | {"price_minor": None})
    assert refused(session, deal) == ["Enter the price that the listing or auction brought."]
    set_route(session, cast, deal, **AUCTION)
    assert refused(session, deal) == ["Add the paper that proves the listing or auction."]
    set_route(session, cast, deal, **AUCTION, file=paper(session, deal))
    assert refused(session, deal) == []
    guards = {each.guard for each in open_points(session, deal, step_of(deal, "clear"), now=NOW)}
    assert "publicity_over" not in guards


def test_a_contract_value_below_the_base_is_refused_with_its_source(
    session: Session, cast: Cast
) -> None:
    deal = agreed(session, cast)
    high = {"base_minor": 70_000_000, "price_minor": 80_000_000}
    set_route(session, cast, deal, route="listing", **high, file=paper(session, deal))
    points = open_points(session, deal, step_of(deal, "clear"), now=NOW)
    mine = next(each for each in points if each.guard == "price_route")
    assert mine.message == "The price is below the base price."
    assert "第十八条" in mine.source_zh


def test_the_second_of_two_is_told(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast)
    seen = set_route(session, cast, deal, **AUCTION).version
    set_route(session, cast, deal, **AUCTION)
    by = cast.actor("seller_administrator")
    with pytest.raises(Conflict):
        sheets.set_route(
            session, deal, Route(route="agreement"), by=by, now=NOW, expected_version=seen
        )


@pytest.mark.parametrize(
    ("role", "refusal"),
    [
        ("buyer_administrator", Forbidden),
        ("broker", Forbidden),
        ("operator", Forbidden),
        ("stranger", NotFound),
        ("seller_member", NotFound),
        ("visitor", NotFound),
    ],
)
def test_only_the_sellers_side_states_it(
    session: Session, cast: Cast, role: str, refusal: type[Exception]
) -> None:
    deal = agreed(session, cast)
    with pytest.raises(refusal):
        sheets.set_route(session, deal, Route(**AUCTION), by=cast.actor(role), now=NOW)

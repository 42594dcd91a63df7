"""The demo has a past that holds together: figures of every quarter, and no flood of notices."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.clock import utc_now
from tenon.commissions.models import Accrual, Agreement, Payout, Split
from tenon.commissions.papers.figures import period_of, year_figures
from tenon.commissions.queries.accounts import of_deal
from tenon.commissions.services import unshared
from tenon.deals.models import Deal, DealListing
from tenon.history import HistoryEntry
from tenon.insight import measures
from tenon.insight.measures import Scope
from tenon.insight.reports.periods import Period
from tenon.insight.reports.periods import period_of as report_period
from tenon.introductions.models import Introduction
from tenon.introductions.states import OPEN_STATES
from tenon.listings.models import Listing
from tenon.listings.states import PUBLIC_STATES
from tenon.notices.models import Mail, Notice
from tenon.routing.models import NeedCase
from tenon.searches.models import SavedFinding, SavedSearch

# One worker takes all of these, so that the demo is loaded once a database.
pytestmark = pytest.mark.xdist_group("demo")

FIGURES = (
    "needs_collected",
    "needs_answered",
    "achievements_published",
    "introductions_passed_on",
    "introductions_accepted",
    "events_held",
    "deals_signed",
    "brokers_active",
    "certified_managers",
)


def _last_quarters(today: date, number: int) -> list[Period]:
    found = [report_period("quarter", today).before]
    while len(found) < number:
        found.append(found[-1].before)
    return found


@pytest.mark.parametrize("code", FIGURES)
def test_each_of_the_last_quarters_shows_something_as_was_known_then(
    shown: Session, code: str
) -> None:
    counted = [
        measures.get(code).count(shown, Scope(first=each.first, last=each.last, as_of=each.last))
        for each in _last_quarters(utc_now().date(), 4)
    ]
    assert all(each.number > 0 for each in counted), counted


def test_nothing_public_has_expired_and_few_terms_end_soon(shown: Session) -> None:
    now = utc_now()
    ends = shown.scalars(sa.select(Listing.expires_at).where(Listing.state.in_(PUBLIC_STATES)))
    left = [end - now for end in ends if end is not None]
    assert len(left) >= 200
    assert min(left) > timedelta(days=7)
    assert 1 <= sum(each < timedelta(days=30) for each in left) <= 20


def test_listings_were_public_before_what_hangs_on_them(shown: Session) -> None:
    late: sa.ColumnElement[bool] = Listing.published_at >= Introduction.created_at
    for listing_id in (Introduction.listing_id, Introduction.own_listing_id):
        joined = sa.select(Introduction.id).join(Listing, Listing.id == listing_id)
        assert len(shown.scalars(joined).all()) >= 25
        assert shown.scalars(joined.where(late)).all() == []
    dealt = (
        sa.select(Deal.id)
        .join(DealListing, DealListing.deal_id == Deal.id)
        .join(Listing, Listing.id == DealListing.listing_id)
    )
    assert len(shown.scalars(dealt).all()) >= 30
    assert shown.scalars(dealt.where(Listing.published_at >= Deal.created_at)).all() == []


def test_first_moments_beside_listings_are_those_of_their_histories(shown: Session) -> None:
    entry = HistoryEntry
    came = sa.or_(entry.kind != "import", entry.facts["to"].as_string() == "published")
    for column, kinds in (
        (Listing.first_handed_in_at, ("submit", "publish", "import")),
        (Listing.first_published_at, ("publish", "import")),
    ):
        rows = shown.execute(
            sa.select(entry.chain_id, entry.at)
            .where(entry.chain_kind == "listing", entry.kind.in_(kinds), came)
            .order_by(entry.chain_id, entry.sequence.desc())
        )
        told = {row.chain_id: row.at for row in rows}
        named = sa.select(Listing.public_id, column.label("at")).where(column.is_not(None))
        assert {row.public_id: row.at for row in shown.execute(named)} == told
        assert len(told) >= 50


def test_what_waits_is_recent(shown: Session) -> None:
    now = utc_now()
    waiting = sa.select(Introduction.created_at).where(
        Introduction.live_key.is_not(None), Introduction.state.not_in(OPEN_STATES)
    )
    assert all(now - at < timedelta(days=21) for at in shown.scalars(waiting))
    cases = shown.execute(sa.select(NeedCase.state, NeedCase.received_at)).all()
    assert Counter(state for state, _ in cases)["answered"] >= 30
    assert all(now - at < timedelta(days=21) for state, at in cases if state == "open")


def test_the_past_floods_nobody(shown: Session) -> None:
    assert shown.scalar(sa.select(sa.func.count(Mail.id))) == 0
    unread = Counter(shown.scalars(sa.select(Notice.user_id).where(Notice.read_at.is_(None))))
    assert max(unread.values()) <= 40
    assert unread.total() <= 120


def test_saved_searches_found_what_came_in_after_them(shown: Session) -> None:
    searches = shown.scalars(sa.select(SavedSearch)).all()
    assert {each.rhythm for each in searches} == {"now", "daily", "weekly", "none"}
    rows = shown.execute(
        sa.select(SavedFinding, Listing.published_at <= SavedSearch.created_at)
        .join(SavedSearch, SavedSearch.id == SavedFinding.search_id)
        .join(Listing, Listing.id == SavedFinding.listing_id)
    ).all()
    assert all(row.known == was_there for row, was_there in rows)
    hits = Counter(row.search_id for row, _ in rows if not row.known)
    assert {each.user.email.partition("@")[0] for each in searches if hits[each.id]} == {
        "broker", "company", "carmaker", "researcher",
    }  # fmt: skip
    assert all(hits[each.id] for each in searches if each.state == "active")


def test_commission_followed_the_payments_and_adds_up(shown: Session) -> None:
    states = Counter(shown.scalars(sa.select(Agreement.state)))
    assert states == {"agreed": 2, "declined": 1}
    assert Counter(shown.scalars(sa.select(Split.state))) == {"confirmed": 1, "disputed": 1}
    split = shown.scalars(sa.select(Split).where(Split.state == "confirmed")).one()
    dues = shown.scalars(sa.select(Accrual).where(Accrual.deal_id == split.deal_id)).all()
    accounts = of_deal(shown, split.deal)
    assert len({each.on for each in dues}) >= 8  # payment by payment
    assert sum(each.gross_minor for each in dues) == sum(each.owed for each in accounts)
    assert unshared(shown, split.deal, accounts) == {}
    assert all(each.open > 0 for each in accounts)
    assert Counter(shown.scalars(sa.select(Payout.state)))["paid"] >= 1
    assert Counter(shown.scalars(sa.select(Payout.state)))["received"] >= 4


def test_a_broker_has_something_to_show_for_last_year(shown: Session) -> None:
    broker = shown.scalars(sa.select(User).where(User.email == "broker@demo.example")).one()
    said = year_figures(shown, broker, period_of(utc_now().year - 1))
    assert said["acts"]["closed"] >= 1
    assert said["acts"]["introduced"] >= 1
    assert said["due"]["CNY"] > 0

"""What a broker searches for a firm goes with the firm; what they search for themselves stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.history.models import HistoryEntry
from tenon.listings.models import Listing
from tenon.network.handing_over import Receivers
from tenon.network.models import PortfolioFirm
from tenon.network.services.handing_over import belongings, hand_over
from tenon.notices.models import Notice
from tenon.searches import handing_over
from tenon.searches.models import SavedFinding, SavedOffer, SavedSearch
from tenon.searches.permissions import may_go_on
from tenon.searches.services import telling
from tests.factories.accounts import actor_for, grant_role, make_organisation, make_user
from tests.factories.listings import NOW, make_achievement, make_need
from tests.matches.conftest import Index
from tests.searches.conftest import Keep

pytestmark = pytest.mark.usefixtures("background")


class Leaving:
    """A broker who looks after two firms and leaves, two colleagues, an operator."""

    def __init__(self, session: Session) -> None:
        self.leaver, self.one, self.other = (
            grant_role(session, make_user(session), "broker") for _ in range(3)
        )
        self.operator = grant_role(session, make_user(session), "operator")
        self.firms = [make_organisation(session, kind="enterprise") for _ in range(2)]
        for each in self.firms:
            row = PortfolioFirm(organisation_id=each.id, broker_id=self.leaver.id, since=NOW)
            session.add(row)
        session.flush()

    def leave(self, session: Session) -> dict[str, int]:
        """All to the first colleague, the second firm to the other; return what went."""
        to = Receivers(self.one.id, {self.firms[1].id: self.other.id})
        done = hand_over(session, self.leaver, to, by=actor_for(self.operator), now=NOW)
        return dict(done.counts)


@pytest.fixture
def now() -> object:
    return NOW


def owners(session: Session, *searches: SavedSearch) -> list[int]:
    for each in searches:
        session.refresh(each)
    return [each.user_id for each in searches]


def test_searches_for_firms_go_with_the_firms_and_go_on(
    session: Session, index: Index, keep: Keep
) -> None:
    index()
    cast = Leaving(session)
    first, second = (
        keep(
            cast.leaver,
            f"为企业{number}",
            text="光纤 测温",
            organisation_id=firm.id,
            rhythm="weekly",
        )
        for number, firm in enumerate(cast.firms)
    )
    second.state = "paused"
    own = keep(cast.leaver, "自己的", text="光纤")
    there = keep(cast.one, "为企业0", text="别的")
    hit = make_achievement(session, state="published")
    session.add(SavedFinding(search_id=first.id, listing_id=hit.id, found_at=NOW))
    house = make_organisation(session)
    session.add(
        SavedOffer(public_id="o1", search_id=first.id, organisation_id=house.id, offered_at=NOW)
    )
    session.flush()
    assert handing_over.count(session, cast.leaver.id) == 2
    assert cast.leave(session) == {"firms": 2, "saved_searches": 2}
    assert owners(session, first, second, own) == [cast.one.id, cast.other.id, cast.leaver.id]
    assert (first.name, there.name) == ("为企业0 2", "为企业0")
    assert (first.state, second.state) == ("active", "paused")
    assert may_go_on(session, first, NOW)
    assert session.scalar(sa.select(sa.func.count()).select_from(SavedOffer)) == 0
    chain = sa.select(HistoryEntry.kind).where(HistoryEntry.chain_kind == "saved_search")
    assert session.scalars(chain).all() == ["handed_over", "handed_over"]
    left = {code: number for code, _, number in belongings(session, cast.leaver.id)}
    assert left["saved_searches"] == 0
    assert first.due_at is not None
    telling.tell_due(session, now=NOW + timedelta(days=9))
    told = sa.select(Notice.user_id).where(Notice.kind == "saved_search_weekly")
    assert session.scalars(told).all() == [cast.one.id]


def test_what_rests_on_nothing_stays(session: Session, index: Index, keep: Keep) -> None:
    """A firm that somebody else looks after by now; a listing out of the receiver's sight."""
    index()
    cast = Leaving(session)
    gone: Organisation = make_organisation(session, kind="enterprise")
    row = PortfolioFirm(organisation_id=gone.id, broker_id=cast.leaver.id, since=NOW)
    session.add(row)
    session.flush()
    lost = keep(cast.leaver, "失效", text="光纤", organisation_id=gone.id)
    need: Listing = make_need(session, organisation=cast.firms[0], state="published")
    hidden = keep(cast.leaver, "看不见", listing=need, organisation_id=cast.firms[0].id)
    row.ended_at = NOW
    need.state, need.submitted_at, need.published_at = "draft", None, None
    session.flush()
    assert handing_over.count(session, cast.leaver.id) == 1
    assert cast.leave(session) == {"firms": 2}
    assert owners(session, lost, hidden) == [cast.leaver.id] * 2
    assert handing_over.count(session, cast.leaver.id) == 0
    assert session.get(User, cast.leaver.id) is not None

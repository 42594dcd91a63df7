"""The index lags behind, is never told, or is of yesterday: what is closed shows nowhere."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.clock import utc_now
from tenon.db import Database
from tenon.demo.loading import SET
from tenon.listings.models import Listing
from tenon.matches import indexing
from tests.factories.accounts import make_membership, make_organisation, make_user
from tests.factories.listings import make_achievement, make_expert, make_need
from tests.journeys.conftest import Enter, Work

RESULT, NEED = "面向窑炉烟道的光纤测温装置", "求窑炉烟道连续测温办法"
QUESTION = quote("窑炉烟道外壁测温靠人工，要连续测温的光纤装置。耐温≥200℃")
CHANGES: dict[str, dict[str, object]] = {
    "withdrawn": {"state": "withdrawn"},
    "draft": {"state": "draft", "submitted_at": None},
    "on hold": {"state": "on_hold"},
    "marked as expired": {"state": "expired"},
    "expired unmarked": {"expires_at": utc_now() - timedelta(minutes=1)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_closed_listing_shows_nowhere_though_the_index_still_has_it(
    database: Database, enter: Enter, work: Work, change: dict[str, object]
) -> None:
    with database.writing() as session:
        _others(session)
        standing = make_need(session, title=NEED, state="published")
        closed = make_achievement(session, title=RESULT, state="published")
        reader = make_user(session)
        make_membership(session, reader, make_organisation(session))
    _rebuild(database)
    places = (
        f"/match?text={QUESTION}&side=need",
        f"/search?q={quote('烟道测温')}",
        "/search",
        "/search?side=achievement&sort=newest",
        f"/listings/{standing.public_id}/matches",
        f"/organisations/{closed.organisation.public_id}",
    )
    before = [place for place in places if RESULT in enter(None).get(place).text]
    assert before == list(places)
    with database.writing() as session:
        session.execute(sa.update(Listing).where(Listing.id == closed.id).values(**change))
    for user in (None, reader):
        client = enter(user)
        assert RESULT not in client.get(f"/listings/{standing.public_id}").text
        assert [place for place in places if RESULT in client.get(place).text] == []
        assert client.get(f"/listings/{closed.public_id}").status_code == 404
        assert client.get(f"/listings/{closed.public_id}/matches").status_code == 404


def _others(session: Session) -> None:
    """Texts of other fields: an index of nothing but alike ones cannot tell what fits."""
    for line in (SET / "a_needs.jsonl").read_text(encoding="utf-8").splitlines():
        make_expert(session, bio_zh=json.loads(line)["background"])


def _rebuild(database: Database) -> None:
    with database.reading() as session:
        indexing.rebuild(session, now=utc_now())


def test_listing_of_ones_own_organisation_is_no_match_of_ones_need(
    database: Database, enter: Enter, work: Work
) -> None:
    with database.writing() as session:
        house = make_organisation(session, kind="enterprise")
        member = make_user(session)
        make_membership(session, member, house)
        make_achievement(session, organisation=house, title=RESULT, state="published")
        need = make_need(session, organisation=house, title=NEED, state="published")
        foreign = make_achievement(session, title="光纤测温缆", state="published")
        _others(session)
    _rebuild(database)
    for user in (None, member):
        text = enter(user).get(f"/listings/{need.public_id}/matches").text
        assert foreign.public_id in text
        assert RESULT not in text
        assert RESULT not in enter(user).get(f"/listings/{need.public_id}").text
    box = f"/match?text={QUESTION}&side=need"
    assert RESULT in enter(None).get(box).text
    assert RESULT not in enter(member).get(box).text

"""A search offered to the editors of one's organisation: who sees and adopts it, who does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.db import Database
from tenon.errors import Forbidden, NotFound
from tenon.history.models import HistoryEntry
from tenon.notices.models import Notice
from tenon.searches.models import SavedOffer, SavedSearch
from tenon.searches.queries.offers import find_offer, offers_to
from tenon.searches.services import keeping, offering
from tests.factories.accounts import (
    actor_for,
    make_membership,
    make_organisation,
    make_user,
    post,
    sign_in,
)
from tests.factories.listings import make_need
from tests.matches.conftest import Index
from tests.notices.mailing import counted
from tests.searches.conftest import Keep

NOW = datetime.now(UTC)
pytestmark = pytest.mark.usefixtures("background")


@pytest.fixture
def now() -> datetime:
    """Pages go by the clock."""
    return NOW


class House:
    """A firm with an owner of searches, an editor, an administrator, a member; and a stranger."""

    def __init__(self, session: Session, index: Index) -> None:
        self.firm: Organisation = make_organisation(session, kind="enterprise")
        self.other: Organisation = make_organisation(session, kind="enterprise")
        roles = {"owner": "member", "editor": "editor", "head": "administrator", "member": "member"}
        self.people: dict[str, User] = {}
        for name, role in roles.items():
            self.people[name] = make_user(session, name=name, language="en")
            make_membership(session, self.people[name], self.firm, role)
            self.people[name].acting_for_id = self.firm.id
        self.people["stranger"] = make_user(session, language="en")
        make_membership(session, self.people["stranger"], self.other, "administrator")
        self.people["stranger"].acting_for_id = self.other.id
        session.flush()
        index()

    def actor(self, name: str) -> Actor:
        """What somebody may do."""
        return actor_for(self.people[name])


@pytest.fixture
def house(session: Session, index: Index) -> House:
    """Flushed."""
    return House(session, index)


def test_editors_see_and_adopt_others_do_not_even_learn_of_it(
    session: Session, house: House, keep: Keep, engine: MatchEngine
) -> None:
    """Adopting twice keeps one; the copy is the adopter's own and leaves the first as it was."""
    search = keep(house.people["owner"], name="测温", text="光纤测温", region="420000")
    made = offering.offer(session, search, house.firm.id, by=house.actor("owner"), now=NOW)
    again = offering.offer(session, search, house.firm.id, by=house.actor("owner"), now=NOW)
    assert again is made
    told = session.scalars(sa.select(Notice.user_id).filter_by(kind=offering.KIND)).all()
    assert set(told) == {house.people[name].id for name in ("editor", "head")}
    assert len(told) == 2
    for name in ("owner", "member", "stranger"):
        assert offers_to(session, house.actor(name)) == []
        with pytest.raises(NotFound):
            find_offer(session, made.public_id, by=house.actor(name))
    editor = house.actor("editor")
    keep(house.people["editor"], name="测温", side_="need")
    found = find_offer(session, made.public_id, by=editor)
    first = offering.adopt(session, engine, found, by=editor, now=NOW)
    second = offering.adopt(session, engine, found, by=editor, now=NOW)
    assert first is second
    assert (first.user_id, first.name, first.text) == (editor.user_id, "测温 2", "光纤测温")
    assert first.chosen == {"region": ["420000"]}
    (offered,) = offers_to(session, editor)
    assert offered.kept
    assert search.user_id == house.people["owner"].id
    kinds = session.scalars(
        sa.select(HistoryEntry.kind)
        .filter_by(chain_id=search.public_id)
        .order_by(HistoryEntry.sequence)
    )
    assert list(kinds) == ["offer", "adopt"]


def test_offers_end_with_the_offer_the_membership_the_search(
    session: Session, house: House, keep: Keep, engine: MatchEngine
) -> None:
    owner, editor = house.people["owner"], house.actor("editor")
    searches = [keep(owner, name=str(number), text=f"测温{number}") for number in range(3)]
    for search in searches:
        offering.offer(session, search, house.firm.id, by=house.actor("owner"), now=NOW)
    assert len(offers_to(session, editor)) == 3
    offering.take_back(session, searches[0], house.firm.id, by=house.actor("owner"), now=NOW)
    keeping.drop(session, searches[1], by=house.actor("owner"))
    (left,) = offers_to(session, editor)
    assert left.offer.search is searches[2]
    owner.memberships[0].state = "ended"
    session.flush()
    assert offers_to(session, editor) == []
    with pytest.raises(NotFound):
        find_offer(session, left.offer.public_id, by=editor)


def test_only_ones_own_to_ones_own_house_and_its_own_listings(
    session: Session, house: House, keep: Keep
) -> None:
    search = keep(house.people["owner"], text="测温")
    foreign = make_need(session, organisation=house.other, state="published")
    of_other = keep(house.people["stranger"], listing=foreign)
    both = house.people["stranger"]
    make_membership(session, both, house.firm, "editor")
    cases = [
        (search, house.firm, "editor"),
        (search, house.other, "owner"),
        (of_other, house.firm, "stranger"),
    ]
    for kept, where, name in cases:
        session.expire(house.people[name], ["memberships"])
        with pytest.raises(Forbidden):
            offering.offer(session, kept, where.id, by=house.actor(name), now=NOW)
    with pytest.raises(Forbidden):
        offering.take_back(session, search, house.firm.id, by=house.actor("editor"), now=NOW)
    assert session.scalar(sa.select(sa.func.count(SavedOffer.id))) == 0


def test_through_the_pages(
    session: Session, house: House, keep: Keep, app: Flask, database: Database
) -> None:
    """Offered by a button, adopted by another; a stranger's try is 404 and shows nothing."""
    search = keep(house.people["owner"], name="高温测温", text="光纤测温")
    alone = make_user(session)
    session.commit()

    def enter(name: str) -> FlaskClient:
        return sign_in(app.test_client(), house.people[name])

    owner, path = enter("owner"), f"/searches/{search.public_id}/offer"
    assert "Offer to the editors of" in owner.get("/searches").text
    assert post(enter("editor"), path).status_code == 404
    assert post(owner, path).status_code == 303
    assert "Offered to colleagues" in owner.get("/searches").text
    with database.reading() as reading:
        offer = reading.scalars(sa.select(SavedOffer)).one().public_id
    for name in ("stranger", "member"):
        client = enter(name)
        assert "高温测温" not in client.get("/searches").text
        assert post(client, f"/searches/offers/{offer}/adopt").status_code == 404
    editor = enter("editor")
    assert "高温测温" in editor.get("/searches").text
    assert post(editor, f"/searches/offers/{offer}/adopt").status_code == 303
    assert "You keep the same" in editor.get("/searches").text
    assert post(owner, f"{path}/take-back").status_code == 303
    assert "Offered by colleagues" not in editor.get("/searches").text
    with database.reading() as reading:
        owners = reading.scalars(sa.select(SavedSearch.user_id)).all()
        assert sorted(owners) == sorted(house.people[name].id for name in ("owner", "editor"))
        assert alone.id not in owners


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_list_asks_no_more_for_thirty_offers_than_for_one(
    session: Session, house: House, app: Flask, database: Database
) -> None:
    def offer(number: int) -> None:
        for each in range(number):
            search = SavedSearch(
                user_id=house.people["owner"].id, name=f"{number} {each}", kind="browse",
                rhythm="none", text="x", chosen={}, dimensions=0, created_at=NOW,
            )  # fmt: skip
            session.add(search)
            session.flush()
            session.add(
                SavedOffer(search_id=search.id, organisation_id=house.firm.id, offered_at=NOW)
            )
        session.commit()

    costs = []
    for number in (1, 29):
        offer(number)
        for name in ("owner", "editor"):
            client = sign_in(app.test_client(), house.people[name])
            client.get("/searches")
            with counted(database) as sent:
                client.get("/searches")
            costs.append(len(sent))
    assert costs[2:] == costs[:2]

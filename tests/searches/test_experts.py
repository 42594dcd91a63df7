"""Experts published later are found by kept searches, told once, never to their own house."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.db import Database
from tenon.listings.models import Expert
from tenon.listings.services.announcing import announce_experts
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tenon.searches import queries
from tenon.searches.models import SavedExpertFinding
from tenon.searches.queries.criteria import meeting_values, offered_by_expert
from tenon.searches.services import recording, telling
from tests.factories.accounts import make_membership, make_organisation, make_user, sign_in
from tests.factories.listings import make_expert
from tests.matches.conftest import Index
from tests.notices.mailing import Box, at
from tests.searches.conftest import Keep

pytestmark = pytest.mark.usefixtures("background", "box")
NOON = at("2026-11-25T12:00")
BIO = "长期研究高温蒸汽管道的光纤测温装置，研制分布式测温仪并用于热电厂。"


@pytest.fixture
def now() -> datetime:
    """A Wednesday at noon, by Shanghai's clock."""
    return NOON


@pytest.fixture
def ready(session: Session, index: Index) -> None:
    """An index without a single page."""
    index()


def appear(database: Database, **values: Any) -> Expert:
    """Publish an expert's page, as its service does: the row, and the index told of it."""
    with database.writing() as session:
        standing: dict[str, Any] = {"published": True, "name_zh": "示例专家", "bio_zh": BIO}
        house = values.pop("organisation_id", None)
        found = None if house is None else session.get_one(Organisation, house)
        made = make_expert(session, organisation=found, **standing | values)
        announce_experts(session, [made.id], now=NOON)
    return made


def told(database: Database, user: User) -> list[tuple[str, str]]:
    with database.reading() as session:
        own = sa.select(Notice).where(Notice.user_id == user.id, Notice.kind.like("saved_%"))
        return [(row.kind, row.path) for row in session.scalars(own.order_by(Notice.id))]


def test_who_is_told_of_a_new_expert_and_who_is_not(
    session: Session, ready: None, keep: Keep, database: Database, box: Box
) -> None:
    """By filter, by words; not by other words, other filters, a paragraph, nor the expert's own."""
    house = make_organisation(session, kind="university", region="420100")
    names = (
        "filter",
        "words",
        "both",
        "other_words",
        "needs",
        "readiness",
        "box",
        "colleague",
        "self",
    )
    people = {name: make_user(session) for name in names}
    make_membership(session, people["colleague"], house, "member")
    keep(people["filter"], side_="expert", region="420000")
    keep(people["words"], text="光纤测温")
    keep(people["both"], text="光纤测温", side_="expert,need", kind="university")
    keep(people["other_words"], text="玉米育种", side_="expert")
    keep(people["needs"], text="光纤测温", side_="need")
    keep(people["readiness"], text="光纤测温", readiness="4-6")
    keep(people["box"], text="蒸汽管道外壁要连续测温的光纤装置。", side="need")
    for name in ("colleague", "self"):
        keep(people[name], text="光纤测温")
    session.commit()
    made = appear(database, organisation_id=house.id, user=people["self"])
    drain(database, now=NOON)
    path = f"/experts/{made.public_id}"
    found = {name for name, user in people.items() if told(database, user)}
    assert found == {"filter", "words", "both"}
    assert told(database, people["words"]) == [("saved_search_found", path)]
    with database.writing() as writing:
        announce_experts(writing, [made.id], now=NOON)
    drain(database, now=NOON)
    assert len(told(database, people["words"])) == 1, "once"


def test_who_is_there_already_is_known_and_a_page_that_begins_to_fit_is_told(
    session: Session, ready: None, keep: Keep, database: Database, index: Index
) -> None:
    user = make_user(session)
    old = make_expert(session, published=True, name_zh="旧识", bio_zh=BIO)
    other = make_expert(session, published=True, name_zh="另一人", bio_zh="研究玉米育种。")
    hidden = make_expert(session, published=False, name_zh="未公开", bio_zh=BIO)
    index()
    keep(user, text="光纤测温", side_="expert")
    session.commit()
    for expert in (old, other, hidden):
        with database.writing() as writing:
            if expert is other:
                writing.get_one(Expert, other.id).bio_zh = BIO
            announce_experts(writing, [expert.id], now=NOON)
    drain(database, now=NOON)
    assert told(database, user) == [("saved_search_found", f"/experts/{other.public_id}")]
    with database.reading() as reading:
        rows = reading.execute(sa.select(SavedExpertFinding.expert_id, SavedExpertFinding.known))
        assert dict(rows.all()) == {old.id: True, other.id: False}


def test_gathered_counted_shown_once_as_new(
    session: Session, ready: None, keep: Keep, database: Database, client: FlaskClient
) -> None:
    """A daily search waits; its page marks the expert as new the first time only."""
    user = make_user(session, language="zh")
    search = keep(user, rhythm="daily", side_="expert", at=NOON)
    session.commit()
    made = appear(database)
    drain(database, now=NOON)
    assert told(database, user) == []
    with database.writing() as writing:
        assert queries.count_new(writing, user.id, now=NOON) == 1
        telling.tell_due(writing, now=NOON + timedelta(days=1))
    assert told(database, user) == [("saved_search_daily", f"/experts/{made.public_id}")]
    sign_in(client, user)
    path = f"/searches/{search.public_id}"
    assert "示例专家" in client.get(path).text
    with database.reading() as reading:
        assert queries.count_new(reading, user.id, now=NOON) == 0


def test_who_was_hidden_since_is_not_told(
    session: Session, ready: None, keep: Keep, database: Database
) -> None:
    user = make_user(session)
    search = keep(user, side_="expert")
    session.commit()
    made = appear(database)
    with database.writing() as writing:
        writing.get_one(Expert, made.id).published = False
        recording.record_experts(writing, [(search.id, made.id)], now=NOON)
    assert told(database, user) == []


def test_values_are_those_under_which_the_search_page_finds_them(
    session: Session, ready: None, keep: Keep
) -> None:
    """Every filter that an expert meets finds them, and none else of its dimension."""
    house = make_organisation(session, kind="university", region="420100")
    expert = make_expert(session, published=True, organisation=house, name_zh="示例")
    user = make_user(session)
    meets = [
        keep(user, name=str(number), side_="expert", **chosen).id
        for number, chosen in enumerate(
            ({"region": "420100"}, {"kind": "university"}, {"language": "zh"})
        )
    ]
    for number, chosen in enumerate(
        ({"region": "330100"}, {"kind": "enterprise"}, {"language": "en"}), 9
    ):
        keep(user, name=str(number), side_="expert", **chosen)
    assert meeting_values(session, offered_by_expert(expert)) == set(meets)


def test_a_notice_names_one_with_an_account_whose_erasure_finds_it(
    session: Session, ready: None, keep: Keep, database: Database
) -> None:
    """Of two people with accounts one is named and one counted; imported pages are named all."""
    user = make_user(session)
    search = keep(user, rhythm="daily", side_="expert")
    people = [make_user(session) for _ in range(2)]
    made = [
        make_expert(session, name_zh=f"专家{number}", user=person)
        for number, person in enumerate([*people, None])
    ]
    recording.record_experts(session, [(search.id, each.id) for each in made], now=NOON)
    telling.tell_due(session, now=NOON + timedelta(days=1))
    notice = session.scalars(sa.select(Notice).where(Notice.user_id == user.id)).one()
    titles = notice.facts["titles"]["zh"]
    assert notice.about_id == people[0].id
    assert "专家0" in titles
    assert "专家2" in titles
    assert "专家1" not in titles
    assert "1" in titles.replace("专家1", "")

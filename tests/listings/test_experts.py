"""Experts' pages and claims, services and pages."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Forbidden, Invalid
from tenon.listings import services
from tenon.listings.models import Expert
from tenon.listings.queries import open_claims
from tenon.notices.models import Notice
from tenon.outbox.models import OutboxMessage
from tests.factories.listings import make_expert
from tests.listings.conftest import Browser, rows
from tests.listings.people import People, make_people

PAGE = services.Page(
    name_zh="云舒", bio_zh="光纤传感", languages=("zh",), fields=(("hitech", "1"),), published=True
)


def _announced(session: Session) -> list[object]:
    topic = OutboxMessage.topic == "experts.changed"
    return [row.payload for row in session.scalars(sa.select(OutboxMessage).where(topic))]


def test_own_page_is_made_once_and_announced_while_public(session: Session, now: datetime) -> None:
    people = make_people(session)
    by = people.actor("researcher")
    hidden = services.Page(name_zh="云舒")
    page = services.write_own_page(session, page=hidden, by=by, now=now)
    assert (page.organisation_id, page.version, _announced(session)) == (
        people.university.id,
        1,
        [],
    )
    again = services.write_own_page(session, page=PAGE, by=by, now=now)
    assert (again.id, again.version) == (page.id, 2)
    services.write_own_page(session, page=hidden, by=by, now=now)
    assert _announced(session) == [{"ids": [page.id]}] * 2
    assert again.fields == []


@pytest.mark.parametrize(
    ("page", "faults"),
    [
        (services.Page(), {"name_zh": "required"}),
        (services.Page(name_en="x" * 121), {"name_en": "too_long"}),
        (services.Page(name_en="A", availability="x"), {"availability": "unknown_code"}),
        (services.Page(name_en="A", fields=(("hitech", "x"),)), {"fields": "unknown_code"}),
        (services.Page(name_en="A", languages=("fr",)), {"languages": "unknown_code"}),
    ],
)
def test_page_refuses_what_is_of_the_wrong_kind(
    session: Session, now: datetime, page: services.Page, faults: dict[str, str]
) -> None:
    by = make_people(session).actor("stranger")
    with pytest.raises(Invalid) as caught:
        services.write_own_page(session, page=page, by=by, now=now)
    assert caught.value.fields == faults


def test_page_is_edited_by_its_own_their_institution_and_operators(
    session: Session, now: datetime
) -> None:
    people = make_people(session)
    expert = make_expert(session, organisation=people.university, user=people.reader)
    for name in ("reader", "administrator", "operator"):
        services.edit_page(session, expert, page=PAGE, by=people.actor(name), now=now)
    for name in ("researcher", "engineer", "broker"):
        with pytest.raises(Forbidden):
            services.edit_page(session, expert, page=PAGE, by=people.actor(name), now=now)


def test_claim_is_decided_by_somebody_else_and_settles_the_others(
    session: Session, now: datetime
) -> None:
    people = make_people(session)
    expert = make_expert(session, organisation=people.university)
    mine = services.claim(session, expert, remark="", by=people.actor("reader"), now=now)
    assert services.claim(session, expert, remark="", by=people.actor("reader"), now=now) is mine
    other = services.claim(session, expert, remark="", by=people.actor("stranger"), now=now)
    own = services.claim(session, expert, remark="", by=people.actor("operator"), now=now)
    with pytest.raises(Forbidden):
        services.decide_claim(session, own, approve=True, by=people.actor("operator"), now=now)
    with pytest.raises(Forbidden):
        services.decide_claim(session, mine, approve=True, by=people.actor("researcher"), now=now)
    by = people.actor("administrator")
    waiting = [claim.id for claim, _person in open_claims(session, by=by)]
    assert waiting == [mine.id, other.id, own.id]
    services.decide_claim(session, mine, approve=True, by=by, now=now)
    session.refresh(other)
    notices = session.execute(sa.select(Notice.user_id, Notice.kind).order_by(Notice.id)).all()
    told = [(people.administrator.id, "expert_claimed")] * 3
    assert notices == [*told, (people.reader.id, "expert_claim_approved")]
    assert (expert.user_id, mine.state, other.state) == (people.reader.id, "approved", "refused")
    with pytest.raises(Conflict):
        services.decide_claim(session, other, approve=True, by=by, now=now)
    with pytest.raises(Conflict):
        services.claim(session, expert, remark="", by=people.actor("engineer"), now=now)


def test_claim_is_for_people_without_a_page(session: Session, now: datetime) -> None:
    people = make_people(session)
    make_expert(session, user=people.reader)
    with pytest.raises(Conflict) as caught:
        services.claim(session, make_expert(session), remark="", by=people.actor("reader"), now=now)
    assert caught.value.code == "has_a_page"


def test_expert_pages_through_http(guest: Browser, people: People, committed: Session) -> None:
    imported = make_expert(committed, organisation=people.university, name_zh="云舒")
    hidden = make_expert(committed, organisation=people.university, published=False)
    committed.commit()
    path = f"/experts/{imported.public_id}"
    assert guest.get(path).status_code == 200
    assert guest.get(f"/experts/{hidden.public_id}").status_code == 404
    guest.sign_in(people.reader)
    assert guest.get(f"{path}/claim").status_code == 200
    assert guest.post(f"{path}/claim", {"remark": "me@example.org"}).location == path
    assert "Your claim waits" in guest.get(path).text
    assert guest.get(f"{path}/edit").status_code == 403
    guest.sign_in(people.administrator)
    page = guest.get("/experts/claims")
    assert "me@example.org" in page.text
    action = page.text.split('action="/experts/claims/')[1].split('"')[0]
    guest.post(f"/experts/claims/{action}", {"decision": "approve"})
    guest.sign_in(people.reader)
    assert guest.get("/my/expert-page").status_code == 200
    saved = guest.post(
        "/my/expert-page",
        {"name_zh": "云舒", "bio_zh": "新的方向", "availability": "limited", "published": "y"},
    )
    assert saved.location == path
    assert "新的方向" in guest.get(path).text
    assert rows(committed, sa.select(Expert.user_id).where(Expert.id == imported.id)) == [
        people.reader.id
    ]
    assert guest.post("/my/expert-page", {"availability": "open"}).status_code == 422

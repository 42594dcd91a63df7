"""From publication through the dispatcher to a notice and a mail: to whom, when, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts import personal_data
from tenon.accounts.models import Organisation, User
from tenon.db import Database
from tenon.listings.models import Listing
from tenon.listings.services.announcing import announce
from tenon.matches import indexing
from tenon.network.models import PortfolioFirm
from tenon.notices.models import Mail, Notice
from tenon.outbox.dispatcher import drain
from tenon.searches import queries
from tenon.searches.models import SavedFinding, SavedSearch
from tenon.searches.queries.answering import still_public
from tenon.searches.services import keeping, recording, telling
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.listings import make_achievement, make_need
from tests.matches.conftest import Index
from tests.notices.mailing import Box, at, pass_time
from tests.searches.conftest import Keep

pytestmark = pytest.mark.usefixtures("background", "box")
NOON = at("2026-11-25T12:00")  # a Wednesday
NEED = "我厂高温蒸汽管道外壁测温靠人工，漏报多，想要不停产、能连续测温的光纤装置。"
TITLE = "面向高温管道的光纤测温装置"


@pytest.fixture
def now() -> datetime:
    """A Wednesday at noon, by Shanghai's clock."""
    return NOON


@pytest.fixture
def ready(session: Session, index: Index) -> None:
    """An index without a single listing."""
    index()


def publish(database: Database, now: datetime, **values: Any) -> Listing:
    """Publish a result, as the step does: the row, and the index told of it."""
    with database.writing() as session:
        standing: dict[str, Any] = {"state": "published", "published_at": now}
        made = make_achievement(session, **standing | values)
        announce(session, [made.id], now=now)
    return made


def told(database: Database, user: User) -> list[tuple[str, str]]:
    with database.reading() as session:
        own = sa.select(Notice).where(Notice.user_id == user.id, Notice.kind.like("saved_%"))
        return [(row.kind, row.path) for row in session.scalars(own.order_by(Notice.id))]


def letters(database: Database, user: User) -> list[Mail]:
    with database.reading() as session:
        own = sa.select(Mail).where(Mail.user_id == user.id, Mail.kind != "account")
        return list(session.scalars(own.order_by(Mail.id)))


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", "您保存的检索“测温”有新内容："), ("en", "New for your search “测温”: ")],
)
def test_published_indexed_told_and_mailed_once_with_a_way_to_unsubscribe(
    database: Database,
    session: Session,
    ready: None,
    keep: Keep,
    box: Box,
    client: FlaskClient,
    language: str,
    said: str,
) -> None:
    people = [make_user(session, language=language) for _ in range(3)]
    keep(people[0], text=NEED, side="need")
    keep(people[1], text="光纤 测温")
    keep(people[2], side_="achievement", hitech="4")
    session.commit()
    drain(database, now=NOON)
    made = publish(database, NOON, fields=[("hitech", "4")])
    drain(database, now=NOON)
    for user in people:
        assert told(database, user) == [("saved_search_found", f"/listings/{made.public_id}")]
        (mail,) = letters(database, user)
        assert said + TITLE in mail.text
        assert "/unsubscribe" in mail.text
        with database.reading() as reading:
            assert queries.count_new(reading, user.id, now=NOON) == 1
            (hit,) = queries.new_hits(reading, user.id, now=NOON)
            assert hit.listing.id == made.id
    address = next(
        line for line in letters(database, people[0])[0].text.split() if "/unsub" in line
    )
    page = client.get(address.removeprefix("https://tenon.example"))
    assert page.status_code == 200
    # An edit, and the same message twice, tell nothing more.
    with database.writing() as again:
        announce(again, [made.id], now=NOON)
    drain(database, now=NOON + timedelta(hours=2))
    assert [len(told(database, user)) for user in people] == [1, 1, 1]


def test_what_is_there_already_is_known_and_an_edit_that_makes_it_fit_is_told(
    database: Database, session: Session, ready: None, keep: Keep
) -> None:
    old = publish(database, NOON - timedelta(days=9))
    other = publish(
        database,
        NOON - timedelta(days=9),
        title="谷物储藏气调",
        summary="气调储粮。",
        problem=None,
        advantages=None,
        applications=None,
        fields=[],
    )
    drain(database, now=NOON)
    user = make_user(session)
    keep(user, text="光纤 测温")
    session.commit()
    with database.writing() as writing:
        announce(writing, [old.id, other.id], now=NOON)
    drain(database, now=NOON)
    assert told(database, user) == []
    with database.writing() as writing:
        changed = writing.get_one(Listing, other.id)
        changed.texts[0].summary = "光纤测温。"
        changed.version += 1
        announce(writing, [other.id], now=NOON)
    drain(database, now=NOON)
    assert told(database, user) == [("saved_search_found", f"/listings/{other.public_id}")]


def test_never_ones_own_nor_hidden_nor_paused(
    database: Database, session: Session, ready: None, keep: Keep
) -> None:
    own = make_organisation(session)
    member, paused, gone, blocked = (make_user(session) for _ in range(4))
    make_membership(session, member, own)
    searches = {user.id: keep(user, text="光纤 测温") for user in (member, paused, gone, blocked)}
    searches[paused.id].state = "paused"
    session.commit()
    with database.writing() as writing:
        writing.get_one(User, blocked.id).active = False
        own = writing.get_one(Organisation, own.id)
        made = make_achievement(writing, state="published", published_at=NOON, organisation=own)
        announce(writing, [made.id], now=NOON)
    drain(database, now=NOON)
    assert [told(database, user) for user in (member, paused, blocked)] == [[], [], []]
    assert told(database, gone)
    with database.reading() as reading:
        assert reading.get_one(SavedSearch, searches[blocked.id].id).state == "stopped"
    # Found for the digest, and withdrawn before that: nothing is said.
    with database.writing() as writing:
        search = writing.get_one(SavedSearch, searches[gone.id].id)
        search.rhythm = "daily"
        other = make_achievement(writing, state="published", published_at=NOON)
        announce(writing, [other.id], now=NOON)
    drain(database, now=NOON)
    with database.writing() as writing:
        assert writing.get_one(SavedSearch, search.id).due_at is not None
        writing.get_one(Listing, other.id).state = "withdrawn"
    with database.writing() as writing:
        telling.tell_due(writing, now=NOON + timedelta(days=2))
    assert len(told(database, gone)) == 1
    with database.reading() as reading:
        assert queries.count_new(reading, gone.id, now=NOON) == 1
    assert made.id


def test_an_anonymous_firm_is_not_named(
    database: Database, session: Session, ready: None, keep: Keep
) -> None:
    user = make_user(session)
    keep(user, side_="need")
    session.commit()
    with database.writing() as writing:
        secret = make_organisation(writing, kind="enterprise", name_zh="绝密电缆厂")
        need = make_need(
            writing, state="published", published_at=NOON, anonymous=True, organisation=secret
        )
        announce(writing, [need.id], now=NOON)
    drain(database, now=NOON)
    (mail,) = letters(database, user)
    assert "求高温管道在线测温办法" in mail.text
    assert "绝密" not in mail.text + (mail.html or "")


@pytest.mark.parametrize(("rhythm", "day"), [("daily", "2026-11-26"), ("weekly", "2026-11-30")])
def test_gathered_in_the_digest_with_titles_and_how_many_more(
    database: Database, session: Session, ready: None, keep: Keep, rhythm: str, day: str
) -> None:
    user, quiet = make_user(session, language="zh"), make_user(session)
    keep(user, text="光纤 测温", rhythm=rhythm)
    keep(quiet, text="谷物储藏", rhythm=rhythm)
    session.commit()
    for number in range(7):
        publish(database, NOON, title=f"光纤测温装置{number}")
    pass_time(database, NOON)
    tell_at(database, at(f"{day}T07:30"))
    assert told(database, user) == []
    tell_at(database, at(f"{day}T07:45"))
    assert [kind for kind, _ in told(database, user)] == [f"saved_search_{rhythm}"]
    pass_time(database, at(f"{day}T08:10"))
    (mail,) = letters(database, user)
    assert mail.kind == "digest"
    assert "光纤测温装置0；光纤测温装置1" in mail.text
    assert "另有 2 项" in mail.text
    assert told(database, quiet) == []
    tell_at(database, at(f"{day}T08:10") + timedelta(days=8))
    assert len(told(database, user)) == 1


@pytest.mark.parametrize("rhythm", ["daily", "weekly"])
def test_what_waits_is_told_at_once_when_the_owner_wants_it_so(
    database: Database, session: Session, ready: None, keep: Keep, rhythm: str
) -> None:
    user = make_user(session, language="zh")
    search = keep(user, text="光纤 测温", rhythm=rhythm)
    session.commit()
    for number in range(3):
        publish(database, NOON, title=f"光纤测温装置{number}")
    pass_time(database, NOON)
    assert told(database, user) == []
    with database.writing() as writing:
        found = writing.get_one(SavedSearch, search.id)
        assert found.due_at is not None
        keeping.change(
            writing, found, name="改了名", rhythm="now", organisation_id=None, version=1,
            by=actor_for(writing.get_one(User, user.id)), now=NOON,
        )  # fmt: skip
    with database.reading() as reading:
        assert reading.get_one(SavedSearch, search.id).due_at is None
    assert told(database, user) == [("saved_search_found", f"/searches/{search.public_id}")]
    pass_time(database, NOON)
    (mail,) = letters(database, user)
    assert all(f"光纤测温装置{number}" in mail.text for number in range(3))
    assert "改了名" in mail.text
    tell_at(database, NOON + timedelta(days=8))
    assert len(told(database, user)) == 1


def test_a_need_is_told_of_until_its_last_day_is_over_here(session: Session) -> None:
    """Half past midnight of the 26th in China is still the 25th elsewhere."""
    need = make_need(session, state="published", deadline=date(2026, 11, 25))
    for moment, there in (("2026-11-25T23:30", True), ("2026-11-26T00:30", False)):
        assert (need in still_public(session, [need.id], now=at(moment))) is there


def tell_at(database: Database, moment: datetime) -> None:
    with database.writing() as session:
        telling.tell_due(session, now=moment)


def test_a_brokers_search_for_a_firm_names_it_and_ends_with_the_portfolio(
    database: Database, session: Session, ready: None, keep: Keep
) -> None:
    broker = grant_role(session, make_user(session, language="zh"), "broker")
    firm = make_organisation(session, kind="enterprise", name_zh="示例电缆有限公司")
    row = PortfolioFirm(organisation_id=firm.id, broker_id=broker.id, since=NOON)
    session.add(row)
    session.flush()
    search = keep(broker, text="光纤 测温", organisation_id=firm.id)
    session.commit()
    with database.writing() as writing:
        firm = writing.get_one(Organisation, firm.id)
        own = make_achievement(writing, state="published", published_at=NOON, organisation=firm)
        announce(writing, [own.id], now=NOON)
    publish(database, NOON)
    drain(database, now=NOON)
    (mail,) = letters(database, broker)
    assert "测温（为示例电缆有限公司）" in mail.text
    assert len(told(database, broker)) == 1, "the firm's own listing was told"
    with database.writing() as writing:
        writing.get_one(PortfolioFirm, row.id).ended_at = NOON
    publish(database, NOON)
    drain(database, now=NOON)
    assert len(told(database, broker)) == 1
    with database.reading() as reading:
        assert reading.get_one(SavedSearch, search.id).state == "stopped"


def test_a_search_for_what_fits_a_listing_follows_the_listing(
    database: Database, session: Session, index: Index, keep: Keep
) -> None:
    firm = make_organisation(session, kind="enterprise")
    user = make_user(session)
    make_membership(session, user, firm, "editor")
    need = make_need(
        session,
        organisation=firm,
        state="published",
        title="求谷物储藏办法",
        summary="粮仓储粮发热霉变，想要气调储藏。",
        requirements=[],
    )
    index()
    keep(user, listing=need)
    session.commit()
    publish(database, NOON)
    drain(database, now=NOON)
    assert told(database, user) == []
    with database.writing() as writing:
        changed = writing.get_one(Listing, need.id)
        changed.texts[0].title, changed.texts[0].summary = "求高温管道在线测温办法", NEED
        changed.version += 1
        announce(writing, [need.id], now=NOON)
    drain(database, now=NOON)
    made = publish(database, NOON)
    drain(database, now=NOON)
    assert ("saved_search_found", f"/listings/{made.public_id}") in told(database, user)


def test_two_workers_tell_once(
    database: Database, session: Session, ready: None, keep: Keep
) -> None:
    user = make_user(session)
    search = keep(user, text="光纤 测温")
    session.commit()
    made = publish(database, NOON)
    start = Barrier(2)

    def work() -> None:
        start.wait()
        with database.writing() as own:
            recording.record(own, [(search.id, made.id)], now=NOON)

    workers = [Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    drain(database, now=NOON)
    assert len(told(database, user)) == 1


def test_personal_data_is_collected_and_erased(session: Session, ready: None, keep: Keep) -> None:
    user = make_user(session)
    search = keep(user, "我的测温", text="光纤 测温")
    session.add(SavedFinding(search_id=search.id, listing_id=make_need(session).id, found_at=NOON))
    session.flush()
    assert personal_data.collect(session, user)["searches"]["searches"][0]["name"] == "我的测温"
    personal_data.erase(session, user, NOON)
    for model in (SavedSearch, SavedFinding):
        assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0


@pytest.fixture(autouse=True)
def _let_go(site: object) -> Iterator[None]:
    yield
    indexing.release(site)  # type: ignore[arg-type]  # the settings

"""The room's pages: save from other pages, the list, what is new, limits, and nobody else's."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.listings.models import Listing
from tenon.searches import queries
from tenon.searches.models import SavedFinding, SavedSearch
from tenon.searches.services import keeping
from tests.factories.accounts import (
    actor_for,
    make_membership,
    make_organisation,
    make_user,
    post,
    sign_in,
)
from tests.factories.listings import make_achievement, make_need
from tests.matches.conftest import Index
from tests.notices.mailing import counted
from tests.searches.conftest import Keep

NOW = datetime.now(UTC)
PARAGRAPH = "我厂高温蒸汽管道外壁测温靠人工，漏报多，想要不停产、能连续测温的光纤装置。"
pytestmark = pytest.mark.usefixtures("background")


@pytest.fixture
def now() -> datetime:
    """Pages go by the clock."""
    return NOW


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page's form for a new search."""
    form = page.split('action="/searches"')[1].split("</form>", maxsplit=1)[0]
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: value for name, value in found if name != "csrf_token"}


def kept(database: Database) -> list[SavedSearch]:
    with database.reading() as session:
        return list(session.scalars(sa.select(SavedSearch).order_by(SavedSearch.id)))


def test_every_page_that_searches_has_a_button_that_saves_it(
    session: Session, index: Index, database: Database, client: FlaskClient
) -> None:
    firm = make_organisation(session, kind="enterprise")
    user = make_user(session, language="en")
    make_membership(session, user, firm, "editor")
    need = make_need(session, organisation=firm, state="published")
    make_achievement(session, state="published")
    index()
    sign_in(client, user)
    assert "/searches/new" not in client.get("/search").text
    page = client.get("/search?q=光纤测温&side=achievement&readiness=4-6").text
    address = re.search(r'href="(/searches/new[^"]*)"', page)
    assert address is not None
    form = client.get(address[1].replace("&amp;", "&")).text
    assert 'value="光纤测温"' in form
    answer = post(client, "/searches", **hidden(form), name="光纤测温", rhythm="daily")
    assert answer.status_code == 303
    text = "蒸汽管道外壁测温靠人工，想要连续测温的光纤装置。" * 20
    page = post(client, "/match", text=text, side="need").text
    assert 'action="/searches/new"' in page
    form = post(client, "/searches/new", kind="box", q=text, taken="need").text
    answer = post(client, "/searches", **hidden(form), name="段落", rhythm="now")
    assert answer.status_code == 303
    page = client.get(f"/listings/{need.public_id}/matches").text
    assert f"/searches/new?listing={need.public_id}" in page
    form = client.get(f"/searches/new?listing={need.public_id}").text
    answer = post(client, "/searches", **hidden(form), name="需求", rhythm="weekly")
    assert answer.status_code == 303
    made = kept(database)
    assert [(one.kind, one.rhythm) for one in made] == [
        ("browse", "daily"),
        ("box", "now"),
        ("listing", "weekly"),
    ]
    assert made[0].chosen == {"side": ["achievement"], "readiness": ["4-6"]}
    assert (made[1].text, made[1].side) == (text, "need")
    assert made[2].listing_id == need.id
    for one in made:
        shown = client.get(f"/searches/{one.public_id}")
        assert (shown.status_code, "面向高温管道的光纤测温装置" in shown.text) == (200, True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "", "q": "测温"}, "Please fill this in."),
        ({"name": "长" * 81, "q": "测温"}, "That is too long."),
        ({"name": "有了", "q": "测温"}, "You keep a search of this name already."),
        ({"name": "新", "q": "测温", "rhythm": "hourly"}, "Please choose from the list."),
        ({"name": "新", "q": ""}, "Choose a filter or write some words first."),
        ({"name": "新", "kind": "box", "q": "，"}, "Please fill this in."),
        ({"name": "新", "kind": "box", "q": "测" * 5001}, "That is too long."),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(
    session: Session,
    index: Index,
    keep: Keep,
    client: FlaskClient,
    database: Database,
    fields: dict[str, str],
    said: str,
) -> None:
    index()
    user = make_user(session, language="en")
    keep(user, "有了", text="光纤")
    session.commit()
    sign_in(client, user)
    answer = post(client, "/searches", **{"rhythm": "now", **fields})
    assert answer.status_code == 422
    assert said in answer.text
    if fields["name"]:
        assert fields["name"] in answer.text
    assert len(kept(database)) == 1


def test_at_most_fifty_and_names_are_a_persons_own(
    session: Session, index: Index, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    index()
    user, other = make_user(session), make_user(session)
    monkeypatch.setattr(keeping, "MOST_SEARCHES", 3)
    for number in range(3):
        keep(user, f"n{number}", side_="need")
    with pytest.raises(Invalid) as refused:
        keep(user, "n3", side_="need")
    assert refused.value.fields == {"": "too_many_searches"}
    keep(other, "n0", side_="need")


def test_the_list_counts_what_is_new_opening_marks_it_and_reads_it_once(
    session: Session, index: Index, keep: Keep, client: FlaskClient, database: Database
) -> None:
    results = [make_achievement(session, state="published") for _ in range(3)]
    index()
    user = make_user(session, language="en")
    search = keep(user, "光纤", text="光纤 测温")
    session.execute(sa.update(SavedFinding).values(known=False))
    session.commit()
    sign_in(client, user)
    assert "3 new" in client.get("/searches").text
    page = client.get(f"/searches/{search.public_id}").text
    assert page.count(">New<") == 3
    assert "3 new" not in client.get("/searches").text
    assert ">New<" not in client.get(f"/searches/{search.public_id}").text
    with database.reading() as reading:
        assert queries.count_new(reading, user.id, now=NOW) == 0
    assert len(results) == 3


def found_anew(session: Session, search: SavedSearch) -> None:
    """Let a search have found all listings that there are, and nobody have looked at them."""
    session.execute(sa.delete(SavedFinding).where(SavedFinding.search_id == search.id))
    session.add_all(
        SavedFinding(search_id=search.id, listing_id=key, found_at=NOW)
        for key in session.scalars(sa.select(Listing.id))
    )
    session.commit()


def waiting(database: Database, search: SavedSearch) -> int:
    """How much of what a search found is still to be told."""
    with database.reading() as reading:
        wanted = sa.select(sa.func.count()).where(
            SavedFinding.search_id == search.id,
            SavedFinding.told_at.is_(None),
            SavedFinding.seen_at.is_(None),
        )
        return reading.scalar(wanted) or 0


def test_only_what_a_page_shows_counts_as_looked_at(
    session: Session, index: Index, keep: Keep, client: FlaskClient, database: Database
) -> None:
    for number in range(30):
        make_achievement(session, state="published", title=f"光纤测温装置{number}号")
    index()
    user = make_user(session, language="en")
    search = keep(user, "浏览", side_="achievement", rhythm="weekly")
    found_anew(session, search)
    sign_in(client, user)
    page = client.get(f"/searches/{search.public_id}").text
    assert page.count(">New<") == 20
    assert "10 new hits are not on this page." in page
    assert waiting(database, search) == 10  # what is on the second page Monday's notice tells
    page = client.get(f"/searches/{search.public_id}?page=2").text
    assert page.count(">New<") == 10
    assert "not on this page" not in page
    assert waiting(database, search) == 0


def test_what_no_page_shows_any_more_is_new_until_told_or_marked(
    session: Session, index: Index, keep: Keep, client: FlaskClient, database: Database
) -> None:
    make_achievement(session, state="published")
    make_achievement(
        session, state="published", title="谷物储藏气调", summary="气调储粮。", problem=None,
        advantages=None, applications=None, fields=[],
    )  # fmt: skip
    index()
    user = make_user(session, language="en")
    search = keep(user, "段落", text=PARAGRAPH, side="need", rhythm="weekly")
    found_anew(session, search)
    sign_in(client, user)
    path = f"/searches/{search.public_id}"
    page = client.get(path).text
    assert page.count(">New<") == 1
    assert "1 new hit is not on this page." in page
    assert waiting(database, search) == 1
    assert post(client, f"{path}/seen").status_code == 303
    assert waiting(database, search) == 0
    assert "not on this page" not in client.get(path).text
    with database.reading() as reading:
        assert queries.count_new(reading, user.id, now=NOW) == 0


def test_change_pause_go_on_and_delete(
    session: Session, index: Index, keep: Keep, client: FlaskClient, database: Database
) -> None:
    index()
    user = make_user(session, language="en")
    search = keep(user, "光纤", text="光纤 测温")
    session.commit()
    sign_in(client, user)
    base = f"/searches/{search.public_id}"
    page = client.get(f"{base}/change").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    changed = {"name": "新名", "rhythm": "weekly", "version": version[1]}
    assert post(client, f"{base}/change", **changed).status_code == 303
    assert post(client, f"{base}/change", **changed | {"name": "旧"}).status_code == 409
    assert [(one.name, one.rhythm) for one in kept(database)] == [("新名", "weekly")]
    assert post(client, f"{base}/pause").status_code == 303
    assert kept(database)[0].state == "paused"
    assert post(client, f"{base}/resume").status_code == 303
    assert kept(database)[0].state == "active"
    assert post(client, f"{base}/drop").status_code == 303
    assert kept(database) == []


def test_nobody_elses_search_is_there_and_foreign_listings_and_firms_are_refused(
    session: Session, index: Index, keep: Keep, client: FlaskClient, database: Database
) -> None:
    need = make_need(session, state="published")
    draft = make_need(session)
    firm = make_organisation(session, kind="enterprise")
    index()
    owner, stranger = make_user(session), make_user(session)
    search = keep(owner, "光纤", text="光纤 测温")
    base = f"/searches/{search.public_id}"
    for act in (keeping.pause, keeping.drop):
        with pytest.raises(Forbidden):
            act(session, search, by=actor_for(stranger))
    session.commit()
    assert client.get("/searches").status_code in (302, 401)
    sign_in(client, stranger)
    for path in (base, f"{base}/change"):
        assert client.get(path).status_code == 404
    for verb in ("change", "pause", "resume", "drop", "seen"):
        assert post(client, f"{base}/{verb}", name="x", rhythm="now").status_code == 404
    assert client.get(f"/searches/new?listing={need.public_id}").status_code == 403
    assert client.get(f"/searches/new?listing={draft.public_id}").status_code == 404
    given = {"name": "x", "rhythm": "now", "q": "光纤"}
    assert post(client, "/searches", **given, listing=need.public_id).status_code == 403
    assert post(client, "/searches", **given, organisation=firm.public_id).status_code == 404
    assert [one.user_id for one in kept(database)] == [owner.id]


def test_the_list_asks_no_more_for_thirty_searches_than_for_one(
    session: Session, index: Index, keep: Keep, client: FlaskClient, database: Database
) -> None:
    index()
    user = make_user(session)
    keep(user, "n0", side_="need")
    session.commit()
    sign_in(client, user)
    client.get("/searches")
    with counted(database) as few:
        client.get("/searches")
    for number in range(1, 30):
        keep(user, f"n{number}", side_="need", hitech="1")
    session.commit()
    with counted(database) as many:
        assert client.get("/searches").status_code == 200
    assert len(many) <= len(few)


def test_two_changes_at_once_one_is_told(
    session: Session, index: Index, keep: Keep, now: datetime
) -> None:
    index()
    user = make_user(session)
    search = keep(user, "光纤", text="光纤 测温")
    given: dict[str, Any] = {"organisation_id": None, "by": actor_for(user), "now": now}
    given["version"] = 1
    keeping.change(session, search, name="一", rhythm="now", **given)
    with pytest.raises(Conflict):
        keeping.change(session, search, name="二", rhythm="now", **given)

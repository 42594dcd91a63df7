"""What people choose to be told: kept where it differs, at its page, and what every kind says."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collect
from tenon.accounts.services import erase_person
from tenon.actors import VISITOR
from tenon.db import Database
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.history import HistoryEntry
from tenon.notices import bundling, choosing, queries, services, wording
from tenon.notices.bundling import Reader, Waiting
from tenon.notices.choosing import Choice, Hours
from tenon.notices.models import NoticeChoice, NoticeSchedule
from tests.factories.accounts import NOW, actor_for, grant_role, make_user, post, sign_in
from tests.notices.mailing import AT_ONCE, DAILY, ESSENTIAL, Box, counted, tell

PAGE = "/account/notices"
NIGHT = Hours(1320, 420, 8)


def rows(session: Session, user: User) -> dict[str, tuple[bool | None, str | None]]:
    found = sa.select(NoticeChoice).where(NoticeChoice.user_id == user.id)
    return {row.kind: (row.in_site, row.mail) for row in session.scalars(found)}


def test_only_what_differs_from_the_default_is_kept(session: Session) -> None:
    user = make_user(session)
    by = actor_for(user)
    wanted = {AT_ONCE: Choice(True, "digest"), DAILY: Choice(False, "digest")}
    assert services.change_choices(session, wanted=wanted, times=NIGHT, by=by, now=NOW) == 2
    assert rows(session, user) == {AT_ONCE: (None, "digest"), DAILY: (False, None)}
    assert choosing.choices(session, user.id)[AT_ONCE] == Choice(True, "digest")
    back = {AT_ONCE: Choice(True, "now"), DAILY: Choice(True, "digest")}
    assert services.change_choices(session, wanted=back, times=NIGHT, by=by, now=NOW) == 2
    assert rows(session, user) == {}
    assert services.change_choices(session, wanted=back, times=NIGHT, by=by, now=NOW) == 0
    chain = sa.select(HistoryEntry.kind).where(HistoryEntry.chain_id == user.public_id)
    assert session.scalars(chain).all() == ["notices_chosen"] * 2


def test_group_or_everything_is_switched_at_once(session: Session) -> None:
    user = make_user(session)
    matches = {kind.code for kind in wording.groups()["matches"]}
    changed = services.choose(
        session, user_id=user.id, kind_or_group="matches", mail="off", now=NOW
    )
    assert changed == len(matches) == len(rows(session, user))
    services.choose(session, user_id=user.id, kind_or_group="all", mail="off", now=NOW)
    held = choosing.choices(session, user.id)
    daily = {code for code, choice in held.items() if choice.mail == "digest"}
    # Switched off as far as can be: what is essential comes daily, and all is still in the site.
    assert daily == {code for code, kind in wording.KINDS.items() if kind.essential}
    assert {choice.mail for code, choice in held.items() if code not in daily} == {"off"}
    assert all(choice.in_site for choice in held.values())
    services.choose(session, user_id=user.id, kind_or_group=AT_ONCE, mail="now", now=NOW)
    assert choosing.choices(session, user.id)[AT_ONCE].mail == "now"


def test_unknown_names_are_refused(session: Session) -> None:
    user = make_user(session)
    with pytest.raises(NotFound):
        services.choose(session, user_id=user.id, kind_or_group="nothing", mail="off", now=NOW)
    with pytest.raises(NotFound):
        services.choose(session, user_id=user.id + 1, kind_or_group="all", mail="off", now=NOW)
    with pytest.raises(Invalid):
        services.choose(session, user_id=user.id, kind_or_group="all", mail="often", now=NOW)
    with pytest.raises(Forbidden):
        services.change_choices(session, wanted={}, times=NIGHT, by=VISITOR, now=NOW)


@pytest.mark.parametrize(
    ("times", "errors"),
    [
        (Hours(1320, None, 8), {"quiet_ends": "required"}),
        (Hours(None, 420, 8), {"quiet_begins": "required"}),
        (Hours(420, 420, 8), {"quiet_ends": "same_hour"}),
        (Hours(1320, 420, 6), {"digest_hour": "in_quiet_hours"}),
        (Hours(1320, 420, 22), {"digest_hour": "in_quiet_hours"}),
        (Hours(-1, 420, 24), {"quiet_begins": "out_of_range", "digest_hour": "out_of_range"}),
    ],
)
def test_hours_that_cannot_be_are_refused(
    session: Session, times: Hours, errors: dict[str, str]
) -> None:
    by = actor_for(make_user(session))
    with pytest.raises(Invalid) as caught:
        services.change_choices(session, wanted={}, times=times, by=by, now=NOW)
    assert caught.value.fields == errors


@pytest.mark.parametrize("choice", [Choice(True, "off"), Choice(False, "now")])
def test_what_is_essential_stays(session: Session, choice: Choice) -> None:
    by = actor_for(make_user(session))
    with pytest.raises(Invalid) as caught:
        services.change_choices(session, wanted={ESSENTIAL: choice}, times=NIGHT, by=by, now=NOW)
    assert caught.value.fields == {f"mail_{ESSENTIAL}": "cannot_be_off"}


def test_few_kinds_are_essential() -> None:
    essential = [kind.code for kind in wording.KINDS.values() if kind.essential]
    assert set(essential) >= {"membership_ended", "broker_granted", "operator_revoked"}
    assert len(essential) <= len(wording.KINDS) / 4


def test_choices_are_collected_and_erased(session: Session) -> None:
    user = make_user(session)
    by = actor_for(user)
    wanted = {AT_ONCE: Choice(True, "off")}
    services.change_choices(session, wanted=wanted, times=Hours(None, None, 9), by=by, now=NOW)
    held = collect(session, user)["notices"]["choices"]
    assert held["kinds"] == [{"kind": AT_ONCE, "in_site": None, "mail": "off"}]
    assert (held["quiet_from_minute"], held["digest_hour"]) == (None, 9)
    erase_person(session, user=user, by=by, now=NOW)
    session.flush()
    assert rows(session, user) == {}
    assert session.get(NoticeSchedule, user.id) is None


# ---- pages


@pytest.fixture
def person(session: Session) -> User:
    user = make_user(session)
    session.commit()
    return user


def filled(client: FlaskClient) -> dict[str, str]:
    """What a browser would send of the page as it stands."""
    page = client.get(PAGE).text
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if " checked" in tag and given["name"].startswith(("mail_", "site_", "all_")):
            found[given["name"]] = given["value"]
    selects = re.compile(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', re.DOTALL)
    for name, options in selects.findall(page):
        for value in re.findall(r'<option selected value="([^"]*)"', options):
            found[name] = value
    return found


def test_page_shows_what_holds_and_keeps_what_is_sent(
    app: Flask, database: Database, person: User
) -> None:
    client = sign_in(app.test_client(), person)
    sent = filled(client)
    assert sent[f"mail_{AT_ONCE}"] == "now"
    assert sent[f"mail_{DAILY}"] == "digest"
    assert (sent["quiet_begins"], sent["quiet_ends"], sent["digest_hour"]) == (
        "22:00",
        "07:00",
        "8",
    )
    answer = post(client, PAGE, **sent)
    assert answer.headers["Location"] == PAGE
    with database.reading() as session:
        assert rows(session, person) == {}
    del sent[f"site_{AT_ONCE}"]
    sent |= {f"mail_{AT_ONCE}": "off", "all_matches": "now", "quiet_begins": "", "quiet_ends": "",
             "digest_hour": "23"}  # fmt: skip
    assert post(client, PAGE, **sent).status_code == 302
    with database.reading() as session:
        assert rows(session, person) == {AT_ONCE: (False, "off"), DAILY: (None, "now")}
        assert choosing.hours(session, person.id) == Hours(None, None, 23)
    again = filled(client)
    assert (again[f"mail_{AT_ONCE}"], again[f"mail_{DAILY}"], again["digest_hour"]) == (
        "off", "now", "23",
    )  # fmt: skip
    assert f"site_{AT_ONCE}" not in again


def test_errors_stand_at_their_fields_and_what_was_sent_stays(
    app: Flask, database: Database, person: User
) -> None:
    client = sign_in(app.test_client(), person)
    sent = filled(client) | {"digest_hour": "23", f"mail_{AT_ONCE}": "digest"}
    answer = post(client, PAGE, **sent)
    assert answer.status_code == 422
    assert 'id="digest_hour-error"' in answer.text
    assert re.search(rf'checked[^>]*name="mail_{AT_ONCE}"[^>]*value="digest"', answer.text)
    wrong = filled(client) | {f"mail_{AT_ONCE}": "hourly", "quiet_begins": "25:99"}
    answer = post(client, PAGE, **wrong)
    assert answer.status_code == 422
    assert f'href="#mail_{AT_ONCE}"' in answer.text
    forced = filled(client) | {f"mail_{ESSENTIAL}": "off"}
    assert post(client, PAGE, **forced).status_code == 422
    with database.reading() as session:
        assert rows(session, person) == {}


def test_choices_are_ones_own(app: Flask, database: Database, session: Session) -> None:
    person, other = make_user(session), make_user(session)
    session.commit()
    assert app.test_client().get(PAGE).headers["Location"].startswith("/account/sign-in")
    assert post(app.test_client(), PAGE).headers["Location"].startswith("/account/sign-in")
    client = sign_in(app.test_client(), person)
    sent = filled(client) | {"all_listings": "off"}
    assert client.post(PAGE, data=sent).status_code == 400  # without the form's token
    assert post(client, PAGE, **sent, user_id=str(other.id)).status_code == 302
    with database.reading() as reading:
        assert rows(reading, other) == {}
        assert len(rows(reading, person)) == len(wording.groups()["listings"])


def test_inbox_leads_to_the_choices_and_filters(
    app: Flask, database: Database, session: Session, box: Box
) -> None:
    person = make_user(session)
    by = actor_for(person)
    seen = tell(session, person, NOW)
    tell(session, person, NOW, kind=DAILY)
    tell(session, person, NOW, kind=ESSENTIAL)
    assert seen is not None
    services.mark_read(session, notice_id=seen.id, by=by, now=NOW)
    session.commit()
    client = sign_in(app.test_client(), person)
    assert f'href="{PAGE}"' in client.get("/notices").text
    words = {AT_ONCE: "has been published", DAILY: "passed: other", ESSENTIAL: "now a technology"}

    def shown(query: str) -> set[str]:
        page = client.get(f"/notices{query}").text.split('<main id="main"')[1]
        return {kind for kind, text in words.items() if text in page}

    assert shown("") == shown("?group=no-such-group") == set(words)
    assert shown("?show=unread") == {DAILY, ESSENTIAL}
    assert shown("?group=listings") == {AT_ONCE}
    assert shown("?group=matches&show=unread") == {DAILY}
    assert shown("?group=listings&show=unread") == set()


def test_what_is_not_for_the_site_is_not_in_it(
    app: Flask, database: Database, session: Session, box: Box
) -> None:
    person = make_user(session)
    wanted = {AT_ONCE: Choice(False, "now")}
    by = actor_for(person)
    services.change_choices(session, wanted=wanted, times=NIGHT, by=by, now=NOW)
    hidden = tell(session, person, NOW)
    assert hidden is not None
    session.commit()
    assert queries.notices(session, person.id) == ([], 0)
    assert queries.count_unread(session, person.id) == 0
    session.commit()
    client = sign_in(app.test_client(), person)
    assert post(client, f"/notices/{hidden.id}/read").status_code == 404


def test_counts_end_somewhere(session: Session, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_COUNTED", 3)
    monkeypatch.setattr(queries, "MOST_UNREAD", 2)
    person = make_user(session)
    for _ in range(5):
        tell(session, person, NOW)
    found, total = queries.notices(session, person.id)
    assert (len(found), total, queries.count_unread(session, person.id)) == (5, 3, 2)


def test_pages_take_no_more_statements_for_thirty_notices(
    app: Flask, database: Database, session: Session, box: Box
) -> None:
    few, many = make_user(session), make_user(session)
    for user, number in ((few, 1), (many, 30)):
        for _ in range(number):
            tell(session, user, NOW)
    session.commit()
    for path in ("/notices", PAGE):
        spent = []
        for user in (few, many):
            client = sign_in(app.test_client(), user)
            with counted(database) as statements:
                assert client.get(path).status_code == 200
            spent.append(len(statements))
        assert spent[0] == spent[1] <= 12, path


# ---- every kind of every room


def test_every_kind_has_facts_and_says_something_in_both_languages(box: Box) -> None:
    assert len(wording.KINDS) > 30
    for code, kind in wording.KINDS.items():
        lines = {language: wording.words(code, kind.samples, language) for language in ("zh", "en")}
        assert "%(" not in "".join(lines.values()), code
        assert re.search("[\u4e00-\u9fff]", lines["zh"]), code
        assert not re.search("[\u4e00-\u9fff]", lines["en"].replace("示例", "")), code
        assert "…" in kind.label("en") or not kind.samples, code
        for language in ("zh", "en"):
            reader = Reader(1, "public", "Lan", "lan@example.org", language)
            waiting = [Waiting(1, code, kind.samples, "/x", NOW)] * 2
            for digest in (False, True):
                rendered = bundling.words_of(reader, waiting, digest=digest)
                assert rendered.text.count(lines[language]) == 1
                assert bool(re.search("[\u4e00-\u9fff]", rendered.subject)) == (language == "zh")


def test_every_kind_has_a_group_with_a_heading_of_its_own() -> None:
    groups = wording.groups()
    assert wording.OTHER not in groups
    headings = {wording.heading(group, "en") for group in groups}
    assert len(headings) == len(groups)
    assert wording.heading(wording.OTHER, "en") not in headings


def test_operators_see_every_kind_and_nobody_else_does(
    app: Flask, session: Session, box: Box
) -> None:
    operator, person = grant_role(session, make_user(session), "operator"), make_user(session)
    session.commit()
    page = sign_in(app.test_client(), operator).get("/notices/kinds").text
    assert [code for code in wording.KINDS if f'id="kind-{code}"' not in page] == []
    assert page.count("https://tenon.example/account/notices") == 4 * len(wording.KINDS)
    assert sign_in(app.test_client(), person).get("/notices/kinds").status_code == 403
    assert app.test_client().get("/notices/kinds").status_code == 302


def test_register_refuses_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        wording.register({"test_kind": "x"}, mail="hourly")
    with pytest.raises(ValueError, match="cannot be"):
        wording.register({"test_kind": "x"}, essential=("other_kind",))
    with pytest.raises(ValueError, match="cannot be"):
        wording.register({"test_kind": "x"}, essential=("test_kind",), mail="off")
    with pytest.raises(ValueError, match="heading already"):
        wording.register({}, group="matches", heading="Something else")
    assert "test_kind" not in wording.KINDS

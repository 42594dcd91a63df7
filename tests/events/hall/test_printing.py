"""Badges, table cards and agendas: for whom, in which language, the opaque code alone."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.documents import qr_path
from tenon.events.hall import printing
from tenon.events.hall.arriving import check_in_part
from tenon.events.hall.printing import Choice
from tests.events.hall.cast import Cast, browser
from tests.factories import events


def test_badges_are_for_the_confirmed_who_are_chosen(session: Session, cast: Cast) -> None:
    events.make_registration(session, cast.event, state="waiting")
    now, boss = cast.slots[2].starts_at, cast.actor("boss")
    check_in_part(session, cast.event, cast.parts["lan"], by=boss, now=now)

    def names(**chosen: object) -> set[str]:
        made = printing.badges(session, cast.event, Choice(**chosen), "en")  # type: ignore[arg-type]  # the test's
        return {each["name"] for each in made["badges"]}

    assert names() == {"Lan", "Wu", "Chen", "Zhao"}
    assert names(group="researcher") == {"Lan", "Wu"}
    assert names(group="researcher", absent=True) == {"Wu"}
    assert names(part=cast.parts["chen"].public_id) == {"Chen"}
    assert names(group="nobody") == set()


def test_more_people_than_a_file_holds_come_in_several(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "AT_ONCE", 3)
    files = [printing.badges(session, cast.event, Choice(after=n), "en") for n in (0, 3, 6)]
    names = [[each["name"] for each in made["badges"]] for made in files]
    assert [len(each) for each in names] == [3, 1, 0]
    assert sorted(name for each in names for name in each) == ["Chen", "Lan", "Wu", "Zhao"]


def test_who_arrives_meanwhile_moves_nobody_to_another_file(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "AT_ONCE", 2)
    now, boss = cast.slots[2].starts_at, cast.actor("boss")

    def absent(after: int) -> list[str]:
        made = printing.badges(session, cast.event, Choice(absent=True, after=after), "en")
        return [each["name"] for each in made["badges"]]

    first, second = absent(0), absent(2)
    check_in_part(session, cast.event, cast.parts[first[0].lower()], by=boss, now=now)
    assert absent(0) == first[1:]
    assert absent(2) == second


def test_the_page_offers_every_part_of_a_large_event(
    app: Flask, today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, path = browser(app, today, "boss"), f"/events/{today.event.public_id}/print"
    assert "Which of them" not in client.get(path).text
    monkeypatch.setattr(printing, "AT_ONCE", 2)
    page = client.get(path).text
    assert "Numbers 1 to 2" in page
    assert 'value="2" id="after-2"' in page
    assert client.get(f"{path}/file?what=badges&after=2").mimetype == "application/pdf"


def test_a_badges_code_says_nothing_but_itself(session: Session, cast: Cast) -> None:
    made = printing.badges(session, cast.event, Choice(part=cast.parts["chen"].public_id), "zh")
    badge = made["badges"][0]
    assert badge["code"] == cast.parts["chen"].code
    assert badge["qr"] == qr_path(cast.parts["chen"].code)
    assert badge["group"] == "企业"


def test_table_cards_say_who_meets_there(session: Session, cast: Cast) -> None:
    tables = {
        each["name"]: each for each in printing.table_cards(session, cast.event, "en")["tables"]
    }
    assert len(tables) == 4
    ((_day, lines),) = tables["1"]["days"]
    assert [line.names for line in lines] == [("Lan", "Chen"), ("Lan", "Zhao")]
    assert lines[0].begins == f"{cast.slots[2].starts_at:%H:%M}"
    assert tables["3"]["days"] == []


def test_agendas_are_one_each_in_their_language(session: Session, cast: Cast) -> None:
    made = printing.agendas(session, cast.event, Choice(group="company"), "zh")
    assert {each["name"] for each in made["agendas"]} == {"Chen", "Zhao"}
    ((_day, meetings),) = made["agendas"][0]["days"]
    assert [one["table"] for one in meetings] in (["1", "2"], ["2", "1"])
    assert made["agendas"][0]["days"][0][1][0]["room"] == "一号厅"
    assert [each["title"] for each in made["programme"]] == ["开幕"]


@pytest.mark.parametrize("what", printing.WHAT)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_files_are_made(app: Flask, today: Cast, what: str, language: str) -> None:
    path = f"/events/{today.event.public_id}/print/file?what={what}&language={language}"
    answer = browser(app, today, "boss").get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")


def test_what_is_unknown_is_not_printed(app: Flask, today: Cast) -> None:
    client = browser(app, today, "boss")
    assert client.get(f"/events/{today.event.public_id}/print/file?what=all").status_code == 404

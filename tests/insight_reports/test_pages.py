"""The page of figures and the funnel's: each number leads to its list; brokers see their places."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.network.models import Station
from tests.factories.accounts import grant_role, make_organisation, make_user, sign_in
from tests.factories.network import make_station_member, make_tree
from tests.insight_reports.test_funnel import handed_in

PERIOD = "first=2026-01-01&last=2026-12-31"


@dataclass(frozen=True)
class Scene:
    """Two needs at a station, one at its sibling, one nowhere; who asks."""

    station: Station
    sibling: Station
    firm: Organisation
    secret: Organisation
    university: Organisation
    operator: User
    broker: User


@pytest.fixture
def scene(app: Flask, committed: Session) -> Scene:
    """Committed, so that pages find it."""
    tree = make_tree(committed)
    tree.centre.region = "420000"
    firm = make_organisation(committed, kind="enterprise", name_zh="明示制造", name_en="Open Works")
    secret = make_organisation(
        committed, kind="enterprise", name_zh="隐名制造", name_en="Hidden Co"
    )
    here: dict[str, Any] = {"station_id": tree.station.id, "region": "420100"}
    handed_in(committed, organisation=firm, **here)
    handed_in(committed, organisation=secret, anonymous=True, **here)
    handed_in(committed, station_id=tree.sibling.id, region="429004")
    handed_in(committed, region="330100")
    university = make_organisation(committed, kind="university")
    operator = make_user(committed)
    grant_role(committed, operator, "operator")
    broker = make_station_member(committed, tree.station)
    committed.commit()
    return Scene(tree.station, tree.sibling, firm, secret, university, operator, broker)


def browser(app: Flask, user: User) -> FlaskClient:
    """Somebody signed in who reads English."""
    client = sign_in(app.test_client(), user)
    with client.session_transaction() as kept:
        kept["language"] = "en"
    return client


def total(page: str) -> int:
    """The figure in large."""
    found = re.search(r'insight-total__figure"[^>]*>([\d,]+)<', page)
    assert found is not None
    return int(found.group(1))


def test_operators_see_all_and_brokers_their_places(app: Flask, scene: Scene) -> None:
    address = f"/insight?measure=needs_collected&by=region&{PERIOD}"
    everything = browser(app, scene.operator).get(address).text
    assert total(everything) == 4
    assert '"kind":"map"' in everything.replace("&#34;", '"')
    own = browser(app, scene.broker)
    assert total(own.get(address).text) == 2
    assert own.get(f"{address}&place={scene.sibling.public_id}").status_code == 404
    assert own.get(f"/insight/funnel?{PERIOD}&place={scene.sibling.public_id}").status_code == 404
    stranger = browser(app, scene.operator)
    assert total(stranger.get(f"{address}&place={scene.sibling.public_id}").text) == 1


def test_every_number_of_the_page_opens_a_list_of_as_many(app: Flask, scene: Scene) -> None:
    client = browser(app, scene.operator)
    page = client.get(f"/insight?measure=needs_collected&by=institution&{PERIOD}").text
    links = re.findall(r'<td class="number"[^>]*><a href="(/insight/list[^"]+)">(\d+)<', page)
    assert len(links) >= 4
    for address, number in links:
        listed = client.get(address.replace("&amp;", "&")).text
        assert listed.count('<td data-label="What it is">') == int(number)
    assert "How this is counted" in page


def test_a_firm_that_stays_unnamed_cannot_be_found_by_figures(app: Flask, scene: Scene) -> None:
    """Not by its name, not by asking for its address, not in the workbook."""
    client = browser(app, scene.broker)
    for address in (
        f"/insight?measure=needs_collected&by=institution&{PERIOD}",
        f"/insight/funnel?by=institution&{PERIOD}",
        f"/insight/figures.csv?measure=needs_collected&by=institution&{PERIOD}",
        f"/insight/funnel/funnel.csv?table=parts&by=institution&{PERIOD}",
    ):
        text = client.get(address).text
        assert "Open Works" in text
        assert "A firm that stays unnamed" in text
        assert "Hidden Co" not in text
        assert scene.secret.public_id not in text
    hidden = f"institution={scene.secret.public_id}&{PERIOD}"
    assert client.get(f"/insight/list?measure=needs_collected&{hidden}").status_code == 404
    funnel = f"/insight/funnel/list?stage=entered&by=institution&value={scene.secret.public_id}"
    assert client.get(f"{funnel}&{PERIOD}").status_code == 404
    # Refused for every firm alike: otherwise the refusal itself would tell.
    for each in (scene.secret, scene.firm):
        asked = f"institution={each.public_id}&{PERIOD}"
        assert client.get(f"/insight?{asked}").status_code == 404
        behind = f"/insight/funnel/list?stage=entered&by=institution&value={each.public_id}"
        assert client.get(f"{behind}&{PERIOD}").status_code == 404
        assert browser(app, scene.operator).get(f"/insight?{asked}").status_code == 200
    named = client.get(f"/insight?measure=needs_collected&by=institution&{PERIOD}").text
    assert scene.firm.public_id not in named
    university = f"institution={scene.university.public_id}&{PERIOD}"
    assert client.get(f"/insight?{university}").status_code == 200
    shown = browser(app, scene.operator).get(f"/insight/funnel?by=institution&{PERIOD}").text
    assert "Hidden Co" in shown


def test_tables_as_workbook_and_as_text(app: Flask, scene: Scene) -> None:
    client = browser(app, scene.operator)
    sent = client.get(f"/insight/figures.xlsx?measure=needs_collected&by=region&{PERIOD}")
    book = load_workbook(io.BytesIO(sent.data))
    sheet = book["Needs collected by Region"]
    rows = {row[0]: row[1] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert (rows["Wuhan"], rows["Xiantao"]) == (2, 1)
    funnel = load_workbook(io.BytesIO(client.get(f"/insight/funnel/funnel.xlsx?{PERIOD}").data))
    first = funnel["From listing to payment"]
    assert [first["A2"].value, first["B2"].value] == ["Handed in first", 4]
    text = client.get(f"/insight/figures.csv?measure=needs_collected&by=region&{PERIOD}")
    assert text.data.startswith(b"\xef\xbb\xbf")
    assert "Wuhan,2" in text.text


def test_a_broker_of_no_place_is_told_so(app: Flask, scene: Scene, committed: Session) -> None:
    alone = make_user(committed)
    grant_role(committed, alone, "broker")
    committed.commit()
    page = browser(app, alone).get(f"/insight?measure=needs_collected&{PERIOD}").text
    assert "No place of the network is in your sight" in page
    assert total(page) == 0


def test_what_is_no_measure_or_place_is_not_found(app: Flask, scene: Scene) -> None:
    client = browser(app, scene.operator)
    for address in (
        "/insight?measure=happiness",
        "/insight?region=999999",
        "/insight?field=ipc:ZZZ",
        "/insight?place=nowhere",
        "/insight/funnel/list?stage=paradise",
    ):
        assert client.get(address).status_code == 404, address
    assert client.get("/insight?first=yesterday&last=2026-02-30").status_code == 200


def test_a_measure_without_anything_says_so_instead_of_an_empty_table(
    app: Flask, scene: Scene
) -> None:
    client = browser(app, scene.operator)
    address = f"/insight?measure=events_held&by=region&{PERIOD}"
    page = client.get(address).text
    assert page.count("Nothing counts here in this period") == 2
    assert "chart-table" not in page
    some = client.get(f"/insight?measure=needs_collected&by=region&{PERIOD}").text
    assert "Nothing counts here" not in some

"""A firm that posts a need without its name: the name is nowhere that others can look."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.db import Database
from tenon.history import HistoryEntry
from tenon.listings.models import Listing
from tenon.notices.models import Mail, Notice
from tenon.settings import Settings
from tests.factories.accounts import (
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    post,
)
from tests.factories.listings import make_achievement
from tests.journeys.conftest import Enter, Work

NAMES = ("玄武岩暗礁机电有限公司", "Basalt Reef Electrics", "玄武岩暗礁", "Basalt Reef")
TITLE = "求窑炉烟道连续测温办法"
TEXT = "窑炉烟道外壁测温靠人工，每班漏报两三次，想要连续测温的光纤装置，寿命一年以上。"
FORM = {
    "language": "zh",
    "title": TITLE,
    "summary": TEXT,
    "requirements": "耐温≥200℃",
    "deal_forms": ["licence_nonexclusive"],
    "hitech": ["1"],
    "money_kind": "",
    "currency": "CNY",
    "anonymous": "y",
    "do": "submit",
}
SCORES = {"substance": "4", "clarity": "4", "expectations": "4", "wording": "4"}


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part."""

    firm: Organisation
    engineer: User
    broker: User
    other_broker: User
    researcher: User
    stranger: User
    result: Listing


@pytest.fixture
def cast(database: Database) -> Cast:
    """The firm, its broker, another broker, a university with a fitting result, a stranger."""
    with database.writing() as session:
        firm = make_organisation(
            session, kind="enterprise", name_zh=NAMES[0], name_en=NAMES[1], region="420100"
        )
        engineer = make_user(session, name="Rui Nameless", email="rui@basalt-reef.example")
        make_membership(session, engineer, firm)
        broker, other_broker = (grant_role(session, make_user(session), "broker") for _ in range(2))
        university = make_organisation(session)
        researcher, stranger = make_user(session), make_user(session)
        make_membership(session, researcher, university)
        make_membership(session, stranger, make_organisation(session, kind="enterprise"))
        result = make_achievement(
            session, organisation=university, author=researcher, state="published"
        )
    return Cast(firm, engineer, broker, other_broker, researcher, stranger, result)


def _publish(enter: Enter, cast: Cast, database: Database) -> str:
    """The engineer writes it, a broker takes it over and publishes; returns its public id."""
    assert post(enter(cast.engineer), "/listings/new/need", **FORM).status_code == 302
    with database.reading() as session:
        need = session.scalars(sa.select(Listing).where(Listing.side == "need")).one()
        public_id, version = need.public_id, need.version
    path = f"/listings/{public_id}"
    desk = enter(cast.broker)
    before = desk.get(f"{path}/review").text
    assert [name for name in NAMES if name in before] == []  # nor to a broker, before taking it
    post(desk, f"{path}/take", version=str(version))
    assert NAMES[1] in desk.get(f"{path}/review").text
    assert post(desk, f"{path}/review", outcome="publish", **SCORES).status_code == 302
    return public_id


def _looks(client: FlaskClient, need: str, result: str) -> Iterator[tuple[str, str]]:
    """Yield address -> what somebody reads wherever the need may show."""
    for address in (
        f"/listings/{need}",
        f"/listings/{need}/matches",
        f"/listings/{result}",
        f"/listings/{result}/matches",
        f"/match?text={quote('光纤测温装置在200℃以上的烟道外壁连续测温')}&side=achievement",
        f"/search?q={quote('烟道测温')}",
        "/search?side=need",
        "/search?side=need&kind=enterprise&region=420000",
        "/",
    ):
        answer = client.get(address, headers={"Accept-Language": "en"})
        assert answer.status_code == 200, address
        yield address, answer.text


def test_anonymous_firm_is_named_nowhere_that_others_can_look(
    cast: Cast,
    enter: Enter,
    work: Work,
    database: Database,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    need = _publish(enter, cast, database)
    work()
    result = cast.result.public_id
    told = post(enter(cast.engineer), f"/listings/{need}/matches/{result}", kind="interested")
    assert told.status_code == 303
    work()

    secrets = (*NAMES, cast.firm.public_id, "rui@basalt-reef", "Rui Nameless")
    seen = 0
    for user in (None, cast.stranger, cast.researcher, cast.other_broker):
        for address, text in _looks(enter(user), need, result):
            assert [word for word in secrets if word in text] == [], (user, address)
            seen += TITLE in text
    assert seen >= 20  # the need itself does show

    similar = post(
        enter(cast.stranger),
        "/listings/similar",
        side="need",
        language="zh",
        title=TITLE,
        summary=TEXT,
    )
    assert TITLE in similar.text
    assert [word for word in secrets if word in similar.text] == []
    with database.reading() as session:
        _nothing_is_kept(session, settings, cast, secrets)
    assert [word for word in secrets if word in caplog.text] == []


def _nothing_is_kept(
    session: Session, settings: Settings, cast: Cast, secrets: tuple[str, ...]
) -> None:
    """Look into index, history, notices and mail."""
    held = b"".join(
        path.read_bytes() for path in settings.index_folder.rglob("*") if path.is_file()
    )
    assert held
    assert [word for word in secrets if word.encode() in held] == []
    facts = str(session.execute(sa.select(HistoryEntry.facts)).scalars().all())
    assert [word for word in secrets if word in facts] == []
    notices = session.scalars(sa.select(Notice).where(Notice.user_id != cast.engineer.id)).all()
    assert {each.kind for each in notices} >= {"match_interested_unnamed"}
    assert [word for word in secrets if word in str([each.facts for each in notices])] == []
    mails = session.scalars(sa.select(Mail).where(Mail.user_id != cast.engineer.id)).all()
    written = "\n".join(f"{mail.subject} {mail.text} {mail.html}" for mail in mails)
    assert TITLE in written
    assert [word for word in secrets if word in written] == []


def test_searching_for_the_firm_does_not_find_its_anonymous_need(
    cast: Cast, enter: Enter, work: Work, database: Database
) -> None:
    need = _publish(enter, cast, database)
    work()
    visitor = enter(None)
    assert TITLE in visitor.get(f"/search?q={quote('烟道')}").text
    for name in NAMES:
        page = visitor.get(f"/search?q={quote(name)}").text
        assert f"/listings/{need}" not in page
    page = visitor.get(f"/organisations/{cast.firm.public_id}").text
    assert NAMES[0] in page
    assert TITLE not in page
    own = enter(cast.engineer).get(f"/organisations/{cast.firm.public_id}")
    assert own.status_code == 200

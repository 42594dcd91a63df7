"""A broker's papers: made by themselves in January, frozen, checked by code, revoked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from pypdf import PdfReader
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.accounts.services import erase_person
from tenon.actors import SYSTEM
from tenon.commissions import services
from tenon.commissions.models import BrokerPaper, Receiver
from tenon.commissions.papers.services import brokers_without, draft_paper, issue_paper
from tenon.commissions.services import Claim, Paid
from tenon.commissions.tasks import year_papers
from tenon.credit.statements import services as statements
from tenon.credit.statements.printing import print_statement
from tenon.db import Database
from tenon.errors import Invalid, NotFound
from tenon.network.models import BrokerProfile, Station
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.commissions import follow, make_agreement, make_line, make_split
from tests.factories.credit import make_entry
from tests.factories.listings import NOW
from tests.factories.network import make_station, make_station_member
from tests.factories.sharing import make_income

DONE = datetime(2026, 6, 1, 8, tzinfo=UTC)
JANUARY = datetime(2027, 1, 3, 8, tzinfo=UTC)


def broker_of(session: Session, name: str = "经纪人子") -> User:
    return grant_role(session, make_user(session, name=name), "broker")


def make_paper(
    session: Session, user: User, folder: Path, *, paper: str = "certificate", year: int = 2026
) -> BrokerPaper:
    by = actor_for(user)
    draft = draft_paper(
        session, user, year=year, paper=paper, language="zh", address="https://tenon.example",
        signer="示例技术转移中心", by=by, now=JANUARY,
    )  # fmt: skip
    digest = statements.print_file(draft.draft, folder=folder)
    return issue_paper(session, draft, pdf_sha256=digest, by=by, now=JANUARY)


def test_the_site_makes_last_years_statements_in_january_and_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, idle = broker_of(session), broker_of(session, "经纪人丑")
    make_entry(session, busy, now=DONE)
    make_entry(session, idle, thing=("deal", "old"), now=DONE - timedelta(days=365))
    assert brokers_without(session, 2026) == [busy.id]

    def asked() -> list[dict[str, int]]:
        topic = OutboxMessage.topic == "commissions.year_paper"
        return list(session.scalars(sa.select(OutboxMessage.payload).where(topic)))

    year_papers(session, {}, DONE)
    assert asked() == [], "in January alone"
    year_papers(session, {}, JANUARY)
    year_papers(session, {}, JANUARY + timedelta(days=1))
    assert asked() == [{"user_id": busy.id, "year": 2026}]


def test_a_statement_made_by_itself_is_told_and_not_made_again(database: Database) -> None:
    with database.writing() as session:
        busy = broker_of(session)
        make_entry(session, busy, now=DONE)
        year_papers(session, {}, JANUARY)
    drain(database, now=JANUARY)
    with database.writing() as session:
        paper = session.scalars(sa.select(BrokerPaper)).one()
        assert (paper.year, paper.paper, paper.by_itself) == (2026, "year", True)
        assert paper.statement.content["asked_by"] == "site"
        kinds = set(session.scalars(sa.select(Notice.kind).where(Notice.user_id == busy.id)))
        assert "broker_year_ready" in kinds
        assert brokers_without(session, 2026) == []


def test_figures_of_a_year_are_frozen_by_currency(session: Session, tmp_path: Path) -> None:
    line = make_line(session)
    line.deal.value_minor = 300_000_000
    make_agreement(session, line)
    make_agreement(session, line, currency="USD")
    make_split(session, line)
    make_income(session, line.deal, 1_000_000, key="1")
    make_income(session, line.deal, 2_000_000, key="2", currency="USD")
    follow(session, line)
    broker = line.people["broker"]
    session.add(
        BrokerProfile(
            user_id=broker.id, certificate="broker", certificate_number="示例-1",
            certified_until=date(2028, 1, 1), updated_at=DONE,
        )
    )  # fmt: skip
    session.flush()
    said = make_paper(session, broker, tmp_path, paper="year").statement.content["said"]
    assert said["closed"] == {"CNY": [1, 300_000_000]}
    assert said["due"] == {"CNY": 30_000, "USD": 60_000}
    assert said["certificate"]["number"] == "示例-1"
    needs = make_paper(session, line.people["collector"], tmp_path, paper="year")
    assert needs.statement.content["said"]["needs"] == 1


@pytest.mark.parametrize("kind", ["organisation", "station"])
def test_what_others_received_for_a_part_is_not_the_person_s(
    session: Session, tmp_path: Path, kind: str
) -> None:
    """The whole share goes to the broker's house or place: the person received nothing."""
    line = make_line(session)
    broker = line.people["broker"]
    make_agreement(session, line, seller_percent=Decimal(0))
    claims = [Claim(broker.id, Decimal(60), kind, where_of(session, broker, kind).id)]
    claims += [Claim(line.people[name].id, Decimal(20)) for name in ("collector", "writer")]
    proposed = services.propose_split(session, line.deal, claims, by=line.actor("broker"), now=NOW)
    for name in ("collector", "writer"):
        services.confirm(session, proposed, by=line.actor(name), now=NOW)
    make_income(session, line.deal, 1_000_000)
    follow(session, line)
    receiver = session.scalars(sa.select(Receiver).filter_by(user_id=broker.id)).one()
    for number, minor in enumerate((20_000, 7_000)):
        said = Paid(
            side="buyer", currency="CNY", minor=minor, paid_on=NOW.date(), reference="1",
            key=str(number),
        )  # fmt: skip
        made = services.pay(session, receiver, said, by=line.actor("buyer_editor"), now=NOW)
        if not number:
            services.receive(session, made, by=line.actor("broker"), now=NOW)
    folder = tmp_path / "papers"
    statement = make_paper(session, broker, folder, paper="year").statement
    said_of = statement.content["said"]
    assert [said_of[each] for each in ("due", "received", "announced")] == [{}, {}, {}]
    assert said_of["others"] == [
        {
            "zh": "示例转移机构", "en": "Sample Transfer Body", "due": {"CNY": 30_000},
            "received": {"CNY": 20_000}, "announced": {"CNY": 7_000},
        }
    ]  # fmt: skip
    (file,) = (each for each in folder.rglob("*") if each.is_file())
    words = "".join(page.extract_text() for page in PdfReader(file).pages)
    assert "示例转移机构就本人份额已收佣金" in "".join(words.split())
    own = make_paper(session, line.people["collector"], tmp_path, paper="year")
    assert own.statement.content["said"]["due"] == {"CNY": 10_000}
    assert own.statement.content["said"]["others"] == []


def test_a_paper_from_before_houses_parts_were_named_is_made_again(
    session: Session, tmp_path: Path
) -> None:
    line = make_line(session)
    make_agreement(session, line)
    make_split(session, line)
    make_income(session, line.deal, 1_000_000)
    follow(session, line)
    made = make_paper(session, line.people["broker"], tmp_path, paper="year").statement
    said = {name: value for name, value in made.content["said"].items() if name != "others"}
    again = print_statement({**made.content, "said": said}, made.name or "")
    assert "2026" in PdfReader(BytesIO(again)).pages[0].extract_text()


def where_of(session: Session, broker: User, kind: str) -> Organisation | Station:
    """The broker's own house, or the place where they work; named alike."""
    names: dict[str, Any] = {"name_zh": "示例转移机构", "name_en": "Sample Transfer Body"}
    if kind == "organisation":
        house = make_organisation(session, kind="service", **names)
        make_membership(session, broker, house, "member")
        return house
    place = make_station(session, **names)
    make_station_member(session, place, broker)
    return place


def test_a_certificate_says_what_it_certifies_and_nothing_else(
    database: Database, app: Flask, tmp_path: Path
) -> None:
    with database.writing() as session:
        busy = broker_of(session)
        make_entry(session, busy, now=DONE)
        other = broker_of(session, "经纪人丑")
        make_entry(session, other, thing=("deal", "b"), now=DONE)
        first = make_paper(session, busy, tmp_path)
        second = make_paper(session, other, tmp_path)
        assert (first.number, second.number) == (1, 2)
        content, code = first.statement.content, first.statement.code
        assert not {"due", "received", "closed"} & set(content["said"]), "counts alone"
        with pytest.raises(NotFound):
            draft_paper(
                session, busy, year=2026, paper="year", language="zh", address="", signer="",
                by=actor_for(other), now=JANUARY,
            )  # fmt: skip
        with pytest.raises(Invalid) as caught:
            draft_paper(
                session, busy, year=2027, paper="certificate", language="zh", address="",
                signer="", by=SYSTEM, now=JANUARY,
            )  # fmt: skip
        assert caught.value.fields == {"year": "not_over"}
    page = app.test_client().get(f"/verify/{code}").text
    assert "2026-0001" in page
    assert "示例技术转移中心" in page
    assert "CNY" not in page
    with database.writing() as session:
        paper = session.scalars(sa.select(BrokerPaper).filter_by(number=1)).one()
        statements.revoke(
            session,
            paper.statement,
            reason="wrong",
            by=actor_for(paper.statement.user),
            now=JANUARY,
        )
    english = {"Accept-Language": "en"}
    assert "was revoked" in app.test_client().get(f"/verify/{code}", headers=english).text
    with database.writing() as session:
        person = session.merge(busy)
        erase_person(session, user=person, by=actor_for(person), now=JANUARY)
    assert "经纪人子" not in app.test_client().get(f"/verify/{code}").text

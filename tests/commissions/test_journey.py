"""From a proposal to a statement through the pages: nobody types anything twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tenon.commissions.models import Agreement, BrokerPaper, Part, Payout, Receiver, Split
from tenon.commissions.queries.lists import due_soon, dues_of
from tenon.compliance.days import day_of
from tenon.credit.services import dispute, settle
from tenon.db import Database
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tenon.payments import receiving
from tenon.payments.models import Payment
from tests.factories.accounts import actor_for, post, sign_in
from tests.factories.commissions import Line, make_line
from tests.factories.sharing import cashier, make_income

NOW = datetime.now(UTC)
TODAY = NOW.date()
TERMS = {
    "payers": "both",
    "seller_percent": "40",
    "currency": "CNY",
    "basis": "percent",
    "percent": "5",
    "kinds": ["other", "royalty"],
    "vat_rate": "6",
    "pay_within_days": "10",
}
Enter = Callable[[str], FlaskClient]


@pytest.fixture
def line(database: Database) -> Line:
    with database.writing() as session:
        return make_line(session)


@pytest.fixture
def enter(app: Flask, line: Line) -> Enter:
    def entered(name: str) -> FlaskClient:
        return sign_in(app.test_client(), line.people[name])

    return entered


def first(database: Database, column: sa.orm.attributes.InstrumentedAttribute[str]) -> str:
    with database.reading() as session:
        return str(session.scalars(sa.select(column).order_by(column.class_.id.desc())).first())


def told(database: Database, line: Line, name: str) -> set[str]:
    with database.reading() as session:
        kinds = sa.select(Notice.kind).where(Notice.user_id == line.people[name].id)
        return {kind for kind in session.scalars(kinds) if kind.startswith(("commission", "brok"))}


class Trip:
    """One deal's way through the pages, step by step; each step asks what must hold after it."""

    def __init__(self, database: Database, line: Line, enter: Enter) -> None:
        self.database, self.line, self.enter = database, line, enter
        self.page = f"/deals/{line.deal.public_id}/commission"
        self.broker = enter("broker")

    def agree(self) -> None:
        """The broker proposes, bad input comes back as typed; signatories of both sides agree."""
        answer = post(self.broker, f"{self.page}/agreements", **{**TERMS, "percent": "lots"})
        assert answer.status_code == 422
        assert 'value="lots"' in answer.text
        assert post(self.broker, f"{self.page}/agreements", **TERMS).status_code == 303
        drain(self.database)
        assert "commission_proposed" in told(self.database, self.line, "seller")
        path = f"/commissions/agreements/{first(self.database, Agreement.public_id)}/agree"
        assert post(self.enter("buyer_editor"), path).status_code == 403
        assert post(self.enter("seller"), path).status_code == 303
        assert post(self.enter("buyer"), path).status_code == 303
        drain(self.database)
        assert "commission_agreed" in told(self.database, self.line, "broker")

    def share(self) -> None:
        """Shares come from the ledger by the table of weights; the seller's own get none."""
        shown = self.broker.get(self.page).text
        fields = dict(re.findall(r'name="(percent-[\w-]+)"[^>]*value="([\d.]+)"', shown))
        assert len(fields) == 3
        assert f"percent-{self.line.people['author'].public_id}" not in fields
        assert post(self.broker, f"{self.page}/shares", **fields).status_code == 303
        drain(self.database)
        path = f"/commissions/shares/{first(self.database, Split.public_id)}"
        assert "commission_share_proposed" in told(self.database, self.line, "collector")
        for name in ("collector", "writer"):
            client = self.enter(name)
            assert "经纪人子" not in client.get(path).text
            assert post(client, f"{path}/confirm").status_code == 303

    def receive_payment(self) -> None:
        """5 % of 100,000.00 net is 5,000.00, with 6 % VAT; 40 % of it is the seller's."""
        with self.database.writing() as session:
            make_income(session, self.line.deal, 10_000_000, on=TODAY, now=NOW)
        drain(self.database)
        with self.database.reading() as session:
            sums = sa.select(Part.side, sa.func.sum(Part.minor)).group_by(Part.side)
            assert {side: int(minor) for side, minor in session.execute(sums)} == {
                "seller": 212_000,
                "buyer": 318_000,
            }
            waiting = due_soon(session, self.line.actor("seller_editor"), NOW)
            assert {each.kind for each in waiting} == {"pay"}
        assert self.open_of("broker") == 323_889
        assert "commission_due" in told(self.database, self.line, "writer")
        assert "commission_to_pay" in told(self.database, self.line, "buyer")

    def pay(self) -> None:
        """The seller's editor marks 1,000.00 as paid, the receiver confirms."""
        seller = self.enter("seller_editor")
        assert "318,000" not in seller.get(self.page).text, "nothing of what the other side pays"
        with self.database.reading() as session:
            broker = self.line.people["broker"].id
            wanted = sa.select(Receiver.public_id).where(Receiver.user_id == broker)
            path = f"/commissions/receivers/{session.scalars(wanted).one()}/pay"
        form = {
            "side": "seller",
            "currency": "CNY",
            "amount": "99999999",
            "key": "form-1",
            "paid_on": TODAY.isoformat(),
            "reference": "回单 20261122-01",
        }
        refused = post(seller, path, **form)
        assert refused.status_code == 422
        assert 'value="99999999"' in refused.text
        form["amount"] = "1000.00"
        assert post(seller, path, **form).status_code == 303
        assert post(seller, path, **form).status_code == 303, "a second click pays nothing twice"
        with self.database.reading() as session:
            assert session.scalar(sa.select(sa.func.count(Payout.id))) == 1
        path = f"/commissions/payouts/{first(self.database, Payout.public_id)}/receive"
        assert post(self.enter("buyer_editor"), path).status_code == 404
        assert post(self.broker, path).status_code == 303
        assert "回单 20261122-01" in self.broker.get("/commissions").text
        assert ",1000.00," in self.broker.get("/commissions.csv").text

    def take_payment_back(self) -> None:
        """What was open goes, what was paid is owed back."""
        with self.database.writing() as session:
            payment = session.scalars(sa.select(Payment)).one()
            by = cashier(self.line.deal)
            receiving.take_back(session, payment, reason="记错", by=by, now=NOW)
        drain(self.database)
        assert self.open_of("broker") == -100_000
        assert self.open_of("writer") == 0
        assert "to be given back" in self.broker.get("/commissions").text

    def open_of(self, name: str) -> int:
        """What is open to somebody, over both sides; of the one currency that there is."""
        with self.database.reading() as session:
            return sum(each.open for each in dues_of(session, self.line.people[name].id))


def test_from_a_proposal_to_the_money_and_back(
    database: Database, line: Line, enter: Enter
) -> None:
    trip = Trip(database, line, enter)
    shown = trip.broker.get(trip.page).text
    assert "经纪人子" in shown, "the ledger shows who introduced"
    assert "article 965" in shown, "with the rule on going round and its source"
    trip.agree()
    trip.share()
    trip.receive_payment()
    trip.pay()
    trip.take_payment_back()


def test_a_settled_dispute_opens_the_shares(database: Database, line: Line, enter: Enter) -> None:
    page = f"/deals/{line.deal.public_id}/commission"
    broker = enter("broker")
    fields = {
        f"percent-{line.people[name].public_id}": percent
        for name, percent in (("broker", "50"), ("collector", "30"), ("writer", "20"))
    }
    answer = post(broker, f"{page}/shares", **{**fields, next(iter(fields)): "49"})
    assert answer.status_code == 422
    assert post(broker, f"{page}/shares", **fields).status_code == 303
    split = first(database, Split.public_id)
    writer = enter("writer")
    path = f"/commissions/shares/{split}/dispute"
    assert post(writer, path, words=" ").status_code == 422
    assert post(writer, path, words="应为三成").status_code == 303
    assert "应为三成" in broker.get(page).text
    drain(database)
    assert "commission_share_disputed" in told(database, line, "broker")
    with database.writing() as session:
        entry = session.merge(line.entries["writer:written"])
        judge = actor_for(session.merge(line.people["operator"]))
        raised = dispute(
            session, entry, claim="nobody", reason="无人撰写", by=line.actor("buyer"), now=NOW
        )
        settle(session, raised, outcome="set_aside", reason="属实", by=judge, now=NOW)
    drain(database)
    assert "commission_share_reopened" in told(database, line, "collector")
    with database.reading() as session:
        assert session.scalars(sa.select(Split.state)).all() == ["reopened"]
    assert "撰写人寅" not in broker.get(page).text.split('id="shares"')[1], "who is struck is out"


def test_who_comes_second_keeps_what_they_typed(line: Line, enter: Enter) -> None:
    """Two propose at once: the second is told, and the form stands there as it was typed."""
    page = f"/deals/{line.deal.public_id}/commission"
    assert post(enter("operator"), f"{page}/agreements", **TERMS).status_code == 303
    typed = {
        **TERMS, "basis": "tiers", "tiers": "1000000 5\n3", "cap": "77777.5",
        "note": "分三年支付，另附清单。",
    }  # fmt: skip
    answer = post(enter("broker"), f"{page}/agreements", **typed)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    for each in ("1000000 5\n3", 'value="77777.5"', "分三年支付，另附清单。"):
        assert each in answer.text.replace("\r", "")


@pytest.mark.parametrize("name", ["outsider", "author", "collector", "buyer_editor"])
def test_nobody_else_learns_of_it(database: Database, line: Line, enter: Enter, name: str) -> None:
    """Before anything is proposed, the sides know nothing either; the seller alone pays later."""
    page = f"/deals/{line.deal.public_id}"
    broker = enter("broker")
    terms = {**TERMS, "payers": "seller"}
    assert post(broker, f"{page}/commission/agreements", **terms).status_code == 303
    agreement = first(database, Agreement.public_id)
    client = enter(name)
    assert client.get(f"{page}/commission").status_code == 404
    assert client.get(f"{page}/commission.csv").status_code == 404
    assert post(client, f"{page}/commission/agreements", **TERMS).status_code == 404
    for step in ("agree", "decline", "withdraw", "end"):
        assert post(client, f"/commissions/agreements/{agreement}/{step}").status_code == 404
    shown = client.get(page)
    assert 'id="commission"' not in shown.text
    assert f"{page}/commission" not in shown.text
    assert enter("seller_editor").get(f"{page}/commission").status_code == 200


def test_a_year_on_paper_is_checked_by_its_code(
    database: Database, line: Line, enter: Enter, app: Flask
) -> None:
    broker = enter("broker")
    year = day_of(datetime.now(UTC)).year
    with database.reading() as session:
        acts = {entry.at.year for entry in (session.merge(line.entries["broker:closed"]),)}
    assert acts == {2026}
    shown = broker.get("/commissions/years/2026")
    assert shown.status_code == 200
    answer = post(broker, "/commissions/years/2026/papers", paper="year", language="zh")
    assert answer.status_code == 303
    if year == 2026:
        early = post(broker, "/commissions/years/2026/papers", paper="certificate", language="zh")
        assert early.status_code == 422
    with database.reading() as session:
        paper = session.scalars(sa.select(BrokerPaper)).one()
        code, said = paper.statement.code, paper.statement.content["said"]
    assert said["acts"]["introduced"] == said["acts"]["closed"] == 1
    file = broker.get(f"{answer.location}/file")
    assert file.data.startswith(b"%PDF")
    checked = app.test_client().get(f"/verify/{code}").text
    assert "经纪人子" in checked
    assert enter("outsider").get(answer.location).status_code == 404

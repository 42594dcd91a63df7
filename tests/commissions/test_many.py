"""Many payments noted at once, once however often sent; an organisation confirms its receipt."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.commissions import services
from tenon.commissions.models import Payout, Receiver
from tenon.commissions.queries.lists import due_soon, to_pay, waiting_count
from tenon.commissions.services import Claim, Due
from tenon.db import Database
from tenon.deals.models import Deal
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.history.models import HistoryEntry
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tests.deals.browsing import counted, words
from tests.factories.accounts import (
    actor_for,
    make_membership,
    make_organisation,
    make_user,
    post,
    sign_in,
)
from tests.factories.commissions import Line, follow, make_agreement, make_line
from tests.factories.listings import NOW
from tests.factories.sharing import make_income

TODAY = NOW.date()


def owing(session: Session, *, house: bool = False) -> Line:
    """A deal whose buyer owes 500.00: 60 % to the broker, 40 % to the collector (or their house).

    The house has an editor and an administrator, in ``people``.
    """
    line = make_line(session)
    make_agreement(session, line, seller_percent=Decimal(0), pay_within_days=5)
    people = line.people
    own = Claim(people["collector"].id, Decimal(40))
    if house:
        company = make_organisation(session, name_zh="经纪有限公司", name_en="Brokerage Ltd")
        make_membership(session, people["collector"], company, "member")
        for name, role in (("house", "editor"), ("house_head", "administrator")):
            people[name] = make_user(session)
            make_membership(session, people[name], company, role)
            line.actors[name] = actor_for(people[name])
        own = Claim(own.user_id, own.percent, "organisation", company.id)
    claims = [Claim(people["broker"].id, Decimal(60)), own]
    split = services.propose_split(session, line.deal, claims, by=line.actor("broker"), now=NOW)
    services.confirm(session, split, by=line.actor("collector"), now=NOW)
    make_income(session, line.deal, 1_000_000)
    follow(session, line)
    return line


def dues_of(session: Session, line: Line) -> list[Due]:
    return [
        Due(each.receiver.public_id, each.side, each.currency, each.open)
        for each in to_pay(session, line.actor("buyer_editor"))
    ]


def note(
    session: Session, line: Line, dues: list[Due], *, by: str = "buyer_editor", key: str = "f"
) -> list[str]:
    """What became of each."""
    rows = services.pay_many(
        session, dues, paid_on=TODAY, reference="回单 7", key=key, by=line.actor(by), now=NOW
    )
    return [row.outcome for row in rows]


def test_many_are_noted_once_however_often_the_form_is_sent(session: Session) -> None:
    line = owing(session)
    dues = dues_of(session, line)
    assert sorted(each.minor for each in dues) == [20_000, 30_000]
    assert note(session, line, [*dues, dues[0]]) == ["paid", "paid"]
    assert to_pay(session, line.actor("buyer_editor")) == []
    assert note(session, line, dues) == ["before", "before"], "the same request again"
    assert note(session, line, dues, key="other") == ["changed", "changed"], "nothing is open"
    payouts = session.scalars(sa.select(Payout)).all()
    assert sorted(each.minor for each in payouts) == [20_000, 30_000]
    chains = [each.public_id for each in payouts]
    kinds = session.scalars(sa.select(HistoryEntry.kind).where(HistoryEntry.chain_id.in_(chains)))
    assert list(kinds) == ["pay", "pay"]


def test_what_is_open_no_more_is_told_and_the_rest_is_noted(session: Session) -> None:
    """A part was paid since: that row stays out, nothing is taken for money given back."""
    line = owing(session)
    first, second = dues_of(session, line)
    receiver = session.scalars(sa.select(Receiver).filter_by(public_id=first.receiver)).one()
    said = services.Paid(
        side="buyer", currency="CNY", minor=first.minor, paid_on=TODAY, reference="1", key="1"
    )
    services.pay(session, receiver, said, by=line.actor("buyer_editor"), now=NOW)
    assert note(session, line, [first, second]) == ["changed", "paid"]
    assert all(each.minor > 0 for each in session.scalars(sa.select(Payout)))


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("seller_editor", Forbidden), ("outsider", NotFound), ("author", NotFound),
     ("broker", Forbidden), ("collector", NotFound)],
)  # fmt: skip
def test_one_row_that_is_not_theirs_stops_all(
    session: Session, who: str, refusal: type[Exception]
) -> None:
    line = owing(session)
    with pytest.raises(refusal):
        note(session, line, dues_of(session, line), by=who)
    other = owing(session)
    dues = dues_of(session, line) + dues_of(session, other)
    with pytest.raises(NotFound):
        note(session, line, dues)
    assert session.scalar(sa.select(sa.func.count(Payout.id))) == 0


def test_what_is_wrong_is_said_at_its_field(session: Session) -> None:
    line = owing(session)
    with pytest.raises(Invalid) as caught:
        services.pay_many(
            session, [], paid_on=TODAY + timedelta(days=1), reference=" ", key="",
            by=line.actor("buyer_editor"), now=NOW,
        )  # fmt: skip
    assert caught.value.fields == {
        "dues": "none_chosen", "paid_on": "in_the_future", "reference": "required",
        "key": "required",
    }  # fmt: skip


def test_ticked_looked_at_noted_and_sent_again(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The preview sums by payee and currency and writes nothing; each row of the report is told."""
    monkeypatch.setattr("tenon.web.requests.utc_now", lambda: NOW)
    with database.writing() as session:
        line = owing(session)
    client = sign_in(app.test_client(), line.people["buyer_editor"])
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    page = client.get("/commissions/to-pay?tick=all").text
    ticked = re.findall(r'name="due" value="([^"]+)"[^>]*checked', page)
    assert len(ticked) == 2
    assert "checked" not in client.get("/commissions/to-pay?tick=late").text
    assert post(client, "/commissions/to-pay/preview").status_code == 422
    looked = post(client, "/commissions/to-pay/preview", due=ticked)
    shown = words(looked)
    assert "All in CNY" in shown
    assert "CN¥500" in shown
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Payout.id))) == 0
    form = {
        "due": re.findall(r'name="due" value="([^"]+)"', looked.text),
        "key": re.findall(r'name="key"[^>]*value="([^"]+)"', looked.text)[0],
        "paid_on": "",
        "reference": "回单 9",
    }
    bad = post(client, "/commissions/to-pay/noted", **form)
    assert bad.status_code == 422
    assert 'value="回单 9"' in bad.text
    form["paid_on"] = TODAY.isoformat()
    assert words(post(client, "/commissions/to-pay/noted", **form)).count("Noted as paid") == 2
    again = words(post(client, "/commissions/to-pay/noted", **form))
    assert again.count("Was noted by this form before") == 2
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Payout.id))) == 2
    assert "Nothing is to be paid" in words(client.get("/commissions/to-pay"))
    stranger = sign_in(app.test_client(), line.people["outsider"])
    assert post(stranger, "/commissions/to-pay/noted", **form).status_code == 404
    broker = sign_in(app.test_client(), line.people["broker"])
    assert post(broker, "/commissions/to-pay/noted", **form).status_code == 403


def test_an_organisation_confirms_what_was_paid_to_it(app: Flask, database: Database) -> None:
    """Its editors are led there and confirm; members, the payer and other houses cannot."""
    with database.writing() as session:
        line = owing(session, house=True)
        stranger = make_user(session)
        make_membership(session, stranger, make_organisation(session), "administrator")
        assert set(note(session, line, dues_of(session, line))) == {"paid"}
    drain(database)
    with database.reading() as session:
        wanted = sa.select(Payout).join(Receiver).where(Receiver.kind == "organisation")
        payout = session.scalars(wanted).one().public_id
        house = line.actor("house")
        assert waiting_count(session, house) == 1
        (waiting,) = due_soon(session, house, NOW)
        assert (waiting.kind, waiting.path) == ("payout", "/commissions/received")
        kinds = sa.select(Notice.kind).where(Notice.user_id == line.people["house_head"].id)
        assert "commission_paid_to_house" in session.scalars(kinds).all()
    path = f"/commissions/payouts/{payout}"
    for person, status in (
        (stranger, 404), (line.people["seller_editor"], 404), (line.people["buyer_editor"], 403),
    ):  # fmt: skip
        client = sign_in(app.test_client(), person)
        assert post(client, f"{path}/receive").status_code == status
        assert line.deal.title not in client.get("/commissions/received").text
    client = sign_in(app.test_client(), line.people["house"])
    assert line.deal.title in client.get("/commissions/received").text
    assert "/commissions/received" in client.get("/commissions").text
    empty = post(client, f"{path}/contest", words="")
    assert empty.status_code == 422
    assert line.deal.title in empty.text
    done = post(client, f"{path}/receive")
    assert (done.status_code, done.location) == (303, "/commissions/received")
    with database.reading() as session:
        found = session.scalars(sa.select(Payout).filter_by(public_id=payout)).one()
        assert (found.state, found.answered_by) == ("received", line.people["house"].id)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_and_thirty_cost_the_same(database: Database, app: Flask) -> None:
    """The list to choose from, its preview, and the page of what was received."""

    def add(number: int, line: Line) -> None:
        with database.writing() as session:
            for _ in range(number):
                another(session, line)

    with database.writing() as session:
        line = owing(session, house=True)
        (due, _) = dues_of(session, line)
        note(session, line, [due])
    costs = []
    for more in (0, 10):
        add(more, line)
        payer = sign_in(app.test_client(), line.people["buyer_editor"])
        house = sign_in(app.test_client(), line.people["house"])
        for client, path in (
            (payer, "/commissions/to-pay?tick=all"),
            (house, "/commissions/received"),
        ):
            client.get(path)
            with counted(database) as sent:
                page = client.get(path)
            costs.append(len(sent))
            if client is payer:
                due_values = re.findall(r'name="due" value="([^"]+)"', page.text)
                with counted(database) as sent:
                    post(client, "/commissions/to-pay/preview", due=due_values)
                costs.append(len(sent))
    assert costs[3:] == costs[:3]


def another(session: Session, line: Line) -> None:
    """One more deal of the same payer and house, with something open and something paid."""
    people: dict[str, User] = {name: session.merge(user) for name, user in line.people.items()}
    more = owing(session, house=True)
    old = session.get_one(Deal, line.deal.id)
    more.deal.buyer_organisation_id = old.buyer_organisation_id
    receiver = session.scalars(
        sa.select(Receiver).filter_by(deal_id=more.deal.id, kind="organisation")
    ).one()
    receiver.organisation_id = people["house"].memberships[0].organisation_id
    session.flush()
    session.expire_all()
    said = services.Paid(
        side="buyer", currency="CNY", minor=100, paid_on=TODAY, reference="1", key="1"
    )
    services.pay(session, receiver, said, by=actor_for(people["buyer_editor"]), now=NOW)

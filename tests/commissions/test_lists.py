"""Lists and hooks: bounded SQL, what waits for whom, what is kept of a person."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.commissions import personal, services
from tenon.commissions.models import Receiver
from tenon.commissions.queries.lists import due_soon, dues_of, to_pay
from tenon.commissions.services import Claim, Paid, Proposal
from tenon.db import Database
from tests.deals.browsing import counted
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    sign_in,
)
from tests.factories.commissions import follow, make_agreement, make_line, make_split
from tests.factories.credit import make_entry
from tests.factories.deals import make_deal
from tests.factories.listings import NOW
from tests.factories.sharing import make_income

TODAY = NOW.date()


def make_dues(session: Session, broker: User, payer: User, number: int) -> None:
    """Deals of one payer that each owe the broker something; each with a payout to confirm."""
    house = payer.memberships[0].organisation
    by, pays = actor_for(broker), actor_for(payer)
    for _ in range(number):
        deal = make_deal(session, state="in_force", buyer=house, broker=broker)
        make_entry(session, broker, thing=("deal", deal.public_id))
        said = Proposal(percent=Decimal(5), seller_percent=Decimal(0), pay_within_days=3)
        services.agree(
            session, services.propose(session, deal, said, by=by, now=NOW), by=pays, now=NOW
        )
        claims = [Claim(broker.id, Decimal(100))]
        services.propose_split(session, deal, claims, by=by, now=NOW)
        make_income(session, deal, 100_000)
        services.follow(session, deal, cause=("payment", "x"), now=NOW)
        receiver = session.scalars(sa.select(Receiver).filter_by(deal_id=deal.id)).one()
        paid = Paid(
            side="buyer", currency="CNY", minor=1_000, paid_on=TODAY, reference="1", key="1"
        )
        services.pay(session, receiver, paid, by=pays, now=NOW)


@pytest.mark.parametrize("path", ["/commissions", "/commissions.csv"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_and_thirty_deals_cost_the_same(database: Database, app: Flask, path: str) -> None:
    with database.writing() as session:
        broker = grant_role(session, make_user(session, name="经纪人子"), "broker")
        payer = make_user(session)
        make_membership(session, payer, make_organisation(session), "administrator")
        session.refresh(payer, ["memberships"])
        make_dues(session, broker, payer, 1)
    costs = []
    for more in (0, 29):
        with database.writing() as session:
            make_dues(session, session.merge(broker), session.merge(payer), more)
        for user in (broker, payer):
            client = sign_in(app.test_client(), user)
            client.get(path)
            with counted(database) as sent:
                assert client.get(path).status_code == 200
            costs.append(len(sent))
    assert costs[2:] == costs[:2]


def test_hooks_tell_the_desk_what_waits(session: Session) -> None:
    line = make_line(session)
    make_agreement(session, line, agreed=False, seller_percent=Decimal(0), pay_within_days=5)
    (waiting,) = due_soon(session, line.actor("buyer"), NOW)
    assert (waiting.kind, waiting.title) == ("agreement", line.deal.title)
    assert due_soon(session, line.actor("seller"), NOW) == []
    split = make_split(session, line, confirmed=False)
    (waiting,) = due_soon(session, line.actor("writer"), NOW)
    assert (waiting.kind, waiting.path) == ("share", f"/commissions/shares/{split.public_id}")
    assert due_soon(session, line.actor("outsider"), NOW) == []
    for name in ("writer", "collector"):
        services.confirm(session, split, by=line.actor(name), now=NOW)
    assert dues_of(session, line.people["writer"].id) == []


def test_what_is_to_be_paid_is_the_payers_own(session: Session) -> None:
    line = make_line(session)
    make_agreement(session, line, seller_percent=Decimal(0), pay_within_days=5)
    make_split(session, line)
    make_income(session, line.deal, 1_000_000)
    follow(session, line)
    assert sum(each.open for each in to_pay(session, line.actor("buyer_editor"))) == 50_000
    for name in ("seller_editor", "broker", "author", "outsider"):
        assert to_pay(session, line.actor(name)) == []
    assert {each.kind for each in due_soon(session, line.actor("buyer_editor"), NOW)} == {"pay"}
    year = TODAY.year
    assert dues_of(session, line.people["broker"].id, year=year)
    assert not dues_of(session, line.people["broker"].id, year=year - 1)


def test_a_person_gets_and_loses_what_is_theirs_and_amounts_stay(session: Session) -> None:
    line = make_line(session)
    make_agreement(session, line)
    make_split(session, line)
    make_income(session, line.deal, 1_000_000)
    follow(session, line)
    writer = line.people["writer"]
    found = personal.collect(session, writer)
    assert sum(each["owed_minor"] for each in found["accounts"]) == 7_500
    assert found["shares"][0]["percent"] == "15.0000"
    assert personal.collect(session, line.people["seller"])["agreed_to"][0]["side"] == "seller"
    personal.erase(session, writer, NOW)
    session.expire_all()
    assert personal.collect(session, writer)["accounts"] == []
    kept = session.scalars(sa.select(Receiver).where(Receiver.user_id.is_(None))).one()
    assert kept.name == ""

"""An organisation's own deals, and the timeline: what waits first, by kind, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.deals.models import DealMessage, DealSignature
from tenon.deals.queries import inbox
from tests.conftest import NOW
from tests.deals.browsing import browser, counted, words
from tests.deals.cast import Cast
from tests.factories.deals import make_terms


def test_what_waits_for_us_comes_first(session: Session, cast: Cast) -> None:
    answer = cast.deal(session, title="答复", state="terms", now=NOW - timedelta(days=9))
    make_terms(session, answer, values={}, state="proposed", side="seller")
    waits = cast.deal(session, title="对方答复", state="terms")
    make_terms(session, waits, values={}, state="proposed", side="buyer")
    cast.deal(session, title="审批", state="approval")
    cast.deal(session, title="履行", state="in_force")
    cast.deal(session, title="结束", state="dropped")
    cast.deal(session, title="签署", state="signing", now=NOW - timedelta(days=3))
    by = cast.actor("buyer_editor")
    rows = inbox.inbox(session, by=by)
    assert [(deal.title, waits) for deal, waits in rows[:2]] == [("签署", True), ("答复", True)]
    assert not any(waits for _deal, waits in rows[2:])
    assert dict(inbox.group_counts(session, by=by)) == {
        "ours": 2,
        "theirs": 2,
        "running": 1,
        "over": 1,
    }
    assert inbox.waiting_count(session, by=by) == 2
    seller = cast.actor("seller_editor")
    assert {d.title for d, waits in inbox.inbox(session, by=seller) if waits} == {
        "对方答复",
        "审批",
        "签署",
    }


def test_a_side_that_has_signed_waits_for_the_other(session: Session, cast: Cast) -> None:
    deal = cast.deal(session, state="signing", terms={})
    version = make_terms(session, deal, values={}, state="withdrawn", number=2)
    assert version.number == 2
    signed = make_signature(session, cast, deal.id)
    assert signed.signer == "buyer"
    assert inbox.waiting_count(session, by=cast.actor("buyer_editor")) == 0
    assert inbox.waiting_count(session, by=cast.actor("seller_editor")) == 1


def make_signature(session: Session, cast: Cast, deal_id: int) -> DealSignature:
    """The buyer's signature under the accepted version; flushed."""
    from tenon.deals.models import Deal
    from tenon.deals.queries import accepted_terms

    agreed = accepted_terms(session, session.get_one(Deal, deal_id))
    assert agreed is not None
    made = DealSignature(
        deal_id=deal_id,
        version_id=agreed.id,
        signer="buyer",
        organisation_id=cast.firm.id,
        signatory="法定代表人",
        signed_on=NOW.date(),
        file_sha256="0" * 64,
        confirmed_at=NOW,
    )
    session.add(made)
    session.flush()
    return made


def test_a_mere_member_lists_only_what_they_are_in_charge_of(session: Session, cast: Cast) -> None:
    cast.deal(session, title="负责")
    cast.deal(session, title="别人的", seller_user=None)
    assert [d.title for d, _ in inbox.inbox(session, by=cast.actor("seller_in_charge"))] == ["负责"]
    assert inbox.inbox(session, by=cast.actor("seller_member")) == []
    assert inbox.inbox(session, by=cast.actor("stranger")) == []


def test_our_deals_ask_no_more_for_thirty_than_for_one(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    client, sent = browser(app, settled, "buyer_editor"), []
    for number in (1, 30):
        for _each in range(number):
            deal = settled.deal(committed, state="terms")
            make_terms(committed, deal, values={}, state="proposed")
        committed.commit()
        with counted(database) as statements:
            page = client.get("/deals")
        assert page.status_code == 200
        sent.append(len(statements))
    assert sent[0] == sent[1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_groups_and_sides_narrow_the_list(
    app: Flask, settled: Cast, committed: Session, language: str
) -> None:
    settled.deal(committed, title="进行中的交易", state="approval")
    settled.deal(committed, title="履行中的交易", state="in_force")
    committed.commit()
    client = browser(app, settled, "seller_editor", language)
    for address, shown, hidden in (
        ("/deals?group=running", "履行中的交易", "进行中的交易"),
        ("/deals?group=ours", "进行中的交易", "履行中的交易"),
    ):
        page = words(client.get(address))
        assert shown in page
        assert hidden not in page
    assert "履行中的交易" not in words(client.get("/deals?side=buyer"))


def test_five_hundred_entries_stand_in_one_line_page_by_page(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = settled.deal(committed, state="talks")
    committed.add_all(
        DealMessage(
            deal_id=deal.id,
            speaker="seller",
            author_id=settled.people["seller_editor"].id,
            text=f"第 {each} 条",
            at=NOW + timedelta(minutes=each),
        )
        for each in range(500)
    )
    for number in range(1, 4):
        make_terms(committed, deal, values={}, state="declined", number=number)
    committed.commit()
    client, place = browser(app, settled, "buyer_editor"), f"/deals/{deal.public_id}/timeline"
    with counted(database) as statements:
        first = words(client.get(place))
    assert "第 499 条" in first
    assert "第 3 条" not in first
    assert len(statements) <= 40
    last = words(client.get(f"{place}?kind=message&page=13"))
    assert "第 0 条" in last
    assert "Terms proposed" not in last
    assert "Terms proposed: version 3." in words(client.get(f"{place}?kind=terms"))
    assert client.get(f"{place}?kind=nonsense&page=99").status_code == 200


def test_the_deals_page_asks_no_more_for_many_entries(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = settled.deal(committed, state="talks")
    committed.commit()
    client, sent = browser(app, settled, "broker"), []
    for number in (1, 60):
        committed.add_all(
            DealMessage(deal_id=deal.id, speaker="buyer", text="x", at=NOW) for _ in range(number)
        )
        committed.commit()
        with counted(database) as statements:
            assert client.get(f"/deals/{deal.public_id}").status_code == 200
        sent.append(len(statements))
    assert sent[0] == sent[1]

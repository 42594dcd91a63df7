"""The deal's first page, in both languages."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.deals import guards
from tenon.deals.models import Deal
from tenon.listings.models import IpRight
from tenon.web.sections import Section, add_section
from tests.deals.browsing import browser, fresh, version_on, words
from tests.deals.cast import Cast
from tests.factories.accounts import csrf_token, post


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_deals_page_says_what_it_is_and_whose_turn_it_is(
    app: Flask, settled: Cast, committed: Session, language: str
) -> None:
    deal = settled.deal(committed, state="talks", title="高温热泵许可")
    committed.commit()
    page = browser(app, settled, "seller_editor", language).get(f"/deals/{deal.public_id}")
    assert page.status_code == 200
    told = words(page)
    assert "高温热泵许可" in told
    assert {"en": "Exclusive licence", "zh": "独占许可"}[language] in told
    assert {"en": "Licensee", "zh": "被许可方"}[language] in told


def test_a_step_that_nothing_hinders_is_a_button_and_is_taken(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = settled.deal(committed, state="lead")
    committed.commit()
    client, place = browser(app, settled, "broker"), f"/deals/{deal.public_id}"
    page = words(client.get(place))
    assert f'action="{place}/steps/open_talks"' in page
    answer = post(client, f"{place}/steps/open_talks", version=version_on(client, place))
    assert answer.status_code == 303
    assert fresh(database, deal).state == "talks"
    assert "the deal is at “Talks” now" in words(client.get(place))


def test_giving_up_wants_a_reason_and_asks_once_more(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = settled.deal(committed, state="talks")
    committed.commit()
    client, place = browser(app, settled, "buyer_editor"), f"/deals/{deal.public_id}"
    assert f'href="{place}/steps/drop"' in client.get(place).text
    page = f"{place}/steps/drop"
    answer = post(client, page, version=version_on(client, page), remark="预算取消了")
    assert answer.status_code == 422
    assert "Please choose a reason." in words(answer)
    assert "预算取消了" in words(answer)
    sent = {"version": version_on(client, page), "reason": "finance", "remark": "预算取消了"}
    assert post(client, page, **sent).status_code == 303
    assert fresh(database, deal).end_reason == "finance"
    assert "预算取消了" in words(browser(app, settled, "seller_editor").get(place))
    assert "预算取消了" not in words(browser(app, settled, "operator").get(place))


def test_of_two_who_act_the_second_is_told_and_keeps_the_words(
    app: Flask, settled: Cast, committed: Session
) -> None:
    deal = settled.deal(committed, state="talks")
    committed.commit()
    place = f"/deals/{deal.public_id}"
    seller, buyer = browser(app, settled, "seller_editor"), browser(app, settled, "buyer_editor")
    seen = version_on(buyer, f"{place}/steps/drop")
    fields = {"version": seen, "reason": "price", "remark": "谈不拢"}
    assert post(seller, f"{place}/steps/drop", **fields).status_code == 303
    late = post(buyer, f"{place}/steps/drop", **fields | {"remark": "我的话"})
    assert late.status_code == 409
    assert "Somebody was quicker" in words(late)
    assert "我的话" in words(late)


def test_what_stands_in_the_way_is_listed_with_its_rule_and_where_to_see_to_it(
    app: Flask, settled: Cast, committed: Session
) -> None:
    deal = settled.deal(committed, state="terms")
    committed.commit()
    page = words(browser(app, settled, "seller_editor").get(f"/deals/{deal.public_id}"))
    assert "A transfer or licence needs technology that exists" in page
    assert "Interpretation on technology contracts, article 22" in page
    assert f'href="/deals/{deal.public_id}/edit"' in page


def test_a_check_that_no_room_has_installed_blocks_and_says_so(
    app: Flask, settled: Cast, committed: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = settled.deal(committed, state="approval")
    committed.commit()
    monkeypatch.delitem(guards._checks, "approvals_given")
    page = words(browser(app, settled, "seller_editor").get(f"/deals/{deal.public_id}"))
    assert "The check “approvals_given” is not installed on this site." in page


def test_a_program_is_told_of_broken_rules_in_its_own_words(
    app: Flask, settled: Cast, committed: Session
) -> None:
    deal = settled.deal(committed, state="approval")
    committed.commit()
    client = browser(app, settled, "seller_editor")
    answer = client.post(
        f"/deals/{deal.public_id}/steps/clear",
        data={"csrf_token": csrf_token(client)},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    told = answer.json or {}
    assert told["type"] == "urn:tenon:error:rule_broken"
    assert all(each["message"] for each in told["rules"])


def test_name_listings_and_rights_change_until_terms_are_agreed(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    right = IpRight(kind="invention", number="ZL202410000009.9", status="granted")
    settled.result.ip_rights = [right]
    deal = settled.deal(committed, state="talks", listings=[settled.need])
    committed.commit()
    client, place = browser(app, settled, "seller_editor"), f"/deals/{deal.public_id}/edit"
    assert "ZL202410000009.9" in words(client.get(place))
    sent = {"version": version_on(client, place), "title": "新的名称"}
    chosen = {"listings": [settled.need.public_id, settled.result.public_id]}
    answer = post(client, place, rights=[right.public_id], **sent, **chosen)
    assert answer.status_code == 303
    with database.reading() as session:
        found = session.get_one(Deal, deal.id)
        assert found.title == "新的名称"
        assert [each.number for each in found.ip_rights] == ["ZL202410000009.9"]
        assert len(found.listings) == 2
    stale = post(client, place, **sent, **chosen)
    assert stale.status_code == 409
    sent["version"] = version_on(client, place)
    assert post(client, place, **sent, listings=["nonsense"]).status_code == 422
    assert post(client, place, **sent | {"title": " "}).status_code == 422


def test_the_person_in_charge_is_one_of_the_own_house(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = settled.deal(committed, state="talks", seller_user=None, broker=None)
    committed.commit()
    client, place = browser(app, settled, "seller_editor"), f"/deals/{deal.public_id}/people"
    member, outsider = settled.people["seller_member"], settled.people["buyer_member"]
    seen = version_on(client, place)
    assert post(client, place, version=seen, person=outsider.public_id).status_code == 422
    broker = settled.people["broker"]
    fields = {"person": member.public_id, "broker": broker.public_id}
    assert post(client, place, version=seen, **fields).status_code == 303
    found = fresh(database, deal)
    assert (found.seller_user_id, found.broker_id) == (member.id, broker.id)
    assert (
        post(
            client, place, version=seen, person=settled.people["seller_editor"].public_id
        ).status_code
        == 409
    )


def test_parts_that_other_rooms_add_stand_on_the_page_and_in_its_contents(
    app: Flask, settled: Cast, committed: Session
) -> None:
    deal = settled.deal(committed, state="talks")
    committed.commit()

    def load(*_given: object) -> dict[str, object]:
        return {"nav": ("added", "Something added"), "deals": [], "address": None}

    add_section(app, "deal", Section("deals/on_introduction.html", load))
    page = words(browser(app, settled, "broker").get(f"/deals/{deal.public_id}"))
    assert '<a href="#added">Something added</a>' in page

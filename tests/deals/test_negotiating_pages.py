"""Terms through the pages: proposed, countered, compared, accepted; nobody's words are lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenon.db import Database
from tenon.deals import forms, terms
from tenon.deals.models import Deal
from tenon.listings.models import IpRight
from tests.deals.browsing import browser, fresh, version_on, versions, words
from tests.deals.cast import Cast
from tests.deals.sheets import sheet
from tests.factories.accounts import post


def begin(session: Session, cast: Cast, **values: Any) -> Deal:
    """A deal in talks that rests on a granted patent; committed."""
    right = IpRight(kind="invention", number="ZL202410000001.1", status="granted")
    session.add(right)
    session.flush()
    deal = cast.deal(session, **{"state": "talks", "rights": [right]} | values)
    session.commit()
    return deal


def propose(client: FlaskClient, deal: Deal, **changes: Any) -> TestResponse:
    """Send the sheet as the page would, with the version that the page shows."""
    place = f"/deals/{deal.public_id}/terms/new"
    return post(client, place, version=version_on(client, place), **sheet(**changes))


def test_what_is_typed_becomes_the_values_of_the_terms(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled)
    answer = propose(browser(app, settled, "seller_editor"), deal)
    assert answer.status_code == 303, words(answer)
    made = versions(database, deal)[0]
    assert made.values["up_front"] == {"minor": 80_000_050, "currency": "CNY"}
    assert made.values["territory"] == ["CN", "SG"]
    assert made.values["fields_of_use"] == ["余热回收", "区域供热"]
    assert made.values["royalty_tiers"] == [
        {"from": 0, "rate": "5"},
        {"from": 1_000_000_000, "rate": "3.5"},
    ]
    assert made.values["audit"] is True
    assert terms.missing(forms.get(made.form), made.values) == []
    assert fresh(database, deal).stage == "terms"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"up_front": "a lot"}, "Please enter a number."),
        ({"up_front": "1.005"}, "Please enter a number."),
        ({"royalty_tiers__1__from": "0"}, "Each row must lie above the one before"),
        ({"royalty_tiers__0__rate": "500"}, "That is outside the range allowed."),
        ({"territory__more": "Atlantis"}, "Please choose from the list."),
        ({"term_months": "9999"}, "That is outside the range allowed."),
        ({"effective_on": "2027-02-30"}, "Please enter a date such as"),
    ],
)
def test_what_cannot_be_taken_is_said_at_the_term_and_kept_as_typed(
    app: Flask,
    settled: Cast,
    committed: Session,
    database: Database,
    changes: dict[str, str],
    says: str,
) -> None:
    deal = begin(committed, settled)
    answer = propose(
        browser(app, settled, "seller_editor"), deal, other_terms="另行约定", **changes
    )
    assert answer.status_code == 422
    page = words(answer)
    assert says in page
    assert "另行约定" in page
    assert next(iter(changes.values())) in page
    assert versions(database, deal) == []


def test_a_place_may_be_named_in_either_language(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled)
    client = browser(app, settled, "seller_editor")
    changes = {"territory": [], "territory__more": "武汉, Germany、Sichuan"}
    assert propose(client, deal, **changes).status_code == 303
    assert versions(database, deal)[0].values["territory"] == ["420100", "510000", "DE"]


def test_a_row_is_added_without_a_script_and_nothing_is_proposed(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled)
    client = browser(app, settled, "seller_editor")
    place = f"/deals/{deal.public_id}/terms/new"
    answer = post(client, place, add="royalty_tiers", version="1", **sheet(up_front="sixty"))
    assert answer.status_code == 200
    page = words(answer)
    assert 'name="t.royalty_tiers.3.from"' in page
    assert 'value="sixty"' in page
    assert versions(database, deal) == []


def test_conditional_terms_say_when_they_are_asked_and_bind_nobody_otherwise(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled)
    client = browser(app, settled, "seller_editor")
    page = words(client.get(f"/deals/{deal.public_id}/terms/new"))
    assert "Only where “Mode of payment” is Running royalty or Up-front fee and running" in page
    changes = {"payment_mode": "single", "arbitration_body": "武汉仲裁委员会"}
    assert propose(client, deal, **changes).status_code == 303
    made = versions(database, deal)[0].values
    assert "royalty_tiers" not in made
    assert "arbitration_body" not in made


def test_a_counter_begins_with_the_last_version_and_shows_the_differences(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled)
    propose(browser(app, settled, "seller_editor"), deal)
    buyer = browser(app, settled, "buyer_editor")
    page = words(buyer.get(f"/deals/{deal.public_id}/terms/new"))
    assert 'value="800,000.50"' in page
    assert propose(buyer, deal, up_front="600000").status_code == 303
    first, second = versions(database, deal)
    assert (first.state, second.state, second.side) == ("replaced", "proposed", "buyer")
    page = words(browser(app, settled, "seller_editor").get(f"/deals/{deal.public_id}/terms"))
    assert "<del>CNY 800,000.50</del>" in page
    assert "<ins>CNY 600,000.00</ins>" in page
    told = words(buyer.get(f"/deals/{deal.public_id}/terms/compare?left=1&right=2"))
    assert "1 term differs" in page
    assert told.count("<ins>") == 1
    everything = words(buyer.get(f"/deals/{deal.public_id}/terms/compare?left=1&right=2&all=1"))
    assert "余热回收" in everything


def test_an_accepted_version_is_shown_frozen_with_its_hash(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled)
    propose(browser(app, settled, "seller_editor"), deal)
    buyer = browser(app, settled, "buyer_editor")
    place = f"/deals/{deal.public_id}/terms"
    seen = version_on(buyer, place)
    answer = post(buyer, f"{place}/1/accept", version=seen, note="好的")
    assert answer.status_code == 303, words(answer)
    made = versions(database, deal)[0]
    assert made.state == "accepted"
    page = words(buyer.get(f"{place}/1"))
    assert made.sha256 in page
    assert "Frozen. Both sides accepted exactly this text" in page
    deal = fresh(database, deal)
    assert (deal.stage, deal.value_minor) == ("approval", 80_000_050)
    again = post(buyer, f"{place}/1/accept", version=seen)
    assert again.status_code == 409
    assert "Somebody was quicker" in words(again)


def test_a_version_with_gaps_offers_no_acceptance_and_is_refused_with_its_rule(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled)
    propose(browser(app, settled, "seller_editor"), deal, up_front="")
    buyer = browser(app, settled, "buyer_editor")
    place = f"/deals/{deal.public_id}/terms"
    page = words(buyer.get(place))
    assert "Still open in this version" in page
    assert "Accept these terms" not in page
    answer = post(buyer, f"{place}/1/accept", version=version_on(buyer, place))
    assert answer.status_code == 409
    assert "The terms leave open:" in words(answer)
    assert versions(database, deal)[0].state == "proposed"


def test_a_broken_rule_is_shown_with_its_source(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled, rights=[])
    propose(browser(app, settled, "seller_editor"), deal)
    for language, source in (("en", "article 22"), ("zh", "第二十二条")):
        buyer = browser(app, settled, "buyer_editor", language)
        place = f"/deals/{deal.public_id}/terms"
        answer = post(buyer, f"{place}/1/accept", version=version_on(buyer, place))
        assert answer.status_code == 409
        assert source in words(answer)
        assert f"/deals/{deal.public_id}/edit" in words(answer)


def test_declining_carries_a_word_and_withdrawing_is_for_ones_own(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled)
    seller, buyer = browser(app, settled, "seller_editor"), browser(app, settled, "buyer_in_charge")
    place = f"/deals/{deal.public_id}/terms"
    propose(seller, deal)
    assert post(buyer, f"{place}/1/withdraw").status_code == 403
    assert post(seller, f"{place}/1/decline").status_code == 403
    assert post(buyer, f"{place}/1/decline", note="太贵了").status_code == 303
    assert "太贵了" in words(seller.get(f"{place}/1"))
    propose(seller, deal, up_front="500000")
    assert post(seller, f"{place}/2/withdraw").status_code == 303
    assert [each.state for each in versions(database, deal)] == ["declined", "withdrawn"]


def test_of_two_who_propose_the_second_keeps_what_was_typed_and_sees_what_changed(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled)
    seller, buyer = browser(app, settled, "seller_editor"), browser(app, settled, "buyer_editor")
    place = f"/deals/{deal.public_id}/terms/new"
    propose(seller, deal)
    seen = re.search(r'name="version" value="(\d+)"', buyer.get(place).text)
    assert seen is not None
    propose(seller, deal, up_front="900000")
    late = post(
        buyer, place, version=seen[1], base="1", note="我们的还价", **sheet(up_front="700000")
    )
    assert late.status_code == 409
    page = words(late)
    assert "Somebody was quicker" in page
    assert 'value="700000"' in page
    assert "我们的还价" in page
    assert "<ins>CNY 900,000.00</ins>" in page
    assert len(versions(database, deal)) == 2
    now_seen = re.search(r'name="version" value="(\d+)"', late.text)
    assert now_seen is not None
    again = post(buyer, place, version=now_seen[1], base="2", **sheet(up_front="700000"))
    assert again.status_code == 303


def test_another_form_keeps_what_both_ask(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled)
    seller = browser(app, settled, "seller_editor")
    propose(seller, deal)
    place = f"/deals/{deal.public_id}/form"
    page = words(seller.get(place))
    assert "terms would be carried over" in page
    answer = post(seller, place, form="licence_nonexclusive", version=version_on(seller, place))
    assert answer.status_code == 303
    deal = fresh(database, deal)
    assert deal.form == "licence_nonexclusive"
    assert 'value="800,000.50"' in words(seller.get(str(answer.location)))
    assert versions(database, deal)[0].state == "replaced"
    late = post(seller, place, form="licence_sole", version="1")
    assert late.status_code == 409
    other_road = post(seller, place, form="licence_open", version=version_on(seller, place))
    assert other_road.status_code in (303, 422)


def test_an_amendment_is_for_administrators(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled, state="in_force", terms={})
    place = f"/deals/{deal.public_id}/terms/new"
    editor = browser(app, settled, "seller_editor")
    assert post(editor, place, **sheet()).status_code == 403
    chief = browser(app, settled, "seller_administrator")
    assert propose(chief, deal).status_code == 303
    page = words(browser(app, settled, "buyer_editor").get(f"/deals/{deal.public_id}/terms"))
    assert "Accept these terms" not in page
    page = words(browser(app, settled, "buyer_administrator").get(f"/deals/{deal.public_id}/terms"))
    assert "Accept these terms" in page


def test_every_form_can_be_filled_in(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    for form in forms.all_forms():
        deal = cast_deal(committed, settled, form.code)
        for language in ("zh", "en"):
            client = browser(app, settled, "seller_editor", language)
            page = client.get(f"/deals/{deal.public_id}/terms/new")
            assert page.status_code == 200, form.code
            for term in form.terms:
                assert f'data-term="{term.code}"' in page.text


def cast_deal(session: Session, cast: Cast, form: str) -> Deal:
    """A deal of a form, where deals of that form begin; committed."""
    deal = cast.deal(session, form=form, state=forms.get(form).states[0].code)
    session.commit()
    return deal


def test_declared_terms_are_laid_in_by_their_owner_alone(
    app: Flask, settled: Cast, committed: Session
) -> None:
    deal = cast_deal(committed, settled, "licence_open")
    seller, buyer = browser(app, settled, "seller_editor"), browser(app, settled, "buyer_editor")
    place = f"/deals/{deal.public_id}"
    assert "You are to lay the terms in." in words(seller.get(place))
    page = words(buyer.get(place))
    assert "Example Polytechnic is to lay the terms in." in page
    assert "Propose terms" not in page
    assert "Terms cannot be proposed at this stage" in words(buyer.get(f"{place}/terms/new"))
    assert "等待" not in words(buyer.get("/deals"))

"""Begin a deal: from an introduction, from one's own listing, by a broker; once if retried."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.deals.models import Deal
from tenon.introductions.models import Introduction
from tests.conftest import NOW
from tests.deals.browsing import browser, words
from tests.deals.cast import Cast
from tests.factories.accounts import post
from tests.introductions.cast import Cast as Introduced
from tests.introductions.cast import bring_to
from tests.introductions.cast import make_cast as make_introduced


def begin(client: FlaskClient, way: str, **fields: str) -> object:
    """Open the page at ``way``, fill in the form and send it; return where it leads."""
    page = client.get(way)
    assert page.status_code == 200
    key = re.search(r'name="request_key" value="([0-9a-f]+)"', page.text)
    assert key is not None
    asked = {
        name: value for name, _, value in (p.partition("=") for p in way.split("?")[1].split("&"))
    }
    return post(client, "/deals/new", request_key=key[1], **asked | fields)


def deals_of(database: Database) -> list[Deal]:
    """All deals."""
    with database.reading() as session:
        return list(session.scalars(sa.select(Deal).order_by(Deal.id)))


@pytest.fixture
def introduced(committed: Session) -> tuple[Introduced, Introduction]:
    """An open introduction about a university's result, for a firm's need; committed."""
    cast = make_introduced(committed)
    cast.result.deal_forms = cast.need.deal_forms = []
    it = bring_to(committed, cast, "connected", now=NOW)
    committed.commit()
    return cast, it


@pytest.mark.parametrize("role", ["from_editor", "to_editor", "broker"])
def test_from_an_introduction(
    app: Flask, introduced: tuple[Introduced, Introduction], database: Database, role: str
) -> None:
    cast, it = introduced
    client = browser(app, cast, role)  # type: ignore[arg-type]  # both casts have people
    page = words(client.get(f"/introductions/{it.public_id}"))
    way = f"/deals/new?introduction={it.public_id}"
    assert way in page
    answer = begin(client, way, form="licence_sole", title="热管道测温许可")
    made = deals_of(database)[0]
    assert str(answer.location).endswith(f"/deals/{made.public_id}/terms/new")  # type: ignore[attr-defined]  # a response
    assert (made.seller_organisation_id, made.buyer_organisation_id) == (
        cast.university.id,
        cast.firm.id,
    )
    assert (made.origin_kind, made.origin_id) == ("introduction", it.id)
    assert made.public_id in words(client.get(f"/introductions/{it.public_id}"))


@pytest.mark.parametrize("role", ["from_member", "stranger", "other_broker", "visitor"])
def test_others_cannot_begin_one_from_it(
    app: Flask, introduced: tuple[Introduced, Introduction], role: str
) -> None:
    cast, it = introduced
    client = browser(app, cast, role)  # type: ignore[arg-type]  # both casts have people
    answer = client.get(f"/deals/new?introduction={it.public_id}")
    assert answer.status_code in (302, 403, 404)
    assert post(client, "/deals/new", introduction=it.public_id, form="service").status_code in (
        302,
        403,
        404,
    )


def test_from_ones_own_listing_with_a_counterpart(
    app: Flask, settled: Cast, database: Database
) -> None:
    client = browser(app, settled, "seller_editor")
    listing = settled.result.public_id
    assert f"/deals/new?listing={listing}" in words(client.get(f"/listings/{listing}"))
    found = words(client.get(f"/deals/new?listing={listing}&house=Spruce"))
    chosen = f"/deals/new?listing={listing}&organisation={settled.firm.public_id}"
    assert chosen in found
    no_reason = begin(client, chosen, form="licence_nonexclusive")
    assert no_reason.status_code == 422  # type: ignore[attr-defined]  # a response
    assert "Please say why no need stands behind this deal." in words(no_reason)  # type: ignore[arg-type]  # a response
    answer = begin(client, chosen, form="licence_nonexclusive", no_need_reason="展会上认识")
    assert answer.status_code == 303  # type: ignore[attr-defined]  # a response
    made = deals_of(database)[0]
    assert (made.seller_user_id, made.broker_id) == (settled.people["seller_editor"].id, None)


def test_from_a_need_the_own_side_takes(app: Flask, settled: Cast, database: Database) -> None:
    client = browser(app, settled, "buyer_editor")
    way = f"/deals/new?listing={settled.need.public_id}&with={settled.result.public_id}"
    assert begin(client, way, form="development_commissioned").status_code == 303  # type: ignore[attr-defined]  # a response
    made = deals_of(database)[0]
    assert (made.seller_organisation_id, made.buyer_organisation_id) == (
        settled.university.id,
        settled.firm.id,
    )


def test_a_broker_of_neither_side_looks_after_what_they_begin(
    app: Flask, settled: Cast, database: Database
) -> None:
    client = browser(app, settled, "broker")
    way = f"/deals/new?listing={settled.result.public_id}&with={settled.need.public_id}"
    begin(client, way, form="service")
    assert deals_of(database)[0].broker_id == settled.people["broker"].id
    for role in ("stranger", "seller_member"):
        assert browser(app, settled, role).get(way).status_code == 403


def test_a_form_must_be_chosen_and_what_was_typed_stays(app: Flask, settled: Cast) -> None:
    client = browser(app, settled, "broker", "zh")
    way = f"/deals/new?listing={settled.result.public_id}&with={settled.need.public_id}"
    answer = begin(client, way, title="一个名称")
    assert answer.status_code == 422  # type: ignore[attr-defined]  # a response
    page = words(answer)  # type: ignore[arg-type]  # a response
    assert "请选择交易形式。" in page
    assert "一个名称" in page


def test_what_both_listings_name_comes_first_with_the_reason(
    app: Flask, settled: Cast, committed: Session
) -> None:
    from tenon.listings.models import ListingDealForm

    settled.result.deal_forms = [ListingDealForm(form=f) for f in ("service", "pay_after_use")]
    settled.need.deal_forms = [ListingDealForm(form="pay_after_use")]
    committed.commit()
    way = f"/deals/new?listing={settled.result.public_id}&with={settled.need.public_id}"
    page = words(browser(app, settled, "broker").get(way))
    forms = re.findall(r'name="form" value="(\w+)"', page)
    assert forms[:2] == ["pay_after_use", "service"]
    assert "Both listings name this form." in page
    assert "The result's listing names this form." in page


def test_sent_again_it_begins_one_deal(app: Flask, settled: Cast, database: Database) -> None:
    client = browser(app, settled, "broker")
    fields = {
        "listing": settled.result.public_id,
        "with": settled.need.public_id,
        "form": "service",
        "request_key": "0123456789abcdef",
    }
    first = post(client, "/deals/new", **fields)
    again = post(client, "/deals/new", **fields)
    assert first.location == again.location
    assert len(deals_of(database)) == 1


def test_sent_twice_at_once_it_begins_one_deal(
    app: Flask, settled: Cast, database: Database
) -> None:
    start = threading.Barrier(2)
    fields = {
        "listing": settled.result.public_id,
        "with": settled.need.public_id,
        "form": "service",
        "request_key": "fedcba9876543210",
    }

    def send(_number: int) -> tuple[int, str | None]:
        client = browser(app, settled, "broker")
        start.wait(timeout=30)
        answer = post(client, "/deals/new", **fields)
        return answer.status_code, answer.location

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(send, range(2)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 303
    assert len(deals_of(database)) == 1


def test_on_a_draft_no_deal_is_begun(app: Flask, settled: Cast, committed: Session) -> None:
    settled.result.state = "draft"
    committed.commit()
    client = browser(app, settled, "seller_editor")
    listing = settled.result.public_id
    assert f"/deals/new?listing={listing}" not in words(client.get(f"/listings/{listing}"))
    assert client.get(f"/deals/new?listing={listing}").status_code == 403

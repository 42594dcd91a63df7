"""Who may see what of a deal and do what: every role at every page and every verb."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.deals import permissions
from tenon.deals.models import Deal, DealFile
from tenon.deals.queries import visible_to
from tenon.deals.queries.deals import readable_by
from tests.deals.browsing import browser, words
from tests.deals.cast import ROLES, Cast, make_cast
from tests.deals.sheets import sheet
from tests.factories.accounts import post
from tests.factories.deals import make_terms

EDITS = ("seller_editor", "seller_in_charge", "buyer_editor", "buyer_in_charge")
CHIEFS = ("seller_administrator", "buyer_administrator")
PARTIES = (*EDITS, *CHIEFS)
READERS = (*PARTIES, "broker")
KNOWERS = (*READERS, "operator")
SELLERS = ("seller_editor", "seller_in_charge", "seller_administrator")
BUYERS = ("buyer_editor", "buyer_in_charge", "buyer_administrator")

READ_PAGES = (
    "terms",
    "terms/1",
    "terms/compare",
    "signatures",
    "messages",
)
PARTY_PAGES = ("terms/new", "form", "edit")


def expected(role: str, *, sees: tuple[str, ...]) -> int:
    """What a page answers a role: 200 to who sees it, 403 to who knows of the deal, 404 else."""
    if role == "visitor":
        return 302
    if role in sees:
        return 200
    return 403 if role in KNOWERS else 404


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_deal(app: Flask, settled: Cast, committed: Session, role: str) -> None:
    deal = settled.deal(committed, state="terms")
    make_terms(committed, deal, values={"know_how": "只有双方能看的内容"}, state="proposed")
    committed.commit()
    client, place = browser(app, settled, role), f"/deals/{deal.public_id}"
    for page in ("", "/timeline"):
        answer = client.get(place + page)
        assert answer.status_code == expected(role, sees=KNOWERS), page
        secret = "只有双方能看的内容" in words(answer)
        assert not secret, "neither page shows terms' values"
    for page in READ_PAGES:
        answer = client.get(f"{place}/{page}")
        assert answer.status_code == expected(role, sees=READERS), page
        if answer.status_code != 200:
            assert "只有双方能看的内容" not in words(answer)
    for page in PARTY_PAGES:
        assert client.get(f"{place}/{page}").status_code == expected(role, sees=PARTIES), page
    may_name = (*PARTIES, "operator")
    assert client.get(f"{place}/people").status_code == expected(role, sees=may_name)
    drop = client.get(f"{place}/steps/drop").status_code
    assert drop == expected(role, sees=PARTIES)


POSTS: Mapping[str, tuple[str, tuple[str, ...], dict[str, object]]] = {
    "accept": ("terms/1/accept", BUYERS, {}),
    "decline": ("terms/1/decline", BUYERS, {"note": "再谈"}),
    "withdraw": ("terms/1/withdraw", SELLERS, {}),
    "propose": ("terms/new", PARTIES, dict(sheet())),
    "change the form": ("form", PARTIES, {"form": "licence_sole"}),
    "edit": ("edit", PARTIES, {"title": "新名称"}),
    "drop": ("steps/drop", PARTIES, {"reason": "price"}),
    "say": ("messages", READERS, {"text": "您好"}),
    "add a file": ("files", READERS, {"kind": "other"}),
    "sign": ("signatures", (), {"signer": "seller", "confirmed": "y"}),
    "name people": ("people", (*PARTIES, "operator"), {}),
}


@pytest.mark.parametrize("verb", POSTS)
def test_every_verb_for_every_role(
    app: Flask, settled: Cast, committed: Session, verb: str
) -> None:
    path, may, fields = POSTS[verb]
    for role in ROLES:
        deal = settled.deal(committed, state="terms")
        make_terms(committed, deal, values={}, state="proposed")
        committed.commit()
        client = browser(app, settled, role)
        answer = post(client, f"/deals/{deal.public_id}/{path}", **fields)
        if role in may:
            # Allowed: done, or refused for what was sent or by a rule, never for who sent it.
            assert answer.status_code in (303, 409, 422), role
        elif role == "visitor":
            assert answer.status_code == 302
        elif verb == "sign":
            # It cannot be signed yet by anybody, and nobody but who signs is told so.
            assert answer.status_code in ((409, 422, 403) if role in READERS else (403, 404)), role
        else:
            assert answer.status_code == (403 if role in KNOWERS else 404), role


def test_without_its_token_no_form_is_taken(app: Flask, settled: Cast, committed: Session) -> None:
    deal = settled.deal(committed, state="terms")
    make_terms(committed, deal, values={}, state="proposed")
    committed.commit()
    client = browser(app, settled, "buyer_administrator")
    for path, _may, fields in POSTS.values():
        answer = client.post(f"/deals/{deal.public_id}/{path}", data=dict(fields))
        assert answer.status_code == 400, path
    assert client.post("/deals/new", data={}).status_code == 400


@pytest.mark.parametrize("role", [*ROLES, "system"])
def test_sql_and_predicates_say_the_same(session: Session, role: str) -> None:
    cast = make_cast(session)
    actor = cast.actor(role)
    deals = [
        cast.deal(session),
        cast.deal(session, broker=None, seller_user=None, buyer_user=None),
        cast.deal(session, broker=cast.people["other_broker"]),
    ]
    for condition, predicate in (
        (visible_to(actor), permissions.may_see),
        (readable_by(actor), permissions.may_read),
    ):
        found = set(session.scalars(sa.select(Deal.id).where(condition)))
        assert found == {deal.id for deal in deals if predicate(actor, deal)}


@pytest.mark.parametrize("role", ROLES)
def test_a_private_file_is_its_own_sides(cast: Cast, session: Session, role: str) -> None:
    deal = cast.deal(session)
    common = DealFile(private=False, side="buyer")
    own = DealFile(private=True, side="buyer")
    actor = cast.actor(role)
    assert permissions.may_read_file(actor, deal, common) is (role in READERS)
    assert permissions.may_read_file(actor, deal, own) is (role in BUYERS)


def test_a_broker_of_a_party_is_no_neutral_broker(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = settled.deal(committed, state="talks", broker=None)
    committed.commit()
    client = browser(app, settled, "seller_editor")
    place = f"/deals/{deal.public_id}/people"
    stranger = settled.people["stranger"].public_id
    assert post(client, place, broker=stranger).status_code == 422
    broker = settled.people["other_broker"].public_id
    assert post(client, place, broker=broker).status_code == 303
    with database.reading() as session:
        assert session.get_one(Deal, deal.id).broker_id == settled.people["other_broker"].id
    assert browser(app, settled, "other_broker").get(f"/deals/{deal.public_id}").status_code == 200

"""Forms on the running site: all that they name is there; a new one needs no line of code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.app import load_tasks
from tenon.clock import utc_now
from tenon.db import Database
from tenon.deals import effects, forms, guards
from tenon.deals.forms.schema import Form
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms
from tenon.history import HistoryEntry
from tenon.payments import receiving
from tenon.payments.receiving import Given
from tests.deals.browsing import browser, version_on, words
from tests.deals.cast import Cast
from tests.factories.accounts import post
from tests.factories.listings import make_ip_right

POOL = """
# Membership of a patent pool: an owner brings a patent in, the pool licenses it with others and
# pays a share of what it earns.
extends = ["fees", "common"]
code = "pool_membership"
order = 90
contract = "licence"
licence_kind = "nonexclusive"
begins_in = "in_force.admitted"
names = { zh = "专利池入池", en = "Pool membership" }
summary = { zh = "专利权人把专利放入专利池。", en = "A patent joins a pool." }
seller = { zh = "入池方", en = "Member" }
buyer = { zh = "管理人", en = "Administrator" }
value_terms = ["up_front"]

[[terms]]
code = "pool_name"
type = "text"
group = "scope"
required = true
high = 100
names = { zh = "专利池名称", en = "Name of the pool" }
help = { zh = "专利放入哪个专利池。", en = "Which pool the patent enters." }

[[terms]]
code = "standards"
type = "many"
group = "scope"
required = true
names = { zh = "涉及的标准", en = "Standards" }
help = { zh = "专利对哪些标准必不可少。", en = "For which standards it is essential." }
choices = [
  { code = "video", zh = "视频编码", en = "Video coding" },
  { code = "radio", zh = "无线通信", en = "Radio" },
]

[[terms]]
code = "pool_share"
type = "percent"
group = "royalty"
required = true
low = 0
high = 100
names = { zh = "收入份额", en = "Share of the pool's income" }
help = { zh = "专利池净收入中归入池方的比例。", en = "Of the pool's net income." }

[[terms]]
code = "payment_mode"
choices = [{ code = "single", zh = "一次入池费", en = "One joining fee" }]

[[states]]
code = "in_force"
left_out = true

[[states]]
code = "in_force.admitted"
stage = "in_force"
names = { zh = "已入池", en = "Admitted" }

[[states]]
code = "in_force.essential"
stage = "in_force"
names = { zh = "必要性已确认", en = "Found essential" }

[[states]]
code = "in_force.withdrawing"
stage = "in_force"
names = { zh = "退池中", en = "Withdrawing" }

[[steps]]
name = "find_essential"
sources = ["in_force.admitted"]
target = "in_force.essential"
by = ["buyer"]
names = { zh = "确认必要性", en = "Find it essential" }
effects = ["schedule_obligations"]

[[steps]]
name = "withdraw_patent"
sources = ["in_force.essential"]
target = "in_force.withdrawing"
by = ["seller"]
names = { zh = "退出专利池", en = "Withdraw from the pool" }

[[steps]]
name = "complete"
sources = ["in_force.withdrawing"]

[[obligations]]
kind = "up_front"
after = "find_essential"

[[law]]
zh = "许可方式没有约定的，视为普通许可。"
en = "A licence whose kind is not stated is non-exclusive."
source = { zh = "技术合同司法解释第25条", en = "Interpretation on technology contracts, art. 25" }
"""
_OF_SUBMIT = re.compile(r'name="request_key"[^>]*value="([0-9a-f]{32})"')


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[str]:
    """The code of a form that the site does not know by itself, known while the test runs."""
    path = tmp_path / "pool_membership.toml"
    path.write_text(POOL, encoding="utf-8")
    yield forms.add(path).code
    forms.remove("pool_membership")


def guards_of(form: Form) -> set[str]:
    """The checks that a form names, of its steps and of its amendments."""
    asks = form.amendment
    named = {name for step in form.steps for name in step.guards}
    return named | {*asks.guards, *asks.of_price, *asks.of_grant}


def effects_of(form: Form) -> set[str]:
    """What a form lets follow, from its steps and from its amendments."""
    named = {name for step in form.steps for name in step.effects}
    return named | {*form.amendment.effects, *form.amendment.effects_in_force}


def test_every_guard_that_a_form_names_is_registered() -> None:
    load_tasks()
    named = {name: form.code for form in forms.all_forms() for name in guards_of(form)}
    assert {name: by for name, by in named.items() if name not in guards.known()} == {}


def test_every_effect_that_a_form_names_is_registered() -> None:
    load_tasks()
    named = {name: form.code for form in forms.all_forms() for name in effects_of(form)}
    assert {name: by for name, by in named.items() if name not in effects.known()} == {}


def test_no_guard_or_effect_is_registered_that_no_form_asks_for() -> None:
    load_tasks()
    every = forms.all_forms()
    assert guards.known() - {name for form in every for name in guards_of(form)} == set()
    assert effects.known() - {name for form in every for name in effects_of(form)} == set()


class Walk:
    """One deal as its people take it along on the site's own pages."""

    def __init__(self, app: Flask, cast: Cast, database: Database) -> None:
        self.database = database
        self.people = {
            role: browser(app, cast, role)
            for role in ("seller_administrator", "buyer_administrator")
        }
        self.place = ""

    @contextmanager
    def deal(self) -> Iterator[tuple[Session, Deal]]:
        """The deal as it stands in the database."""
        with self.database.reader() as session:
            wanted = Deal.public_id == self.place.rsplit("/", 1)[1]
            yield session, session.scalars(sa.select(Deal).where(wanted)).one()

    def state(self) -> str:
        """The deal's state."""
        with self.deal() as (_session, deal):
            return str(deal.state)

    def by(self, side: str) -> FlaskClient:
        """The browser of a side."""
        return self.people[f"{side}_administrator"]

    def send(self, side: str, page: str, **fields: Any) -> None:
        """Send a form of the deal as a side, with the version that its page shows."""
        version = version_on(self.by(side), f"{self.place}/{fields.pop('shown', page)}")
        answer = post(self.by(side), f"{self.place}/{page}", version=version, **fields)
        assert answer.status_code == 303, words(answer)[-4000:]

    def step(self, side: str, name: str, **fields: Any) -> None:
        """Take a step by its button."""
        self.send(side, f"steps/{name}", **fields)


def test_a_new_form_goes_from_lead_to_completed_without_a_line_of_code(
    app: Flask, database: Database, settled: Cast, committed: Session, pool: str
) -> None:
    """Membership of a patent pool: its own terms, states, names; begun, agreed, signed, ended."""
    settled.university.state_founded = False  # no publicity: that is another test's
    right = make_ip_right(committed)
    settled.result.ip_rights.append(right)
    committed.commit()
    walk = Walk(app, settled, database)
    seller, buyer = walk.by("seller"), walk.by("buyer")

    about = {"listing": settled.result.public_id, "with": settled.need.public_id}
    page = words(seller.get("/deals/new", query_string=about))
    assert "Pool membership" in page
    key = _OF_SUBMIT.search(page)
    assert key is not None
    chosen = {"form": pool, "title": "视频编码专利池", "request_key": key[1]}
    begun = post(seller, "/deals/new", **about, **chosen)
    assert begun.status_code == 303, words(begun)
    walk.place = begun.headers["Location"].removesuffix("/terms/new")
    with walk.deal() as (_session, deal):
        assert deal.state == "lead"
        assert [each.id for each in deal.ip_rights] == [right.id]
    assert "Administrator" in words(buyer.get(walk.place))

    _agree_on_terms(walk, buyer)
    _sign_both(walk, seller)
    assert walk.state() == "signed"
    walk.step("seller", "take_effect")
    assert walk.state() == "in_force.admitted"
    walk.step("buyer", "find_essential")
    walk.step("seller", "withdraw_patent")
    assert "Withdrawing" in words(buyer.get(walk.place))

    asked = {"version": version_on(seller, f"{walk.place}/steps/complete")}
    unpaid = post(seller, f"{walk.place}/steps/complete", **asked)
    assert unpaid.status_code == 409  # the joining fee fell due when it was found essential
    _receive(database, walk, settled, 2_000_000)
    walk.step("seller", "complete")
    with walk.deal() as (session, deal):
        assert (deal.state, deal.stage) == ("completed", "completed")
        told = session.scalars(
            sa.select(HistoryEntry.kind)
            .where(HistoryEntry.chain_id == deal.public_id)
            .order_by(HistoryEntry.sequence)
        ).all()
    steps = "open_talks draft_terms agree clear sign take_effect find_essential withdraw_patent"
    assert [each for each in told if forms.get(pool).step(each)] == [*steps.split(), "complete"]


def _agree_on_terms(walk: Walk, buyer: FlaskClient) -> None:
    """The pool proposes what its form asks, the member accepts it."""
    walk.step("buyer", "open_talks")
    typed = {
        "t.pool_name": "视频编码池",
        "t.standards": ["video"],
        "t.pool_share": "2.5",
        "t.payment_mode": "single",
        "t.up_front": "20,000",
        "t.up_front_days": "0",
        "t.vat_mode": "exempt",
        "t.confidentiality_months": "60",
        "t.disputes": "court_defendant",
        "t.prevailing_language": "zh",
    }
    walk.send("seller", "terms/new", **typed)
    shown = words(buyer.get(f"{walk.place}/terms"))
    assert "Video coding" in shown
    assert "2.5%" in shown
    walk.send("buyer", "terms/1/accept", shown="terms")
    with walk.deal() as (session, deal):
        agreed = accepted_terms(session, deal)
        assert agreed is not None
        assert agreed.values["up_front"] == {"minor": 2_000_000, "currency": "CNY"}
        assert (deal.state, deal.value_minor) == ("approval", 2_000_000)


def _sign_both(walk: Walk, seller: FlaskClient) -> None:
    """The contract is printed, and both confirm that it was signed."""
    walk.step("seller", "clear")
    paper = post(
        seller, f"{walk.place}/papers", number=1, paper="contract", language="zh", format="docx"
    )
    assert paper.status_code == 200
    for side in ("seller", "buyer"):
        walk.send(
            side,
            "signatures",
            signer=side,
            signatory="法定代表人",
            signed_on=utc_now().date().isoformat(),
            confirmed="y",
            file=(BytesIO(b"%PDF-1.7\nsigned by both\n%%EOF\n"), "signed.pdf"),
        )


def _receive(database: Database, walk: Walk, cast: Cast, minor: int) -> None:
    """The member records that the joining fee has come in."""
    given = Given(
        payee="seller",
        amount_minor=minor,
        currency="CNY",
        paid_on=utc_now().date(),
        key="joining-fee",
    )
    with database.writing() as session:
        wanted = Deal.public_id == walk.place.rsplit("/", 1)[1]
        deal = session.scalars(sa.select(Deal).where(wanted)).one()
        by = cast.actor("seller_administrator")
        receiving.record(session, deal, given, by=by, now=utc_now())

"""Deals from the introduction's page on: a trial that is paid for; a collision.

Each side has a browser of its own; days and nights pass by the site's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.clock import utc_now
from tenon.credit.models import CreditEntry
from tenon.deals.checks.scope import record_licence
from tenon.matches.models import MatchOutcome
from tests.browser.dealing import (
    Stage,
    agree,
    approve_all,
    begin,
    declare_contributors,
    send,
    set_stage,
    step,
)
from tests.browser.journeys import sound, work_done
from tests.browser.looking import PHONE_ZH, WIDE, WIDE_ZH, Look
from tests.browser.royalties import bring_to_signature, pay, report_and_accept, share
from tests.browser.site import LiveSite
from tests.deals.cast import Cast
from tests.factories.deals import make_deal

pytestmark = pytest.mark.browser


def test_a_trial_becomes_a_paid_licence_shared_among_three_inventors(stage: Stage) -> None:
    deal = begin(stage, "pay_after_use")
    agree(
        stage,
        deal,
        t__licence_kind="nonexclusive",
        t__trial_months="6",
        t__trial_scope="一号线，试制品可以销售。",
        t__triggers=["first_sale"],
        t__payment_mode="sales_share",
        t__royalty_base="net_sales",
        t__royalty_scheme="flat",
        t__royalty_rate="6",
        t__vat_mode="exempt",
        t__duration="fixed",
        t__term_months="60",
        t__sublicensing="none",
    )
    bring_to_signature(stage, deal)
    step(stage, "seller_administrator", WIDE, deal, "take_effect")
    step(stage, "buyer_editor", WIDE_ZH, deal, "start_use")
    _sell_in_the_trial(stage, deal)
    report_and_accept(stage, deal)
    pay(stage, deal, "60000")
    share(stage, deal)
    _what_others_learned(stage)


def _sell_in_the_trial(stage: Stage, deal: str) -> None:
    """The first sale is reported on a phone; the night makes the licence a paid one."""
    stage.days.pass_(20)
    page = stage.at("buyer_editor", PHONE_ZH, f"{deal}/trial")
    sound(page)
    page.locator("main details summary").last.click()
    send(
        page,
        "/trial/readings",
        **{
            "reading-kind": "sales",
            "reading-on": stage.days.today(),
            "reading-amount": "12000",
        },
    )
    stage.night()
    page.goto(deal)
    expect(page.locator("main")).to_contain_text("已转付费许可")
    sound(page)


def _what_others_learned(stage: Stage) -> None:
    """The ranking has its labels, and the broker their credit."""
    work_done(stage.site)
    with stage.site.database.reading() as session:
        kinds = set(session.scalars(sa.select(MatchOutcome.kind)))
        acts = set(session.scalars(sa.select(CreditEntry.act)))
    assert {"signed", "paid"} <= kinds
    assert "closed" in acts


def test_a_licence_that_collides_with_an_exclusive_one_is_refused(
    live_site: LiveSite,
    arrive: Callable[[Look], Page],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    stage = set_stage(live_site, arrive, monkeypatch, tmp_path, also=_license_exclusively)
    deal = begin(stage, "licence_sole")
    agree(
        stage,
        deal,
        t__payment_mode="single",
        t__up_front="200000",
        t__vat_mode="exempt",
        t__duration="fixed",
        t__term_months="24",
        t__sublicensing="none",
    )
    approve_all(stage, "buyer_administrator", WIDE_ZH)
    declare_contributors(stage, "seller_administrator", WIDE, deal)
    step(stage, "seller_administrator", WIDE, deal, "publish")
    stage.days.pass_(16)
    page = step(stage, "seller_administrator", WIDE, deal, "clear")
    expect(page.locator("main")).to_contain_text("Interpretation on technology contracts")
    expect(page.locator("main")).to_contain_text("territory, field")
    sound(page)
    buyer = stage.at("buyer_editor", WIDE_ZH, deal)
    expect(buyer.locator("main")).to_contain_text("冲突")
    expect(buyer.locator("main")).not_to_contain_text("别家独占许可")
    sound(buyer)


def _license_exclusively(session: Session, cast: Cast) -> None:
    """Another firm holds an exclusive licence of the patent for all of China, in force."""
    other = make_deal(
        session,
        form="licence_exclusive",
        state="in_force",
        seller=cast.university,
        rights=cast.result.ip_rights,
        terms={"territory": ["CN"], "fields_of_use": ["*"], "duration": "patent_life"},
        title="别家独占许可",
        now=utc_now(),
    )
    record_licence(session, other, step="sign", by=SYSTEM, now=utc_now())

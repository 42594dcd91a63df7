"""A company is founded with technology: publicity, an objection, two rounds; its cap table."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.dealing import (
    Stage,
    agree,
    approve_all,
    begin,
    declare_contributors,
    send,
    sign_by,
    step,
)
from tests.browser.journeys import press, sound
from tests.browser.looking import PHONE_ZH, WIDE, WIDE_ZH

pytestmark = pytest.mark.browser

COMPANY = "纤锋传感科技有限公司（虚构）"
FIRM, UNIVERSITY, TEAM = "云杉换热设备有限公司", "示例理工大学", "完成人团队"
FUNDS = ("松果成长基金（虚构）", "云栈产业基金（虚构）")


def test_a_company_is_founded_with_technology_and_grows_through_two_rounds(stage: Stage) -> None:
    deal = begin(stage, "equity_contribution")
    _set_up_the_chain(stage, deal)
    agree(
        stage,
        deal,
        t__company_name=COMPANY,
        t__company_kind="limited",
        t__new_company="yes",
        t__technology_value="3000000",
        t__cash_contributions="7000000",
        t__appraiser="示例资产评估所",
        t__appraisal_number="PG-2026-031",
        t__appraised_on=stage.days.today(before=20),
        t__team_share="70",
        t__team_holding="direct",
    )
    refused = stage.at("seller_administrator", WIDE, f"{deal}/steps/publish")
    expect(refused.locator("main")).to_contain_text("This is in the way")
    for role in ("seller_editor", "seller_administrator", "buyer_administrator"):
        approve_all(stage, role, WIDE_ZH if role[0] == "b" else WIDE)
    declare_contributors(stage, "seller_administrator", WIDE, deal)
    table = _appraise_and_open(stage, deal)
    _publish_against_an_objection(stage, deal)
    _found(stage, deal, table)
    sign_by(stage, "seller_administrator", WIDE, deal, upload=True)
    page = sign_by(stage, "buyer_administrator", WIDE_ZH, deal, upload=False)
    expect(page.locator("main")).to_contain_text("已签约")
    step(stage, "seller_administrator", WIDE, deal, "take_effect")
    _pass_title(stage, deal)
    _grow(stage, deal, table)


def _set_up_the_chain(stage: Stage, deal: str) -> None:
    """The university has its transfer centre approve such deals, then its administration."""
    page = stage.at("seller_administrator", WIDE, deal)
    press(page, "main a[href^='/organisations/']")
    place = f"{urlsplit(page.url).path}/approval-chain"
    for name, who in (("技术转移中心", "role:editor"), ("校务会", "role:administrator")):
        page.goto(place)
        send(page, "/approval-chain", name_zh=name, who=who)
    sound(page)


def _appraise_and_open(stage: Stage, deal: str) -> str:
    """The university records the appraisal, the firm opens the table; returns its address."""
    page = stage.at("seller_administrator", WIDE, f"{deal}/equity")
    page.locator("#appraisal details summary, details:has(form) summary").last.click()
    send(
        page,
        "/equity/appraisal",
        appraiser="示例资产评估所",
        value="3000000",
        appraised_on=stage.days.today(before=20),
        report=stage.paper,
    )
    sound(page)
    firm = stage.at("buyer_editor", WIDE_ZH, f"{deal}/equity")
    send(firm, "/equity/company", own="other", name=COMPANY, kind="limited")
    sound(firm)
    return urlsplit(firm.url).path


def _publish_against_an_objection(stage: Stage, deal: str) -> None:
    """A third person objects on the public page, and reads there why it was rejected."""
    step(stage, "seller_administrator", WIDE, deal, "publish")
    page = stage.at("stranger", PHONE_ZH, "/publicities")
    sound(page)
    press(page, "main a[href^='/publicities/']")
    sound(page)
    published = page.url
    send(
        page,
        "/objections",
        name="冯仿真",
        contact="feng@example.org",
        text="作价是否包含后续改进？",
    )
    stage.days.pass_(16)
    refused = stage.at("seller_administrator", WIDE, f"{deal}/steps/clear")
    expect(refused.locator("main")).to_contain_text("Objections that wait")
    university = stage.at("seller_administrator", WIDE, f"{deal}/compliance")
    sound(university)
    press(university, "main a[href^='/objections/']")
    sound(university)
    grounds = "作价只含这件专利，改进另行约定。"
    send(university, urlsplit(university.url).path, decision="rejected", grounds=grounds)
    step(stage, "seller_administrator", WIDE, deal, "clear")
    page.goto(published)
    expect(page.locator("main")).to_contain_text(grounds)
    sound(page)


def _found(stage: Stage, deal: str, table: str) -> None:
    """The company is founded: 7 million in cash, 3 million of technology, 70 % of it the team's."""
    page = stage.at("buyer_editor", WIDE_ZH, f"{deal}/equity")
    press(page, f"main a[href^='{table}/record/incorporation']")
    sound(page)
    send(
        page,
        "/record/incorporation",
        source="公司登记机关登记",
        payer1=FIRM,
        team=TEAM,
    )
    page.goto(table)
    expect(page.locator("main")).to_contain_text("1000 万元")
    assert held(page) == {FIRM: "70 %", TEAM: "21 %", UNIVERSITY: "9 %"}
    sound(page)


def _pass_title(stage: Stage, deal: str) -> None:
    """The register's entry passes the title; then the shares are recorded, and it is completed."""
    page = stage.at("seller_administrator", WIDE, f"{deal}/duties/title_transfer")
    sound(page)
    refused = stage.at("seller_administrator", WIDE, f"{deal}/steps/transfer_title")
    expect(refused.locator("main")).to_contain_text("register")
    page.goto(f"{deal}/duties/title_transfer")
    stage.days.pass_(30)
    send(page, "/duties/title_transfer", number="G2026990000031", done_on=stage.days.today())
    step(stage, "seller_administrator", WIDE, deal, "transfer_title")
    firm = step(stage, "buyer_editor", WIDE_ZH, deal, "register_shares")
    expect(firm.locator("main")).to_contain_text("股权已登记")
    sound(firm)


def _grow(stage: Stage, deal: str, table: str) -> None:
    """Two rounds: 10 million at 40 before it, 20 million at 120 before it."""
    for payer, amount, pre_money, days in (
        (FUNDS[0], "10000000", "40000000", 200),
        (FUNDS[1], "20000000", "120000000", 240),
    ):
        stage.days.pass_(days)
        page = stage.at("buyer_editor", WIDE_ZH, f"{table}/record/round")
        send(
            page,
            "/record/round",
            source="股东会决议",
            payer1=payer,
            paid1=amount,
            pre_money=pre_money,
            base="fully_diluted",
        )
        sound(page)
    assert compared(page) == {
        FIRM: ("56 %", "48 %"),
        TEAM: ("16.8 %", "14.4 %"),
        FUNDS[0]: ("20 %", "17.143 %"),
        FUNDS[1]: ("–", "14.286 %"),
        UNIVERSITY: ("7.2 %", "6.171 %"),
    }
    university = stage.at("seller_administrator", WIDE, f"{deal}/equity")
    sound(university)
    university.goto(table)
    sound(university)


def held(page: Page) -> dict[str, str]:
    """Return holder -> part of all units, as the table of a page shows it."""
    return {name: parts[-1] for name, parts in _rows(page)}


def compared(page: Page) -> dict[str, tuple[str, str]]:
    """Return holder -> parts before and after, as the table of an event shows them."""
    return {name: (parts[0], parts[1]) for name, parts in _rows(page)}


def _rows(page: Page) -> list[tuple[str, list[str]]]:
    """Return the lines of holders: the name, then the percentages of the columns."""
    found: list[tuple[str, list[str]]] = page.evaluate(_ROWS)
    return found


_ROWS = """() => [...document.querySelectorAll(".equity-picture tbody tr:not(.equity-sum)")]
  .filter((row) => row.querySelector(".equity-percent"))
  .map((row) => [
    row.querySelector("th").textContent.trim(),
    [...row.querySelectorAll("td")]
      .filter((cell, at, all) => cell.querySelector(".equity-percent") || all.length === 2)
      .map((cell) => (cell.querySelector(".equity-percent") || cell).textContent.trim()),
  ])"""

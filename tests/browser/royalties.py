"""Steps from accepted terms to shared income that several journeys take.

Pages are found by addresses and names of fields; each step asserts what its people see.
"""

from __future__ import annotations

import sqlalchemy as sa
from playwright.sync_api import expect

from tenon.payments.models import Payment
from tests.browser.dealing import (
    INVENTORS,
    Stage,
    approve_all,
    declare_contributors,
    form_at,
    send,
    sign_by,
    step,
)
from tests.browser.journeys import press, sound, work_done
from tests.browser.looking import WIDE, WIDE_ZH


def bring_to_signature(stage: Stage, deal: str) -> None:
    """Approval, publicity of the rule's days, both signatures."""
    approve_all(stage, "buyer_administrator", WIDE_ZH)
    declare_contributors(stage, "seller_administrator", WIDE, deal)
    step(stage, "seller_administrator", WIDE, deal, "publish")
    refused = stage.at("seller_administrator", WIDE, f"{deal}/steps/clear")
    expect(refused.locator("main")).to_contain_text("published until the end of")
    stage.days.pass_(16)
    step(stage, "seller_administrator", WIDE, deal, "clear")
    sign_by(stage, "seller_administrator", WIDE, deal, upload=True)
    page = sign_by(stage, "buyer_administrator", WIDE_ZH, deal, upload=False)
    expect(page.locator("main")).to_contain_text("已签约")
    sound(page)


def report_and_accept(stage: Stage, deal: str) -> None:
    """After the period the firm reports a million; the university accepts, step by step."""
    stage.days.pass_(100)
    stage.night()
    page = stage.at("buyer_editor", WIDE_ZH, f"{deal}/reports")
    sound(page)
    # The first period is the last of the list: that of the conversion, which is over by now.
    page.goto(page.locator("main a[href^='/use-reports/']").last.get_attribute("href") or "")
    press(page, "main a[href$='/edit']")
    send(page, "/edit", units="40", gross="1000000")
    send(page, "/submit")
    expect(page.locator("main")).to_contain_text("60,000")
    report = page.url
    seller = stage.at("seller_administrator", WIDE, report)
    expect(seller.locator("main")).to_contain_text("60,000")
    sound(seller)
    send(seller, "/accept")


def pay(stage: Stage, deal: str, amount: str) -> None:
    """What is due is paid and recorded; sent twice it stands once."""
    stage.days.pass_(31)
    stage.night()
    page = stage.at("seller_administrator", WIDE, f"{deal}/payments/new")
    for _time in range(2):
        send(page, "/payments/new", amount=amount, paid_on=stage.days.today(), reference="HB-1")
        page.go_back()
    with stage.site.database.reading() as session:
        assert session.scalars(sa.select(Payment.amount_minor)).all() == [60_000_00]
    page.goto(f"{deal}/payments")
    sound(page)
    expect(page.locator("main")).to_contain_text("60,000")
    work_done(stage.site)


def share(stage: Stage, deal: str) -> None:
    """70 % to the team, 50 : 30 : 20, each confirms; it is approved and paid."""
    page = stage.at("seller_administrator", WIDE, f"{deal}/sharing")
    sound(page)
    send(page, f"{deal}/sharing")
    place = page.url
    send(page, "/coverage", through_on=stage.days.today(), percent="70", note="")
    parts = page.locator("main input[name^='percent-']")
    assert parts.count() == len(INVENTORS)
    for number, part in enumerate(("50", "30", "20")):
        parts.nth(number).fill(part)
    for box in page.locator("main input[name='main']").all():
        box.check()
    send(page, "/percentages")
    send(page, "/propose")
    for role in INVENTORS:
        own = stage.at(role, WIDE_ZH, "/income-shares")
        sound(own)
        own.goto(place)
        send(own, "/confirm")
    page.goto(place)
    if form_at(page, "/publicise").count():
        send(page, "/publicise")
        stage.days.pass_(17)
        page.goto(place)
    send(page, "/approve")
    send(page, "/pay", paid_on=stage.days.today())
    first = stage.at(INVENTORS[0], WIDE_ZH, "/income-shares")
    expect(first.locator("main")).to_contain_text("2.1 万元")  # 60,000 x 70 % x 50 %
    sound(first)

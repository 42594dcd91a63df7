"""One need from a visit to the last paper, through every hand-over, and nothing typed twice.

A station's liaison collects it, a broker writes it up, the head judges it; match, introduction,
agreement, a meeting at an event, a licence, royalties, shares of the team, the brokers' commission,
the year's statement. Each has a browser of their own; days pass by the site's clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.commissions.models import Payout
from tenon.credit.models import CreditEntry
from tenon.credit.queries import stands
from tenon.deals.models import Deal
from tenon.events.models import Meeting
from tenon.introductions.models import Introduction
from tenon.listings.models import ConfidentialDetail
from tenon.matches.models import MatchOutcome
from tests.browser.dealing import Stage, agree, deal_address, send, set_stage
from tests.browser.introducing import (
    OTHERS,
    answer_questions,
    make_results,
    sign_agreement,
)
from tests.browser.journeys import fill, listing_id, notices_hold, press, sound, tick, work_done
from tests.browser.looking import PHONE_ZH, WIDE, WIDE_ZH, Look
from tests.browser.matchmaking import (
    COMPANY,
    RESEARCHER,
    day_comes,
    make_strangers,
    make_timetable,
    register,
    say_what_came_of_it,
    see_table_and_time,
    set_up,
    wish,
)
from tests.browser.royalties import bring_to_signature, pay, report_and_accept, share
from tests.browser.site import LiveSite
from tests.deals.cast import Cast
from tests.factories.accounts import make_user
from tests.factories.network import make_station_member, make_tree
from tests.routing.scenes import keep

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-whole")]

WORDS = (
    "我们的高温蒸汽管道外壁测温靠人工，热电偶三个月就坏，更换要停产。"
    "希望有连续测温的装置，耐温≥200℃，更换不停产。"
)
KEPT_BACK = "光纤涂层在二百二十度下五年不裂，配方见附件。"
SAID_BY = "示例设备部长"


@pytest.fixture
def stage(
    live_site: LiveSite,
    arrive: Callable[[Look], Page],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Stage:
    """The cast of the deals, strangers to each other, and a station with three people."""
    emails: dict[str, str] = {}

    def staff(session: Session, cast: Cast) -> None:
        tree = make_tree(session)
        make_station_member(session, tree.station, cast.people["broker"])
        for role, name in (("liaison", "示例联络员"), ("head", "示例站长")):
            person = make_user(session, name=name)
            make_station_member(session, tree.station, person, role=role)
            emails[role] = person.email
            if role == "liaison":
                keep(session, cast.firm, person, tree.station)
        make_results(session, cast.university, cast.people["seller_member"], OTHERS)
        cast.need.state = "withdrawn"
        cast.result.details = [ConfidentialDetail(tier="nda", text=KEPT_BACK)]
        cast.result.broker_id = cast.people["broker"].id
        session.flush()

    made = set_stage(live_site, arrive, monkeypatch, tmp_path, also=staff)
    made.emails.update(emails)
    make_strangers(made)
    return made


def test_from_a_visit_to_royalty_and_statement(stage: Stage) -> None:
    need = _collect(stage)
    _give_out(stage)
    _write_up(stage, need)
    _judge(stage, need)
    introduction = _match(stage, need)
    _introduce(stage, introduction)
    meeting = _meet(stage)
    deal = _begin_the_deal(stage, meeting, introduction)
    bring_to_signature(stage, deal)
    _agree_on_commission(stage, deal)
    report_and_accept(stage, deal)
    pay(stage, deal, "60000")
    share(stage, deal)
    _pay_commission(stage, deal)
    _issue_the_statement(stage)
    _ledger_and_ranking(stage)


def _collect(stage: Stage) -> str:
    """The liaison reports the visit on a phone; return the address of the need."""
    page = stage.at("liaison", PHONE_ZH, "/routing/visits/new")
    page.locator("main select[name=organisation]").select_option(label="云杉换热设备有限公司")
    fill(page, words=WORDS, consent_name=SAID_BY)
    sound(page)
    press(page, "main form[data-visit] .buttons [type=submit]")
    expect(page.locator("#words")).to_contain_text(WORDS)
    sound(page)
    press(page, "main a.button[href^='/listings/']:not([href$='/edit'])")
    return f"/listings/{listing_id(page)}"


def _give_out(stage: Stage) -> None:
    """The head gives it to a broker of the station."""
    page = stage.at("head", WIDE_ZH, "/routing/cases?whose=all")
    press(page, "main a[href^='/routing/cases/']:not([href*='?'])")
    sound(page)
    page.locator("#case-broker").select_option(label="broker")
    press(page, "main form:has(#case-broker) [type=submit]")
    expect(page.locator("main dl").first).to_contain_text("broker")


def _write_up(stage: Stage, need: str) -> None:
    """The broker finds the firm's words in the form, adds what they do not say, hands it in."""
    work_done(stage.site)
    page = stage.at("broker", WIDE_ZH, "/")
    notices_hold(page, "蒸汽管道")
    page.goto(f"{need}/edit")
    expect(page.locator("[name=summary]")).to_have_value(WORDS)
    expect(page.locator("[name=requirements]")).to_have_value(re.compile("耐温≥200℃"))
    sound(page)
    tick(page, "deal_forms", "licence_nonexclusive")
    press(page, "main .buttons button[value=submit]")
    expect(page.locator(".alert--good")).to_be_visible()
    sound(page)


def _judge(stage: Stage, need: str) -> None:
    """Who wrote it may not judge it; the head does."""
    page = stage.at("broker", WIDE_ZH, f"{need}/review")
    expect(page.locator("main form[action*='/review']")).to_have_count(0)
    page = stage.at("head", WIDE_ZH, "/review")
    press(page, f"main a[href^='{need}/review']")
    sound(page)
    for criterion in ("substance", "clarity", "expectations", "wording"):
        tick(page, criterion, "4")
    tick(page, "outcome", "publish")
    press(page, f"form[action^='{need}/review'] .buttons [type=submit]:not([formaction])")
    expect(page.locator(".alert--good")).to_be_visible()
    work_done(stage.site)


def _match(stage: Stage, need: str) -> str:
    """The index puts the result first; the broker proposes it; return the introduction."""
    page = stage.at("broker", WIDE_ZH, f"{need}/matches")
    press(page, "article.match a[href*='/introductions/propose?']")
    fill(page, note="走访时说测温靠人工；这项成果更换不停产，值得一看。")
    tick(page, "first", "need")
    press(page, "main form.form--wide button[value=preview]")
    press(page, "main form.form--wide button[value=do]")
    place = page.locator("#outcomes a[href^='/introductions/']").first.get_attribute("href")
    assert place is not None
    return place


def _introduce(stage: Stage, place: str) -> None:
    """The firm answers, the broker checks, the university accepts, both confirm the agreement."""
    company = stage.at(COMPANY, WIDE_ZH, place)
    press(company, "#turn a[href$='/answer']")
    answer_questions(company)
    press(company, "main form[action$='/answer'] [type=submit]")
    broker = stage.at("broker", WIDE_ZH, place)
    press(broker, "main form[action$='/check/pass_on'] button")
    university = stage.at(RESEARCHER, WIDE, place)
    university.locator("main form[action$='/accept'] input[name$=consent]").check()
    press(university, "main form[action$='/accept'] [type=submit]")
    for page, name in ((company, "采购部经理"), (university, "转移办公室主任")):
        page.goto(place)
        sign_agreement(page, name)
    work_done(stage.site)
    company.goto(place)
    press(company, "main a[href^='/listings/']:has-text('光纤测温')")
    press(company, "#confidential a[href$='/nda']")
    expect(company.locator("main")).to_contain_text(KEPT_BACK)


def _meet(stage: Stage) -> str:
    """They sit at one table of a matchmaking event; return the address of the meeting."""
    event = set_up(stage)
    part = register(stage, event, RESEARCHER, WIDE, "researcher")
    register(stage, event, COMPANY, PHONE_ZH, "company")
    stage.days.pass_(1)
    stage.site.index()
    for role, look in ((RESEARCHER, WIDE), (COMPANY, PHONE_ZH)):
        wish(stage, event, role, look)
    make_timetable(stage, event)
    meeting = see_table_and_time(stage, event)
    day_comes(stage, event, part)
    say_what_came_of_it(stage, event, "contract")
    return meeting


def _begin_the_deal(stage: Stage, meeting: str, introduction: str) -> str:
    """One press makes the meeting a deal of the two listings; the terms are agreed on."""
    page = stage.at(COMPANY, WIDE_ZH, f"{meeting}/outcome")
    sound(page)
    form = page.locator("main form:has(#deal-form)")
    expect(form.locator("#deal-form")).to_have_value("licence_nonexclusive")  # as the need asks
    with page.expect_navigation():
        form.locator("[type=submit]").click()
    deal = deal_address(page)
    with stage.site.database.reading() as session:
        it = session.scalars(sa.select(Introduction)).one()
        held = session.scalars(sa.select(Meeting)).one()
        made = session.scalars(sa.select(Deal)).one()
        assert introduction.endswith(it.public_id)
        assert deal.endswith(made.public_id)
        assert (made.origin_kind, made.origin_id) == ("meeting", held.id)
    agree(
        stage,
        deal,
        t__payment_mode="running",
        t__royalty_base="net_sales",
        t__royalty_scheme="flat",
        t__royalty_rate="6",
        t__report_period="quarter",
        t__vat_mode="exempt",
        t__duration="fixed",
        t__term_months="60",
        t__sublicensing="none",
    )
    return deal


def _agree_on_commission(stage: Stage, deal: str) -> None:
    """The broker proposes 5 % of the royalties; both sides agree; shares by the ledger."""
    page = stage.at("broker", WIDE_ZH, f"{deal}/commission")
    sound(page)
    send(page, "/agreements", payers="both", seller_percent="40", percent="5", kinds=["royalty"])
    expect(page.locator(".error-summary")).to_have_count(0)
    for role, look in (("seller_administrator", WIDE), ("buyer_administrator", WIDE_ZH)):
        side = stage.at(role, look, f"{deal}/commission")
        sound(side)
        send(side, "/agree")
    page.goto(f"{deal}/commission")
    expect(page.locator("#shares")).to_contain_text("示例联络员")
    send(page, "/commission/shares")
    work_done(stage.site)
    liaison = stage.at("liaison", PHONE_ZH, "/commissions")
    sound(liaison)
    press(liaison, "main a[href^='/commissions/shares/']")
    send(liaison, "/confirm")


def _pay_commission(stage: Stage, deal: str) -> None:
    """What followed the payment is paid out and confirmed."""
    work_done(stage.site)
    seller = stage.at("seller_administrator", WIDE, f"{deal}/commission")
    seller.locator("#due details:has(form[action$='/pay']) > summary").first.click()
    send(seller, "/pay", paid_on=stage.days.today(), reference="HB-2")
    with stage.site.database.reading() as session:
        payout = session.scalars(sa.select(Payout)).one()
        assert payout.receiver.user is not None
        role = {"示例联络员": "liaison", "broker": "broker"}[payout.receiver.user.name]
    own = stage.at(role, WIDE_ZH, "/commissions")
    sound(own)
    send(own, "/receive")
    expect(own.locator("main")).to_contain_text("HB-2")


def _issue_the_statement(stage: Stage) -> None:
    """The broker's year lists what the ledger holds; the paper has a code that anybody checks."""
    year = f"{stage.days.now():%Y}"
    page = stage.at("broker", WIDE_ZH, f"/commissions/years/{year}")
    sound(page)
    send(page, "/papers", paper="year", language="zh")
    code = page.locator("main .code-written").first.inner_text()
    anybody = stage.arrive(PHONE_ZH)
    anybody.goto("/verify")
    fill(anybody, code=code)
    press(anybody, "main form [type=submit]")
    expect(anybody.locator("main .alert--good")).to_be_visible()


def _ledger_and_ranking(stage: Stage) -> None:
    """Each broker is named for what they did; the ranker has a label for each stage."""
    work_done(stage.site)
    with stage.site.database.reading() as session:
        rows = session.execute(
            sa.select(CreditEntry.act, User.name)
            .join(User, User.id == CreditEntry.user_id)
            .where(stands())
        ).all()
        kinds = set(session.scalars(sa.select(MatchOutcome.kind)))
    by_act = {act: {name for each, name in rows if each == act} for act, _name in rows}
    assert by_act["collected"] == {"示例联络员"}
    assert by_act["written"] == {"示例联络员", "broker"}
    assert by_act["introduced"] == by_act["hosted"] == by_act["closed"] == {"broker"}
    assert kinds == {"introduced", "met", "signed", "paid"}

"""From the home page's box to an accepted introduction with a confidentiality agreement.

Company, broker and researcher take part, each in a browser of their own, as in life.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import introducing
from tests.browser.introducing import (
    SECRETS,
    Scene,
    badge,
    introduction_at,
    open_notice,
    send,
    set_scene,
    unfold,
)
from tests.browser.journeys import ask, fill, let_mail_go, mails_to, press, sound
from tests.browser.looking import WIDE_ZH, Look
from tests.browser.site import LiveSite
from tests.factories.accounts import PASSWORD
from tests.introductions.cast import ADDRESS, NAMES, TIERS

pytestmark = pytest.mark.browser

TITLE = "面向高温管道的光纤测温装置"
NEED = "求高温管道在线测温办法"
QUESTION, REPLY = "管线外径多少？现有保温层能否开孔？", "外径三百毫米，保温层可以开孔。"
HELLO, BACK = "资料已收到，下周二可以来看现场吗？", "周二上午可以，请提前报车牌。"


@pytest.fixture
def scene(live_site: LiveSite, arrive: Callable[[Look], Page]) -> Scene:
    """A firm with a need, a university with a result that has something for after an agreement."""
    return set_scene(live_site, arrive, need={"details": {}})


def test_from_the_box_to_an_introduction_with_an_agreement(scene: Scene) -> None:
    company = scene.arrive(WIDE_ZH)
    place = _ask_from_the_box(company, scene)
    broker = scene.enter("broker", WIDE_ZH)
    _pass_on(broker, place)
    researcher = scene.enter("to_editor", WIDE_ZH)
    _ask_back(researcher, place)
    _reply(company)
    _nobody_was_named(scene)
    _accept(researcher, place)
    _agree(company, researcher, scene)
    _talk(company, researcher, place)
    _is_credited(broker, place)
    _everybody_was_told(scene)


def _ask_from_the_box(page: Page, scene: Scene) -> str:
    """A visitor finds it, signs in on the way, is told of what is missing, and asks unnamed."""
    ask(page, introducing.BOX)
    press(page, f"#answer article.match a[href='{scene.result}']")
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator("#confidential")).to_contain_text("保密协议")
    press(page, "#introduction a.button")
    form = page.locator("main form").filter(has=page.locator("input[type=password]"))
    form.locator("input[name=email]").fill(scene.emails["from_editor"])
    form.locator("input[type=password]").fill(PASSWORD)
    with page.expect_navigation():
        form.locator("[type=submit]").first.click()
    expect(page.locator("h1")).to_have_text("申请引荐")
    sound(page)
    page.locator("main select[name=own]").select_option(label=NEED)
    page.locator("main input[name=unnamed]").check()
    fill(page, **introducing.ANSWERS | {"interest": "不错"})
    press(page, "main form[action='/introductions/new'] [type=submit]")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("[name=interest]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=consent]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=interest]")).to_have_value("不错")
    expect(page.locator("[name=offer]")).to_have_value(introducing.ANSWERS["offer"])
    expect(page.locator("main select[name=own] option:checked")).to_have_text(NEED)
    sound(page)
    introducing.answer_questions(page)
    press(page, "main form[action='/introductions/new'] [type=submit]")
    assert badge(page) == "经纪人审核中"
    expect(page.locator("main aside").last).to_contain_text("对方接受前不显示名称")
    expect(page.locator(".flashes .alert--good")).to_contain_text("申请已提交")
    sound(page)
    return introduction_at(page)


def _pass_on(page: Page, place: str) -> None:
    """It stands on the board of the listing's broker, under the stage that its page names."""
    page.goto("/introductions/board")
    lane = page.locator(".board__lane", has=page.locator(f"a[href='{place}']"))
    expect(lane.locator("h2")).to_contain_text("经纪人审核中")
    expect(lane).to_contain_text("未具名")
    expect(page.locator("main")).not_to_contain_text(NAMES[0])
    sound(page)
    with page.expect_navigation():
        lane.locator(f"a[href='{place}']").click()
    expect(page.locator("#check")).to_contain_text(introducing.ANSWERS["offer"])
    sound(page)
    press(page, "main form[action$='/check/pass_on'] button")
    assert badge(page) == "等待答复"


def _ask_back(page: Page, place: str) -> None:
    """The researcher reads it without a name and asks something first."""
    open_notice(page, TITLE)
    assert page.url.endswith(place)
    expect(page.locator("#answers")).to_contain_text(introducing.ANSWERS["interest"])
    expect(page.locator("main .lead")).to_contain_text("未具名")
    for secret in (*SECRETS, NEED):
        assert secret not in page.content(), secret
    sound(page)
    unfold(page, "ask-back")
    send(page, "ask-back", text=QUESTION)
    assert badge(page) == "有提问待答"


def _reply(page: Page) -> None:
    open_notice(page, TITLE)
    expect(page.locator("#thread")).to_contain_text(QUESTION)
    sound(page)
    send(page, "reply", text=REPLY)
    assert badge(page) == "等待答复"


def _nobody_was_named(scene: Scene) -> None:
    """Until now nothing that went to the other side or its broker says who asks."""
    let_mail_go(scene.site)
    for role in ("broker", "to_editor"):
        letters = mails_to(scene.site, scene.emails[role])
        assert letters, role
        for secret in (*SECRETS, NEED):
            assert all(secret not in letter.whole for letter in letters), (role, secret)


def _accept(page: Page, place: str) -> None:
    page.goto(place)
    expect(page.locator("#thread")).to_contain_text(REPLY)
    press(page, "main form[action$='/accept'] [type=submit]")  # not without consent
    expect(page.locator("[name$=consent]").first).to_have_attribute("aria-invalid", "true")
    page.locator("main form[action$='/accept'] input[name$=consent]").check()
    press(page, "main form[action$='/accept'] [type=submit]")
    assert badge(page) == "待确认保密协议"
    expect(page.locator("aside").last).to_contain_text(NAMES[0])
    expect(page.locator("aside").last).to_contain_text(ADDRESS)
    sound(page)


def _agree(company: Page, researcher: Page, scene: Scene) -> None:
    """Both confirm the same words; what needed them is open only then."""
    _may_not_read(company, scene)
    open_notice(company, TITLE)
    press(company, "main a[href$='/agreement']")
    expect(company.locator("#text")).to_contain_text(NAMES[0])
    sound(company)
    press(company, "main form[action$='/agreement'] [type=submit]")
    expect(company.locator(".error-summary a")).to_have_count(2)
    fill(company, signatory="设备部经理")
    company.locator("main input[name=confirmed]").check()
    press(company, "main form[action$='/agreement'] [type=submit]")
    expect(company.locator("#confirmed .badge--good")).to_have_count(1)
    _may_not_read(company, scene)
    introducing.sign_agreement(researcher, "技术转移办公室主任")
    assert badge(researcher) == "已对接"
    company.goto(scene.result)
    press(company, "#confidential a[href$='/nda']")
    expect(company.locator("main")).to_contain_text(TIERS["nda"])


def _may_not_read(page: Page, scene: Scene) -> None:
    page.goto(scene.result)
    expect(page.locator("#confidential a[href$='/nda']")).to_have_count(0)
    answer = page.request.get(f"{scene.site.url}{scene.result}/detail/nda")
    assert answer.status in (403, 404)
    assert TIERS["nda"] not in answer.text()


def _talk(company: Page, researcher: Page, place: str) -> None:
    """Messages go both ways; what is new is marked until it was read."""
    company.goto(place)
    send(company, "messages", text=HELLO)
    researcher.goto("/introductions")
    row = researcher.locator("main tr", has=researcher.locator(f"a[href='{place}']"))
    expect(row.locator(".badge--accent")).to_have_text("1 条新消息")
    sound(researcher)
    with researcher.expect_navigation():
        row.locator(f"a[href='{place}']").click()
    expect(
        researcher.locator("#thread li", has_text=HELLO).locator(".badge--accent")
    ).to_be_visible()
    send(researcher, "messages", text=BACK)
    researcher.goto("/introductions")
    expect(row.locator(".badge--accent")).to_have_count(0)
    company.goto(place)
    said = company.locator("#thread li.said")
    expect(said.last).to_contain_text(BACK)
    expect(said.last).to_contain_text("to_editor")
    sound(company)


def _is_credited(page: Page, place: str) -> None:
    page.goto("/credit")
    expect(page.locator("main tbody tr")).to_contain_text(["引荐"])
    sound(page)
    with page.expect_navigation():
        page.locator(f"main tbody a[href='{place}']").click()
    expect(page.locator("#credit")).to_contain_text("您本人")


def _everybody_was_told(scene: Scene) -> None:
    """Each has a mail in the language of the account."""
    let_mail_go(scene.site)
    for role, tag, words in (
        ("from_editor", "zh", "示例理工大学"),
        ("to_editor", "en", NAMES[1]),
        ("broker", "zh", TITLE),
    ):
        letters = mails_to(scene.site, scene.emails[role])
        assert {letter.language[:2] for letter in letters} == {tag}, role
        assert any(words in letter.whole for letter in letters), role

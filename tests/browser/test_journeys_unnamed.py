"""An anonymous need on a phone: declined with advice, asked again, accepted; and without scripts.

The researcher never learns a name before the firm's consent is used, wherever they look.
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
from tests.browser.journeys import let_mail_go, mails_to, press, sound, tick
from tests.browser.looking import PHONE, WIDE, Look, no_overflow
from tests.browser.site import LiveSite
from tests.introductions.cast import NAMES

pytestmark = pytest.mark.browser

TITLE = "面向高温管道的光纤测温装置"
NEED = "求高温管道在线测温办法"
REMARK = "Please say which pipes, which temperatures, and what they are lagged with."
IMPROVED = "Forty steam lines of 300 mm at 210 °C, lagged with rock wool; one may be opened."


@pytest.fixture
def scene(live_site: LiveSite, arrive: Callable[[Look], Page]) -> Scene:
    """The firm's need names nobody; a broker of its own keeps it."""
    return set_scene(live_site, arrive, need={"anonymous": True, "details": {}})


def test_unnamed_firm_is_advised_asks_again_and_opens_its_name(scene: Scene) -> None:
    company, researcher = scene.enter("from_editor", PHONE), scene.enter("to_editor", PHONE)
    broker = scene.enter("broker", WIDE)
    first = _ask_from_matches(company, scene)
    _pass_on(broker, first)
    _decline(researcher, first, scene)
    _read_advice(company, first, scene)
    second = _ask_from_matches(company, scene, interest=IMPROVED)
    assert second != first
    _pass_on(broker, second)
    _accept(researcher, second)


def _ask_from_matches(page: Page, scene: Scene, **answers: str) -> str:
    """The company goes from its own need's matches; the need comes along by itself."""
    page.goto(f"{scene.need}/matches")
    sound(page)
    card = page.locator("article.match", has=page.locator(f"a[href='{scene.result}']"))
    with page.expect_navigation():
        card.locator("a[href*='/introductions/new']").click()
    expect(page.locator("main select[name=own] option:checked")).to_have_text(NEED)
    sound(page)
    introducing.answer_questions(page, interest=f"It is {NAMES[1]} that asks for this.")
    press(page, "main form[action='/introductions/new'] [type=submit]")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#interest-error")).to_contain_text("This names you")
    introducing.answer_questions(page, **answers)
    press(page, "main form[action='/introductions/new'] [type=submit]")
    assert badge(page) == "With the broker"
    sound(page)
    return introduction_at(page)


def _pass_on(page: Page, place: str) -> None:
    page.goto("/introductions/board")
    press(page, f".board a[href='{place}']")
    _tells_nothing(page)
    press(page, "main form[action$='/check/pass_on'] button")
    assert badge(page) == "Waits for an answer"


def _tells_nothing(page: Page) -> None:
    """No secret is in the page, its title, its address or what its links lead to."""
    shown = f"{page.url}\n{page.title()}\n{page.content()}"
    for secret in SECRETS:
        assert secret not in shown, (secret, page.url)


def _mails_tell_nothing(scene: Scene) -> None:
    let_mail_go(scene.site)
    for role in ("to_editor", "to_administrator", "broker", "operator"):
        for letter in mails_to(scene.site, scene.emails[role]):
            for secret in (*SECRETS, scene.firm):
                assert secret not in letter.whole, (secret, role)
    assert mails_to(scene.site, scene.emails["to_editor"])


def _decline(page: Page, place: str, scene: Scene) -> None:
    """The researcher sees an unnamed firm everywhere, and says no with a reason and a remark."""
    page.goto("/introductions")
    expect(page.locator("main tr", has_text=TITLE)).to_contain_text("not named")
    sound(page)
    _tells_nothing(page)
    open_notice(page, TITLE)
    assert page.url.endswith(place)
    sound(page)
    for address in (place, scene.need, scene.result):
        page.goto(address)
        _tells_nothing(page)
        assert scene.firm not in page.content()
    _mails_tell_nothing(scene)
    page.goto(place)
    unfold(page, "decline")
    send(page, "decline", remark=REMARK)  # no reason was chosen: told at the field, remark kept
    expect(page.locator("main form[action$='/decline'] .field__errors")).to_be_visible()
    expect(page.locator("main form[action$='/decline'] textarea")).to_have_value(REMARK)
    tick(page, "decline-reason", "description_unclear")
    send(page, "decline")
    assert badge(page) == "Introduction declined"
    sound(page)
    _tells_nothing(page)


def _read_advice(page: Page, place: str, scene: Scene) -> None:
    """The author reads reason, remark and advice, here and on the own listing's page, and mends."""
    open_notice(page, TITLE)
    assert page.url.endswith(place)
    box = page.locator("main .alert--bad")
    expect(box).to_contain_text(REMARK)
    expect(box).to_contain_text("What you can do")
    expect(box.locator(f"a[href='{scene.need}/edit']")).to_be_visible()
    sound(page)
    page.goto(scene.need)
    heard = page.locator("#introduction table")
    expect(heard.locator("tbody tr")).to_have_count(1)
    sound(page)
    press(page, f"#introduction a[href='{scene.need}/edit']")
    expect(page.locator("main textarea[name=summary]")).to_be_visible()


def _accept(page: Page, place: str) -> None:
    """What was closed until this press is open after it, and only then."""
    open_notice(page, TITLE)
    assert page.url.endswith(place)
    expect(page.locator("#answers")).to_contain_text(IMPROVED)
    _tells_nothing(page)
    page.locator("main form[action$='/accept'] input[name$=consent]").check()
    press(page, "main form[action$='/accept'] [type=submit]")
    expect(page.locator("main aside").last).to_contain_text(NAMES[1])
    assert NAMES[1] not in page.title()
    sound(page)
    page.goto("/introductions")
    expect(page.locator("main tr", has=page.locator(f"a[href='{place}']"))).to_contain_text(
        NAMES[1]
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_introduction_is_read_and_answered_without_scripts(
    live_site: LiveSite, arrive: Callable[[Look], Page], language: str
) -> None:
    scene = set_scene(live_site, arrive, state="asked", need={"details": {}})
    page = scene.enter("to_editor", Look(language=language, width=390, scripts=False))
    open_notice(page, TITLE)
    expect(page.locator("#answers dd")).to_have_count(3)
    assert no_overflow(page) == []
    page.locator("main details:has(form[action$='/ask-back']) > summary").click()
    send(page, "ask-back", text="管径多少？")
    expect(page.locator("#thread li.said").last).to_contain_text("管径多少？")
    press(page, "main form[action$='/accept'] [type=submit]")
    expect(page.locator(".error-summary")).to_be_visible()
    page.locator("main form[action$='/accept'] input[name$=consent]").check()
    press(page, "main form[action$='/accept'] [type=submit]")
    press(page, "main a[href$='/agreement']")
    expect(page.locator("#confirm form")).to_be_visible()
    assert no_overflow(page) == []

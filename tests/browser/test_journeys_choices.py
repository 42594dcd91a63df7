"""Whoever gets mails chooses which: on the page of choices, and by the link in a mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.introducing import Scene, send, set_scene, unfold
from tests.browser.journeys import let_mail_go, mails_to, press, sound, tick
from tests.browser.looking import PHONE, PHONE_ZH, WIDE_ZH, Look
from tests.browser.site import LiveSite

pytestmark = pytest.mark.browser

KIND = "introduction_ask_back"
QUESTION = "管线外径多少？"


@pytest.fixture
def scene(live_site: LiveSite, arrive: Callable[[Look], Page]) -> Scene:
    """A request of the firm's that waits for the university's answer."""
    return set_scene(live_site, arrive, state="asked", need={"details": {}})


def test_kinds_are_switched_off_and_to_the_digest(scene: Scene) -> None:
    company = scene.enter("from_editor", WIDE_ZH)
    company.goto("/notices")
    press(company, "main a[href='/account/notices']")
    company.locator("#group-introductions > summary").click()
    tick(company, f"mail_{KIND}", "off")
    tick(company, "mail_introduction_said", "digest")
    sound(company)
    press(company, "main form.notice-choices [type=submit]")
    expect(company.locator(".flashes .alert--good")).to_be_visible()
    assert (_chosen(company, KIND), _chosen(company, "introduction_said")) == ("off", "digest")

    let_mail_go(scene.site)
    before = len(mails_to(scene.site, scene.emails["from_editor"]))
    researcher = scene.enter("to_editor", PHONE)
    researcher.goto(scene.place)
    unfold(researcher, "ask-back")
    send(researcher, "ask-back", text=QUESTION)
    let_mail_go(scene.site)
    company.goto("/notices")
    expect(company.locator("main li.card").first).to_contain_text("问您一个问题")
    assert len(mails_to(scene.site, scene.emails["from_editor"])) == before


def test_link_in_a_mail_works_without_signing_in_and_only_by_its_button(scene: Scene) -> None:
    let_mail_go(scene.site)
    letter = mails_to(scene.site, scene.emails["to_editor"])[-1]
    found = re.search(r"List-Unsubscribe: <([^>]+)>", letter.whole)
    assert found is not None
    link = urlsplit(found[1]).path
    assert link in letter.text
    researcher = scene.enter("to_editor", PHONE_ZH)
    anybody = scene.arrive(PHONE)
    anybody.goto(link)
    expect(anybody.locator("main li").first).to_be_visible()
    sound(anybody)
    assert _chosen(researcher, "introduction_pass_on") == "now"

    press(anybody, "main form [type=submit]")
    expect(anybody.locator("main .alert--good")).to_be_visible()
    sound(anybody)
    assert _chosen(researcher, "introduction_pass_on") == "off"
    press(anybody, "main form[action$='/undo'] button")
    assert _chosen(researcher, "introduction_pass_on") == "now"


def _chosen(page: Page, kind: str) -> str:
    """Return how a kind is mailed, as the person's page of choices says."""
    page.goto("/account/notices")
    return page.locator(f"main input[name='mail_{kind}']:checked").get_attribute("value") or ""

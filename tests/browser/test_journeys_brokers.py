"""A broker's day: propose matches with a note, read what became of them, act on many at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.browser import introducing
from tests.browser.introducing import (
    OTHERS,
    Scene,
    badge,
    introduction_at,
    make_results,
    open_notice,
    send,
    set_scene,
    unfold,
)
from tests.browser.journeys import fill, press, sound, tick
from tests.browser.looking import PHONE_ZH, WIDE, Look
from tests.browser.site import LiveSite
from tests.introductions.cast import Cast

pytestmark = pytest.mark.browser

TITLES = ("面向高温管道的光纤测温装置", "蒸汽管道无线测温环", "管道外壁红外测温带")
NOTE = "上月走访时贵司说测温靠人工，这几项都能在线测，请看看。"
REMARK = "无线的现场没有信号。"


def _more_results(session: Session, cast: Cast) -> None:
    """Two more that suit the need, and some that do not."""
    alike = {
        TITLES[1]: "测温环套在蒸汽管道外壁，连续测温并无线上报，免人工巡检。",
        TITLES[2]: "红外测温带贴着高温管道外壁走，在线连续测温，漏报少。",
    }
    people = cast.people
    texts = alike | OTHERS
    make_results(session, cast.university, people["to_editor"], texts, broker=people["broker"])


@pytest.fixture
def scene(live_site: LiveSite, arrive: Callable[[Look], Page]) -> Scene:
    """A need that three results match."""
    return set_scene(live_site, arrive, also=_more_results, need={"details": {}})


def test_broker_proposes_reads_the_answers_and_acts_on_many(scene: Scene) -> None:
    broker, company = scene.enter("broker", WIDE), scene.enter("from_editor", PHONE_ZH)
    places = _propose_three(broker, scene)
    _take_up(company, places[TITLES[0]])
    _turn_down(company, places[TITLES[1]])
    _read_why(broker, places[TITLES[1]])
    _act_on_two(broker, places)


def _propose_three(page: Page, scene: Scene) -> dict[str, str]:
    """Tick three matches, write one note, look at what will happen, send it."""
    page.goto(f"{scene.need}/matches")
    boxes = page.locator("article.match input[name=with]")
    expect(boxes).to_have_count(3)
    for box in boxes.all():
        box.check()
    press(page, "#propose-many [type=submit]")
    sound(page)
    press(page, "main form.form--wide button[value=preview]")  # without a note: told at the field
    expect(page.locator("[name=note]")).to_have_attribute("aria-invalid", "true")
    fill(page, note=NOTE)
    tick(page, "first", "need")
    press(page, "main form.form--wide button[value=preview]")
    rows = page.locator("#outcomes tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("will be sent")
    expect(page.locator("#outcomes")).to_contain_text(NOTE)
    sound(page)
    press(page, "main form.form--wide button[value=do]")
    expect(page.locator("#outcomes .badge--good")).to_have_count(3)
    sound(page)
    found = {}
    for row in page.locator("#outcomes tbody tr").all():
        link = row.locator("a[href^='/introductions/']").get_attribute("href")
        found[row.locator("td").first.locator("a").first.inner_text()] = str(link)
    return found


def _take_up(page: Page, place: str) -> None:
    """The company reads the note and says that it is interested."""
    page.goto("/introductions")
    expect(page.locator("main tbody tr")).to_have_count(3)
    sound(page)
    with page.expect_navigation():
        page.locator(f"main a[href='{place}']").click()
    assert badge(page) == "经纪人推荐"
    expect(page.locator("#thread")).to_contain_text(NOTE)
    sound(page)
    press(page, "#turn a[href$='/answer']")
    introducing.answer_questions(page)
    sound(page)
    press(page, "main form[action$='/answer'] [type=submit]")
    assert introduction_at(page) == place
    assert badge(page) == "经纪人审核中"


def _turn_down(page: Page, place: str) -> None:
    page.goto(place)
    unfold(page, "turn-down")
    tick(page, "turn_down-reason", "too_early")
    send(page, "turn-down", remark=REMARK)
    assert badge(page) == "已婉拒"
    sound(page)


def _read_why(page: Page, place: str) -> None:
    open_notice(page)
    assert page.url.endswith(place)
    expect(page.locator("main .alert--bad")).to_contain_text(REMARK)
    sound(page)


def _act_on_two(page: Page, places: dict[str, str]) -> None:
    """Of two that are ticked one can be passed on; the report says which, and why not the other."""
    page.goto("/introductions/board")
    press(page, "main .tabs a[href*='whose=mine']")
    chosen = [places[TITLES[0]], places[TITLES[2]]]
    for place in chosen:
        card = page.locator("article.board-card", has=page.locator(f"a[href='{place}']"))
        card.locator("input[name=chosen]").check()
    sound(page)
    press(page, "main button[name=step][value=pass_on]")
    rows = page.locator("main tbody tr")
    expect(rows).to_have_count(2)
    expect(page.locator("main .lead")).to_contain_text("1 of 2")
    expect(rows.filter(has_text=TITLES[0])).to_contain_text("will be done")
    expect(rows.filter(has_text=TITLES[2])).to_contain_text("will not be done")
    sound(page)
    press(page, "main button[value=do]")
    expect(page.locator("main .alert--warn")).to_contain_text("Done: 1 of 2")
    expect(rows.filter(has_text=TITLES[2])).to_contain_text("does not allow this step")
    sound(page)
    for place, stage in zip(chosen, ("Waits for an answer", "Proposed by a broker"), strict=True):
        page.goto(place)
        assert badge(page) == stage

"""Who takes part in the journeys of introductions, and the steps that several of them take.

Pages are found by names, addresses and structure, as in ``journeys``; what people see is asserted
by the journeys themselves.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.clock import utc_now
from tenon.notices.models import NoticeSchedule
from tests.browser.journeys import fill, press, switch_language
from tests.browser.looking import Look, sign_in_as
from tests.browser.site import LiveSite
from tests.factories.accounts import PASSWORD
from tests.factories.listings import make_achievement
from tests.introductions.cast import ADDRESS, NAMES, PERSON, SITE, Cast, bring_to, make_cast

BOX = "我们的蒸汽管道外壁测温靠人工，漏报多，需要200℃以上能连续测温、不停产更换的办法。"
ANSWERS = {
    "interest": "看重不停产更换，我们想装在四十条蒸汽管线上。",
    "offer": "一条五月起可用的试验线和两名工艺工程师。",
    "proposal": "先开一小时视频会议核对工况，再试用三个月。",
}
SECRETS = (*NAMES, ADDRESS, PERSON, SITE)
"""What tells who the firm is."""

OTHERS = {
    "紫铜激光焊接头": "蓝光与红外复合光源，铜排焊接飞溅少。",
    "水稻抗病新品种": "抗稻瘟病，亩产六百公斤，适合双季种植。",
    "港口集卡调度算法": "按装卸顺序派车，空驶里程减少三成。",
    "污泥低温干化机": "热泵干化，含水率由八成降到三成。",
    "骨科手术导航仪": "术中配准两分钟，误差一毫米以内。",
    "锂电池回收浸出液": "不用强酸，钴回收率九成八。",
    "铝合金搅拌摩擦焊刀具": "钢基刀具涂层，寿命提高五倍。",
    "建筑能耗预测软件": "按楼层预测次日用电，偏差不到一成。",
}
"""What the index weighs the matching ones against."""

LANGUAGES = {
    "from_editor": "zh",
    "from_administrator": "zh",
    "to_editor": "en",
    "to_administrator": "en",
    "broker": "zh",
    "proposer": "zh",
    "operator": "zh",
}
"""Role -> the language of the account, which mails follow."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A site with the cast of tests/introductions on it.

    Attributes:
        site: where it is served.
        arrive: opens a browser for somebody new.
        need: address of the firm's need.
        result: address of the university's achievement.
        firm: public id of the firm.
        place: address of the introduction that stands there already; empty without one.
        emails: role -> address of the account.
    """

    site: LiveSite
    arrive: Callable[[Look], Page]
    need: str
    result: str
    firm: str
    place: str
    emails: Mapping[str, str]

    def enter(self, role: str, look: Look) -> Page:
        """Open a browser, sign in as a role and see the site in the look's language."""
        page = self.arrive(look)
        self.sign_in(page, role)
        switch_language(page, look.language)
        return page

    def sign_in(self, page: Page, role: str) -> None:
        """Sign in as a role."""
        sign_in_as(page, self.emails[role], PASSWORD)


def set_scene(
    site: LiveSite,
    arrive: Callable[[Look], Page],
    *,
    state: str | None = None,
    also: Callable[[Session, Cast], None] | None = None,
    **listings: Any,
) -> Scene:
    """Put the cast on a site, by day: nobody has quiet hours.

    With ``state`` an introduction has been brought there by its services; ``also`` adds what else
    a journey needs; ``listings`` are as for make_cast.
    """
    with site.database.writing() as session:
        cast = make_cast(session, **listings)
        for role, language in LANGUAGES.items():
            cast.people[role].language = language
        for user in cast.people.values():
            session.add(NoticeSchedule(user_id=user.id, quiet_begins=None, quiet_ends=None))
        if also is not None:
            also(session, cast)
        it = None if state is None else bring_to(session, cast, state, now=utc_now())
        scene = Scene(
            site,
            arrive,
            f"/listings/{cast.need.public_id}",
            f"/listings/{cast.result.public_id}",
            cast.firm.public_id,
            "" if it is None else f"/introductions/{it.public_id}",
            {role: user.email for role, user in cast.people.items()},
        )
    site.index()
    return scene


def make_results(
    session: Session,
    house: Organisation,
    author: User,
    texts: Mapping[str, str],
    *,
    broker: User | None = None,
) -> None:
    """Public achievements of a house: title -> summary."""
    for title, summary in texts.items():
        make_achievement(
            session,
            organisation=house,
            author=author,
            title=title,
            summary=summary,
            problem=None,
            advantages=None,
            applications=None,
            broker_id=None if broker is None else broker.id,
            state="published",
        )


def open_notice(page: Page, words: str = "") -> None:
    """Open the newest unread notice, which holds ``words``, by its button.

    Notices are written by the outbox: the page is asked again until the notice is there.
    """
    unread = page.locator("main li.card", has=page.locator("form button")).first

    def newest() -> None:
        page.goto("/notices")
        expect(unread).to_contain_text(words, timeout=1000)

    _until_shown(newest)
    with page.expect_navigation():
        unread.locator("form button").click()


def _until_shown(look: Callable[[], None], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            return look()
        except AssertionError:
            if time.monotonic() > end:
                raise


def answer_questions(page: Page, **other: str) -> None:
    """Fill in the three answers and agree that the name opens when they accept."""
    fill(page, **ANSWERS | other)
    page.locator("main input[name=consent]").check()


def badge(page: Page) -> str:
    """Return the stage that an introduction's page shows."""
    return page.locator("main .badge").first.inner_text().strip()


def unfold(page: Page, step: str) -> None:
    """Open the fold that a step's form lies in."""
    page.locator(f"main details:has(form[action$='/{step}']) > summary").click()


def send(page: Page, step: str, **values: str) -> None:
    """Fill in the form of a step on an introduction's page and press its button."""
    form = page.locator(f"main form[action$='/{step}']")
    for name, value in values.items():
        form.locator(f"textarea[name$='{name}']").fill(value)
    with page.expect_navigation():
        form.locator("[type=submit]").last.click()


def sign_agreement(page: Page, signatory: str) -> None:
    """Read the agreement from the introduction's page and confirm it for one's side."""
    press(page, "main a[href$='/agreement']")
    fill(page, signatory=signatory)
    page.locator("main input[name=confirmed]").check()
    press(page, "main form[action$='/agreement'] [type=submit]")


def introduction_at(page: Page) -> str:
    """Return the address of the introduction whose page is shown."""
    found = re.search(r"/introductions/[\w-]{8,}$", page.url)
    assert found is not None, page.url
    return found[0]

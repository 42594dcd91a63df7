"""From a researcher's first line to a company's interest: written, approved, returned, published.

Five people take part, each in a browser of their own, as in life.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tenon.accounts.models import Membership, User
from tenon.listings.models import Listing
from tests.browser.journeys import (
    PATIENCE_SECONDS,
    enter_as,
    eventually,
    fill,
    listing_id,
    press,
    tick,
)
from tests.browser.looking import PHONE_ZH, WIDE, WIDE_ZH, Look, axe, no_overflow
from tests.browser.prepared import Demo
from tests.browser.site import LiveSite
from tests.factories.listings import make_need, make_requirement

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-publishing")]

TITLE = "回音壁谐振腔痕量氨气传感头"
SUMMARY = (
    "在二氧化硅回音壁谐振腔表面镀聚苯胺薄膜，氨气被吸附后谐振峰移动，"
    "由可调谐激光器读出。传感头直径八毫米，室温工作，读出一次不到一秒。"
)
ADVANTAGES = "检出限20 ppb，现用电化学探头约1 ppm；耐湿度95%，一年漂移小于2%。"
NEED_TITLE = "冷库要能早期发现氨气泄漏的探头"
NEED_SUMMARY = "冷库用氨制冷，现用电化学探头约1 ppm才报警，且半年就漂移，要痕量氨气的传感头。"
REMARK = "请写明读出装置的体积与价格范围。"


@dataclass(frozen=True, slots=True)
class Cast:
    """The pages of those who take part."""

    researcher: Page
    institution: Page
    broker: Page
    company: Page


@pytest.fixture
def cast(visit: Callable[[Look], Page], demo: Demo) -> Cast:
    """Sign everybody in: the researcher on a phone, the company in English."""
    return Cast(
        researcher=enter_as(visit(PHONE_ZH), demo, "researcher", "zh"),
        institution=enter_as(visit(WIDE_ZH), demo, "institution", "zh"),
        broker=enter_as(visit(WIDE_ZH), demo, "broker", "zh"),
        company=enter_as(visit(WIDE), demo, "company", "en"),
    )


@pytest.fixture
def need_id(demo_site: LiveSite) -> str:
    """A published need of the company's, as if it had stood there for a while."""
    with demo_site.database.writing() as session:
        company = session.scalars(sa.select(User).where(User.email == "company@demo.example")).one()
        need = make_need(
            session,
            organisation=company.memberships[0].organisation,
            author=company,
            title=NEED_TITLE,
            summary=NEED_SUMMARY,
            requirements=[
                make_requirement(
                    "检出限≤100 ppb",
                    quantity="检出限",
                    comparison="at_most",
                    low=None,
                    high=Decimal(100),
                    unit="ppb",
                )
            ],
            fields=[("hitech", "1")],
            state="published",
        )
        return need.public_id


def test_result_is_written_approved_returned_mended_published_and_found(
    cast: Cast, demo_site: LiveSite, need_id: str
) -> None:
    address = f"/listings/{_write(cast.researcher)}"
    _approve(cast.institution, address)
    _review(cast.broker, address, points=2, outcome="return", remarks=REMARK)
    _mend(cast.researcher, address)
    _review(cast.broker, address, points=4, outcome="publish")
    _find(cast.company)
    _be_interested(cast.company, need_id, address)
    _read_notice(cast.researcher, f"{address}/matches")
    expect(cast.researcher.locator("#interested .card__title")).to_have_text(NEED_TITLE)
    with demo_site.database.reading() as session:
        states = set(
            session.scalars(sa.select(Listing.state).where(Listing.texts.any(title=TITLE)))
        )
        assert states == {"published"}


def _write(page: Page) -> str:
    """Write with mistakes first; what was typed stays, and each mistake stands at its field."""
    page.goto("/listings/new/achievement")
    fill(page, title=TITLE, summary=SUMMARY, money_low="很多", contributors="云舒\n蓝苇")
    tick(page, "money_kind", "fixed")
    page.locator("[name='rights-0-kind']").select_option("invention")
    fill(page, **{"rights-0-owner": "云梦泽大学"})
    press(page, "main .buttons button[value=submit]")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("[name=title]")).to_have_value(TITLE)
    expect(page.locator("[name=money_low]")).to_have_value("很多")
    expect(page.locator("[name=money_low]")).to_have_attribute("aria-invalid", "true")
    assert (axe(page), no_overflow(page)) == ([], [])

    fill(page, money_low="12.5万")
    press(page, "main .buttons button[value=submit]")
    expect(page.locator("#rights .field__errors")).to_be_visible()
    expect(page.locator("[name='rights-0-owner']")).to_have_value("云梦泽大学")

    fill(page, **{"rights-0-number": "ZL202999990001.5"})
    press(page, "main .buttons button[value=submit]")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("[name=advantages]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=readiness]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=summary]")).to_have_value(SUMMARY)
    assert (axe(page), no_overflow(page)) == ([], [])

    fill(page, advantages=ADVANTAGES)
    page.locator("[name=readiness]").select_option("5")
    tick(page, "hitech", "1")
    tick(page, "deal_forms", "licence_nonexclusive")
    press(page, "main .buttons button[value=submit]")
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator(".alert--good")).to_be_visible()
    assert (axe(page), no_overflow(page)) == ([], [])
    return listing_id(page)


def _approve(page: Page, address: str) -> None:
    """The institution's administrator reads the notice and approves."""
    _read_notice(page, address)
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator("#rights")).to_contain_text("ZL202999990001.5")
    press(page, f"form[action='{address}/approve'] button")
    _submit_if_asked(page, address)


def _submit_if_asked(page: Page, address: str) -> None:
    """Hand an approved listing on, where approving alone has not done so."""
    hand_in = page.locator(f"form[action='{address}/submit'] button")
    if hand_in.count():
        press(page, f"form[action='{address}/submit'] button")
    expect(page.locator(".badge--info, .badge--warn").first).to_be_visible()


def _review(page: Page, address: str, *, points: int, outcome: str, remarks: str = "") -> None:
    """The broker takes it from the queue, scores it and decides."""
    page.goto("/review")
    press(page, f"main a[href^='{address}/review']")
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator("#text-zh")).to_contain_text(SUMMARY)
    for criterion in ("substance", "clarity", "expectations", "wording"):
        tick(page, criterion, str(points))
    tick(page, "outcome", outcome)
    fill(page, remarks=remarks)
    press(page, f"form[action^='{address}/review'] .buttons [type=submit]:not([formaction])")
    expect(page.locator(".alert--good")).to_be_visible()
    page.goto("/review")
    expect(page.locator(f"main a[href^='{address}/review']")).to_have_count(0)


def _mend(page: Page, address: str) -> None:
    """The author reads why it came back, mends it and hands it in again."""
    _read_notice(page, address)
    expect(page.locator("main")).to_contain_text(REMARK)
    assert (axe(page), no_overflow(page)) == ([], [])
    press(page, f"main a[href='{address}/edit']")
    fill(page, applications="冷库、化肥厂。读出装置如书本大小，三到五万元。")
    press(page, "main .buttons button[value=submit]")
    expect(page.locator(".alert--good")).to_be_visible()


def _find(page: Page) -> None:
    """The company searches until it is there."""
    until = time.monotonic() + PATIENCE_SECONDS
    page.goto("/search?q=回音壁谐振腔")
    while page.locator(f"main a:has-text('{TITLE}')").count() == 0:
        assert time.monotonic() < until, "never found"
        page.reload()


def _be_interested(page: Page, need_id: str, address: str) -> None:
    """It is a match of the company's own need too, with the requirement met; they say so."""
    page.goto("/my/listings?group=public")
    press(page, f"main a[href='/listings/{need_id}/matches']")
    card = page.locator("article.match").filter(has=page.locator(f"a[href='{address}']"))
    expect(card).to_have_count(1)
    expect(card.locator(".requirement--met")).to_contain_text("检出限≤100 ppb")
    with page.expect_navigation():
        card.locator("form:has(input[value=interested]) button").click()
    expect(page.locator(".alert--good")).to_be_visible()
    assert (axe(page), no_overflow(page)) == ([], [])


def _read_notice(page: Page, path: str) -> None:
    """Open the notice that leads to ``path`` by its button; others of the same title stay open."""

    def led_there() -> bool:
        page.goto("/notices")
        buttons = page.locator("main li.card").filter(has_text=TITLE).locator("form button")
        for number in range(buttons.count()):
            with page.expect_navigation():
                buttons.nth(number).click()
            if page.url.endswith(path):
                return True
            page.goto("/notices")
        return False

    eventually(led_there)


def test_broker_cannot_review_what_is_of_their_own_organisation(
    visit: Callable[[Look], Page], demo: Demo, demo_site: LiveSite
) -> None:
    with demo_site.database.writing() as session:
        broker = session.scalars(sa.select(User).where(User.email == "broker@demo.example")).one()
        place = session.scalars(sa.select(Membership).where(Membership.user_id == broker.id)).one()
        own = make_need(session, organisation=place.organisation, state="in_review").public_id
    page = enter_as(visit(WIDE_ZH), demo, "broker", "zh")
    page.goto("/review")
    expect(page.locator(f"main a[href^='/listings/{own}/review']")).to_have_count(0)
    answer = page.goto(f"/listings/{own}/review")
    assert answer is not None
    assert answer.status == 403
    page.goto(f"/listings/{own}")
    expect(page.locator(f"a[href^='/listings/{own}/review']")).to_have_count(0)

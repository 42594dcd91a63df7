"""An operator's day: approve an organisation, make somebody a broker, bring a file in."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import FilePayload, Page, expect

from tenon.accounts.models import Organisation, User
from tenon.clock import utc_now
from tests.browser.journeys import PATIENCE_SECONDS, enter_as, fill, notices_hold, press
from tests.browser.looking import WIDE, WIDE_ZH, Look, axe, no_overflow, sign_in_as
from tests.browser.prepared import Demo
from tests.browser.site import LiveSite
from tests.factories.accounts import PASSWORD, make_membership, make_organisation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-operator")]

HEADER = "external_id,language,organisation,title,background,requirements,deadline,budget_max\n"
SOON = f"{utc_now() + timedelta(days=90):%Y-%m-%d}"
BAD = HEADER + (
    f"Q1,zh,A-ORG-09,求岸桥吊具防摇装置,吊具摆动要等二十秒才能着箱。,摆幅≤50 mm,{SOON},800000\n"
    f"Q2,zh,A-ORG-09,,没有标题的一行。,,{SOON},\n"
    f"Q3,zh,NOBODY,求耐磨抓斗齿,抓斗齿半月就磨平。,,{SOON},\n"
    "Q4,zh,A-ORG-09,求耐磨衬板,衬板半年就磨穿。,,明天,\n"
    "Q1,zh,A-ORG-09,编号重复的一行,吊具摆动。,,,-5\n"
)
ERRORS = [("3", ""), ("4", "NOBODY"), ("5", "明天"), ("6", "-5"), ("6", "Q1")]
GOOD = HEADER + (
    f"Q1,zh,A-ORG-09,求岸桥吊具防摇装置,吊具摆动要等二十秒才能着箱。,摆幅≤50 mm,{SOON},800000\n"
    f"Q2,zh,A-ORG-09,求抓斗齿耐磨堆焊,抓斗齿半月就磨平，停机换齿。,硬度≥60 HRC,{SOON},\n"
)


@pytest.fixture
def operator(visit: Callable[[Look], Page], demo: Demo) -> Page:
    """The operator at a desk, in Chinese."""
    return enter_as(visit(WIDE_ZH), demo, "operator", "zh")


def test_operator_approves_an_organisation_and_its_applicant_hears_of_it(
    operator: Page, visit: Callable[[Look], Page], demo_site: LiveSite
) -> None:
    with demo_site.database.writing() as session:
        applicant = make_user(session, email="applicant@example.org")
        firm = make_organisation(session, kind="enterprise", state="pending", name_zh="待批示例厂")
        make_membership(session, applicant, firm)
        public_id = firm.public_id
    page = operator
    page.goto("/admin/organisations")
    press(page, "main .tabs a[href*='state=pending']")
    card = page.locator("main article").filter(has_text="待批示例厂")
    with page.expect_navigation():
        card.locator("form[action$='/approve'] button").click()
    expect(page.locator("main article").filter(has_text="待批示例厂")).to_have_count(0)
    with demo_site.database.reading() as session:
        found = session.scalars(sa.select(Organisation).where(Organisation.public_id == public_id))
        assert [each.state for each in found] == ["approved"]
    theirs = visit(WIDE)
    sign_in_as(theirs, "applicant@example.org", PASSWORD)
    notices_hold(theirs, "待批示例厂")


def test_operator_grants_the_broker_role_and_takes_it_back(
    operator: Page, visit: Callable[[Look], Page], demo: Demo, demo_site: LiveSite
) -> None:
    page = operator
    person = enter_as(visit(WIDE), demo, "institution", "en")
    assert _status(person, "/review") == 403
    page.goto("/admin/people?q=institution@demo.example")
    expect(page.locator("main tbody tr")).to_have_count(1)
    press(page, "main form[action$='/grant']:has(input[value=broker]) button")
    expect(page.locator("main form[action$='/revoke'] button")).to_have_count(1)
    assert _status(person, "/review") == 200
    press(page, "main form[action$='/revoke'] button")
    assert _status(person, "/review") == 403
    with demo_site.database.reading() as session:
        email = User.email == "institution@demo.example"
        assert session.scalars(sa.select(User).where(email)).one().roles == []


def _status(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer is not None
    return answer.status


def test_file_with_errors_is_shown_line_by_line_mended_imported_and_found(operator: Page) -> None:
    page = operator
    _upload(page, BAD)
    rows = page.locator("#import-status section table tbody tr")
    expect(rows).to_have_count(len(ERRORS))
    shown = [
        (row.locator("td").nth(0).inner_text(), row.locator("td").nth(2).inner_text())
        for row in rows.all()
    ]
    assert sorted(shown) == ERRORS
    assert (axe(page), no_overflow(page)) == ([], [])
    with page.expect_download() as download:
        page.locator("a[href$='errors.csv']").click()
    assert download.value.suggested_filename.endswith(".csv")
    expect(page.locator("#import-status .alert--warn")).to_be_visible()
    _nothing_came_in(page)

    _upload(page, GOOD)
    expect(page.locator("#import-status .alert--good")).to_be_visible()
    press(page, "#import-status form[action$='/confirm'] [type=submit]")
    expect(page.locator("#import-status .step--current")).to_have_count(0)
    expect(page.locator("#import-status .alert--good")).to_be_visible()
    until = time.monotonic() + PATIENCE_SECONDS
    page.goto("/search?q=防摇装置")
    while page.locator("main a:has-text('求岸桥吊具防摇装置')").count() == 0:
        assert time.monotonic() < until, "the import was never found"
        page.reload()
    page.goto("/search?q=抓斗齿耐磨堆焊")
    expect(page.locator("main a:has-text('求抓斗齿耐磨堆焊')")).to_have_count(1)


def _upload(page: Page, content: str) -> None:
    page.goto("/imports")
    fill(page, source="demo")
    file = FilePayload(name="needs.csv", mimeType="text/csv", buffer=content.encode("utf-8-sig"))
    page.set_input_files("input[type=file]", files=[file])
    press(page, "form[enctype] [type=submit]")
    expect(page.locator("#import-status form[action$='/confirm']")).to_be_visible()


def _nothing_came_in(page: Page) -> None:
    page.goto("/search?q=防摇装置")
    expect(page.locator("main a:has-text('求岸桥吊具防摇装置')")).to_have_count(0)


@pytest.mark.parametrize("kind", ["organisations", "people", "achievements", "needs"])
def test_template_is_downloaded_and_passes_the_check_as_it_is(
    operator: Page, tmp_path: Path, kind: str
) -> None:
    page = operator
    page.goto("/imports")
    with page.expect_download() as download:
        page.locator(f"main a[href*='/{kind}.csv'][href*='language=zh']").click()
    assert download.value.suggested_filename == f"tenon-{kind}-zh.csv"
    saved = tmp_path / f"{kind}.csv"
    download.value.save_as(saved)
    fill(page, source="templates")
    page.set_input_files("input[type=file]", files=[str(saved)])
    press(page, "form[enctype] [type=submit]")
    # Its own example rows are passed over: there is nothing in it yet, and nothing wrong with it.
    expect(page.locator("#import-status .alert")).not_to_have_count(0)
    expect(page.locator("#import-status section table tbody tr")).to_have_count(0)

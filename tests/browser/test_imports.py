"""A file with errors, mended and imported, as somebody does it in a browser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import FilePayload, Page, expect

from tenon.clock import utc_now
from tenon.listings.models import Listing
from tests.browser.looking import NO_SCRIPTS, PHONE, WIDE_ZH, axe, no_overflow, sign_in_as
from tests.browser.site import LiveSite
from tests.factories.accounts import PASSWORD, make_membership, make_organisation, make_user

pytestmark = pytest.mark.browser

HEADER = "编号,语言,标题,背景,截止日期,备注\n"
BAD = HEADER + "N1,中文,,漏水,,\nN2,中文,求耐磨水泵,泵壳三个月就磨穿。,明天,急\n"
SOON = f"{utc_now() + timedelta(days=90):%Y-%m-%d}"
GOOD = HEADER + f"N2,中文,求耐磨水泵,泵壳三个月就磨穿。,{SOON},急\n"
WORDS = {
    "en": {
        "errors": "2 errors were found",
        "missing": "This must be filled in.",
        "clean": "No errors",
        "done": "The import is done",
        "import": "Import now",
    },
    "zh": {
        "errors": "发现 2 处错误",
        "missing": "此项必填。",
        "clean": "没有错误",
        "done": "导入完成，可以查看",
        "import": "开始导入",
    },
}


def sign_in_editor(page: Page, live_site: LiveSite, language: str) -> None:
    """Sign in as an editor of an organisation who reads this language."""
    address = "editor@example.org"
    with live_site.database.writing() as session:
        user = make_user(session, email=address, language=language)
        make_membership(session, user, make_organisation(session), "editor")
    sign_in_as(page, address, PASSWORD)


def choose(page: Page, name: str, content: str) -> None:
    """Upload a file on the page of imports."""
    page.goto("/imports")
    file = FilePayload(name=name, mimeType="text/csv", buffer=content.encode("gb18030"))
    page.set_input_files("input[type=file]", files=[file])
    with page.expect_navigation():
        page.locator("form[enctype] [type=submit]").click()


@pytest.mark.parametrize(
    ("browser_page", "language"), [(WIDE_ZH, "zh"), (PHONE, "en")], indirect=["browser_page"]
)
def test_file_with_errors_is_mended_and_imported(
    browser_page: Page, live_site: LiveSite, language: str
) -> None:
    page, words = browser_page, WORDS[language]
    sign_in_editor(page, live_site, language)
    page.goto("/imports")
    assert (axe(page), no_overflow(page)) == ([], [])
    choose(page, "needs.csv", BAD)
    expect(page.locator("#import-status")).to_contain_text(words["errors"])
    expect(page.locator("#import-status")).to_contain_text(words["missing"])
    assert (axe(page), no_overflow(page)) == ([], [])
    choose(page, "needs.csv", GOOD)
    expect(page.locator("#import-status")).to_contain_text(words["clean"])
    page.get_by_role("button", name=words["import"]).click()
    expect(page.locator("#import-status")).to_contain_text(words["done"])
    assert (axe(page), no_overflow(page)) == ([], [])
    with live_site.database.reading() as session:
        found = session.execute(sa.select(Listing.external_id, Listing.state)).all()
        assert [tuple(row) for row in found] == [("N2", "draft")]


@pytest.mark.parametrize("browser_page", [NO_SCRIPTS], indirect=True, ids=str)
def test_import_works_without_scripts(
    browser_page: Page, live_site: LiveSite, tmp_path: Path
) -> None:
    page = browser_page
    sign_in_editor(page, live_site, "en")
    choose(page, "needs.csv", GOOD)
    page.wait_for_selector("text=No errors")  # the page asks for itself again
    with page.expect_download() as download:
        page.goto("/imports")
        page.locator("a[href*='needs.xlsx']").first.click()
    saved = tmp_path / "template.xlsx"
    download.value.save_as(saved)
    assert saved.stat().st_size > 5_000

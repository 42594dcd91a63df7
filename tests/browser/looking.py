"""What a test asks of a page: is it accessible, does it fit; and how somebody signs in."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOCALES = {"zh": "zh-CN", "en": "en-GB"}


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at the site.

    Attributes:
        language: the browser's, ``zh`` or ``en``.
        width: of the window in pixels.
        scheme: ``light`` or ``dark``, as the system prefers.
        scripts: whether JavaScript runs.
    """

    language: str = "en"
    width: int = 1280
    scheme: str = "light"
    scripts: bool = True

    @property
    def context(self) -> dict[str, Any]:
        """What Playwright's ``new_context`` wants."""
        phone = self.width < 700
        return {
            "locale": LOCALES[self.language],
            "timezone_id": "Asia/Shanghai",
            "viewport": {"width": self.width, "height": 844 if phone else 900},
            "is_mobile": phone,
            "has_touch": phone,
            "color_scheme": self.scheme,
            "java_script_enabled": self.scripts,
        }

    def __str__(self) -> str:
        """Name the look in a test's id."""
        return f"{self.language}-{self.width}-{self.scheme}{'' if self.scripts else '-noscript'}"


WIDE = Look()
WIDE_ZH = Look(language="zh")
PHONE = Look(width=390)
PHONE_ZH = Look(language="zh", width=390)
DARK = Look(scheme="dark")
NO_SCRIPTS = Look(scripts=False)
WIDTHS = (360, 390, 1280)
EVERY_LOOK = (WIDE, WIDE_ZH, PHONE, PHONE_ZH, DARK)


def chromium_program() -> str | None:
    """Return where Chromium is: what TENON_TEST_CHROMIUM names, or the system's; None without."""
    named = os.environ.get("TENON_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, CHROMIUM)), None)


def axe(page: Page) -> list[str]:
    """Return what axe finds that is serious or critical, one line each; empty is what you want.

    The page's scripts must be allowed to run.
    """
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(_AXE_RUN)
    return [
        f"{item['id']} ({item['impact']}): {item['help']}: "
        + "; ".join(" ".join(map(str, node["target"])) for node in item["nodes"][:5])
        for item in found
        if item["impact"] in {"serious", "critical"}
    ]


# Targets of 24 pixels (WCAG 2.2, 2.5.8) are not asked for by axe unless told.
_AXE_RUN = """async () => (await axe.run(document, {
  rules: { "target-size": { enabled: true } },
})).violations"""


def no_overflow(page: Page) -> list[str]:
    """Return the elements that stick out of the window sideways; empty is what you want."""
    found: list[str] = page.evaluate(_OVERFLOW)
    return found


def too_wide(page: Page) -> list[str]:
    """Return what sticks out of the window at any of WIDTHS; the window's own is set again."""
    own, found = page.viewport_size, []
    assert own is not None
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": own["height"]})
        found += no_overflow(page)
    page.set_viewport_size(own)
    return found


# Elements inside a region that scrolls by itself may be wider than the window.
_OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const scrolls = (node) => {
    for (let at = node.parentElement; at && at !== document.body; at = at.parentElement) {
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };
  return [...document.body.querySelectorAll("*")]
    .filter((node) => node.getBoundingClientRect().right > width + 1 && !scrolls(node))
    .slice(0, 8)
    .map((node) => `${node.tagName.toLowerCase()}.${node.className}: ${Math.round(
      node.getBoundingClientRect().right)} > ${width}`);
}"""


def sign_in_as(page: Page, email: str, password: str) -> None:
    """Sign in by the page that people use; the page shown after it is loaded when this returns."""
    page.goto("/account/sign-in")
    form = page.locator("main form").filter(has=page.locator("input[type=password]"))
    form.locator("input[name=email]").fill(email)
    form.locator("input[type=password]").fill(password)
    with page.expect_navigation():
        form.locator("[type=submit]").first.click()

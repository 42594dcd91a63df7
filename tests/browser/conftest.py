"""Fixtures of the browser lane: Chromium, a served site, a page with a clean console."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.dealing import Stage, set_stage
from tests.browser.looking import AXE, FLAGS, WIDE, Look, chromium_program
from tests.browser.prepared import Demo, prepare
from tests.browser.site import LiveSite, serve
from tests.lanes import not_run

PATIENCE_MS = 30_000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, object, object]:
    """Let a failure be told by the interpreter's own traceback.

    pytest parses the source of each frame, which CPython 3.11 refuses ("AST constructor recursion
    depth mismatch") while Playwright's greenlets run: the worker died instead of one test.
    """
    style = item.config.option.tbstyle
    item.config.option.tbstyle = "native"
    try:
        return (yield)
    finally:
        item.config.option.tbstyle = style


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running Chromium; without one the test is reported as not run."""
    program = chromium_program()
    if program is None:
        not_run("browser")
    assert AXE.is_file(), "axe-core is missing: make test installs it by npm"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def live_site(sqlite_template: Path, tmp_path: Path) -> Iterator[LiveSite]:
    """The whole site, served from a database of this test's own."""
    with serve(sqlite_template, tmp_path) as site:
        yield site


@pytest.fixture
def browser_page(
    request: pytest.FixtureRequest, chromium: Browser, live_site: LiveSite
) -> Iterator[Page]:
    """A fresh browser's page on the live site; ``page.goto("/")`` is the home page.

    Parametrise it indirectly with a ``Look``:
    ``@pytest.mark.parametrize("browser_page", EVERY_LOOK, indirect=True, ids=str)``.
    The test fails at its end if the console told of a broken content security policy or a script
    that failed.
    """
    with visitor(chromium, live_site.url, getattr(request, "param", WIDE)) as page:
        yield page


@pytest.fixture(scope="session")
def demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo set, loaded and indexed, to copy."""
    return prepare(sqlite_template, tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def demo_site(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The whole site with the demo set, served for all tests of a module."""
    folder = tmp_path_factory.mktemp("demo-site")
    shutil.copytree(demo.var, folder / "var")
    with serve(demo.database, folder) as site:
        yield site


@pytest.fixture
def visit(chromium: Browser, demo_site: LiveSite) -> Iterator[Callable[[Look], Page]]:
    """Open the demo site as somebody new: ``visit(PHONE_ZH)``; each has a browser of their own."""
    with ExitStack() as opened:
        yield lambda look: opened.enter_context(visitor(chromium, demo_site.url, look))


@pytest.fixture
def arrive(chromium: Browser, live_site: LiveSite) -> Iterator[Callable[[Look], Page]]:
    """Open the test's own site as somebody new: ``arrive(PHONE)``; each has their own browser."""
    with ExitStack() as opened:
        yield lambda look: opened.enter_context(visitor(chromium, live_site.url, look))


@pytest.fixture
def stage(
    live_site: LiveSite,
    arrive: Callable[[Look], Page],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Stage:
    """The test's own site with a university and a firm in contact, a patent, three inventors."""
    return set_stage(live_site, arrive, monkeypatch, tmp_path)


@contextmanager
def visitor(chromium: Browser, url: str, look: Look) -> Iterator[Page]:
    """Open a site as somebody new; their page's complaints fail the test at the end."""
    context = chromium.new_context(base_url=url, **look.context)
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("console", lambda message: _keep_complaint(message, complaints))
    yield page
    context.close()
    assert complaints == []


def _keep_complaint(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type == "error" and "Content Security Policy" in message.text:
        complaints.append(message.text)

"""Every page in both languages, as everybody who may open it: complete, switchable, accessible.

``test_every_page`` looks at the light pages; this walks the dark ones, with the demo's contents.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.deals.models import Deal
from tenon.demo.loading import SET
from tenon.events.models import Event, Registration
from tenon.introductions.models import Introduction
from tenon.listings.models import Expert, IpRight, Listing, ListingText
from tests.browser.desks import demo_desks
from tests.browser.journeys import enter_as, page_language
from tests.browser.looking import Look, axe, no_overflow
from tests.browser.prepared import Demo
from tests.browser.site import LiveSite

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-languages")]

DARK = Look(language="zh", scheme="dark")
WIDTHS = (390, 1280)
OTHER = {"zh": "en", "en": "zh"}
# Pages of an event's day have no foot; theirs stands at the head.
SWITCH = ":is(footer, .day-header) .language-switch"

# What a Chinese page calls by its Latin name.
LATIN = frozenset(
    "Tenon English TRL IPC CSV Excel xlsx JSON JavaScript TLS Lines UTF UTC GBK MB NDA example com "
    "org https CNY USD hust demo PDF Word PowerPoint PNG JPEG WebP Cookie SHA "
    "Asia Shanghai".lower().split()
)
HAN = re.compile(r"[\u4e00-\u9fff]+")
WORD = re.compile(r"[A-Za-z]{2,}")
# An English page names itself, the other language and an example of a requirement.
CHINESE = ("榫卯", "简体中文", "中文", "耐温≥200℃")

VISITED = (
    "/",
    "/match?text=气孔率≤1%25，求紫铜激光焊接的解决办法，铜排激光焊接飞溅大。",
    "/match?text=no+such+thing+zzzz",
    "/search",
    "/search?q=激光&side=achievement&sort=newest",
    "/search?side=expert",
    "/search?q=qqqqqq",
    "/organisations",
    "/account/sign-up",
    "/account/sign-in",
    "/account/reset",
    "/account/confirm",
    "/terms",
)
WRITTEN = (
    "/my/listings",
    "/listings/new/achievement",
    "/notices",
    "/account",
    "/account/password",
    "/account/codes",
    "/account/erase",
    "/my/expert-page",
    "/imports",
    "/organisations/new",
    "/review",  # refused: the error page has to be sound too
)

READ = """() => {
  const found = [["title", document.title, ""]];
  const tongue = (node) => node.closest("[lang]")?.getAttribute("lang") ?? "";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    if (holder.closest("script, style, textarea, code")) continue;
    const words = walker.currentNode.textContent.trim();
    if (words) found.push([holder.tagName, words, tongue(holder)]);
  }
  for (const name of ["aria-label", "placeholder", "title", "alt", "data-label"]) {
    for (const node of document.querySelectorAll(`[${name}]`)) {
      found.push([name, node.getAttribute(name), tongue(node)]);
    }
  }
  return found;
}"""


@cache
def _content_words() -> frozenset[str]:
    """Latin words that stand in the demo's Chinese texts: units, formulae, names of methods."""
    words: set[str] = set()
    for path in SET.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            for text in _chinese_texts(json.loads(line)):
                words.update(word.lower() for word in WORD.findall(text))
    return frozenset(words)


def _chinese_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if HAN.search(value):
            yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _chinese_texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _chinese_texts(each)


@pytest.fixture(scope="module")
def names(demo_site: LiveSite) -> tuple[str, ...]:
    """Every name and title of the demo, longest first: content, in whatever language it is."""
    columns = (
        Organisation.name_zh,
        Organisation.name_en,
        User.name,
        User.email,
        Expert.name_zh,
        Expert.name_en,
        Expert.title_zh,
        Expert.title_en,
        IpRight.owner,
        IpRight.number,
        ListingText.title,
        Deal.title,
        Introduction.public_id,  # an agreement bears it as its number
        Event.title_zh,
        Event.title_en,
        Event.text_zh,
        Event.text_en,
        Event.venue_zh,
        Event.venue_en,
        Event.address_zh,
        Event.address_en,
        Event.online_url,
        Registration.about,
        Registration.seeks,
        Registration.code,  # on badges
    )
    with demo_site.database.reading() as session:
        found = {text for column in columns for text in session.scalars(sa.select(column)) if text}
    return tuple(sorted(found, key=len, reverse=True))


@pytest.fixture(scope="module")
def pages(demo_site: LiveSite) -> Mapping[str, tuple[str, ...]]:
    """Role -> addresses of one page of every kind that the role opens."""
    with demo_site.database.reading() as session:
        own = _listing_of(session, "researcher@demo.example", "achievement", "published")
        draft = _listing_of(session, "researcher@demo.example", "achievement", "draft")
        need = _listing_of(session, "company@demo.example", "need", "published")
        waiting = session.scalars(
            sa.select(Listing.public_id).where(Listing.state == "in_review")
        ).all()
        house = session.scalars(
            sa.select(Organisation.public_id)
            .join(User, User.acting_for_id == Organisation.id)
            .where(User.email == "institution@demo.example")
        ).one()
        expert = session.scalars(sa.select(Expert.public_id).order_by(Expert.id)).first()
        right = session.scalars(sa.select(IpRight.public_id).order_by(IpRight.id)).first()
        desks = demo_desks(session)
    return {
        "visitor": (
            *desks["visitor"],
            *VISITED,
            own,
            need,
            f"{need}/matches",
            f"/experts/{expert}",
            f"/ip/{right}",
            f"/organisations/{house}",
        ),
        "researcher": (
            *desks["researcher"],
            *WRITTEN,
            draft,
            *(f"{draft}/{page}" for page in ("edit", "files")),
            *(f"{own}/{page}" for page in ("edit", "history", "versions", "access", "matches")),
        ),
        "institution": (f"/organisations/{house}/members", "/experts/claims"),
        "company": ("/listings/new/need", f"{need}/edit", f"{need}/matches", *desks["company"]),
        "broker": (*desks["broker"], "/review", *(f"/listings/{each}/review" for each in waiting)),
        "operator": ("/admin/organisations", "/admin/people", "/imports", *desks["operator"]),
    }


def _listing_of(session: Session, email: str, side: str, state: str) -> str:
    """Return the address of the first listing that somebody's organisation has in a state."""
    own = (
        sa.select(Listing.public_id)
        .join(User, User.acting_for_id == Listing.organisation_id)
        .where(User.email == email, Listing.side == side, Listing.state == state)
        .order_by(Listing.id)
    )
    return f"/listings/{session.scalars(own).first()}"


@pytest.mark.parametrize(
    "roles",
    [("visitor", "institution"), ("researcher",), ("company",), ("broker", "operator")],
    ids="-".join,
)
def test_pages_are_complete_in_both_languages_and_accessible_in_the_dark(
    visit: Callable[[Look], Page],
    demo: Demo,
    names: tuple[str, ...],
    pages: Mapping[str, tuple[str, ...]],
    roles: tuple[str, ...],
) -> None:
    found: list[str] = []
    for role in roles:
        page = visit(DARK)
        if role != "visitor":
            enter_as(page, demo, role, "zh")
        for address in pages[role]:
            page.goto(address)
            wrong = (*_faults(page, names, checks_axe=True), *_switched(page, names))
            found += [f"{role} {address}: {each}" for each in wrong]
    assert found == [], "\n".join(found)


def _switched(page: Page, names: tuple[str, ...]) -> list[str]:
    """Change the language by the page's own switch: it must stay the same page."""
    before, language = page.url, page_language(page)
    with page.expect_navigation():
        page.locator(f"{SWITCH} button[value={OTHER[language]}]").click()
    wrong = [] if page.url == before else [f"the switch led to {page.url}"]
    if page_language(page) == language:
        wrong.append("the switch did nothing")
    return wrong + _faults(page, names, checks_axe=False)


def _faults(page: Page, names: tuple[str, ...], *, checks_axe: bool) -> list[str]:
    language = page_language(page)
    entries: list[tuple[str, str, str]] = page.evaluate(READ)
    names = (*names, *_asked(page))  # what was asked may be a part of a name
    foreign = _english_words if language == "zh" else _chinese_words
    wrong = [
        f"{language} page says {words!r} in {where}: {text[:80]!r}"
        for where, text, tongue in entries
        if (words := foreign(text, tongue, names))
    ]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wrong += no_overflow(page)
    return wrong + (axe(page) if checks_axe else [])


def _asked(page: Page) -> tuple[str, ...]:
    """Return what was searched for: the page repeats it."""
    return tuple(parse_qs(urlsplit(page.url).query).get("q", ()))


def _without(text: str, names: tuple[str, ...]) -> str:
    for name in names:
        if name in text:
            text = text.replace(name, " ")
    return text


def _english_words(text: str, tongue: str, names: tuple[str, ...]) -> list[str]:
    if tongue.startswith("en") or not WORD.search(text):
        return []
    known = LATIN | _content_words()
    return [word for word in WORD.findall(_without(text, names)) if word.lower() not in known]


def _chinese_words(text: str, tongue: str, names: tuple[str, ...]) -> list[str]:
    if tongue.startswith("zh") or not HAN.search(text):
        return []
    return HAN.findall(_without(text, (*names, *CHINESE)))

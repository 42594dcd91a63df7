"""What is to be kept, as an address or a form says it; and how it reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext as _

from tenon.listings.models import Listing
from tenon.matches.queries import asking_listing
from tenon.matches.search.filters import DIMENSIONS, LONGEST_TEXT, read_search
from tenon.matches.views.search import LEGENDS, words_of
from tenon.searches.models import SavedSearch
from tenon.searches.services.keeping import LONGEST_NAME
from tenon.web.languages import language
from tenon.web.requests import current_actor, current_session, request_now

_SUGGESTED = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that may be kept.

    Attributes:
        kind: browse, box or listing.
        text: words or a paragraph.
        side: what a paragraph is: need or achievement.
        chosen: filter -> values.
        listing: whose matches are asked for.
    """

    kind: str
    text: str = ""
    side: str | None = None
    chosen: dict[str, list[str]] = field(default_factory=dict)
    listing: Listing | None = None

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Return the question as fields of a form, which ``read_asked`` understands."""
        found = [("kind", self.kind), ("q", self.text), ("taken", self.side or "")]
        found += [(name, value) for name, values in self.chosen.items() for value in values]
        if self.listing is not None:
            found.append(("listing", self.listing.public_id))
        return [(name, value) for name, value in found if value]


def read_asked() -> Asked:
    """Read the question from the form or the address; raises NotFound for a foreign listing."""
    values = request.form if request.method == "POST" else request.args
    if values.get("listing"):
        listing = asking_listing(
            current_session(), values["listing"], by=current_actor(), now=request_now()
        )
        return Asked("listing", listing=listing)
    text = values.get("q", "").replace("\r\n", "\n").strip()
    if values.get("kind") == "box":
        side = "achievement" if values.get("taken") == "achievement" else "need"
        return Asked("box", text, side)
    known = read_search(text, {name: values.getlist(name) for name in DIMENSIONS}, None)
    chosen = {name: list(found) for name, found in known.chosen.items()}
    return Asked("browse", text if len(text) > LONGEST_TEXT else known.text, None, chosen)


def asked_of(search: SavedSearch) -> Asked:
    """Return the question of a kept search."""
    chosen = {name: list(values) for name, values in search.chosen.items()}
    return Asked(search.kind, search.text, search.side, chosen, search.listing)


def suggest_name(asked: Asked, taken: set[str]) -> str:
    """Return a name made of the words asked with, not one of those ``taken``."""
    words = _words(asked)[: LONGEST_NAME - 4]
    names = [words, *(f"{words} {number}" for number in range(2, 60))]
    return next(name for name in names if name not in taken)


def lines_of(asked: Asked) -> list[tuple[Any, str]]:
    """Return (what, value) of everything that is asked, in the page's language."""
    found: list[tuple[Any, str]] = []
    if asked.listing is not None:
        found.append((_("Whatever fits"), asked.listing.text(language()).title))
    elif asked.kind == "box":
        what = _("Results for the need") if asked.side == "need" else _("Needs for the result")
        found.append((what, asked.text))
    elif asked.text:
        found.append((_("Words looked for"), asked.text))
    for name in DIMENSIONS:
        values = asked.chosen.get(name)
        if values:
            found.append((LEGENDS[name], _(", ").join(words_of(name, each) for each in values)))
    return found


def _words(asked: Asked) -> str:
    if asked.listing is not None:
        return str(_("What fits “%(title)s”", title=asked.listing.text(language()).title[:50]))
    if asked.text:
        line = " ".join(asked.text.split())
        return line if len(line) <= _SUGGESTED else f"{line[:_SUGGESTED].rstrip()}…"
    words = [words_of(name, value) for name in asked.chosen for value in asked.chosen[name]]
    return " · ".join(words[:3]) or str(_("My search"))

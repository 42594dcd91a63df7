"""What the room's templates ask: whose a listing is to this reader, addresses, numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from babel import numbers
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from matching.terms import places_of
from tenon.listings.models import Listing
from tenon.listings.permissions import may_know_owner
from tenon.matches.search.filters import Search
from tenon.matches.views.search import address_of
from tenon.web.languages import language
from tenon.web.page_words import add_page_filters, add_page_words
from tenon.web.requests import current_actor

_MARK = Markup('<mark class="shared">{}</mark>')


def owner_name(listing: Listing) -> str:
    """Return whose listing it is, as far as this reader may know."""
    if may_know_owner(current_actor(), listing):
        return listing.organisation.name(language())
    return str(_("An organisation that is not named"))


def sorted_by(asked: Search, sort: str) -> str:
    """Return the address of the same search in another order."""
    return address_of(replace(asked, sort=sort))


def write_number(value: int) -> str:
    """Return a whole number with the separators of the page's language."""
    return str(numbers.format_decimal(value, locale=get_locale()))


def write_figure(value: float) -> str:
    """Return a figure with three digits after the point, as the page's language writes it."""
    return str(numbers.format_decimal(value, format="0.000", locale=get_locale()))


def mark_words(sentence: str, words: Iterable[str | None]) -> Markup:
    """Return a sentence, escaped and otherwise letter for letter, with ``words`` marked in it.

    Words that touch one another (高温, 蒸汽, 管道) are one mark.
    """
    joined: list[tuple[int, int]] = []
    for start, end in places_of(sentence, [word for word in words if word]):
        touches = bool(joined) and joined[-1][1] == start
        joined[-1:] = [(joined[-1][0], end)] if touches else [*joined[-1:], (start, end)]
    pieces, place = [], 0
    for start, end in joined:
        pieces += [escape(sentence[place:start]), _MARK.format(sentence[start:end])]
        place = end
    return Markup("").join([*pieces, escape(sentence[place:])])


def install(app: Flask) -> None:
    """Let templates ask."""
    add_page_words(
        app,
        owner_name=owner_name,
        sorted_by=sorted_by,
    )
    add_page_filters(app, number=write_number)
    add_page_filters(app, marked=mark_words)
    add_page_filters(app, figure=write_figure)

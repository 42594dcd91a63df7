"""What the room's templates ask: figures of a requirement, languages as HTML names them."""

from __future__ import annotations

from decimal import Decimal

from flask import Flask

from matching.text import detect_language
from tenon.listings.models import Listing, ListingText, Requirement
from tenon.listings.requirements import Meaning
from tenon.taxonomy.queries import label as term_label
from tenon.web.languages import language
from tenon.web.page_words import add_page_filters, add_page_words


def number(value: Decimal | None) -> str:
    """Write a figure without exponent and without zeros that say nothing."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def figure(meaning: Meaning | Requirement) -> str:
    """Write the figures of a requirement with their unit: ``200 ℃``, ``30–50 μm``."""
    low, high = number(meaning.low), number(meaning.high)
    values = f"{low}–{high}" if low and high and low != high else low or high
    return f"{values} {meaning.unit}" if meaning.unit else values


def tongue(text: str) -> str:
    """Return the language that a piece of somebody's text is in, as HTML names it."""
    return html_language(detect_language(text))


def html_language(code: str) -> str:
    """Return a language as HTML names it."""
    return "zh-Hans" if code == "zh" else code


def text_of(listing: Listing) -> ListingText:
    """Return a listing's text in the page's language, or in its own."""
    return listing.text(language())


def megabytes(size: int) -> str:
    """Write a file's size."""
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, size // 2**10)} kB"


def terms_of(listing: Listing, scheme: str) -> list[str]:
    """Return a listing's terms of one scheme in words."""
    codes = sorted(each.code for each in listing.fields if each.scheme == scheme)
    return [term_label(scheme, code, language()) for code in codes]


def install(app: Flask) -> None:
    """Let templates ask."""
    add_page_words(
        app,
        figure=figure,
        html_language=html_language,
        text_of=text_of,
        megabytes=megabytes,
        terms_of=terms_of,
    )
    add_page_filters(app, tongue=tongue)

"""What the room's templates ask: whose a listing is to this reader, addresses, numbers."""

from __future__ import annotations

from dataclasses import replace

from babel import numbers
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _

from tenon.listings.models import Listing
from tenon.listings.permissions import may_know_owner
from tenon.matches.search.filters import Search
from tenon.matches.views.search import address_of
from tenon.web.languages import language
from tenon.web.requests import current_actor


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


def install(app: Flask) -> None:
    """Let templates ask."""
    app.jinja_env.globals.update(
        owner_name=owner_name,
        sorted_by=sorted_by,
    )
    app.jinja_env.filters["number"] = write_number

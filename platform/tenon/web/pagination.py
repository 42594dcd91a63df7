"""Pages of a list: which rows, how many in all, and addresses that keep every other parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import Flask, request, url_for

from tenon.web.page_words import add_page_words

T = TypeVar("T")
PAGE_SIZE = 20
LAST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        items: the rows of this page.
        number: counted from 1.
        size: rows a page.
        total: rows in all.
    """

    items: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def previous(self) -> int | None:
        """The page before, if any."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The page after, if any."""
        return self.number + 1 if self.number < self.pages else None


def requested_page() -> int:
    """Return the page asked for, kept within 1 and LAST_PAGE."""
    asked = request.args.get("page", 1, type=int)
    return min(max(1, asked), LAST_PAGE)


def page_address(number: int) -> str:
    """Return this page's own address with another page number."""
    values = {**(request.view_args or {}), **request.args.to_dict(flat=False), "page": number}
    return url_for(str(request.endpoint), **values)


def install(app: Flask) -> None:
    """Let templates make addresses of other pages."""
    add_page_words(app, page_address=page_address)

"""The menu as data: which entries a page shows, by what the actor may open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for
from flask_babel import LazyString

from tenon.actors import Actor
from tenon.web.access import holds, table
from tenon.web.page_words import add_page_words
from tenon.web.requests import current_actor


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a menu.

    Attributes:
        endpoint: where it leads; shown only to those who may open it.
        label: in the page's language.
        menu: ``main``, ``desk`` (own work) or ``account``.
        order: position within its menu, ascending.
        when: asked of those who may open it, where the entry is not for all of them; must be
            cheap, since every page shows its menus.
        count: returns how much waits there for who may open it; must be cheap likewise.
    """

    endpoint: str
    label: LazyString
    menu: str = "main"
    order: int = 50
    when: Callable[[Actor], bool] | None = None
    count: Callable[[], int] | None = None


def add_entries(app: Flask, entries: Iterable[Entry]) -> None:
    """Add a room's entries."""
    app.extensions.setdefault("tenon.menu", []).extend(entries)


Line = tuple[str, str, bool, int]
"""Address, label, whether it is the page shown, how much waits there."""


def menu(name: str) -> list[Line]:
    """Return the lines of a menu: of those entries that the current actor may open.

    A page writes a menu for wide and for narrow screens; what waits is counted once.
    """
    lines: dict[str, list[Line]] = g.setdefault("tenon_menu", {})
    if name not in lines:
        lines[name] = _lines(name)
    return lines[name]


def _lines(name: str) -> list[Line]:
    actor = current_actor()
    access = table(current_app)
    entries: list[Entry] = current_app.extensions.get("tenon.menu", [])
    shown = [
        entry
        for entry in sorted(entries, key=lambda entry: entry.order)
        if entry.menu == name
        and holds(actor, access[entry.endpoint])
        and (entry.when is None or entry.when(actor))
    ]
    return [
        (
            url_for(entry.endpoint),
            str(entry.label),
            request.endpoint == entry.endpoint,
            entry.count() if entry.count is not None else 0,
        )
        for entry in shown
    ]


def install(app: Flask) -> None:
    """Let templates ask for menus."""
    add_page_words(app, menu=menu)

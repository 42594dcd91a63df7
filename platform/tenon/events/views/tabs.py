"""The tabs of an event's pages, added by the rooms of events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel import LazyString

from tenon.actors import Actor
from tenon.events.models import Event
from tenon.events.permissions import may_run
from tenon.web.requests import current_actor


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab.

    Attributes:
        endpoint: takes the event's ``public_id``.
        label: in the page's language.
        order: position, ascending.
        shown: whether the actor sees it; by default who organises the event.
        within: further endpoints whose pages lie under this tab.
    """

    endpoint: str
    label: LazyString
    order: int = 50
    shown: Callable[[Actor, Event], bool] = may_run
    within: tuple[str, ...] = ()


def add_tab(app: Flask, tab: Tab) -> None:
    """Add a tab to the pages of every event."""
    app.extensions.setdefault("tenon.event_tabs", []).append(tab)


def tabs_of(event: Event) -> list[tuple[str, str, bool]]:
    """Return (address, label, whether it is the page shown) of the tabs that the actor sees."""
    actor = current_actor()
    known: list[Tab] = current_app.extensions.get("tenon.event_tabs", [])
    return [
        (
            url_for(each.endpoint, public_id=event.public_id),
            str(each.label),
            request.endpoint in (each.endpoint, *each.within),
        )
        for each in sorted(known, key=lambda each: each.order)
        if each.shown(actor, event)
    ]

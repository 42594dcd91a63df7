"""What the pages of all rooms of events share: words, head and tabs of one event.

Has no routes; the rooms of events bring those.
"""

from __future__ import annotations

from flask import Flask

from tenon.events import labels
from tenon.events.permissions import may_run
from tenon.events.views.moments import local_day, local_span, local_time, zone_name
from tenon.events.views.tabs import tabs_of
from tenon.web.page_words import add_page_words


def install(app: Flask) -> None:
    """Let every page use the words of events."""
    add_page_words(
        app,
        event_labels=labels,
        event_tabs=tabs_of,
        event_may_run=may_run,
        event_day=local_day,
        event_time=local_time,
        event_span=local_span,
        event_zone=zone_name,
    )

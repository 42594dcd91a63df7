"""Templates and messages of documents in the reader's language, which need not be the page's.

A document may be made by a process without a request, so nothing here asks Flask.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale, dates
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tenon import paths
from tenon.messages import LANGUAGE_TAGS, LOCALES, catalogue
from tenon.web.languages import DATE_FORMATS, MOMENT_FORMATS, shown_zone


@cache
def environment(language: str) -> Environment:
    """Return the environment of all documents in ``language``; a name that is missing fails."""
    made = Environment(
        loader=FileSystemLoader(paths.templates()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    messages = catalogue(language)
    made.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        messages.ugettext, messages.ungettext, newstyle=True
    )
    made.globals["language_tag"] = LANGUAGE_TAGS[language]
    locale = Locale.parse(LOCALES[language])

    def write_date(value: date | datetime, zone: ZoneInfo | None = None) -> str:
        """Write a date, or the day of a moment in a zone, the site's unless told."""
        if isinstance(value, datetime):
            value = value.astimezone(zone or shown_zone()).date()
        return dates.format_date(value, format=DATE_FORMATS[language], locale=locale)

    def write_moment(value: datetime, zone: ZoneInfo | None = None) -> str:
        """Write day and time in a zone, the site's unless told."""
        return dates.format_datetime(
            value, format=MOMENT_FORMATS[language], tzinfo=zone or shown_zone(), locale=locale
        )

    made.filters.update(date=write_date, moment=write_moment)
    return made

"""Which language a page is in, and how dates, numbers and money are written in it.

The order: what the person chose in this session, the account's own, the browser's, Chinese.
Inside the domain a language is ``zh`` or ``en``; Babel's locale for ``zh`` is ``zh_Hans``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, current_app, has_app_context, has_request_context, request, session
from flask_babel import Babel, get_locale

from tenon import money, paths
from tenon.messages import LOCALES
from tenon.web.page_words import add_page_filters, add_page_words

SHOWN_ZONE = ZoneInfo("Asia/Shanghai")  # where no site says otherwise
DATE_FORMATS = {"zh": "y年M月d日", "en": "d MMM y"}
MOMENT_FORMATS = {"zh": "y年M月d日 HH:mm", "en": "d MMM y, HH:mm"}

_own_language: Callable[[], str | None] = lambda: None  # noqa: E731  # replaced by install


def language() -> str:
    """Return the page's language in the domain's terms: ``zh`` or ``en``."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def remember(code: str) -> None:
    """Keep a choice of language for this browser; unknown codes are ignored."""
    if code in LOCALES:
        session["language"] = code


def _select() -> str:
    if not has_request_context():
        return LOCALES["zh"]
    chosen = session.get("language") or _own_language()
    if chosen in LOCALES:
        return LOCALES[chosen]
    best = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans", "zh-TW", "en", "en-US"])
    return LOCALES["en"] if best is not None and best.startswith("en") else LOCALES["zh"]


def compile_catalogues() -> None:
    """Make each room's .mo file where its .po is newer; the result is a cache.

    An installed site has them from its wheel, in a folder that it may not be able to write.
    """
    for room in paths.translations():
        for source in room.glob("*/LC_MESSAGES/*.po"):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            try:
                _compile(source, target)
            except PermissionError:
                if not target.exists():
                    raise


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name)
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    with draft.open("wb") as file:
        write_mo(file, catalogue)
    draft.replace(target)


def install(app: Flask, own_language: Callable[[], str | None]) -> None:
    """Set Babel up with every room's catalogue; ``own_language`` returns the account's language."""
    global _own_language  # noqa: PLW0603  # the selector has no other way to reach the account
    _own_language = own_language
    compile_catalogues()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(map(str, paths.translations()))
    app.config["BABEL_DOMAIN"] = "messages"
    Babel(app, locale_selector=_select)
    add_page_words(app, page_language=language)
    add_page_filters(app, date=write_date, moment=write_moment, money=write_money)


def _locale() -> Locale:
    return get_locale() or Locale.parse(LOCALES["zh"])


def shown_zone() -> ZoneInfo:
    """Return the zone in which moments are written: the site's, as its settings say."""
    if not has_app_context():
        return SHOWN_ZONE
    settings = current_app.extensions.get("tenon.settings")
    return SHOWN_ZONE if settings is None else ZoneInfo(settings.timezone)


def write_date(value: object) -> str:
    """Write a date or the day of a moment in the page's language; empty for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(shown_zone()).date()
    return dates.format_date(value, format=DATE_FORMATS[language()], locale=_locale())  # type: ignore[arg-type]  # babel takes None too


def write_moment(value: datetime | None) -> str:
    """Write day and time in the site's zone and the page's language; empty for None.

    Months are named in English, since 3/4 is two different days to two readers.
    """
    if value is None:
        return ""
    return dates.format_datetime(
        value, format=MOMENT_FORMATS[language()], tzinfo=shown_zone(), locale=_locale()
    )


def write_money(minor: int | None, currency: str = "CNY") -> str:
    """Write an amount; whole units drop the decimals, and Chinese counts large ones in 万."""
    if minor is None:
        return ""
    amount = money.Money(minor, currency).amount
    if language() == "zh" and abs(amount) >= 10_000 and amount % 100 == 0:
        tens = (amount / 10_000).normalize()
        return f"{tens:f} 万元" if currency == "CNY" else f"{tens:f} 万 {currency}"
    pattern = "¤#,##0" if amount == amount.to_integral_value() else None
    return numbers.format_currency(
        amount, currency, format=pattern, locale=_locale(), currency_digits=pattern is None
    )

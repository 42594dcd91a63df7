"""Words of figures, funnel and reports outside a page too, marked for translation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel.dates import format_date

from tenon.messages import LOCALES, catalogue
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

NOT_STATED = N_("Not stated")
UNNAMED_FIRM = N_("A firm that stays unnamed")
FORMER_PERSON = N_("Somebody who left the site")

IN_CURRENCY = N_("In %(currency)s")
MORE_PARTS = N_("%(number)s more have less and are not shown.")

STEPS: Mapping[str, str] = {"week": N_("Week from"), "month": N_("Month")}

SIDES: Mapping[str, str] = {"need": N_("Needs"), "achievement": N_("Results")}

STAGES: Mapping[str, str] = {
    "entered": N_("Handed in first"),
    "published": N_("Published"),
    "introduced": N_("Introduced"),
    "accepted": N_("Accepted by both sides"),
    "agreed": N_("Confidentiality agreed"),
    "met": N_("Met at an event"),
    "dealing": N_("Deal begun"),
    "signed": N_("Contract signed"),
    "paid": N_("First payment received"),
}

KINDS: Mapping[str, str] = {
    "week": N_("Weekly report"),
    "month": N_("Monthly report"),
    "quarter": N_("Quarterly report"),
    "year": N_("Yearly report"),
}

REASONS: Mapping[str, str] = {
    "rows_changed": N_(
        "Something that was recorded by then was changed, erased or corrected since."
    ),
    "moved_elsewhere": N_(
        "The total is the same: things were put into another region, field, house or hand since."
    ),
    "of_past_periods": N_(
        "The period's own figure is the same; that of an earlier period it is compared with is not."
    ),
    "new_measure": N_("The site did not count this yet when the report was made."),
    "measure_gone": N_("The site no longer counts this."),
    "counted_anew": N_("The site counts this in another way since the report was made."),
}


def said(message: str, language: str) -> str:
    """Return a marked message in ``language`` (``zh`` or ``en``)."""
    return str(catalogue(language).ugettext(message))


def month(code: str, language: str) -> str:
    """Return a month (``2027-03``) in words."""
    pattern = "y年M月" if language == "zh" else "MMM y"
    first = date(int(code[:4]), int(code[5:7]), 1)
    return format_date(first, format=pattern, locale=LOCALES[language])


def period(kind: str, first: date, last: date, language: str) -> str:
    """Return a report's period in words: a year, a quarter, a month, or the days of a week."""
    if kind == "year":
        return f"{first.year} 年" if language == "zh" else str(first.year)
    if kind == "month":
        return month(first.isoformat()[:7], language)
    if kind == "quarter":
        number = (first.month + 2) // 3
        return f"{first.year} 年第 {number} 季度" if language == "zh" else f"Q{number} {first.year}"
    pattern = "y年M月d日" if language == "zh" else "d MMM y"
    days = (format_date(day, format=pattern, locale=LOCALES[language]) for day in (first, last))
    return ("至" if language == "zh" else " to ").join(days)

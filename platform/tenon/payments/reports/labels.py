"""Codes of use reports in words, in the page's language. Knows neither reports nor a database."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

STATES: Mapping[str, LazyString] = {
    "due": _l("To be written"),
    "running": _l("Period running"),
    "late": _l("Report late"),
    "draft": _l("Being written"),
    "submitted": _l("Waits to be checked"),
    "queried": _l("Queried"),
    "accepted": _l("Report accepted"),
}
TONES: Mapping[str, tuple[str, str | None]] = {
    "due": ("warn", "clock"),
    "running": ("neutral", "clock"),
    "late": ("bad", "stop"),
    "draft": ("neutral", "pencil"),
    "submitted": ("warn", "clock"),
    "queried": ("warn", "help"),
    "accepted": ("good", "check"),
}
REVISION_STATES: Mapping[str, LazyString] = {
    "submitted": _l("Waits to be checked"),
    "taken_back": _l("Report taken back"),
    "queried": _l("Queried"),
    "accepted": _l("Report accepted"),
}
AMOUNTS: Mapping[str, LazyString] = {
    "gross_sales": _l("Gross sales"),
    "net_sales": _l("Net sales"),
    "product_price": _l("Sales at product price"),
    "new_output": _l("New output value"),
    "new_profit": _l("New profit"),
    "none": _l("Base of the royalty"),
}
STEPS: Mapping[str, LazyString] = {
    "gross": _l("Gross sales"),
    "adjustment": _l("Corrections of earlier periods"),
    "already": _l("Less what bore its royalty before"),
    "carried_in": _l("Less what earlier periods carried over"),
    "carried_on": _l("Carried over to the next period"),
    "tier": _l("Running royalty"),
    "rerated": _l("Earlier periods at the rate now reached"),
    "sublicence": _l("Share of sublicence income"),
    "rounding": _l("Rounded to the smallest unit of the currency"),
    "cap_year": _l("Cut by the yearly cap"),
    "cap_total": _l("Cut by the cap on all royalties"),
    "minimum_ahead": _l("Set off against the minimum paid ahead"),
    "overpaid_in": _l("Set off: overpaid before"),
    "overpaid_on": _l("Overpaid, set off against what comes next"),
    "maintenance": _l("Set off: maintenance fee"),
    "upfront": _l("Set off: fee paid before that counts towards royalties"),
    "minimum": _l("Top-up to the minimum annual royalty"),
    "minimum_waived": _l("Minimum annual royalty of this year: waived, nothing is added"),
}
FAULTS: Mapping[str, LazyString] = {
    "unknown_column": _l("There is no such column."),
    "missing_column": _l("This column is missing."),
    "not_deductible": _l("The terms do not allow this deduction."),
    "twice": _l("This stands there twice."),
    "other_figures": _l("This lot stands above with other figures; nothing says which hold."),
    "too_many_rows": _l("The file has too many lines."),
    "too_many_bytes": _l("That file is too large."),
    "empty_file": _l("The file has no lines."),
}
"""Faults of a file of lines that no other room words."""


def names_of(period: str) -> dict[str, str]:
    """Return language -> what the period of a key is called: 2027Q1, 2027H2 or 2027."""
    year, part, number = period[:4], period[4:5], period[5:]
    zh = {"Q": f"{year} 年第 {number} 季度", "H": f"{year} 年{'上' if number == '1' else '下'}半年"}
    en = {"Q": f"Q{number} {year}", "H": f"half-year {number} of {year}"}
    return {"zh": zh.get(part, f"{year} 年"), "en": en.get(part, f"the year {year}")}


def state_code(state: str, *, over: bool, late: bool) -> str:
    """Return the code under which a report is shown: what is due says whether it is late."""
    if state == "due" and not over:
        return "running"
    return "late" if late and state in ("due", "draft") else state

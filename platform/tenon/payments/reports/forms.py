"""What people fill in: a report's figures, a file of lines, a query, an acceptance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField, StringField, TextAreaField

from tenon.money import Money
from tenon.payments.reports.figures import Asked
from tenon.payments.reports.labels import AMOUNTS
from tenon.web.forms import Form
from tenon.web.forms import message as common_message


def message(code: str) -> str:
    """Return an error code of this room, or of all rooms, in words."""
    known = {
        "too_fine": _("That is finer than the currency's smallest unit."),
        "say_why": _("Please say what is corrected, and why."),
        "less_than_deductions": _("The deductions are more than the sales."),
        "not_over": _("The period is not over yet."),
    }
    return str(known.get(code) or common_message(code))


class ReportForm(Form):
    """Base of the form of one report: what every report may have."""

    version = HiddenField()
    units = StringField(_l("Units sold"))
    gross = StringField(_l("Gross sales"))
    already = StringField(_l("Of the net, what bore its royalty before"))
    sublicence = StringField(_l("Income from sublicences"))
    third_party = StringField(_l("Royalty rate paid to others for the same product, in per cent"))
    adjustment = StringField(_l("Corrections of earlier periods"))
    note = TextAreaField(_l("Remark for the other side"))

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return message(code)

    def typed(self) -> dict[str, str]:
        """Return what was typed, by the names of the figures."""
        return {
            name: str(one.data or "")
            for name, one in self._fields.items()
            if name not in ("csrf_token", "version")
        }


def report_form(
    asked: Asked,
    deductions: Mapping[str, str],
    *,
    figures: Mapping[str, Any] | None = None,
    currency: str = "CNY",
) -> ReportForm:
    """Return the form of a report with a field for each deduction (kind -> words), filled in."""
    parts = {f"deduction_{kind}": StringField(words) for kind, words in deductions.items()}
    made = type("FigureForm", (ReportForm,), parts)
    data = {} if figures is None else _written(figures, currency)
    form = cast("ReportForm", made(data=data))
    if asked.amount:
        form.gross.label.text = str(AMOUNTS[asked.amount])
    return form


def _written(figures: Mapping[str, Any], currency: str) -> dict[str, str]:
    """Return figures as they are typed; nothing is an empty field, save for what was stated."""

    def amount(minor: int) -> str:
        return f"{Money(minor, currency).amount:f}"

    found = {
        name: amount(figures[name]) if figures[name] else ""
        for name in ("already", "sublicence", "adjustment")
    }
    found |= {
        f"deduction_{kind}": amount(minor) if minor else ""
        for kind, minor in figures["deductions"].items()
    }
    rate = figures["third_party"]
    return found | {
        "units": str(figures["units"]),
        "gross": amount(figures["gross"]),
        "third_party": "" if rate == "0" else rate,
        "note": figures["note"],
    }


class LinesForm(Form):
    """A file of lines."""

    version = HiddenField()
    file = FileField(_l("File of lines (CSV or Excel)"))

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return message(code)


class QueryForm(Form):
    """Give a report back with what is to be explained or corrected."""

    version = HiddenField()
    reason = TextAreaField(_l("What is to be explained or corrected?"))


class AcceptForm(Form):
    """Accept a report."""

    version = HiddenField()
    remark = TextAreaField(_l("Remark for the other side"))

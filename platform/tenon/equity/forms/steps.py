"""Everything but events: which company, appraisal, answers, an exercise, what-if."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField

from tenon.equity import words
from tenon.equity.forms.reading import RoomForm, ticks
from tenon.web.forms import options


class CompanyForm(RoomForm):
    """Which company a deal is about."""

    own = RadioField(_l("Which company is it?"), validate_choice=False, default="own")
    name = StringField(_l("Name of the company"))
    kind = RadioField(_l("Kind of company"), validate_choice=False, default="limited")
    par = StringField(_l("Par value of a share"), default="1", render_kw={"inputmode": "decimal"})

    def offer(self, house: str) -> None:
        """Let the organisation on the company's side be chosen, or one that is not on the site."""
        other = _("Another, or one still to be founded")
        self.own.choices = options([("own", house), ("other", other)])
        self.kind.choices = options(ticks(words.KINDS))


class WhatIfForm(RoomForm):
    """Two rounds and their pools, never saved; a GET form without a token."""

    class Meta(RoomForm.Meta):
        """Nothing is changed, so nothing needs a token."""

        csrf = False

    amount1 = StringField(_l("New money"), render_kw={"inputmode": "decimal"})
    pre1 = StringField(_l("Pre-money valuation"), render_kw={"inputmode": "decimal"})
    pool1 = StringField(_l("Option pool, per cent"))
    amount2 = StringField(_l("New money"), render_kw={"inputmode": "decimal"})
    pre2 = StringField(_l("Pre-money valuation"), render_kw={"inputmode": "decimal"})
    pool2 = StringField(_l("Option pool, per cent"))
    base = SelectField(_l("What the valuations are spread on"), validate_choice=False)
    timing = SelectField(_l("Whom the pools dilute"), validate_choice=False)
    converts = BooleanField(_l("Open grants convert with the first round"))

    def offer(self) -> None:
        """Offer both readings of a valuation and of a pool."""
        self.base.choices = options(
            [("fully_diluted", _("Fully diluted units")), ("issued", _("Issued units"))]
        )
        self.timing.choices = options(
            [("pre_money", _("Those before the round")), ("post_money", _("Everybody"))]
        )


class AppraisalForm(RoomForm):
    """The appraised value with its report."""

    appraiser = StringField(_l("Appraiser"))
    value = StringField(_l("Appraised value"), render_kw={"inputmode": "decimal"})
    appraised_on = DateField(_l("Day to which it appraises"))
    report = FileField(_l("Appraisal report"))

    shown_at: ClassVar[Mapping[str, str]] = {"file": "report"}


class AskForm(RoomForm):
    """Open the step of first call."""

    units = StringField(_l("Units of the increase"), render_kw={"inputmode": "decimal"})


class FirstCallForm(RoomForm):
    """One holder's answer."""

    answer = RadioField(_l("Answer"), validate_choice=False)
    taken = StringField(_l("Units taken up"), render_kw={"inputmode": "decimal"})
    answered_on = DateField(_l("Day of the answer"))
    evidence = StringField(_l("Where the answer is written"))
    row_id: int = 0

    @classmethod
    def for_row(cls, row_id: int, *, posted: bool) -> FirstCallForm:
        """Return the form of one holder's answer, as typed where it was posted."""
        prefix = f"r{row_id}"
        form = cls(prefix=prefix) if posted else cls(formdata=None, prefix=prefix)
        form.row_id = row_id
        form.answer.choices = options(ticks(words.ANSWERS))
        return form


class ExerciseForm(RoomForm):
    """How much of a right is exercised."""

    units = StringField(_l("Units to subscribe"), render_kw={"inputmode": "decimal"})


class StrikeForm(RoomForm):
    """Why an event is taken out of the computation."""

    source = StringField(_l("Why it is wrong"))
    version = HiddenField()


class ArticlesForm(RoomForm):
    """What articles or holders say on first calls."""

    stated = RadioField(_l("First call on increases"), validate_choice=False)

    def offer(self) -> None:
        """Offer the law's rule, and either statement."""
        self.stated.choices = options(
            [
                ("", _("As the law has it for this kind of company")),
                ("yes", _("The articles or the meeting give it")),
                ("no", _("All holders have agreed otherwise, or there is none")),
            ]
        )

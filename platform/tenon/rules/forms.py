"""Forms of the room: shape only, the meaning is checked by the services.

Which field the value has goes by the rule: what chooses among a few is ticked, the rest is typed.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from tenon.rules import labels, values
from tenon.rules.catalogue import COUNTRY, Entry, catalogue
from tenon.rules.models import RuleRow
from tenon.rules.services import SOURCE_LENGTH, Wording
from tenon.taxonomy.pickers import as_choices
from tenon.web.fields import Day, Ticks
from tenon.web.forms import Form, message, options
from tenon.web.languages import language

_TOO_LONG = _l("That is too long.")
_OVERLAPS = _l(
    "Another row of this rule and place holds on some of these days. End that one first."
)
_OUT_OF_ORDER = _l("The last day must not be before the first, nor after the day of its end.")


class RuleForm(Form):
    """What an operator writes of a row of one rule."""

    value = StringField(
        _l("Value of the rule"), [Length(max=values.TEXT_LENGTH, message=_TOO_LONG)]
    )
    currency = StringField(_l("Currency"), default="CNY")
    code = HiddenField()
    jurisdiction = SelectField(_l("Where it holds"))
    effective_from = Day(_l("Holds from"), [Optional()])
    applies = RadioField(
        _l("How it applies"), choices=options(labels.APPLIES.items()), default="binding"
    )
    effective_to = Day(_l("Holds until"), [Optional()])
    source_zh = TextAreaField(
        _l("Source, in Chinese"), [Length(max=SOURCE_LENGTH, message=_TOO_LONG)]
    )
    source_en = TextAreaField(
        _l("Source, in English"), [Length(max=SOURCE_LENGTH, message=_TOO_LONG)]
    )
    verified = BooleanField(_l("I read this value in the source named"))

    def __init__(self, rule: Entry, *, new: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rule = rule
        self.code.data = rule.code
        if rule.choices:
            self.value.choices = [
                (code, each.title(language())) for code, each in rule.choices.items()
            ]
        if rule.kind != "money":
            del self.currency
        if new:
            self.jurisdiction.choices = place_choices()
        else:
            del self.jurisdiction
            del self.effective_from

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        if code == "overlaps":
            return str(_OVERLAPS)
        return str(_OUT_OF_ORDER) if code == "out_of_order" else message(code)

    def wording(self, kind: str) -> Wording:
        """Return what was entered; raises Invalid at ``value``."""
        return Wording(
            effective_to=self.effective_to.data,
            value=self.kept(kind),
            applies=self.applies.data or "",
            source_zh=self.source_zh.data or "",
            source_en=self.source_en.data or "",
            verified=bool(self.verified.data),
        )

    def kept(self, kind: str) -> Any:
        """Return the value as the table keeps it; raises Invalid at ``value``."""
        currency = self.currency.data if "currency" in self._fields else ""
        return values.parse(kind, self.value.data or "", currency=(currency or "CNY").upper()[:3])

    def show(self, row: RuleRow) -> None:
        """Fill the form with what a row says."""
        self.show_value(row)
        for name in ("applies", "effective_to", "source_zh", "source_en", "verified"):
            self._fields[name].data = getattr(row, name)

    def show_value(self, row: RuleRow) -> None:
        """Fill in the row's value."""
        kept = row.value["value"]
        self.value.data = values.typed(row.kind, kept)
        if row.kind == "money":
            self.currency.data = kept["currency"]


class OneOfForm(RuleForm):
    """Of a rule that chooses one of a few."""

    value = RadioField(_l("Value of the rule"), validate_choice=False)


class SeveralForm(RuleForm):
    """Of a rule that chooses any of a few."""

    value = Ticks(_l("Value of the rule"), validate_choice=False)

    def kept(self, kind: str) -> Any:  # noqa: ARG002  # the base's form
        """Return the codes ticked, in the order of the choices, with commas between."""
        order = list(self.rule.choices)
        ticked = sorted(set(self.value.data or []) & set(order), key=order.index)
        return ",".join([*ticked, *(set(self.value.data or []) - set(order))])

    def show_value(self, row: RuleRow) -> None:
        """Tick what the row chose."""
        self.value.data = list(values.codes_in(row.value["value"]))


def form_for(rule: Entry, *, new: bool = False, **kwargs: Any) -> RuleForm:
    """Return the form of a row of this rule: of a new one, or of one that is corrected."""
    if not rule.choices:
        return RuleForm(rule, new=new, **kwargs)
    kind = SeveralForm if rule.several else OneOfForm
    return kind(rule, new=new, **kwargs)


class WhichForm(Form):
    """Which rule a new row is of."""

    code = SelectField(_l("Rule"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.code.choices = code_choices()


class EndForm(Form):
    """The last day on which a row holds."""

    on = Day(_l("Holds for the last time on"), [Optional()])

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return str(_OUT_OF_ORDER) if code == "out_of_order" else message(code)


def code_choices() -> list[SelectChoice]:
    """Return all rules under their topics."""
    known = catalogue()
    return [
        SelectChoice(
            each.code, each.title(language()), optgroup=known.topics[each.topic].title(language())
        )
        for each in known.entries.values()
    ]


def place_choices() -> list[SelectChoice]:
    """Return the country, then provinces with their cities and districts."""
    found = options([(COUNTRY, labels.place(COUNTRY))])
    for group in as_choices("region", language()):
        found += options(group.choices, group.label or None)
    return found

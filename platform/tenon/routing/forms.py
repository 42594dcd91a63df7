"""The room's forms: a visit report, a reply, passing back, a consent that came later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from tenon.accounts.models import Organisation
from tenon.listings.forms.base import AmountField, TermField
from tenon.listings.requirements import entries_of
from tenon.routing import labels
from tenon.routing.services import Paper, Report
from tenon.taxonomy.catalogue import find, label
from tenon.web.fields import Ticks
from tenon.web.forms import Form, message, options
from tenon.web.languages import language

NEW = "new"
MOST_FIELDS = 6


class RoomForm(Form):
    """Base of the room's forms."""

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        known = {
            "in_the_future": _("That day is still to come."),
            "kept_with_a_need": _("A paper is kept with a need: tick that one is to be written."),
            "too_many": _("These are too many lines."),
            "name_exists": _(
                "A firm of this name is here already: put it into your portfolio first, or ask "
                "whoever looks after it."
            ),
        }
        return str(known.get(code) or message(code))


class ConsentForm(RoomForm):
    """What the firm agreed to, and who said so."""

    consent = RadioField(_l("What the firm agreed to"), validate_choice=False)
    consent_name = StringField(_l("Who said so"))
    consent_office = StringField(_l("Their office"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.consent.choices = options(labels.CONSENTS.items())


class VisitForm(ConsentForm):
    """A visit report, short enough for a phone."""

    shown_at = {"budget": "budget_low", "fields": "fields", "region": "region"}  # noqa: RUF012  # never changed

    key = HiddenField()
    organisation = SelectField(_l("Which firm"), validate_choice=False)
    new_name = StringField(_l("Name of a firm that is not here yet"))
    region = TermField(_l("Where that firm is"), "region")
    visited_on = DateField(_l("Day of the visit"), [Optional()])
    words = TextAreaField(_l("What the firm said, in its own words"))
    wants_need = BooleanField(_l("Make a need of it"))
    requirements = TextAreaField(_l("What must be met, one a line"))
    fields = Ticks(_l("Fields, as they look"), validate_choice=False)
    budget_low = AmountField(_l("Budget from (CNY)"))
    budget_high = AmountField(_l("Budget up to (CNY)"))
    wanted_by = DateField(_l("Wanted by"), [Optional()])
    paper = FileField(_l("A photo or paper"))

    def __init__(self, *args: Any, firms: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._firms = {each.public_id: each for each in firms}
        named = [(each.public_id, each.name(language())) for each in firms]
        self.organisation.choices = options([("", "—"), *named, (NEW, _("A new firm"))])
        self.offer_fields(field_pairs(self.fields.data or ()))

    def offer_fields(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Offer these (scheme, code) to tick."""
        self.fields.choices = options(
            [(f"{scheme}:{code}", label(scheme, code, language())) for scheme, code in pairs]
        )

    def report(self) -> Report:
        """Return what was typed; call it after the form was found valid."""
        chosen = self.organisation.data or ""
        file = request.files.get("paper")
        content = file.read() if file is not None and file.filename else b""
        name = "" if file is None else file.filename or ""
        return Report(
            key=self.key.data or "",
            organisation=self._firms.get(chosen),
            new_name=(self.new_name.data or "") if chosen in ("", NEW) else "",
            region=self.region.data or None,
            visited_on=self.visited_on.data,
            words=self.words.data or "",
            wants_need=bool(self.wants_need.data),
            requirements=entries_of(self.requirements.data or ""),
            fields=tuple(field_pairs(self.fields.data or ())),
            budget_low=self.budget_low.minor("CNY"),
            budget_high=self.budget_high.minor("CNY"),
            wanted_by=self.wanted_by.data,
            consent=self.consent.data or "none",
            consent_name=self.consent_name.data or "",
            consent_office=self.consent_office.data or "",
            paper=Paper(name, content) if content else None,
        )


def field_pairs(codes: Sequence[str]) -> list[tuple[str, str]]:
    """Return ``scheme:code`` texts as pairs, those of no known term left out, at most six."""
    pairs = [(scheme, code) for scheme, _sign, code in (each.partition(":") for each in codes)]
    schemes = ("hitech", "ipc", "gbt4754")
    known = [each for each in dict.fromkeys(pairs) if each[0] in schemes and find(*each)]
    return known[:MOST_FIELDS]


class ReplyForm(RoomForm):
    """What the firm is answered."""

    version = HiddenField()
    text = TextAreaField(_l("Your answer to the firm"))


class PassForm(RoomForm):
    """Why a need is passed back."""

    version = HiddenField()
    reason = RadioField(_l("Why you pass it back"), validate_choice=False)
    remark = TextAreaField(_l("A word to whoever comes next"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = options(labels.pass_reasons())

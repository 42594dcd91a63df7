"""The wizard's forms: an achievement, a need. What was typed stays where something is wrong."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PartForm
from wtforms.validators import Optional

from tenon.listings import labels
from tenon.listings.content import OTHER_LANGUAGE, Content, RightEntry, Words
from tenon.listings.forms.base import (
    NOT_STATED,
    AmountField,
    RoomForm,
    TermField,
    hitech_choices,
    joined_fields,
    label_choices,
    lines,
    readiness_choices,
    split_fields,
    write_amount,
)
from tenon.listings.models import TIERS
from tenon.listings.requirements import entries_of, lines_of
from tenon.web.fields import Ticks
from tenon.web.forms import options
from tenon.web.languages import language as page_language

BLANK_ROWS = 2
MOST_ROWS = 50
CLASS_ROWS = 3


class RightForm(PartForm):  # type: ignore[misc]  # the base is untyped
    """One row of the table of IP rights; a row without kind and number is no right."""

    kind = SelectField(
        _l("Kind"), choices=options([("", "—"), *labels.choices("ip_kind")]), validate_choice=False
    )
    number = StringField(_l("Number"))
    status = SelectField(_l("Status"), choices=label_choices("ip_status"), validate_choice=False)
    filed_on = DateField(_l("Filed on"), [Optional()])
    granted_on = DateField(_l("Granted on"), [Optional()])
    owner = StringField(_l("Owner"))

    def entry(self) -> RightEntry | None:
        """Return the right, or None for an empty row."""
        number = (self.number.data or "").strip()
        if not self.kind.data and not number:
            return None
        return RightEntry(
            kind=self.kind.data or "invention",
            number=number,
            status=self.status.data or "none",
            filed_on=self.filed_on.data,
            granted_on=self.granted_on.data,
            owner=(self.owner.data or "").strip(),
        )


class ListingForm(RoomForm):
    """What both sides have."""

    shown_at = {"fields": "hitech"}  # noqa: RUF012  # never changed

    version = HiddenField()
    language = RadioField(_l("Written in"), choices=label_choices("language"), default="zh")
    title = StringField(_l("Title"))
    translated_title = StringField(_l("Title in the other language"))
    hitech = Ticks(_l("High-tech fields"), validate_choice=False)
    ipc = FieldList(TermField(_l("Patent class"), "ipc"), min_entries=CLASS_ROWS)
    industries = FieldList(TermField(_l("Industry"), "gbt4754"), min_entries=CLASS_ROWS)
    readiness = SelectField(_l("Readiness (TRL)"), validate_choice=False)
    deal_forms = Ticks(_l("Deal forms"), choices=label_choices("deal_form"), validate_choice=False)
    region = TermField(_l("Region"), "region")
    money_kind = RadioField(validate_choice=False)
    money_low = AmountField(_l("From, or the fixed amount"))
    money_high = AmountField(_l("Up to"))
    currency = SelectField(_l("Currency"), choices=label_choices("currency"))
    detail_signed_in = TextAreaField(_l("For signed-in users"))
    detail_introduction = TextAreaField(_l("After an introduction"))
    detail_nda = TextAreaField(_l("After a non-disclosure agreement"))

    def __init__(self, *args: Any, content: Content | None = None, **kwargs: Any) -> None:
        if content is not None:
            kwargs["data"] = self.values_of(content) | kwargs.get("data", {})
        else:
            kwargs.setdefault("language", page_language())
        super().__init__(*args, **kwargs)
        self.hitech.choices = hitech_choices()
        self.readiness.choices = readiness_choices()
        self.money_kind.choices = options([NOT_STATED, *labels.choices("price_kind")])
        if self.money_kind.data is None:
            self.money_kind.data = ""

    @classmethod
    def values_of(cls, content: Content) -> dict[str, Any]:
        """Return a content as the fields' values."""
        hitech, ipc, industries = split_fields(content.fields)
        values = {
            "language": content.language,
            "title": content.words.title,
            "translated_title": content.translation.title if content.translation else "",
            "hitech": hitech,
            "ipc": ipc,
            "industries": industries,
            "readiness": "" if content.readiness is None else str(content.readiness),
            "deal_forms": list(content.deal_forms),
            "region": content.region or "",
            "money_kind": content.money_kind or "",
            "money_low": write_amount(content.money_low, content.currency),
            "money_high": write_amount(content.money_high, content.currency),
            "currency": content.currency,
        }
        return values | {f"detail_{tier}": content.details.get(tier, "") for tier in TIERS[1:]}

    def _common(self) -> dict[str, Any]:
        currency = self.currency.data
        readiness = self.readiness.data or ""
        details = {tier: self[f"detail_{tier}"].data or "" for tier in TIERS[1:]}
        return {
            "language": self.language.data,
            "fields": joined_fields(self.hitech.data or (), self.ipc.data, self.industries.data),
            "readiness": int(readiness) if readiness.isdecimal() else None,
            "deal_forms": tuple(self.deal_forms.data or ()),
            "region": self.region.data or None,
            "money_kind": self.money_kind.data or None,
            "money_low": self.money_low.minor(currency),
            "money_high": self.money_high.minor(currency),
            "currency": currency,
            "details": {tier: text for tier, text in details.items() if text},
        }

    def _words(self, *, translated: bool) -> Words:
        prefix = "translated_" if translated else ""
        parts = {
            name: self[prefix + name].data or ""
            for name in Words.__slots__
            if prefix + name in self._fields
        }
        return Words(**parts)

    def _translation(self) -> Words | None:
        words = self._words(translated=True)
        return None if words.empty else words

    @property
    def other_language(self) -> str:
        """The language of the optional second text."""
        return OTHER_LANGUAGE.get(self.language.data or "", "en")

    @property
    def expected_version(self) -> int | None:
        """The version of the listing that the form was filled from; None for a new one."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() else None

    def content(self) -> Content:
        """Return what was typed; call it after the form was found valid."""
        raise NotImplementedError


class AchievementForm(ListingForm):
    """A result on offer."""

    summary = TextAreaField(_l("Public summary"))
    problem = TextAreaField(_l("Problem solved"))
    advantages = TextAreaField(_l("Advantages against today's practice"))
    applications = TextAreaField(_l("Applications"))
    translated_summary = TextAreaField(_l("Public summary in the other language"))
    translated_problem = TextAreaField(_l("Problem solved, in the other language"))
    translated_advantages = TextAreaField(_l("Advantages, in the other language"))
    translated_applications = TextAreaField(_l("Applications, in the other language"))
    contributors = TextAreaField(_l("Contributors"))
    rights = FieldList(FormField(RightForm), min_entries=BLANK_ROWS, max_entries=MOST_ROWS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if request.method == "GET" or "more_rights" in request.form:
            self._add_blank_rows()

    def _add_blank_rows(self) -> None:
        while len(self.rights) < MOST_ROWS and self._blank() < BLANK_ROWS:
            self.rights.append_entry()

    def _blank(self) -> int:
        return sum(1 for row in self.rights if row.form.entry() is None)

    @classmethod
    def values_of(cls, content: Content) -> dict[str, Any]:
        """Return a content as the fields' values."""
        values = super().values_of(content)
        for name in ("summary", "problem", "advantages", "applications"):
            values[name] = getattr(content.words, name)
            translated = content.translation
            values[f"translated_{name}"] = getattr(translated, name) if translated else ""
        values["contributors"] = "\n".join(content.contributors)
        values["rights"] = [
            {name: getattr(right, name) for name in RightEntry.__slots__}
            for right in content.rights
        ]
        return values

    def content(self) -> Content:
        """Return what was typed."""
        entries = (row.form.entry() for row in self.rights)
        return Content(
            words=self._words(translated=False),
            translation=self._translation(),
            contributors=lines(self.contributors.data),
            rights=tuple(entry for entry in entries if entry is not None),
            **self._common(),
        )


class NeedForm(ListingForm):
    """A need that seeks a result."""

    summary = TextAreaField(_l("Background"))
    translated_summary = TextAreaField(_l("Background in the other language"))
    requirements = TextAreaField(_l("Requirements"))
    deadline = DateField(_l("Deadline"), [Optional()])
    anonymous = BooleanField(_l("Stay anonymous: only the broker in charge learns who we are"))

    @classmethod
    def values_of(cls, content: Content) -> dict[str, Any]:
        """Return a content as the fields' values."""
        translated = content.translation
        return super().values_of(content) | {
            "summary": content.words.summary,
            "translated_summary": translated.summary if translated else "",
            "requirements": lines_of(content.requirements),
            "deadline": content.deadline,
            "anonymous": content.anonymous,
        }

    def content(self) -> Content:
        """Return what was typed."""
        return Content(
            words=self._words(translated=False),
            translation=self._translation(),
            requirements=entries_of(self.requirements.data or ""),
            deadline=self.deadline.data,
            anonymous=bool(self.anonymous.data),
            **self._common(),
        )


def form_class(side: str) -> type[AchievementForm] | type[NeedForm]:
    """Return the form of a side."""
    return AchievementForm if side == "achievement" else NeedForm

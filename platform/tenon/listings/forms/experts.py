"""An expert's own page, and the claim to an imported one."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, RadioField, StringField, TextAreaField

from tenon.listings.forms.base import (
    RoomForm,
    TermField,
    hitech_choices,
    joined_fields,
    label_choices,
    split_fields,
)
from tenon.listings.forms.listing import CLASS_ROWS
from tenon.listings.models import Expert
from tenon.listings.services.experts import Page
from tenon.web.fields import Ticks

_TEXTS = ("name_zh", "name_en", "title_zh", "title_en", "bio_zh", "bio_en")


class ExpertForm(RoomForm):
    """Who I am, what I do, whether I have time."""

    shown_at = {"fields": "hitech"}  # noqa: RUF012  # never changed

    name_zh = StringField(_l("Name in Chinese"))
    name_en = StringField(_l("Name in English"))
    title_zh = StringField(_l("Position in Chinese"))
    title_en = StringField(_l("Position in English"))
    bio_zh = TextAreaField(_l("What I work on, in Chinese"))
    bio_en = TextAreaField(_l("What I work on, in English"))
    hitech = Ticks(_l("High-tech fields"), validate_choice=False)
    ipc = FieldList(TermField(_l("Patent class"), "ipc"), min_entries=CLASS_ROWS)
    languages = Ticks(
        _l("Languages spoken"), choices=label_choices("language"), validate_choice=False
    )
    availability = RadioField(
        _l("Availability"), choices=label_choices("availability"), default="open"
    )
    published = BooleanField(_l("Show my page to everybody"))

    def __init__(self, *args: Any, expert: Expert | None = None, **kwargs: Any) -> None:
        if expert is not None:
            kwargs["data"] = _values_of(expert)
        super().__init__(*args, **kwargs)
        self.hitech.choices = hitech_choices()

    def page(self) -> Page:
        """Return what was typed."""
        return Page(
            **{name: self[name].data or "" for name in _TEXTS},
            languages=tuple(self.languages.data or ()),
            availability=self.availability.data or "",
            fields=joined_fields(self.hitech.data or (), self.ipc.data, ()),
            published=bool(self.published.data),
        )


def _values_of(expert: Expert) -> dict[str, Any]:
    hitech, ipc, _industries = split_fields((each.scheme, each.code) for each in expert.fields)
    return {name: getattr(expert, name) or "" for name in _TEXTS} | {
        "hitech": hitech,
        "ipc": ipc,
        "languages": list(expert.languages),
        "availability": expert.availability,
        "published": expert.published,
    }


class ClaimForm(RoomForm):
    """Why this page is about the person who asks."""

    remark = TextAreaField(_l("How can we tell that this is you?"))

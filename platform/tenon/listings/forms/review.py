"""The reviewer's form: four scores, outcome, remarks; and that of a remark to keep."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired

from tenon.listings.forms.base import RoomForm, label_choices
from tenon.listings.models import LONGEST_REMARK
from tenon.listings.rubric import CRITERIA, HIGHEST, Scores, rubric
from tenon.web.fields import Ticks
from tenon.web.forms import options
from tenon.web.languages import language

_POINTS = options([(str(points), str(points)) for points in range(HIGHEST + 1)])
_REQUIRED = [InputRequired(_l("Please choose a score."))]


class ReviewForm(RoomForm):
    """Scores of 0 to 5; the outcome has to fit them."""

    version = HiddenField()
    substance = RadioField(choices=_POINTS, validators=_REQUIRED)
    clarity = RadioField(choices=_POINTS, validators=_REQUIRED)
    expectations = RadioField(choices=_POINTS, validators=_REQUIRED)
    wording = RadioField(choices=_POINTS, validators=_REQUIRED)
    outcome = RadioField(
        _l("Outcome"),
        choices=label_choices("outcome"),
        validators=[InputRequired(_l("Please choose an outcome."))],
    )
    canned = Ticks(_l("Ready remarks"), validate_choice=False)
    remarks = TextAreaField(_l("Remarks to the author"))

    def __init__(self, *args: Any, side: str, author_language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._author_language = author_language
        self._remarks = {each.code: each for each in rubric().remarks_for(side)}
        for criterion in rubric().criteria_for(side):
            self[criterion.code].label.text = criterion.name[language()]
        self.canned.choices = options(
            [(code, each.text[language()]) for code, each in self._remarks.items()]
        )

    @property
    def scores(self) -> Scores:
        """The four scores, once the form is valid."""
        return Scores(*(int(self[name].data) for name in CRITERIA))

    @property
    def expected_version(self) -> int | None:
        """The version of the listing that the reviewer looked at."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() else None

    @property
    def whole_remarks(self) -> str:
        """The ready remarks that were ticked, in the author's language, then the reviewer's own."""
        ready = [
            self._remarks[code].text[self._author_language]
            for code in self.canned.data or ()
            if code in self._remarks
        ]
        return "\n".join([*ready, *filter(None, [self.remarks.data])])

    def insert(self, text: str) -> None:
        """Put a ready remark after what stands in the remarks already, once."""
        written = self.remarks.data or ""
        if text not in written:
            self.remarks.data = f"{written}\n{text}".strip()


class OwnRemarkForm(RoomForm):
    """A remark that a reviewer keeps: what it says, for which listings."""

    version = HiddenField()
    text = TextAreaField(_l("Ready remark"), render_kw={"rows": 2, "maxlength": LONGEST_REMARK})
    side = SelectField(_l("For"), validate_choice=False, default="both")
    language = SelectField(_l("Language of the author"), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.side.choices = [
            *options([("both", _l("Results and needs"))]),
            *label_choices("side"),
        ]
        self.language.choices = label_choices("language")
        if self.language.data is None:
            self.language.data = language()

    @property
    def values(self) -> dict[str, str]:
        """What was typed, as the services take it."""
        return {
            "text": self.text.data or "",
            "side": self.side.data or "",
            "language": self.language.data or "",
        }

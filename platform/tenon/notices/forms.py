"""The form of one's choices: a row of fields for each kind of notice, and the hours.

The fields are those of the kinds that rooms registered, so the form is made for each request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField

from tenon.notices import wording
from tenon.notices.choosing import Choice, Hours
from tenon.web.forms import Form, options
from tenon.web.languages import language

_WAYS = (("now", _l("At once")), ("digest", _l("Daily")), ("off", _l("Never")))
_HALF_HOURS = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 24 * 60, 30)]


class ChoicesForm(Form):
    """One's hours; ``make`` adds the fields of every kind."""

    quiet_begins = SelectField(_l("Quiet from"), validate_choice=False)
    quiet_ends = SelectField(_l("Quiet until"), validate_choice=False)
    digest_hour = SelectField(_l("Hour of the daily digest"), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        times = [("", _l("no quiet hours")), *((each, each) for each in _HALF_HOURS)]
        self.quiet_begins.choices = options(times)
        self.quiet_ends.choices = options(times)
        self.digest_hour.choices = options((str(hour), f"{hour:02d}:00") for hour in range(24))

    def wanted(self) -> Mapping[str, Choice]:
        """Return kind -> what was chosen; a choice for a whole group goes before its kinds'."""
        found = {}
        for group, kinds in wording.groups().items():
            for_all = self._fields[f"all_{group}"].data
            for kind in kinds:
                mail = for_all or self._fields[f"mail_{kind.code}"].data or ""
                if kind.essential and for_all == "off":
                    mail = "digest"
                shown = kind.essential or bool(self._fields[f"site_{kind.code}"].data)
                found[kind.code] = Choice(shown, mail)
        return found

    def hours(self) -> Hours:
        """Return the hours that were chosen; what is no time of day becomes one that is refused."""
        return Hours(
            _minute(self.quiet_begins.data),
            _minute(self.quiet_ends.data),
            int(self.digest_hour.data) if str(self.digest_hour.data).isdecimal() else -1,
        )


def _minute(text: str | None) -> int | None:
    if not text:
        return None
    return _HALF_HOURS.index(text) * 30 if text in _HALF_HOURS else -1


def _clock(minute: int | None) -> str:
    return "" if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"


def make(choices: Mapping[str, Choice], times: Hours) -> ChoicesForm:
    """Return the form for every kind, showing what holds now or what was sent."""
    fields: dict[str, Any] = {}
    shown: dict[str, Any] = {
        "quiet_begins": _clock(times.quiet_begins),
        "quiet_ends": _clock(times.quiet_ends),
        "digest_hour": str(times.digest_hour),
    }
    for group, kinds in wording.groups().items():
        every = [("", _l("As below")), *_WAYS]
        fields[f"all_{group}"] = RadioField(
            wording.heading(group, language()),
            choices=options(every),
            default="",
            validate_choice=False,
        )
        for kind in kinds:
            ways = _WAYS[:2] if kind.essential else _WAYS
            label = kind.label(language())
            fields[f"mail_{kind.code}"] = RadioField(
                label, choices=options(ways), validate_choice=False
            )
            fields[f"site_{kind.code}"] = BooleanField(label)
            shown[f"mail_{kind.code}"] = choices[kind.code].mail
            shown[f"site_{kind.code}"] = choices[kind.code].in_site
    made: ChoicesForm = type("AllChoicesForm", (ChoicesForm,), fields)(data=shown)
    return made

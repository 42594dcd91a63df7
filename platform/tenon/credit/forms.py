"""Forms of the room: shape only, the meaning is checked by the services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, Length

from tenon.credit import labels
from tenon.credit.services.disputing import REASON_LIMIT
from tenon.web.forms import Form, options

_REQUIRED = _l("Please fill this in.")
_CHOOSE = _l("Please choose from the list.")
_LENGTH = Length(max=REASON_LIMIT, message=_l("That is too long."))


class DisputeForm(Form):
    """What is wrong with an entry, and why."""

    claim = RadioField(_l("What is wrong?"), [DataRequired(_CHOOSE)])
    reason = TextAreaField(
        _l("Why"),
        [DataRequired(_REQUIRED), _LENGTH],
        description=_l(
            "Say what happened and when, and where that can be seen. The person credited and the "
            "operator who settles it read this; the person credited is not shown your name."
        ),
    )

    def __init__(self, claims: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.claim.choices = options((code, labels.CLAIMS[code]) for code in claims)


class SettleForm(Form):
    """How a dispute ends, and why."""

    outcome = RadioField(_l("How does it end?"), [DataRequired(_CHOOSE)])
    reason = TextAreaField(
        _l("Reason"),
        [DataRequired(_REQUIRED), _LENGTH],
        description=_l("Both sides read this. Name nobody whom they need not know."),
    )

    def __init__(self, outcomes: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcome.choices = options((code, labels.OUTCOMES[code]) for code in outcomes)

"""What one can say of a match."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, TextAreaField
from wtforms.validators import Length, Optional

from tenon.matches.services import LONGEST_REMARK
from tenon.web.forms import Form

REASONS: Mapping[str, LazyString] = {
    "too_early": _l("Too early a stage"),
    "no_clear_benefit": _l("No clear benefit over what we have"),
    "route_unclear": _l("Commercial route unclear"),
    "description_unclear": _l("Description unclear"),
    "scientific_doubt": _l("Doubts about the science"),
    "other": _l("Another reason"),
}


class FeedbackForm(Form):
    """Interested, or not for us and why; the service says what is allowed."""

    kind = HiddenField()
    reason = HiddenField()
    remark = TextAreaField(validators=[Optional(), Length(max=LONGEST_REMARK)])
    position = IntegerField(validators=[Optional()])

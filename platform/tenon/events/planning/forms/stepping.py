"""Steps of an event: announce it, take it back, close it, call it off with a reason."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from tenon.events.planning.forms.reading import RoomForm


class StepForm(RoomForm):
    """A step that asks for nothing but the version that was seen."""


class CallOffForm(RoomForm):
    """Why the event does not take place; everybody reads it."""

    reason = TextAreaField(
        _l("Why does it not take place? Everybody who takes part reads this."),
        [InputRequired()],
        render_kw={"rows": 3},
    )

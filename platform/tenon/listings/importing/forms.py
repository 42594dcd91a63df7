"""The forms of imports: upload, and confirmation."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length, Optional

from tenon.actors import Actor
from tenon.listings.importing.jobs import MEMBER_KINDS
from tenon.listings.importing.wording import KINDS
from tenon.web.forms import Form


class UploadForm(Form):
    """A file, and what the file cannot say of itself."""

    file = FileField(
        _l("File"),
        validators=[FileRequired(_l("Please choose a file."))],
        description=_l("CSV, Excel (.xlsx) or JSON Lines; CSV in UTF-8 or GBK."),
    )
    kind = SelectField(_l("What it holds"), default="")
    source = StringField(
        _l("Source"),
        validators=[Optional(), Length(max=40)],
        description=_l(
            "Where the records come from, such as hust-2026: small letters, digits, - and _. The "
            "same number from the same source is the same record."
        ),
    )

    @classmethod
    def for_actor(cls, actor: Actor) -> UploadForm:
        """Return the form with what this actor may choose; members have no choice of source."""
        form = cls()
        kinds = [kind for kind in KINDS if actor.operator or kind in MEMBER_KINDS]
        form.kind.choices = [("", _l("Told by its columns")), *((k, KINDS[k]) for k in kinds)]
        if not actor.operator:
            del form.source
        return form


class ConfirmForm(Form):
    """Whether bad rows are to be left out."""

    skip_bad_rows = BooleanField(_l("Leave out the rows with errors and import the others"))

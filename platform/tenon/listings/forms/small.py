"""Small forms beside a listing: a file, a grant of disclosure."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, SelectField, StringField
from wtforms.validators import DataRequired, Optional

from tenon.listings.forms.base import RoomForm, label_choices


class FileForm(RoomForm):
    """A file and who may fetch it."""

    file = FileField(_l("File"))
    tier = SelectField(_l("Open to"), choices=label_choices("tier"), validate_choice=False)


class GrantForm(RoomForm):
    """Open a confidential tier to an organisation."""

    organisation = StringField(
        _l("Organisation, by its full name"), [DataRequired(_l("Please fill this in."))]
    )
    tier = SelectField(_l("Open up to"), choices=label_choices("tier")[2:], validate_choice=False)
    ends_on = DateField(_l("Until"), [Optional()])

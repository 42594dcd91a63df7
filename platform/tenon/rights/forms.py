"""Forms of the room: shape only, the meaning is checked by the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.validators import Length, Optional

from tenon.errors import Invalid
from tenon.money import Money
from tenon.rights import labels
from tenon.rights.models import CONDITIONS
from tenon.rights.overlap import EVERYWHERE
from tenon.rights.services import Declaration
from tenon.rights.services.granting import REMARK_LENGTH, STATEMENT_LENGTH
from tenon.rights.services.licensing import BY_HAND
from tenon.rights.services.objecting import TEXT_LENGTH
from tenon.taxonomy.naming import resolve
from tenon.web.fields import Day
from tenon.web.forms import Form, message, options

_TOO_LONG = _l("That is too long.")


class RoomForm(Form):
    """Base of the room's forms."""

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        known = {
            "not_whole": _("The shares must sum to exactly 100 percent."),
            "not_positive": _("Each share must be above 0."),
            "too_fine": _("At most six digits after the point."),
            "owner_twice": _("Somebody is named twice."),
            "unknown_owner": _("There is no approved organisation of exactly this name."),
            "too_many": _("These are too many."),
            "in_the_future": _("That day has not come yet."),
            "out_of_order": _("The last day must not be before the first."),
            "more_than_owned": _("The institution does not own that much."),
            "below_rule": _("That is shorter than the rule allows."),
            "applicant_missing": _("You have to be among the contributors yourself."),
            "wrong_side": _("Rights are granted in achievements only."),
        }
        return str(known.get(code) or message(code))


class OwnerRow(PlainForm):  # type: ignore[misc]  # the base is untyped
    """One owner: who, by which name, how much."""

    who = SelectField(_l("Owner"))
    name = StringField(_l("Name"), [Length(max=200, message=_TOO_LONG)])
    share = StringField(_l("Share in percent"), [Length(max=12, message=_TOO_LONG)])


class OwnersForm(RoomForm):
    """The owners from a day on; what is wrong with the shares as a whole is said on top."""

    shown_at: ClassVar[Mapping[str, str]] = {"shares": ""}

    shares = FieldList(FormField(OwnerRow), _l("Owners"), min_entries=0)
    valid_from = Day(_l("From the day"), [Optional()])

    def offer(self, people: Sequence[tuple[int, str]]) -> None:
        """Let each row choose among kinds of owners and these people of the site."""
        choices = [*labels.OWNER_KINDS.items(), *((f"person:{key}", name) for key, name in people)]
        for row in self.shares:
            row.form.who.choices = options(choices)


class GrantForm(RoomForm):
    """What contributors apply for."""

    kind = RadioField(
        _l("What is applied for"), choices=options(labels.GRANT_KINDS.items()), default="ownership"
    )
    share = StringField(_l("Share of the ownership in percent"), [Length(max=12)])
    years = IntegerField(_l("Years of use"), [Optional()])
    members = TextAreaField(_l("Contributors and their shares"), [Length(max=5000)])
    statement = TextAreaField(
        _l("Why, and how it is to be used"), [Length(max=STATEMENT_LENGTH, message=_TOO_LONG)]
    )


class RemarkForm(RoomForm):
    """The institution's reason for refusing."""

    remark = TextAreaField(_l("Reason"), [Length(max=REMARK_LENGTH, message=_TOO_LONG)])


class ObjectionForm(RoomForm):
    """What somebody says against a grant."""

    text = TextAreaField(_l("Your objection"), [Length(max=TEXT_LENGTH, message=_TOO_LONG)])


class AnswerForm(RoomForm):
    """The institution's answer."""

    answer = TextAreaField(_l("Answer"), [Length(max=TEXT_LENGTH, message=_TOO_LONG)])


class AnnuityForm(RoomForm):
    """A year's fee."""

    year = IntegerField(_l("Year of the patent"), [Optional()])
    due_on = Day(_l("Due on"), [Optional()])
    paid_on = Day(_l("Paid on"), [Optional()])


class PledgeForm(RoomForm):
    """A pledge."""

    pledgee = StringField(_l("Pledgee"), [Length(max=200, message=_TOO_LONG)])
    since = Day(_l("From the day"), [Optional()])
    until = Day(_l("Until the day"), [Optional()])
    consent = BooleanField(_l("The pledgee consents to licences and transfer"))


class ConditionForm(RoomForm):
    """A suspension, a report, an action."""

    kind = SelectField(
        _l("What"), choices=options((code, labels.CONDITIONS[code]) for code in CONDITIONS)
    )
    reference = StringField(_l("Number"), [Length(max=200, message=_TOO_LONG)])
    since = Day(_l("From the day"), [Optional()])
    until = Day(_l("Until the day"), [Optional()])


class LicenceForm(RoomForm):
    """A licence that was granted outside this site."""

    kind = SelectField(
        _l("Kind"), choices=options((code, labels.LICENCE_KINDS[code]) for code in BY_HAND)
    )
    licensee = StringField(_l("Licensee"), [Length(max=200, message=_TOO_LONG)])
    territory = StringField(_l("Territory"), [Length(max=500, message=_TOO_LONG)], default="中国")
    fields = TextAreaField(_l("Fields of use"), [Length(max=1000, message=_TOO_LONG)])
    since = Day(_l("From the day"), [Optional()])
    until = Day(_l("Until the day"), [Optional()])

    def places(self) -> tuple[str, ...]:
        """Return the codes of what was typed; raises Invalid at ``territory``."""
        return parse_places(self.territory.data or "")


class OpenLicenceForm(RoomForm):
    """What an owner declares."""

    number = StringField(_l("Number of the declaration"), [Length(max=100, message=_TOO_LONG)])
    fee_mode = RadioField(_l("Fee"), choices=options(labels.FEE_MODES.items()), default="single")
    fee = StringField(_l("Amount in yuan"), [Length(max=20)])
    rate = StringField(_l("Percent of net sales"), [Length(max=12)])
    standard = TextAreaField(_l("Standard in words"), [Length(max=2000, message=_TOO_LONG)])
    until = Day(_l("Open until"), [Optional()])

    def declaration(self) -> Declaration:
        """Return what was entered; raises Invalid at ``fee``."""
        return Declaration(
            fee_mode=self.fee_mode.data or "",
            fee_minor=_minor(self.fee.data or ""),
            rate=(self.rate.data or "").rstrip("%").strip() or None,
            standard=self.standard.data or "",
            until=self.until.data,
            number=self.number.data or "",
        )


class WithdrawForm(RoomForm):
    """Why a declaration is withdrawn."""

    reason = StringField(_l("Reason"), [Length(max=500, message=_TOO_LONG)])


def percent(text: str | None) -> Decimal | None:
    """Return a share as typed; None for nothing or for what is no number."""
    try:
        number = Decimal((text or "").strip().rstrip("%").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**6 else None


def _minor(text: str) -> int | None:
    plain = text.replace(",", "").strip()
    if not plain:
        return None
    try:
        return Money.of(Decimal(plain), "CNY").minor
    except (InvalidOperation, ValueError):
        raise Invalid({"fee": "not_a_number"}) from None


def parse_places(text: str) -> tuple[str, ...]:
    """Return the codes of countries and Chinese regions that are named, or ``*`` for the world.

    Raises Invalid at ``territory`` for a name that is none.
    """
    names = [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",")]
    found: list[str] = []
    for name in filter(None, names):
        if name in {EVERYWHERE, "全球", "全世界"} or name.lower() in {"world", "worldwide"}:
            return (EVERYWHERE,)
        code = resolve("country", name) or resolve("region", name)
        if code is None:
            raise Invalid({"territory": "unknown_code"})
        found.append(code)
    return tuple(dict.fromkeys(found))


def parse_fields(text: str) -> tuple[str, ...]:
    """Return the fields of use, one a line; ``*`` where nothing is written."""
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    return lines or (EVERYWHERE,)

"""What people fill in: routes, declarations, objections, decisions, approvals, duties, chains.

Lengths and what is required are the services' business; their errors come back to the fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField

from tenon.compliance import labels
from tenon.compliance.models import ComplianceSheet, ForeignCheck
from tenon.compliance.services.abroad import Checklist
from tenon.compliance.services.chains import StepInput
from tenon.compliance.services.registering import Certificate
from tenon.compliance.services.sheets import Published, Route
from tenon.errors import Invalid
from tenon.money import Money
from tenon.web.forms import Form, options
from tenon.web.forms import message as common_message

CURRENCIES = ("CNY", "USD", "EUR", "HKD", "JPY", "GBP")


def message(code: str) -> str:
    """Return an error code of this room, or of all rooms, in words."""
    known = {
        "below_base": _("That is below the base price; a sale below it is refused."),
        "in_the_future": _("That day has not come yet."),
        "before_signed": _("That is before the contract was signed."),
        "not_16_digits": _("The registration number has 16 digits."),
        "not_a_country": _("Three capital letters, such as CHN."),
        "not_a_division": _("Six digits, such as 420100."),
        "above_value": _("The technology value must not be above the contract value."),
        "too_many": _("There are too many of these."),
    }
    return str(known.get(code) or common_message(code))


class RoomForm(Form):
    """Base of the room's forms; ``version`` is what the page showed."""

    version = HiddenField()

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return message(code)

    @property
    def seen_version(self) -> int | None:
        """The version that the page carried, if any."""
        typed = self.version.data or ""
        return int(typed) if typed.isdigit() else None


class Reader:
    """Reads typed days and amounts, and gathers what cannot be read, field by field."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def day(self, name: str, typed: str | None, *, required: bool = False) -> date | None:
        """Return a day, None where nothing was typed."""
        text = (typed or "").strip()
        if not text:
            if required:
                self.errors[name] = "required"
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.errors[name] = "not_a_date"
            return None

    def minor(self, name: str, typed: str | None, currency: str) -> int | None:
        """Return an amount in minor units, None where nothing was typed."""
        plain = (typed or "").strip().replace(",", "").replace("，", "")
        if not plain:
            return None
        try:
            amount = Decimal(plain)
            if not amount.is_finite() or abs(amount) > 10**15:
                raise ValueError(plain)
            return Money.of(amount, currency).minor
        except (InvalidOperation, ValueError):
            self.errors[name] = "not_a_number"
            return None

    def done(self) -> None:
        """Raise Invalid where something could not be read."""
        if self.errors:
            raise Invalid(self.errors)


def typed(minor: int | None, currency: str) -> str:
    """Return an amount as somebody would type it."""
    return "" if minor is None else f"{Money(minor, currency).amount:f}"


def _currency(default: str = "CNY") -> SelectField:
    return SelectField(
        _l("Currency"),
        choices=options((each, each) for each in CURRENCIES),
        validate_choice=False,
        default=default,
    )


class RouteForm(RoomForm):
    """How the price is found."""

    route = RadioField(
        _l("Price route"), choices=options(labels.ROUTES.items()), validate_choice=False
    )
    base = StringField(_l("Base price"), render_kw={"inputmode": "decimal"})
    price = StringField(_l("Price reached"), render_kw={"inputmode": "decimal"})
    currency = _currency()
    venue = StringField(_l("Where it was held"))
    held_on = StringField(_l("Held on"), render_kw={"type": "date"})
    file = FileField(_l("Paper that proves it"))

    def show(self, sheet: ComplianceSheet | None, currency: str) -> None:
        """Begin with what is stated already."""
        self.route.data, self.currency.data = "agreement", currency
        self.version.data = "0" if sheet is None else str(sheet.version)
        if sheet is not None:
            self.route.data = sheet.route or "agreement"
            self.currency.data = sheet.currency
            self.base.data = typed(sheet.base_minor, sheet.currency)
            self.price.data = typed(sheet.price_minor, sheet.currency)
            self.venue.data = sheet.venue
            self.held_on.data = sheet.held_on.isoformat() if sheet.held_on else ""

    def given(self) -> Route:
        """Return what was typed; raises Invalid at the fields."""
        read = Reader()
        currency = self.currency.data if self.currency.data in CURRENCIES else "CNY"
        made = Route(
            route=self.route.data or "",
            base_minor=read.minor("base", self.base.data, currency),
            price_minor=read.minor("price", self.price.data, currency),
            currency=currency,
            venue=self.venue.data or "",
            held_on=read.day("held_on", self.held_on.data),
        )
        read.done()
        return made


class PublishedForm(RoomForm):
    """What the publicity says, where it differs from the deal."""

    name = StringField(_l("Name of the result"))
    summary = TextAreaField(_l("Summary of the result"))
    price = TextAreaField(_l("How the price is stated in words"))
    contact = TextAreaField(_l("Whom objections may turn to besides"))

    def show(self, sheet: ComplianceSheet | None) -> None:
        """Begin with what is stated already."""
        self.version.data = "0" if sheet is None else str(sheet.version)
        if sheet is not None:
            self.name.data = sheet.publicity_name
            self.summary.data = sheet.publicity_summary
            self.price.data = sheet.publicity_price
            self.contact.data = sheet.publicity_contact

    def given(self) -> Published:
        """Return what was typed."""
        return Published(
            name=self.name.data or "",
            summary=self.summary.data or "",
            price=self.price.data or "",
            contact=self.contact.data or "",
        )


class ContributorForm(RoomForm):
    """A contributor whom the achievement does not name."""

    name = StringField(_l("Name of the contributor"))


class RelationForm(RoomForm):
    """How a contributor stands to the buyer."""

    relation = RadioField(
        _l("Relation to the buyer"),
        choices=options(labels.RELATIONS.items()),
        validate_choice=False,
    )
    detail = StringField(_l("Which relation"))


class ReasonForm(RoomForm):
    """Why something is not needed."""

    reason = TextAreaField(_l("Reason"))


class ObjectionForm(RoomForm):
    """An objection to what is published."""

    name = StringField(_l("Your name"))
    contact = StringField(_l("How the institution reaches you"))
    text = TextAreaField(_l("Your objection, with grounds"))


class DecisionForm(RoomForm):
    """The institution's decision on an objection."""

    decision = RadioField(
        _l("Decision"), choices=options(labels.DECISIONS.items()), validate_choice=False
    )
    grounds = TextAreaField(_l("Grounds, which the objector reads"))


class ApprovalForm(RoomForm):
    """An approver's decision."""

    decision = RadioField(
        _l("Decision"), choices=options(labels.APPROVALS.items()), validate_choice=False
    )
    remark = TextAreaField(_l("Remark"))


class AnswerForm(RoomForm):
    """A contributor's answer."""

    answer = RadioField(
        _l("Your answer"), choices=options(labels.ANSWERS.items()), validate_choice=False
    )
    remark = TextAreaField(_l("Remark"))


class PaperForm(RoomForm):
    """The signed answer of a contributor who is no person of the site."""

    answer = RadioField(
        _l("Answer on the paper"), choices=options(labels.ANSWERS.items()), validate_choice=False
    )
    answered_on = StringField(_l("Answered on"), render_kw={"type": "date"})
    file = FileField(_l("The signed paper"))


class AbroadForm(RoomForm):
    """The checklist that a party abroad opens."""

    export_control = RadioField(
        _l("Export control"), choices=options(labels.EXPORTS.items()), validate_choice=False
    )
    export_licence = StringField(_l("Number of the export licence"))
    state_funded = RadioField(
        _l("Did public money pay for it?"),
        choices=options([("yes", _l("Yes")), ("no", _l("No"))]),
        validate_choice=False,
    )
    approval_number = StringField(_l("Number of the approval"))
    approved_on = StringField(_l("Approved on"), render_kw={"type": "date"})
    remark = TextAreaField(_l("Remark"))

    def show(self, found: ForeignCheck | None) -> None:
        """Begin with what is filled in already."""
        self.version.data = "0" if found is None else str(found.version)
        if found is not None:
            self.export_control.data = found.export_control
            self.export_licence.data = found.export_licence
            self.state_funded.data = "yes" if found.state_funded else "no"
            self.approval_number.data = found.approval_number
            self.approved_on.data = found.approved_on.isoformat() if found.approved_on else ""
            self.remark.data = found.remark

    def given(self) -> Checklist:
        """Return what was typed; raises Invalid at the fields."""
        read = Reader()
        made = Checklist(
            export_control=self.export_control.data or "",
            export_licence=self.export_licence.data or "",
            state_funded={"yes": True, "no": False}.get(self.state_funded.data or ""),
            approval_number=self.approval_number.data or "",
            approved_on=read.day("approved_on", self.approved_on.data),
            remark=self.remark.data or "",
        )
        read.done()
        return made


class DutyForm(RoomForm):
    """A duty that is done."""

    number = StringField(_l("Number of the entry"))
    done_on = StringField(_l("Day of the entry"), render_kw={"type": "date"})
    file = FileField(_l("The paper"))
    remark = TextAreaField(_l("Remark"))


class AppliedForm(RoomForm):
    """When the authority received the papers of a contract registration."""

    applied_on = StringField(_l("Received by the authority on"), render_kw={"type": "date"})


class CertificateForm(RoomForm):
    """What the certificate of contract registration states."""

    number = StringField(_l("Registration number"), render_kw={"inputmode": "numeric"})
    project_name = StringField(_l("Name of the project"))
    contract = SelectField(
        _l("Kind of contract"), choices=options(labels.CONTRACTS.items()), validate_choice=False
    )
    signed_on = StringField(_l("Signed on"), render_kw={"type": "date"})
    registered_on = StringField(_l("Registered on"), render_kw={"type": "date"})
    authority = StringField(_l("Registration authority"))
    valid_from = StringField(_l("Valid from"), render_kw={"type": "date"})
    valid_to = StringField(_l("Valid to"), render_kw={"type": "date"})
    value = StringField(_l("Contract value"), render_kw={"inputmode": "decimal"})
    technology_value = StringField(_l("Technology value"), render_kw={"inputmode": "decimal"})
    currency = _currency()
    seller_country = StringField(_l("Seller: country"), default="CHN")
    seller_division = StringField(_l("Seller: administrative division"))
    seller_nature = SelectField(_l("Seller: legal nature"), validate_choice=False)
    buyer_country = StringField(_l("Buyer: country"), default="CHN")
    buyer_division = StringField(_l("Buyer: administrative division"))
    buyer_nature = SelectField(_l("Buyer: legal nature"), validate_choice=False)
    ip_kind = SelectField(_l("Kind of IP"), validate_choice=False)
    industry = StringField(_l("Industry code"))
    file = FileField(_l("The certificate"))

    def offer(self) -> None:
        """Fill the lists."""
        natures = options([("", _("Please choose")), *labels.NATURES.items()])
        self.seller_nature.choices = self.buyer_nature.choices = natures
        self.ip_kind.choices = options([("", _("None")), *labels.ip_kinds()])

    def given(self) -> Certificate:
        """Return what was typed; raises Invalid at the fields."""
        read = Reader()
        currency = self.currency.data if self.currency.data in CURRENCIES else "CNY"
        texts = (
            "project_name",
            "contract",
            "authority",
            "seller_division",
            "seller_nature",
            "buyer_division",
            "buyer_nature",
            "ip_kind",
            "industry",
        )
        made = Certificate(
            number=(self.number.data or "").replace(" ", ""),
            signed_on=read.day("signed_on", self.signed_on.data),
            registered_on=read.day("registered_on", self.registered_on.data),
            valid_from=read.day("valid_from", self.valid_from.data),
            valid_to=read.day("valid_to", self.valid_to.data),
            value_minor=read.minor("value", self.value.data, currency),
            technology_value_minor=read.minor(
                "technology_value", self.technology_value.data, currency
            ),
            currency=currency,
            seller_country=(self.seller_country.data or "").upper(),
            buyer_country=(self.buyer_country.data or "").upper(),
            **{name: self[name].data or "" for name in texts},
        )
        read.done()
        return made


class ChainForm(RoomForm):
    """A step of an organisation's approval chain."""

    name_zh = StringField(_l("Name in Chinese"))
    name_en = StringField(_l("Name in English"))
    who = SelectField(_l("Who approves"), validate_choice=False)
    threshold = StringField(_l("Only from this contract value"), render_kw={"inputmode": "decimal"})
    currency = _currency()

    def offer(self, people: Iterable[tuple[int, str]]) -> None:
        """Let a role or one of the organisation's people be chosen (user id, name)."""
        roles = [(f"role:{code}", words) for code, words in labels.CHAIN_ROLES.items()]
        self.who.choices = [
            *options([("", _("Please choose"))]),
            *options(roles, str(_("Everybody of a role"))),
            *options([(f"user:{key}", name) for key, name in people], str(_("One person"))),
        ]

    def given(self) -> StepInput:
        """Return what was typed; raises Invalid at the fields."""
        read = Reader()
        kind, _sign, which = (self.who.data or "").partition(":")
        currency = self.currency.data if self.currency.data in CURRENCIES else "CNY"
        made = StepInput(
            name_zh=self.name_zh.data or "",
            name_en=self.name_en.data or "",
            role=which if kind == "role" else "",
            user_id=int(which) if kind == "user" and which.isdigit() else None,
            from_minor=read.minor("threshold", self.threshold.data, currency),
            currency=currency,
        )
        read.done()
        return made

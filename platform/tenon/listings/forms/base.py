"""What the room's forms share: words for its errors, lines, amounts, pickers of coded terms."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice

from tenon.listings import labels
from tenon.money import Money
from tenon.taxonomy.queries import as_choices, flat_choices
from tenon.web.forms import Form, options
from tenon.web.forms import message as common_message
from tenon.web.languages import language

NOT_STATED = ("", _l("Not stated"))


def message(code: str) -> str:
    """Return an error code of this room, or of all rooms, in words."""
    known = {
        "too_many": _("These are too many."),
        "wrong_side": _("That does not belong to this kind of listing."),
        "number_required": _("A registered right needs its number."),
        "granted_before_filed": _("The grant cannot be earlier than the filing."),
        "organisation_not_approved": _(
            "Your organisation has not been approved yet; save a draft until then."
        ),
        "names_owner": _("This names your organisation, and the need is to be anonymous."),
        "against_thresholds": _("The scores do not allow this outcome."),
        "own_organisation": _("Your own organisation reads everything already."),
        "unknown_organisation": _("There is no approved organisation of exactly this name."),
    }
    return str(known.get(code) or common_message(code))


class RoomForm(Form):
    """Base of the room's forms."""

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return message(code)


class TermField(SelectField):  # type: ignore[misc]  # the base is untyped
    """Choose one coded term, or none; the choices are worded in the page's language."""

    def __init__(self, label: object, scheme: str, **kwargs: Any) -> None:
        super().__init__(label, choices=term_options(scheme), validate_choice=False, **kwargs)


def term_options(scheme: str) -> list[SelectChoice]:
    """Return a scheme's terms in groups, after the choice of none."""
    found = options([NOT_STATED])
    for group in as_choices(scheme, language(), with_code=scheme == "ipc"):
        found += options(group.choices, group.label or None)
    return found


class AmountField(StringField):  # type: ignore[misc]  # the base is untyped
    """An amount in whole units of its currency, such as 30000, 30,000.50 or 3万."""

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002  # the library's form
        """Refuse what is no amount."""
        try:
            parse_amount(self.data)
        except InvalidOperation:
            raise ValidationError(message("not_a_number")) from None

    def minor(self, currency: str) -> int | None:
        """Return minor units of ``currency``; None for an empty field."""
        amount = parse_amount(self.data)
        return None if amount is None else Money.of(round(amount, 2), currency).minor


_TENS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}


def parse_amount(text: str | None) -> Decimal | None:
    """Return an amount as typed; None for nothing. Raises InvalidOperation for anything else."""
    plain = unicodedata.normalize("NFKC", text or "").replace(",", "").replace(" ", "")
    if not plain:
        return None
    factor = _TENS.get(plain[-1], 1)
    amount = Decimal(plain[:-1] if factor > 1 else plain) * factor
    if not amount.is_finite() or abs(amount) > 10**15:
        raise InvalidOperation
    return amount


def write_amount(minor: int | None, currency: str) -> str:
    """Return minor units as they are typed."""
    if minor is None:
        return ""
    amount = Money(minor, currency).amount
    return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:f}"


def lines(text: str | None) -> tuple[str, ...]:
    """Return the lines of a text that hold anything."""
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def split_fields(
    codes: Iterable[tuple[str, str]],
) -> tuple[list[str], list[str], list[str]]:
    """Return (scheme, code) pairs as codes of hitech, of ipc and of gbt4754."""
    by_scheme: dict[str, list[str]] = {"hitech": [], "ipc": [], "gbt4754": []}
    for scheme, code in codes:
        by_scheme.setdefault(scheme, []).append(code)
    return by_scheme["hitech"], by_scheme["ipc"], by_scheme["gbt4754"]


def joined_fields(
    hitech: Iterable[str], ipc: Iterable[str | None], industries: Iterable[str | None]
) -> tuple[tuple[str, str], ...]:
    """Return the reverse of ``split_fields``, empty choices left out."""
    pairs = [("hitech", code) for code in hitech]
    pairs += [("ipc", code) for code in ipc if code]
    pairs += [("gbt4754", code) for code in industries if code]
    return tuple(dict.fromkeys(pairs))


def hitech_choices() -> list[SelectChoice]:
    """Return the eight high-tech fields, each as a group with its narrower ones."""
    groups = as_choices("hitech", language())
    return [one for group in groups for one in options(group.choices, group.label)]


def readiness_choices() -> list[SelectChoice]:
    """Return the nine levels of readiness, each with its number."""
    levels = flat_choices("trl", language())
    return options([NOT_STATED, *((code, f"{code} · {wording}") for code, wording in levels)])


def label_choices(kind: str) -> list[SelectChoice]:
    """Return all codes of a kind (``labels.choices``) with their words."""
    return options(labels.choices(kind))

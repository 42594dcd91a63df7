"""What figures are called on pages and in workbooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.compliance.labels import CONTRACTS
from tenon.deals import forms
from tenon.taxonomy.queries import find, label
from tenon.web.languages import language

DIMENSIONS = {
    "contract": _l("Kind of contract"),
    "year": _l("Year signed"),
    "form": _l("Form of the deal"),
    "region": _l("Region of the seller"),
    "institution": _l("Seller"),
    "field": _l("Field of technology"),
}
FIGURES = (
    _l("Group"),
    _l("Currency"),
    _l("Contracts"),
    _l("Contract value"),
    _l("Technology value"),
    _l("Registered contracts"),
    _l("Registered contract value"),
    _l("Registered technology value"),
)
REGISTRATION = (
    _l("Registration number"),
    _l("Project name"),
    _l("Valid from"),
    _l("Valid until"),
    _l("Signed on"),
    _l("Kind of contract"),
    _l("Currency"),
    _l("Contract value"),
    _l("Technology value"),
    _l("Seller"),
    _l("Seller's country"),
    _l("Seller's division code"),
    _l("Seller's legal nature"),
    _l("Buyer"),
    _l("Buyer's country"),
    _l("Buyer's division code"),
    _l("Buyer's legal nature"),
    _l("Kind of intellectual property"),
    _l("Industry code"),
)


def names_of(session: Session, by: str, values: Sequence[Any]) -> Mapping[Any, str]:
    """Return value of a dimension -> its name in the page's language; None is “not stated”."""
    houses: dict[int, str] = {}
    if by == "institution":
        rows = session.scalars(sa.select(Organisation).where(Organisation.id.in_(values)))
        houses = {each.id: each.name(language()) for each in rows}
    found = {value: _name(by, value, houses) for value in values if value is not None}
    return {**found, None: str(_("Not stated"))}


def houses_of(session: Session, keys: Sequence[Any]) -> Mapping[int, str]:
    """Return organisation -> public id, by which an address names it."""
    wanted = [each for each in keys if each is not None]
    rows = session.scalars(sa.select(Organisation).where(Organisation.id.in_(wanted)))
    return {each.id: each.public_id for each in rows}


def _name(by: str, value: Any, houses: Mapping[int, str]) -> str:
    if by == "contract":
        return str(CONTRACTS.get(value, value))
    if by == "form":
        return forms.get(value).names[language()] if forms.is_form(value) else str(value)
    if by == "institution":
        return houses.get(int(value), str(value))
    scheme, code = ("region", str(value)) if by == "region" else _parts(by, str(value))
    return label(scheme, code, language()) if scheme and find(scheme, code) else str(value)


def _parts(by: str, value: str) -> tuple[str, str]:
    if by != "field" or ":" not in value:
        return "", value
    scheme, code = value.split(":", 1)
    return scheme, code


def only_in_words(session: Session, only: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (dimension, value) in words of what a list is narrowed to."""
    found = []
    for by, value in only.items():
        key: Any = int(value) if by in ("year", "institution") and value else value or None
        found.append((str(DIMENSIONS[by]), names_of(session, by, [key])[key]))
    return found

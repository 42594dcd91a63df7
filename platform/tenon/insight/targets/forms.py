"""The forms of targets: shape only; the meaning is checked by ``saying`` and ``setting``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from tenon.accounts.models import Organisation, Role, User
from tenon.errors import Invalid, NotFound
from tenon.insight import labels, measures
from tenon.insight.models import PERIODS, SCOPES, Target
from tenon.insight.targets.reading import houses_of, parts_of, typed
from tenon.insight.targets.saying import FIELD_SCHEMES, LONGEST, Said, span_of
from tenon.network.models import Station
from tenon.network.queries.tree import places
from tenon.network.services.tree_import import find_organisation
from tenon.taxonomy.queries import find, label, terms
from tenon.web.fields import Day
from tenon.web.forms import Form, message, options

CURRENCIES = ("CNY", "USD", "EUR", "HKD", "JPY", "GBP")
MOST_BROKERS = 500
_ERRORS = {
    "days_out_of_order": _l("The last day must not be before the first."),
    "measure_without": _l("This measure cannot be told apart by that."),
    "not_one_house": _l("No single approved organisation has this name or credit code."),
    "target_exists": _l(
        "A target for this measure, part and period stands already: change that one."
    ),
}


def words_of(code: str) -> str:
    """Return an error code of targets in words."""
    return str(_ERRORS[code]) if code in _ERRORS else message(code)


class TargetForm(Form):
    """What an operator writes of a target."""

    measure = SelectField(_l("What is measured"))
    value = StringField(_l("To be reached"), render_kw={"inputmode": "decimal"})
    currency = SelectField(_l("Currency"), choices=options((each, each) for each in CURRENCIES))
    period = SelectField(_l("Period"))
    year = StringField(_l("Year"), render_kw={"inputmode": "numeric"})
    part = StringField(_l("Which quarter or month"), render_kw={"inputmode": "numeric"})
    first = Day(_l("First day"), [Optional()])
    last = Day(_l("Last day"), [Optional()])
    scope = SelectField(_l("Who or where"))
    region = SelectField(_l("Region"), default="")
    station = SelectField(_l("Place of the network"), default="")
    organisation = StringField(_l("Institution"))
    broker = SelectField(_l("Broker"), default="")
    field = SelectField(_l("Field of technology"), default="")
    source_document = StringField(_l("Document that asks for it"))
    source_paragraph = StringField(_l("Section or paragraph"))
    source_sentence = TextAreaField(_l("The sentence itself"))
    lead = StringField(_l("Lead organisation"))
    responsible = TextAreaField(_l("Responsible organisations"))
    public = BooleanField(_l("Everybody may see this target and its figure"))
    version = HiddenField()

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return words_of(code)

    def offer(self, session: Session, language: str) -> None:
        """Fill in what can be chosen."""
        self.measure.choices = options(
            (each.code, labels.MEASURES[each.code]) for each in measures.every()
        )
        self.period.choices = options((code, labels.PERIODS[code]) for code in PERIODS)
        self.scope.choices = options((code, labels.SCOPES[code]) for code in SCOPES)
        self.region.choices = _regions(language)
        self.station.choices = [
            SelectChoice("", "–"),
            *options(
                (each.station.public_id, "　" * each.depth + each.station.name(language))
                for each in places(session)
            ),
        ]
        self.broker.choices = [SelectChoice("", "–"), *options(_brokers(session))]
        self.field.choices = _fields(language)

    def said(self, session: Session) -> Said:
        """Return what was entered; raises Invalid at the fields."""
        faults: dict[str, str] = {}
        measure = self.measure.data or ""
        unit = measures.get(measure).unit if measure in labels.MEASURES else "count"
        currency = (self.currency.data or "CNY") if unit == "money" else None
        value = _caught(faults, lambda: parts_of(self.value.data or "", unit, currency)) or 0
        days = _caught(
            faults,
            lambda: span_of(
                self.period.data or "",
                year=_number(self.year.data, "year"),
                part=_number(self.part.data, "part"),
                first=self.first.data,
                last=self.last.data,
            ),
        )
        scope = self.scope.data or ""
        houses = _caught(faults, lambda: houses_of(session, self.responsible.data or ""))
        said: dict[str, Any] = {
            "organisation_id": _one(session, self.organisation.data, "organisation", faults)
            if scope == "institution"
            else None,
            "lead_id": _one(session, self.lead.data, "lead", faults),
            "station_id": self._station(session) if scope == "station" else None,
            "broker_id": self._broker(session) if scope == "broker" else None,
        } | {name: getattr(self, name).data or "" for name in LONGEST}
        if faults or days is None:
            raise Invalid(faults)
        code = self.field.data or ""
        return Said(
            measure=measure,
            value=value,
            currency=currency,
            period=self.period.data,
            first=days[0],
            last=days[1],
            scope=scope,
            region=(self.region.data or None) if scope == "region" else None,
            field=_pair(code) if scope == "field" and code else None,
            responsible_ids=houses or (),
            public=bool(self.public.data),
            **said,
        )

    def _station(self, session: Session) -> int | None:
        wanted = sa.select(Station.id).where(Station.public_id == (self.station.data or ""))
        return session.scalar(wanted)

    def _broker(self, session: Session) -> int | None:
        return session.scalar(sa.select(User.id).where(User.public_id == (self.broker.data or "")))

    def show(self, target: Target, language: str) -> None:
        """Fill the form with what a target says."""
        unit = measures.get(target.measure).unit
        for name in ("measure", "period", "first", "last", "scope", "public", *LONGEST):
            getattr(self, name).data = getattr(target, name)
        self.value.data = typed(target.value, unit, target.currency)
        self.currency.data = target.currency or "CNY"
        self.year.data = str(target.first.year)
        months = {"quarter": (target.first.month + 2) // 3, "month": target.first.month}
        self.part.data = str(months[target.period]) if target.period in months else ""
        self.region.data = target.region or ""
        self.station.data = "" if target.station is None else target.station.public_id
        self.broker.data = "" if target.broker is None else target.broker.public_id
        self.field.data = (
            "" if target.field_code is None else f"{target.field_scheme}:{target.field_code}"
        )
        house, lead = target.organisation, target.lead
        self.organisation.data = "" if house is None else house.name(language)
        self.lead.data = "" if lead is None else lead.name(language)
        self.responsible.data = "\n".join(each.name(language) for each in target.responsible)
        self.version.data = str(target.version)


class ImportForm(Form):
    """A file of targets; ``rows`` carries what was looked at from the preview to the import."""

    rows = HiddenField()
    file = FileField(_l("File (CSV or XLSX)"))

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        known = {
            "empty_file": _l("There is no row in this file."),
            "missing_columns": _l("The file lacks columns that are needed."),
            "unreadable_file": _l("This file cannot be read as a table."),
            "too_large_file": message("too_large"),
        }
        return str(known[code]) if code in known else words_of(code)


def _one(session: Session, text: str | None, name: str, faults: dict[str, str]) -> int | None:
    house: Organisation | None = find_organisation(session, (text or "").strip())
    if house is None and (text or "").strip():
        faults[name] = "not_one_house"
    return None if house is None else house.id


def _caught(faults: dict[str, str], read: Any) -> Any:
    try:
        return read()
    except Invalid as error:
        faults.update(error.fields)
    except NotFound:
        faults["measure"] = "unknown_code"
    return None


def _number(text: str | None, name: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 4:  # a year has four digits
        raise Invalid({name: "not_a_number"})
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    scheme, _, code = text.partition(":")
    return scheme, code


def _brokers(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(
        sa.select(User.public_id, User.name)
        .where(User.roles.any(Role.name == "broker"), User.active.is_(True))
        .order_by(User.name, User.id)
        .limit(MOST_BROKERS)
    )
    return [(row.public_id, row.name) for row in rows]


def _regions(language: str) -> list[SelectChoice]:
    """Return the provinces, and the prefectures of each below it."""
    found = [SelectChoice("", "–")]
    for term in terms("region"):
        if term.code.isdigit() and term.code.endswith("00"):
            indent = "" if term.code.endswith("0000") else "　"
            found.append(SelectChoice(term.code, indent + label("region", term.code, language)))
    return found


def _fields(language: str) -> Sequence[SelectChoice]:
    found = [SelectChoice("", "–")]
    for scheme in FIELD_SCHEMES:
        for term in terms(scheme):
            if term.parent_code is None and find(scheme, term.code) is not None:
                words = label(scheme, term.code, language)
                found.append(SelectChoice(f"{scheme}:{term.code}", words))
    return found

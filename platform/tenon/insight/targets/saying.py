"""What a target says before it is one: what an operator typed or a file's row holds, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tenon.errors import Invalid, NotFound
from tenon.insight import measures
from tenon.insight.models import PERIODS, SCOPES, Target
from tenon.taxonomy.queries import find

LONGEST = {"source_document": 300, "source_paragraph": 100, "source_sentence": 2000}
LARGEST = 10**17
FIELD_SCHEMES = ("hitech", "ipc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a target is to say; the fields are those of the table.

    ``value`` is in the measure's own parts: a number, minor units, hundredths of a percent.
    ``responsible_ids`` are the houses that do the work.
    """

    measure: str
    value: int
    first: date
    last: date
    period: str
    currency: str | None = None
    scope: str = "site"
    region: str | None = None
    station_id: int | None = None
    organisation_id: int | None = None
    broker_id: int | None = None
    field: tuple[str, str] | None = None
    source_document: str = ""
    source_paragraph: str = ""
    source_sentence: str = ""
    lead_id: int | None = None
    responsible_ids: tuple[int, ...] = ()
    public: bool = False

    def check(self) -> None:
        """Raise Invalid with what is wrong at each field."""
        faults = dict(_faults(self))
        if faults:
            raise Invalid(faults)

    @property
    def live_key(self) -> str:
        """What names the target among those that stand."""
        where = {
            "site": "",
            "region": self.region,
            "station": self.station_id,
            "institution": self.organisation_id,
            "broker": self.broker_id,
            "field": self.field and ":".join(self.field),
        }[self.scope]
        days = f"{self.first.isoformat()}/{self.last.isoformat()}"
        return f"{self.measure}|{self.scope}|{where}|{days}|{self.currency or ''}"


def _faults(said: Said) -> Mapping[str, str]:
    faults: dict[str, str] = {}
    try:
        measure = measures.get(said.measure)
    except NotFound:
        return {"measure": "unknown_code"}
    if not 0 < said.value <= LARGEST or (measure.unit == "percent" and said.value > 100_00):
        faults["value"] = "out_of_range"
    if (measure.unit == "money") != (said.currency is not None):
        faults["currency"] = "required" if said.currency is None else "unknown_code"
    if said.period not in PERIODS or said.last < said.first:
        faults["last"] = "days_out_of_order"
    elif (said.last - said.first).days > 3700:  # ten years
        faults["last"] = "out_of_range"
    faults.update(_scope_faults(said, measure.dimensions))
    for name, longest in LONGEST.items():
        if len(getattr(said, name)) > longest:
            faults[name] = "too_long"
    return faults


def _scope_faults(said: Said, dimensions: tuple[str, ...]) -> Mapping[str, str]:
    if said.scope not in SCOPES:
        return {"scope": "unknown_code"}
    if said.scope == "site":
        return {}
    if said.scope not in dimensions:
        return {"scope": "measure_without"}
    named: Mapping[str, Any] = {
        "region": said.region,
        "station": said.station_id,
        "institution": said.organisation_id,
        "broker": said.broker_id,
        "field": said.field,
    }
    at = {"institution": "organisation"}.get(said.scope, said.scope)
    if named[said.scope] is None:
        return {at: "required"}
    if said.region is not None and find("region", said.region) is None:
        return {at: "unknown_code"}
    if said.field is not None and (said.field[0] not in FIELD_SCHEMES or find(*said.field) is None):
        return {at: "unknown_code"}
    return {}


def span_of(
    period: str, *, year: int | None, part: int | None, first: date | None, last: date | None
) -> tuple[date, date]:
    """Return the days of a period; raises Invalid at ``year``, ``part``, ``first`` or ``last``.

    Args:
        period: of PERIODS.
        year: of a year, quarter or month.
        part: which quarter (1 to 4) or month (1 to 12).
        first: the first day of any other span.
        last: its last.
    """
    if period == "span":
        faults = {n: "required" for n, day in (("first", first), ("last", last)) if day is None}
        if first is None or last is None:
            raise Invalid(faults)
        if last < first:
            raise Invalid({"last": "days_out_of_order"})
        return first, last
    if period not in PERIODS:
        raise Invalid({"period": "unknown_code"})
    if year is None or not 2000 <= year <= 2100:  # what a plan may name
        raise Invalid({"year": "required" if year is None else "out_of_range"})
    if period == "year":
        return date(year, 1, 1), date(year, 12, 31)
    months, parts = (3, 4) if period == "quarter" else (1, 12)
    if part is None or not 1 <= part <= parts:
        raise Invalid({"part": "required" if part is None else "out_of_range"})
    begins = date(year, (part - 1) * months + 1, 1)
    after = (begins + timedelta(days=31 * months)).replace(day=1)
    return begins, after - timedelta(days=1)


def said_by(target: Target) -> Said:
    """Return what a target says now."""
    field = None if target.field_code is None else (str(target.field_scheme), target.field_code)
    return Said(
        measure=target.measure,
        value=target.value,
        first=target.first,
        last=target.last,
        period=target.period,
        currency=target.currency,
        scope=target.scope,
        region=target.region,
        station_id=target.station_id,
        organisation_id=target.organisation_id,
        broker_id=target.broker_id,
        field=field,
        source_document=target.source_document,
        source_paragraph=target.source_paragraph,
        source_sentence=target.source_sentence,
        lead_id=target.lead_id,
        responsible_ids=tuple(sorted(each.id for each in target.responsible)),
        public=target.public,
    )

"""A target in words and as charts: what it is for, how it stands, its pace, its parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.insight import labels, measures, words
from tenon.insight.charts import Chart, Series, write
from tenon.insight.models import Target
from tenon.insight.naming import Name
from tenon.insight.overview.tables import by_dimension, step_of
from tenon.insight.targets.forecasting import expected_linear
from tenon.insight.targets.progress import Progress, comparable
from tenon.money import exponent
from tenon.taxonomy.queries import label


def part_name(target: Target, language: str) -> str:
    """Return what a target is for: the site, a region, a place, a house, a person, a field."""
    if target.scope == "region":
        return label("region", str(target.region), language)
    if target.scope == "field":
        return label(str(target.field_scheme), str(target.field_code), language)
    if target.station is not None:
        return target.station.name(language)
    if target.organisation is not None:
        return target.organisation.name(language)
    if target.scope == "broker":
        return target.broker.name if target.broker is not None else str(_("Somebody who left"))
    return str(labels.SCOPES["site"])


def amount_words(value: int, target: Target, language: str) -> str:
    """Return an amount of a target's measure with its unit: a number, money, percent."""
    unit = _unit(target)
    if unit == "percent":
        return write(Decimal(value) / 100, "percent", language)
    return write(value, unit, language)


def about_words(value: int, target: Target, language: str) -> str:
    """Return an amount that is reckoned, not counted: money without its cents."""
    if measures.get(target.measure).unit == "money":
        whole = 10 ** exponent(target.currency or "CNY")
        value = round(value / whole) * whole
    return amount_words(value, target, language)


def verdict_words(found: Progress, language: str) -> str:
    """Return in words how a target stands: ahead, on course, behind by how much."""
    verdict = found.verdict
    by = about_words(abs(verdict.by), found.target, language)
    if found.measure.unit == "count":
        by = labels.counted(found.target.measure, abs(verdict.by), by)
    if found.expected is None and verdict.code in ("behind", "ahead"):
        return str(_("%(by)s below the target", by=by))
    if verdict.code in ("ahead", "behind", "missed"):
        return str(labels.VERDICTS[verdict.code]) % {"by": by}
    return str(labels.VERDICTS[verdict.code])


def _unit(target: Target) -> str:
    return labels.write_unit(measures.get(target.measure), target.currency)


def pace_chart(session: Session, found: Progress, language: str) -> Chart | None:
    """Return the figure by week (long periods: by month), added up, beside an even pace.

    None for shares and head-counts, which do not add up.
    """
    if not found.steps:
        return None
    target, unit = found.target, _unit(found.target)
    step = step_of(found.scope)
    steps = found.steps
    if step == "month":
        steps = found.measure.series(session, found.scope, step)
    cents = 10 ** exponent(target.currency) if target.currency else 1
    got, due, starts, so_far = [], [], [], 0
    for each in steps:
        so_far += comparable(found.measure, each.value, target.currency)
        got.append(so_far if each.first <= found.day else None)
        even = expected_linear(found.value, _length(target.first, each.last), _whole(target))
        due.append(round(even / cents) * cents)
        starts.append(each.first.isoformat()[: 7 if step == "month" else 10])
    if step == "month":
        starts = [words.month(each, language) for each in starts]
    return Chart(
        key="pace",
        kind="line",
        title=_("Step by step"),
        by=words.said(words.STEPS[step], language),
        labels=starts,
        series=[
            Series(name=_("Reached"), unit=unit, values=got),
            Series(name=_("An even pace to the target"), unit=unit, values=due, target=True),
        ],
    )


def _length(first: date, last: date) -> int:
    return (last - first).days + 1


def _whole(target: Target) -> int:
    return _length(target.first, target.last)


def parts_chart(
    session: Session,
    found: Progress,
    by: str,
    *,
    reader: Actor,
    language: str,
    link: Callable[[str], str],
) -> Chart:
    """Return the figure taken apart by a dimension, for those who see inside.

    ``link`` is where the list of a part is, by its address. What lies in the whole and in none of
    its parts has none: its list would hold them all.
    """
    scope = found.scope
    whole = {scope.region, None if scope.field is None else ":".join(scope.field)}

    def leads(name: Name) -> str | None:
        return None if name.address is None or name.address in whole else link(name.address)

    dimension = str(labels.DIMENSIONS[by])
    return by_dimension(
        session,
        found.measure,
        found.scope,
        by,
        title=_("By %(dimension)s", dimension=dimension),
        by=dimension,
        reader=reader,
        language=language,
        link=leads,
    )

"""Charts of a measure: over time, and by a dimension, each value leading to its list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.insight import words
from tenon.insight.charts import Chart, Series, region_chart
from tenon.insight.measures import Measure, Scope, Value
from tenon.insight.naming import Name, names_of
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

Link = Callable[[Name], str | None]

MOST_PARTS = 60
_NUMBER, _WHOLE, _SHARE = N_("How many"), N_("Of how many"), N_("Share")
_SHARE_IN = N_("Share of value in %(currency)s")
_LONGEST_BY_WEEK = 120


def step_of(scope: Scope) -> str:
    """Return whether a period is drawn by weeks or by months."""
    return "week" if (scope.last - scope.first).days <= _LONGEST_BY_WEEK else "month"


def columns(
    measure: Measure, values: Sequence[Value], language: str, links: Sequence[str | None] = ()
) -> list[Series]:
    """Return the columns of a table of a measure's values: what is drawn comes first."""
    number = Series(
        name=words.said(_NUMBER, language), values=[each.number for each in values], links=links
    )
    currencies = sorted({name for each in values for name in (*each.sums, *each.whole_sums)})
    if measure.unit == "money":
        return [*(_sums(name, values, language, links) for name in currencies), _undrawn(number)]
    if measure.unit == "percent":
        return _shares(values, number, currencies, language, links)
    return [number]


def _sums(
    currency: str, values: Sequence[Value], language: str, links: Sequence[str | None]
) -> Series:
    return Series(
        name=words.said(words.IN_CURRENCY, language) % {"currency": currency},
        unit=f"money:{currency}",
        values=[each.sums.get(currency, 0) for each in values],
        links=links,
    )


def _shares(
    values: Sequence[Value],
    number: Series,
    currencies: Sequence[str],
    language: str,
    links: Sequence[str | None],
) -> list[Series]:
    """Return share, number and whole; of a share by value the share in each currency first."""
    by_value = [
        Series(
            name=words.said(_SHARE_IN, language) % {"currency": currency},
            unit="percent",
            values=[each.percent_of(currency) for each in values],
            links=links,
        )
        for currency in currencies
    ]
    share = Series(
        name=words.said(_SHARE, language),
        unit="percent",
        values=[each.percent for each in values],
        links=links,
        drawn=not by_value,
    )
    whole = Series(
        name=words.said(_WHOLE, language), values=[each.whole for each in values], drawn=False
    )
    return [*by_value, share, _undrawn(number), whole]


def _undrawn(series: Series) -> Series:
    return Series(name=series.name, values=series.values, links=series.links, drawn=False)


def over_time(
    session: Session,
    measure: Measure,
    scope: Scope,
    *,
    title: str,
    language: str,
    link: Callable[[Scope], str],
) -> Chart:
    """Return the line of a measure over the scope's weeks or months."""
    step = step_of(scope)
    steps = measure.series(session, scope, step)
    labels = [
        words.month(each.first.isoformat()[:7], language)
        if step == "month"
        else each.first.isoformat()
        for each in steps
    ]
    links = [link(scope.between(each.first, each.last)) for each in steps]
    return Chart(
        key="time",
        kind="line",
        title=title,
        by=words.said(words.STEPS[step], language),
        labels=labels,
        series=columns(measure, [each.value for each in steps], language, links),
    )


def by_dimension(
    session: Session,
    measure: Measure,
    scope: Scope,
    dimension: str,
    *,
    title: str,
    by: str,
    reader: Actor,
    language: str,
    link: Link,
) -> Chart:
    """Return a measure taken apart: a map of regions where one is laid out, else bars."""
    parts = measure.by(session, scope, dimension)
    shown = parts[:MOST_PARTS]
    names = names_of(session, dimension, [each.key for each in shown], language=language, by=reader)
    links = [link(names[each.key]) for each in shown]
    series = columns(measure, [each.value for each in shown], language, links)
    note = None
    if len(parts) > MOST_PARTS:
        left = len(parts) - MOST_PARTS
        note = words.said(words.MORE_PARTS, language) % {"number": left}
    labels = [names[each.key].text for each in shown]
    if dimension == "region":
        codes = [each.key for each in shown]
        return region_chart(
            key="parts",
            title=title,
            by=by,
            below=scope.region,
            codes=codes,
            labels=labels,
            series=series,
            language=language,
            note=note,
        )
    return Chart(
        key="parts", kind="bar", title=title, by=by, labels=labels, series=series, note=note
    )


def headline(measure: Measure, value: Value) -> list[tuple[Decimal | int | None, str]]:
    """Return a figure's own values with their units: a sum for each currency."""
    if measure.unit == "money":
        sums = [(amount, f"money:{currency}") for currency, amount in sorted(value.sums.items())]
        return [*sums] or [(0, "count")]
    if measure.unit == "percent":
        by_value = [(value.percent_of(name), "percent") for name in sorted(value.whole_sums)]
        return [*by_value] or [(value.percent, "percent")]
    return [(value.number, measure.unit)]

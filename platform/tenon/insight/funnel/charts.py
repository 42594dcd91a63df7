"""The funnel as charts: the stages themselves, and each part's numbers by stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tenon.insight import words
from tenon.insight.charts import Chart, Series
from tenon.insight.funnel.counting import Stage
from tenon.insight.naming import Name
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

Link = Callable[[str, Name | None], str | None]
"""Stage, part (None: all) -> where the number leads."""

_STAGE, _NUMBER = N_("Stage"), N_("Listings")
_SHARE, _PASSING = N_("Of those handed in"), N_("Of the stage before")
_MEDIAN, _NINETY = N_("Days, half of them"), N_("Days, nine in ten")

DEFINITION = N_(
    "What counts is a need or result that was first handed in during the period, and every stage "
    "that it reached up to the as-of day, each once, at its first time. Of the stage before: the "
    "share of those that reached it and reached this one too; an agreement or a meeting is not "
    "needed for a deal. Days run from the last stage reached before; half, "
    "or nine in ten, of the listings took at most so many."
)


def stages_chart(found: Sequence[Stage], *, title: str, language: str, link: Link) -> Chart:
    """Return the funnel: number, shares and days of each stage."""

    def name(message: str) -> str:
        return words.said(message, language)

    return Chart(
        key="funnel",
        kind="funnel",
        title=title,
        by=name(_STAGE),
        labels=[words.said(words.STAGES[each.code], language) for each in found],
        series=[
            Series(
                name=name(_NUMBER),
                values=[each.number for each in found],
                links=[link(each.code, None) for each in found],
            ),
            Series(
                name=name(_SHARE),
                unit="share",
                values=[each.share for each in found],
                drawn=False,
            ),
            Series(
                name=name(_PASSING),
                unit="share",
                values=[each.passing for each in found],
                drawn=False,
            ),
            Series(
                name=name(_MEDIAN),
                unit="days",
                values=[each.median for each in found],
                drawn=False,
            ),
            Series(
                name=name(_NINETY),
                unit="days",
                values=[each.ninety for each in found],
                drawn=False,
            ),
        ],
        definition=name(DEFINITION),
    )


def parts_chart(
    found: Sequence[tuple[str | None, Sequence[Stage]]],
    names: Mapping[str | None, Name],
    *,
    title: str,
    by: str,
    language: str,
    link: Link,
) -> Chart:
    """Return each part's numbers by stage; drawn are those handed in and those signed."""
    codes = [each.code for each in found[0][1]] if found else []
    return Chart(
        key="parts",
        kind="bar",
        title=title,
        by=by,
        labels=[names[key].text for key, _ in found],
        series=[
            Series(
                name=words.said(words.STAGES[code], language),
                values=[stages[at].number for _, stages in found],
                links=[link(code, names[key]) for key, _ in found],
                drawn=code in ("entered", "signed"),
            )
            for at, code in enumerate(codes)
        ],
    )

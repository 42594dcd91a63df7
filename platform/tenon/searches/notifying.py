"""What is told of kept searches: at once, or gathered for the day's digest or the week's first."""

from __future__ import annotations

from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording

_SAMPLES = {
    "search": {"zh": "高温管道测温", "en": "Measuring heat in pipes"},
    "titles": {"zh": "面向高温管道的光纤测温装置", "en": "A fibre thermometer for hot pipes"},
}

wording.register(
    {"saved_search_found": N_("New for your search “%(search)s”: %(titles)s")},
    group="searches",
    heading=N_("Saved searches"),
    samples=_SAMPLES,
)
wording.register(
    {
        "saved_search_daily": N_("New since yesterday for your search “%(search)s”: %(titles)s"),
        "saved_search_weekly": N_("New this week for your search “%(search)s”: %(titles)s"),
    },
    group="searches",
    mail="digest",
    samples=_SAMPLES,
)
wording.register(
    {
        "saved_search_offered": N_(
            "%(person)s offers the search “%(search)s” to the editors of your organisation."
        )
    },
    group="searches",
    mail="digest",
    samples=_SAMPLES | {"person": {"zh": "示例同事", "en": "A colleague"}},
)

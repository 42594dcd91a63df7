"""How long a deal runs after its terms were amended. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from tenon.deals import terms
from tenon.deals.forms.schema import Form
from tenon.formulas.days import months_later

EFFECTIVE = "effective"


def amended_end(
    form: Form,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    effective_on: date | None,
    ends_on: date | None,
) -> date | None:
    """Return the last day under amended terms; a term that runs already is counted from its start.

    ``effective_on`` and ``ends_on`` are those of the deal as it stands.
    """
    if form.runs is None or form.runs.months is None or form.runs.after == EFFECTIVE:
        return terms.ends_on(form, after, {} if effective_on is None else {EFFECTIVE: effective_on})
    months, longer = before.get(form.runs.months), after.get(form.runs.months)
    if ends_on is None or not months or not longer:
        return ends_on
    return months_later(ends_on, longer - months)

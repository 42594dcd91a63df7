"""What an amendment of signed terms must pass, and the deal's columns that terms decide.

Which checks those are stands in the form's data (``Form.amendment``): all amendments pass some;
one that changes the price, or grants more than before, passes what signing asks of that part.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.deals import forms, guards, terms
from tenon.deals.forms.schema import Form, Step
from tenon.deals.models import Deal, TermVersion
from tenon.deals.scope import scope_of
from tenon.deals.services.moving import change_columns
from tenon.deals.services.running import amended_end
from tenon.rights.overlap import Scope, within

AMENDED_STAGES = ("signed", "in_force")
AMEND = "amend"
_RATE_ROLES = ("base", "scheme", "rate", "tiers", "tier_mode", "by_year")


def carry_out(
    session: Session,
    deal: Deal,
    earlier: TermVersion | None,
    version: TermVersion,
    *,
    granted: Scope | None,
    now: datetime,
) -> Step:
    """Let the deal be what the amended terms say; return the change, for what follows from it.

    ``version`` is accepted already and ``earlier`` replaced; ``granted`` is what the deal covered
    under that one. Raises Conflict, ``guards.RuleBroken``: the caller's transaction then ends.
    """
    form, before = forms.get(deal.form), {} if earlier is None else earlier.values
    columns = {**agreed_columns(deal, version), "agreed_at": now}
    columns.pop("effective_on", None)
    columns["ends_on"] = amended_end(
        form,
        before,
        version.values,
        effective_on=deal.effective_on,
        ends_on=deal.ends_on,
    )
    change_columns(session, deal, **columns)
    grants_more = _grants_more(granted, scope_of(session, deal, now=now))
    reprices = price_of(form, before) != price_of(form, version.values)
    change = _change(deal, form, grants_more=grants_more, reprices=reprices)
    guards.require(session, deal, change, now=now)
    return change


def price_of(form: Form, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what terms say of the price: the sum that they come to, and how a royalty is reckoned.

    When it is paid plays no part.
    """
    sums = _sums(form, values)
    return (sums, *(values.get(code) for code in rate_codes(form, values)))


def rate_codes(form: Form, values: Mapping[str, Any]) -> list[str]:
    """Return the codes of the terms by which a running royalty is reckoned; empty for none."""
    return [
        code
        for each in form.obligations
        if each.source == "reports"
        and each.kind != "sublicence"
        and (each.when is None or each.when.holds(values))
        for role, code in each.terms.items()
        if role in _RATE_ROLES
    ]


def _grants_more(before: Scope | None, after: Scope | None) -> bool:
    if after is None:
        return False
    return before is None or not within(after, before)


def _change(deal: Deal, form: Form, *, grants_more: bool, reprices: bool) -> Step:
    """Return the amendment as a step that leaves the deal where it is."""
    asks = form.amendment
    named = (
        *asks.guards,
        *(asks.of_price if reprices else ()),
        *(asks.of_grant if grants_more else ()),
    )
    later = asks.effects_in_force if deal.stage == "in_force" else ()
    return Step(
        name=AMEND,
        sources=(),
        target=deal.state,
        by=(),
        names=form.names,
        guards=tuple(dict.fromkeys(named)),
        effects=(*asks.effects, *later),
    )


def agreed_columns(deal: Deal, version: TermVersion) -> dict[str, Any]:
    """Return the columns of a deal that its agreed terms decide: value, currency, days."""
    form, values = forms.get(version.form), version.values
    currency, sums = _sums(form, values)
    technology = values.get("technology_value")
    part = technology["minor"] if isinstance(technology, dict) else None
    effective = values.get("effective_on")
    return {
        # No sum was agreed: that is not a contract worth nothing.
        "value_minor": sums,
        "currency": currency or deal.currency,
        "technology_value_minor": None if part is None or sums is None else min(part, sums),
        "effective_on": None if effective is None else date.fromisoformat(effective),
        "ends_on": terms.ends_on(form, values, {}),
    }


def _sums(form: Form, values: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """Return the currency of a form's values, if they name one, and what its price terms add up to.

    None where no sum was agreed.
    """
    currency, parts = None, []
    for code in form.value_terms:
        value = values.get(code)
        if isinstance(value, dict):
            currency = value["currency"]
            parts.append(value["minor"])
        elif isinstance(value, list):
            parts += [each.get("minor") or 0 for each in value]
    return values.get("currency") or currency, sum(parts) if parts else None

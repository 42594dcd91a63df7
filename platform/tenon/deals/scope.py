"""What a deal's terms cover, as a scope to compare with licences granted; what it is about.

Reads forms and terms as data: a form says its kind of licence, or its terms name one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.deals import forms
from tenon.deals.forms.schema import Form
from tenon.deals.models import Deal
from tenon.deals.queries.deals import accepted_terms, proposed_terms
from tenon.deals.terms import ends_on
from tenon.notices import delivery
from tenon.rights.overlap import EVERYWHERE, Scope
from tenon.rights.queries import Subject, term_end

ASSIGNMENT = "assignment"
_PROMISED = "licence_kind"
_EARLIER = "existing_licences"
_DECLARED = "declaration_number"
_EVERY = (EVERYWHERE,)


def today_of(now: datetime) -> date:
    """Return the day that a moment is in the site's zone."""
    return now.astimezone(delivery.current().zone).date()


def subjects_of(deal: Deal) -> list[Subject]:
    """Return what the deal is about: its IP rights and its achievements."""
    achievements = [each for each in deal.listings if each.side == "achievement"]
    return [*deal.ip_rights, *achievements]


def kind_of(form: Form, values: Mapping[str, Any]) -> str | None:
    """Return the kind of licence that a deal grants in the end; None where it grants none.

    A transfer counts as ``assignment``; of pay after use the kind after conversion counts.
    """
    if form.contract == "transfer":
        return ASSIGNMENT
    if form.contract != "licence":
        return None
    kind = form.licence_kind or values.get(_PROMISED)
    return "open" if kind == "nonexclusive" and form.term(_DECLARED) is not None else kind


def is_tried_first(form: Form) -> bool:
    """Whether the licence is tried first, non-exclusively, and turns into its kind later."""
    return form.contract == "licence" and form.licence_kind is None


def scope_of(session: Session, deal: Deal, *, now: datetime) -> Scope | None:
    """Return what the deal covers by its accepted terms, or by those proposed; None for no licence.

    Where terms name no territory or field of use, they cover all.
    """
    version = accepted_terms(session, deal) or proposed_terms(session, deal)
    form = forms.get(deal.form if version is None else version.form)
    values: Mapping[str, Any] = {} if version is None else version.values
    kind = kind_of(form, values)
    if kind is None or not deal.ip_rights:
        return None
    since = deal.effective_on or _day(values.get("effective_on")) or today_of(now)
    return Scope(
        kind=kind,
        rights=frozenset(right.id for right in deal.ip_rights),
        territory=_EVERY if kind == ASSIGNMENT else _list(values.get("territory")),
        fields=_EVERY if kind == ASSIGNMENT else _list(values.get("fields_of_use")),
        since=since,
        until=None if kind == ASSIGNMENT else _end(session, deal, form, values, since),
        subject_to_earlier=bool(values.get(_EARLIER)),
        key=deal.public_id,
    )


def _list(value: Any) -> tuple[str, ...]:
    return tuple(value) if value else _EVERY


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def patents_end(session: Session, deal: Deal) -> date | None:
    """Return the last day of the last of a deal's patents; None where one has no known end.

    A licence that names no end of its own lasts as long (Civil Code, 865).
    """
    ends = [term_end(session, right) for right in deal.ip_rights]
    known = [each for each in ends if each is not None]
    return max(known) if known and len(known) == len(ends) else None


def _end(
    session: Session, deal: Deal, form: Form, values: Mapping[str, Any], since: date
) -> date | None:
    """Return the last day: what the deal has, else counted as if it took effect on ``since``."""
    counted = deal.ends_on or ends_on(form, values, {"effective": since, "signed": since})
    if counted is not None:
        return counted
    end = patents_end(session, deal)
    return end if end is None or end >= since else None

"""Checks that need nothing but the deal: terms whole, technology named, signatures, the day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.deals import forms, terms
from tenon.deals.guards import Refusal, guard
from tenon.deals.lasting import last_day
from tenon.deals.models import Deal
from tenon.deals.queries.deals import accepted_terms
from tenon.deals.scope import scope_of
from tenon.deals.services.signing import missing_signers
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import delivery

_HAS_RIGHT = ("transfer", "licence")
_PROTECTED = ("pending", "granted")


@guard("terms_complete")
def terms_complete(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,  # noqa: ARG001  # the guard's form
) -> Refusal | None:
    """Both sides must have accepted a version in which nothing that the form asks is missing."""
    agreed = accepted_terms(session, deal)
    path = f"/deals/{deal.public_id}/terms"
    if agreed is None:
        return Refusal(N_("Both sides have to accept the terms first."), path=path)
    form = forms.get(agreed.form)
    gaps = terms.missing(form, agreed.values)
    if not gaps:
        return None
    found = [term for term in form.terms if term.code in gaps]
    names = {
        "zh": "、".join(term.names.zh for term in found),
        "en": ", ".join(term.names.en for term in found),
    }
    message = N_("The terms leave open: %(terms)s.")
    return Refusal(message, {"terms": names}, path=path)


@guard("technology_named")
def technology_named(
    session: Session,  # noqa: ARG001  # the guard's form
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,  # noqa: ARG001  # the guard's form
) -> Refusal | None:
    """What is neither developed yet nor protected can be neither transferred nor licensed.

    Interpretation on technology contracts, article 22: without patent, application or technical
    secret such a deal is development, consulting or service.
    """
    form = forms.get(deal.form)
    if form.contract not in _HAS_RIGHT or not form.needs_technology:
        return None
    for right in deal.ip_rights:
        if right.kind in ("trade_secret", "know_how") or right.status in _PROTECTED:
            return None
    return Refusal(
        N_(
            "A transfer or licence needs technology that exists: name a patent, an application or "
            "a technical secret, or choose development, consulting or service."
        ),
        source_zh="最高人民法院关于审理技术合同纠纷案件适用法律若干问题的解释第二十二条",
        source_en="Interpretation on technology contracts, article 22",
        path=f"/deals/{deal.public_id}/edit",
    )


@guard("signatures_complete")
def signatures_complete(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,  # noqa: ARG001  # the guard's form
) -> Refusal | None:
    """Everybody who must sign has signed the accepted version."""
    agreed = accepted_terms(session, deal)
    missing = [] if agreed is None else missing_signers(session, deal, agreed)
    if agreed is not None and not missing:
        return None
    return Refusal(
        N_("Signatures are still missing: %(count)s."),
        {"count": len(missing)},
        path=f"/deals/{deal.public_id}/signatures",
    )


@guard("effective_day")
def effective_day(
    session: Session,  # noqa: ARG001  # the guard's form
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,
) -> Refusal | None:
    """A contract takes effect by its own terms: on the day that they name, else when signed."""
    today = now.astimezone(delivery.current().zone).date()
    if deal.effective_on is None or deal.effective_on <= today:
        return None
    message = N_("The contract takes effect on %(day)s.")
    return Refusal(message, {"day": deal.effective_on.isoformat()})


@guard("term_over")
def term_over(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,
) -> Refusal | None:
    """What was agreed for a time is carried out when that time is over.

    A patent licence ends with the last of its patents at the latest (Civil Code 865).
    """
    today = now.astimezone(delivery.current().zone).date()
    agreed = accepted_terms(session, deal)
    until = last_day(session, deal, {} if agreed is None else agreed.values)
    if until is None:
        scope = scope_of(session, deal, now=now)
        until = None if scope is None else scope.until
    if until is None or until <= today:
        return None
    message = N_("The agreed term runs until %(day)s; to end it sooner, terminate the deal.")
    return Refusal(message, {"day": until.isoformat()})

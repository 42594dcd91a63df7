"""Fill real ids into a route's address, for the walk through all routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from werkzeug.routing import Rule
from werkzeug.routing.converters import AnyConverter


@dataclass
class Things:
    """Ids of things that exist."""

    organisation: str = ""
    membership: int = 0
    user: str = ""
    grantee: int = 0
    listing: str = ""
    draft: str = ""
    other: str = ""
    expert: str = ""
    right: str = ""
    file: str = ""
    draft_file: str = ""
    grant: int = 0
    claim: str = ""
    notice: int = 0
    mail: int = 0
    obstacle: int = 0
    job: str = ""
    introduction: str = ""
    entry: str = ""
    credited: str = ""
    dispute: str = ""
    statement: str = ""
    code: str = ""
    deal: str = ""
    deal_file: str = ""
    owed: str = ""
    payment: str = ""
    invoice: str = ""
    use_report: str = ""
    distribution: str = ""
    simulation: str = ""
    saved_search: str = ""
    saved_offer: str = ""
    target: str = ""
    rule: str = ""
    rights_grant: str = ""
    open_licence: str = ""
    equity_company: str = ""
    equity_agreement: str = ""
    publicity: str = ""
    objection: str = ""
    approval: str = ""
    first_refusal: str = ""
    contributor: str = ""
    chain_step: str = ""
    reading: str = ""
    trial_deal: str = ""
    works_deal: str = ""
    event: str = ""
    event_draft: str = ""
    event_registration: str = ""
    event_wish: str = ""
    event_timetable: str = ""
    event_meeting: str = ""
    event_device: str = ""
    event_session: str = ""
    event_mailing: str = ""
    event_pair_rule: str = ""
    event_code: str = ""
    place: str = ""
    network_member: int = 0
    network_broker: str = ""
    absence: int = 0
    handover: str = ""
    need_case: str = ""
    visit: str = ""
    routing_place: str = ""
    desk_note: str = ""
    desk_task: str = ""
    own_remark: str = ""
    commission_agreement: str = ""
    commission_split: str = ""
    commission_receiver: str = ""
    commission_payout: str = ""
    insight_report: str = ""


# Address prefix -> which thing its <public_id> names; the first that fits.
_NAMED = (
    ("/deals/<public_id>/trial", "trial_deal"),
    ("/deals/<public_id>/milestones", "works_deal"),
    ("/insight/reports/", "insight_report"),
    ("/organisations/", "organisation"),
    ("/admin/organisations/", "organisation"),
    ("/admin/people/", "user"),
    ("/experts/", "expert"),
    ("/imports/", "job"),
    ("/introductions/", "introduction"),
    ("/credit/entries/", "entry"),
    ("/credit/things/", "credited"),
    ("/credit/disputes/", "dispute"),
    ("/credit/statements/", "statement"),
    ("/ip/", "right"),
    ("/deals/", "deal"),
    ("/simulations/deals/", "deal"),
    ("/simulations/listings/", "listing"),
    ("/simulations/", "simulation"),
    ("/searches/offers/", "saved_offer"),
    ("/searches/", "saved_search"),
    ("/targets/", "target"),
    ("/use-reports/", "use_report"),
    ("/sharing/", "distribution"),
    ("/admin/rules/", "rule"),
    ("/rights/", "rights_grant"),
    ("/open-licences/", "open_licence"),
    ("/equity/agreements/", "equity_agreement"),
    ("/equity/", "equity_company"),
    ("/publicities/", "publicity"),
    ("/objections/", "objection"),
    ("/approvals/", "approval"),
    ("/first-refusals/", "first_refusal"),
    ("/events/parts/", "event_registration"),
    ("/events/wishes/", "event_wish"),
    ("/events/timetables/", "event_timetable"),
    ("/events/meetings/", "event_meeting"),
    ("/events/devices/", "event_device"),
    ("/events/sessions/", "event_session"),
    ("/events/mailings/", "event_mailing"),
    ("/events/pair-rules/", "event_pair_rule"),
    ("/events/", "event"),
    ("/network/places/", "place"),
    ("/network/brokers/", "network_broker"),
    ("/network/firms/", "organisation"),
    ("/network/hand-overs/", "handover"),
    ("/routing/cases/", "need_case"),
    ("/routing/visits/", "visit"),
    ("/routing/places/", "routing_place"),
    ("/commissions/agreements/", "commission_agreement"),
    ("/commissions/shares/", "commission_split"),
    ("/commissions/receivers/", "commission_receiver"),
    ("/commissions/payouts/", "commission_payout"),
    ("/desk/notes/", "desk_note"),
    ("/desk/tasks/", "desk_task"),
    ("/desk/firms/", "organisation"),
    ("/desk/about/", "other"),
    ("/review/remarks/", "own_remark"),
)
_FIXED = {
    "token": "no-such-token",
    "tier": "signed_in",
    "side": "need",
    "kind": "achievements",
    "form": "csv",
    "step": "approve",
    "part_id": "no-such-part",
    "name": "drop",
    "number": 1,
    "row_id": 1,
    "item": "no-such-item",
    "year": 2026,
    "filename": "tenon.css",
}


# Address prefix, part of it, what it is there: codes that mean something else elsewhere.
_PARTICULAR = (
    ("/equity/", "kind", "transfer"),
    ("/deals/<public_id>/duties/", "code", "contract_registration"),
    ("/rules/", "code", "price_publicity_days"),
    ("/figures/", "whose", "ours"),
    ("/desk/about/", "kind", "listing"),
    ("/desk/map/", "cell", "needs"),
)


def address_of(rule: Rule, things: Things, *, draft: bool) -> str:
    """Return a route's address with the ids of things that exist; of a draft listing, if asked.

    Raises LookupError for a part of an address that the walk was not taught.
    """
    values: dict[str, Any] = {
        name: _value(rule, name, things, draft=draft) for name in rule.arguments
    }
    return url_for(rule.endpoint, **values)


def _value(rule: Rule, name: str, things: Things, *, draft: bool) -> object:
    known: dict[str, object] = {
        "membership_id": things.membership,
        "grant_id": things.grant,
        "claim_id": things.claim,
        "notice_id": things.notice,
        "mail_id": things.mail,
        "obstacle_id": things.obstacle,
        "file_id": things.draft_file if draft else things.file,
        "other_id": things.other,
        "code": things.code,
        "owed_id": things.owed,
        "payment_id": things.payment,
        "invoice_id": things.invoice,
        "contributor_id": things.contributor,
        "step_id": things.chain_step,
        "reading_id": things.reading,
        "member_id": things.network_member,
        "absence_id": things.absence,
    } | _FIXED
    for prefix, part, value in _PARTICULAR:
        if rule.rule.startswith(prefix) and name == part:
            return value
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    if rule.rule.startswith("/deals/") and name == "file_id":
        return things.deal_file
    if name in known:
        return known[name]
    if name == "public_id":
        if rule.rule.startswith("/listings/"):
            return things.draft if draft else things.listing
        for prefix, thing in _NAMED:
            if rule.rule.startswith(prefix):
                return getattr(things, thing)
    raise LookupError(f"teach the walk what <{name}> of {rule.rule} is")

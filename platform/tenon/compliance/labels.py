"""Codes of the room in words, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from tenon.listings import labels as listings
from tenon.listings.models import IP_KINDS

ROUTES: Mapping[str, LazyString] = {
    "agreement": _l("By agreement"),
    "listing": _l("Public listing"),
    "auction": _l("Auction"),
}
RELATIONS: Mapping[str, LazyString] = {
    "none": _l("no relation"),
    "is_buyer": _l("is the buyer"),
    "related": _l("related to the buyer"),
}
DECISIONS: Mapping[str, LazyString] = {
    "rejected": _l("Reject the objection; the publicity stands"),
    "upheld": _l("Uphold the objection; the deal goes back to its terms"),
}
APPROVALS: Mapping[str, LazyString] = {
    "approved": _l("Approve"),
    "returned": _l("Return the deal to its terms, with a remark"),
}
ANSWERS: Mapping[str, LazyString] = {
    "waives": _l("I waive first refusal"),
    "takes_up": _l("I take it up on equal terms"),
}
EXPORTS: Mapping[str, LazyString] = {
    "free": _l("Free to export"),
    "restricted": _l("Restricted: needs a licence"),
    "prohibited": _l("Prohibited"),
}
NATURES: Mapping[str, LazyString] = {
    "enterprise": _l("Enterprise"),
    "institution": _l("Public institution"),
    "association": _l("Association"),
    "government": _l("Government body"),
    "person": _l("Natural person"),
    "other": _l("Other"),
}
CONTRACTS: Mapping[str, LazyString] = {
    "development": _l("Technology development"),
    "transfer": _l("Technology transfer"),
    "licence": _l("Technology licence"),
    "consulting": _l("Technology consulting"),
    "service": _l("Technology service"),
}
CHAIN_ROLES: Mapping[str, LazyString] = {
    "editor": _l("Any editor or administrator"),
    "administrator": _l("Any administrator"),
}
CLOCK: Mapping[str, LazyString] = {
    "publicity": _l("Publicity ends"),
    "first_refusal": _l("First refusal runs out"),
    "approval": _l("Approval awaited"),
    "duty": _l("Registration and filing"),
    "effect": _l("Takes effect"),
    "end": _l("Term ends"),
}


def ip_kinds() -> list[tuple[str, object]]:
    """Return the kinds of IP with their words."""
    return [(code, listings.label("ip_kind", code)) for code in IP_KINDS]

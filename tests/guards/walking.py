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


# Address prefix -> which thing its <public_id> names; the first that fits.
_NAMED = (
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
)
_FIXED = {
    "token": "no-such-token",
    "tier": "signed_in",
    "side": "need",
    "kind": "achievements",
    "form": "csv",
    "step": "approve",
    "filename": "tenon.css",
}


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
    } | _FIXED
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    if name in known:
        return known[name]
    if name == "public_id":
        if rule.rule.startswith("/listings/"):
            return things.draft if draft else things.listing
        for prefix, thing in _NAMED:
            if rule.rule.startswith(prefix):
                return getattr(things, thing)
    raise LookupError(f"teach the walk what <{name}> of {rule.rule} is")

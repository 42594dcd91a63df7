"""The room's codes in words, in the page's language: kinds, states, roles, steps.

The one place where a page or form takes these wordings from; a code without words raises
KeyError, which a test refuses.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

KINDS: Mapping[str, LazyString] = {
    "government": _l("Government body"),
    "enterprise": _l("Enterprise"),
    "university": _l("University"),
    "institute": _l("Research institute"),
    "finance": _l("Financial institution"),
    "service": _l("Service provider"),
    "user": _l("End user"),
}
STATES: Mapping[str, LazyString] = {
    "pending": _l("Awaiting approval"),
    "approved": _l("Approved"),
    "refused": _l("Not approved"),
    "suspended": _l("Suspended"),
}
ROLES: Mapping[str, LazyString] = {
    "member": _l("Member"),
    "editor": _l("Editor"),
    "administrator": _l("Administrator"),
}
ROLE_HINTS: Mapping[str, LazyString] = {
    "member": _l("sees what the organisation has"),
    "editor": _l("writes and submits for the organisation"),
    "administrator": _l("also approves, and decides who belongs to it"),
}
MEMBERSHIP_STATES: Mapping[str, LazyString] = {
    "requested": _l("Request waits"),
    "active": _l("Active"),
    "ended": _l("Ended"),
}
SITE_ROLES: Mapping[str, LazyString] = {
    "broker": _l("Technology broker"),
    "operator": _l("Operator"),
}
DEMO_ROLES: Mapping[str, LazyString] = {
    "researcher": _l("Researcher"),
    "institution": _l("Institution's administrator"),
    "company": _l("Company"),
    "company-admin": _l("Company's administrator"),
    "inventor": _l("Inventor"),
    "inventor-2": _l("Another inventor"),
    "firm": _l("Another company"),
    "firm-admin": _l("Another company's administrator"),
    "carmaker": _l("Carmaker's administrator"),
    "optics": _l("Optics firm's administrator"),
    "investor": _l("Investor's administrator"),
    "abroad": _l("Administrator of a firm abroad"),
    "broker-2": _l("Another technology broker"),
    "broker-3": _l("Head of another node"),
    "liaison": _l("Liaison at a station"),
    "node-head": _l("Head of a node"),
    "head": _l("Head of the centre"),
}
STEPS: Mapping[str, LazyString] = {
    "approve": _l("Approve"),
    "refuse": _l("Refuse"),
    "suspend": _l("Suspend"),
    "restore": _l("Restore"),
    "apply_again": _l("Apply again"),
}
LANGUAGES: Mapping[str, str] = {"zh": "简体中文", "en": "English"}


def role_words(code: str) -> str:
    """Return a role in words, whether on the site, in an organisation or another; for the demo."""
    known = SITE_ROLES.get(code) or DEMO_ROLES.get(code) or ROLES.get(code) or KINDS.get(code)
    return str(known or code)

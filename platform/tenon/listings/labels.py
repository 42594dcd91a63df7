"""Codes of the domain in words, in both languages, for every room's pages.

``label("deal_form", "licence_sole")`` gives a lazy text in the page's language; templates have it
as ``label``. Licence kinds follow the Interpretation on technology contracts, 25: 独占 is
exclusive, 排他 is sole, 普通 is non-exclusive. Must not know listings or a database.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SIDES: Mapping[str, LazyString] = {
    "achievement": _l("Achievement"),
    "need": _l("Need"),
    "expert": _l("Expert"),
}
STATES: Mapping[str, LazyString] = {
    "draft": _l("Draft"),
    "approved": _l("Approved by the institution"),
    "in_review": _l("In review"),
    "on_hold": _l("On hold"),
    "returned": _l("Returned for revision"),
    "rejected": _l("Rejected"),
    "published": _l("Published"),
    "in_matching": _l("In matching"),
    "concluded": _l("Concluded"),
    "withdrawn": _l("Withdrawn"),
    "expired": _l("Expired"),
}
DEAL_FORMS: Mapping[str, LazyString] = {
    "assignment": _l("Assignment"),
    "licence_exclusive": _l("Exclusive licence"),
    "licence_sole": _l("Sole licence"),
    "licence_nonexclusive": _l("Non-exclusive licence"),
    "licence_open": _l("Open licence"),
    "equity_contribution": _l("Equity contribution"),
    "share_subscription": _l("Share subscription agreement"),
    "pay_after_use": _l("Pay after use"),
    "invest_then_equity": _l("Invest then equity"),
    "development_commissioned": _l("Commissioned development"),
    "development_cooperative": _l("Co-operative development"),
    "consulting": _l("Technical consulting"),
    "service": _l("Technical service"),
}
TIERS: Mapping[str, LazyString] = {
    "public": _l("Public"),
    "signed_in": _l("Signed-in users"),
    "introduction": _l("After an introduction"),
    "nda": _l("After a non-disclosure agreement"),
}
TIER_KEYS: Mapping[str, LazyString] = {
    "public": _l("Open to everybody."),
    "signed_in": _l("Opens when you sign in."),
    "introduction": _l("Opens to your organisation once a broker has introduced you."),
    "nda": _l("Opens to your organisation once a non-disclosure agreement is signed."),
}
PRICE_KINDS: Mapping[str, LazyString] = {
    "fixed": _l("Fixed amount"),
    "range": _l("Range"),
    "negotiable": _l("By negotiation"),
}
IP_KINDS: Mapping[str, LazyString] = {
    "invention": _l("Invention patent"),
    "utility_model": _l("Utility model"),
    "design": _l("Design patent"),
    "software": _l("Software copyright"),
    "plant_variety": _l("Plant variety right"),
    "layout_design": _l("Layout design of integrated circuits"),
    "trade_secret": _l("Trade secret"),
    "know_how": _l("Know-how"),
    "other": _l("Other right"),
}
IP_STATUSES: Mapping[str, LazyString] = {
    "pending": _l("Pending"),
    "granted": _l("Granted"),
    "lapsed": _l("Lapsed"),
    "none": _l("Not registered"),
}
AVAILABILITY: Mapping[str, LazyString] = {
    "open": _l("Open to enquiries"),
    "limited": _l("Limited time"),
    "closed": _l("Not available at present"),
}
LANGUAGES: Mapping[str, LazyString] = {"zh": _l("Chinese"), "en": _l("English")}
COMPARISONS: Mapping[str, LazyString] = {
    "at_least": _l("at least"),
    "more_than": _l("more than"),
    "at_most": _l("at most"),
    "less_than": _l("less than"),
    "equal": _l("exactly"),
    "between": _l("between"),
    "around": _l("about"),
    "free": _l("kept as text"),
}
OBLIGATIONS: Mapping[str, LazyString] = {"must": _l("Must"), "wish": _l("Wish")}
OUTCOMES: Mapping[str, LazyString] = {
    "publish": _l("Publish"),
    "hold": _l("Put on hold"),
    "return": _l("Return for revision"),
    "reject": _l("Reject"),
}
CURRENCIES: Mapping[str, LazyString] = {
    "CNY": _l("Chinese yuan (CNY)"),
    "USD": _l("US dollars (USD)"),
}
TAXONOMIES: Mapping[str, LazyString] = {
    "hitech": _l("High-tech fields"),
    "ipc": _l("Patent classes (IPC)"),
    "gbt4754": _l("Industries"),
}
# What happened to a listing, in the words of its timeline.
EVENTS: Mapping[str, LazyString] = {
    "create": _l("Written"),
    "edit": _l("Edited"),
    "import": _l("Imported"),
    "hand_in": _l("Handed in to the institution"),
    "send_back": _l("Given back to the author"),
    "approve": _l("Approved by the institution"),
    "submit": _l("Handed in for review"),
    "take": _l("Taken up by a broker"),
    "hold": _l("Put on hold"),
    "resume": _l("Taken up again"),
    "return": _l("Returned for revision"),
    "reject": _l("Rejected"),
    "publish": _l("Published"),
    "confirm": _l("Edit confirmed"),
    "start_matching": _l("Matching started"),
    "stop_matching": _l("Matching ended"),
    "conclude": _l("Concluded"),
    "expire": _l("Expired"),
    "renew": _l("Renewed"),
    "withdraw": _l("Withdrawn"),
    "reopen": _l("Reopened as a draft"),
    "grant": _l("Confidential detail opened"),
    "revoke": _l("Access to confidential detail ended"),
    "attach": _l("File added"),
    "detach": _l("File removed"),
    "handed_over": _l("Handed over to another broker"),
    "handed_up": _l("Handed up to the place above"),
    "match_interested": _l("Interest in a match"),
    "match_declined": _l("Match declined"),
    "match_unsaid": _l("Word on a match taken back"),
}
_KINDS: Mapping[str, Mapping[str, LazyString]] = {
    "side": SIDES,
    "state": STATES,
    "deal_form": DEAL_FORMS,
    "tier": TIERS,
    "tier_key": TIER_KEYS,
    "price_kind": PRICE_KINDS,
    "ip_kind": IP_KINDS,
    "ip_status": IP_STATUSES,
    "availability": AVAILABILITY,
    "language": LANGUAGES,
    "comparison": COMPARISONS,
    "obligation": OBLIGATIONS,
    "outcome": OUTCOMES,
    "currency": CURRENCIES,
    "taxonomy": TAXONOMIES,
    "event": EVENTS,
}


def label(kind: str, code: str | None) -> LazyString | str:
    """Return a code in words; empty for None, the code itself where the list lacks it.

    Raises KeyError for a kind of code that does not exist.
    """
    words = _KINDS[kind]
    return "" if code is None else words.get(code, code)


def choices(kind: str) -> list[tuple[str, LazyString]]:
    """Return (code, words) of a whole kind, in order, for a select element."""
    return list(_KINDS[kind].items())

"""Codes of the room in words, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

Look = tuple[LazyString, str]
"""Words and the tone of their badge."""

AGREEMENTS: Mapping[str, Look] = {
    "proposed": (_l("Waits for those who pay"), "warn"),
    "agreed": (_l("Agreed by all who pay"), "good"),
    "declined": (_l("Declined by a payer"), "bad"),
    "withdrawn": (_l("Proposal taken back"), "neutral"),
    "replaced": (_l("Replaced by a later version"), "neutral"),
    "ended": (_l("No longer earning"), "neutral"),
}
SPLITS: Mapping[str, Look] = {
    "proposed": (_l("Waits for participants"), "warn"),
    "disputed": (_l("A participant disagrees"), "bad"),
    "confirmed": (_l("Confirmed by all participants"), "good"),
    "reopened": (_l("Open again"), "neutral"),
    "withdrawn": (_l("Shares taken back"), "neutral"),
}
SHARES: Mapping[str, Look] = {
    "waiting": (_l("No answer yet from this participant"), "warn"),
    "confirmed": (_l("Share confirmed"), "good"),
    "disputed": (_l("Share disputed"), "bad"),
}
PAYOUTS: Mapping[str, Look] = {
    "paid": (_l("Paid, to be confirmed"), "warn"),
    "received": (_l("Receipt confirmed"), "good"),
    "contested": (_l("Receiver says it has not come"), "bad"),
    "taken_back": (_l("Mark taken back"), "neutral"),
}
BASES: Mapping[str, LazyString] = {
    "percent": _l("A percentage of what is received"),
    "tiers": _l("Percentages by tiers of what is received"),
    "fixed": _l("A fixed sum at an event"),
}
EVENTS: Mapping[str, LazyString] = {
    "signing": _l("when the contract is signed"),
    "in_force": _l("when the contract is in force"),
    "first_payment": _l("when the first payment is received"),
}
PAYERS: Mapping[str, LazyString] = {
    "both": _l("Both sides pay, in equal parts or as agreed"),
    "seller": _l("The seller pays all"),
    "buyer": _l("The buyer pays all"),
}
SIDES: Mapping[str, LazyString] = {
    "seller": _l("Paid by the seller"),
    "buyer": _l("Paid by the buyer"),
}
RECEIVERS: Mapping[str, LazyString] = {
    "person": _l("to the person"),
    "organisation": _l("to their organisation"),
    "station": _l("to their station"),
}
CAUSES: Mapping[str, LazyString] = {
    "payment": _l("A payment of the deal"),
    "deal": _l("A step of the deal"),
    "agreement": _l("The agreement itself"),
    "watch": _l("Caught up with the books"),
}
CERTIFICATES: Mapping[str, LazyString] = {
    "broker": _l("Certified technology broker"),
    "manager": _l("Certified technology manager"),
    "liaison": _l("Certified liaison for transformation"),
}

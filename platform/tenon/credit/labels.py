"""Codes of the ledger in words, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

ACTS: Mapping[str, LazyString] = {
    "collected": _l("Collected"),
    "written": _l("Written up"),
    "introduced": _l("Introduced"),
    "hosted": _l("Hosted"),
    "closed": _l("Closed"),
}
THINGS: Mapping[str, LazyString] = {
    "listing": _l("Needs and achievements"),
    "introduction": _l("Introductions"),
    "meeting": _l("Meetings"),
    "deal": _l("Deals"),
}
# What stands for a thing whose title the viewer may not read.
UNTITLED: Mapping[str, LazyString] = {
    "listing": _l("A need or an achievement that is not open to you"),
    "introduction": _l("An introduction that is not open to you"),
    "meeting": _l("A meeting that is not open to you"),
    "deal": _l("A deal that is not open to you"),
}
CLAIMS: Mapping[str, LazyString] = {
    "mine": _l("I did this, not the person credited"),
    "shared": _l("We did this together"),
    "nobody": _l("Nobody did this"),
}
# The same, said of somebody else.
CLAIMED: Mapping[str, LazyString] = {
    "mine": _l("Whoever disputes it says that they did this themselves"),
    "shared": _l("Whoever disputes it says that they did this together"),
    "nobody": _l("Whoever disputes it says that nobody did this"),
}
STATES: Mapping[str, LazyString] = {
    "open": _l("Not settled yet"),
    "upheld": _l("Entry upheld"),
    "amended": _l("Entry amended"),
    "set_aside": _l("Entry struck"),
    "withdrawn": _l("Withdrawn"),
}
OUTCOMES: Mapping[str, LazyString] = {
    "uphold": _l("The entry stands"),
    "amend": _l("The credit goes to whoever disputes it"),
    "share": _l("Both are credited"),
    "set_aside": _l("The entry is struck, nobody is credited"),
}


def thing_title(kind: str) -> LazyString:
    """Return what to call a thing whose title the viewer may not read."""
    return UNTITLED[kind]

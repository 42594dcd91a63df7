"""Codes of the brokers' board in words, in the page's language: lanes, filters, steps, refusals.

Must not know introductions or a database.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.introductions.labels import GROUPS, STAGES
from tenon.introductions.states import LIVE_STATES

LANES: Mapping[str, LazyString] = {
    **{state: STAGES[state] for state in LIVE_STATES},
    "over": GROUPS["over"],
    "passed_on": _l("Passed on in 90 days"),
    "accepted": _l("Accepted of these"),
}
"""Lane -> its heading; a stage is called the same on the board as on an introduction's page."""
WAITS_FOR: Mapping[str, LazyString] = {
    "from": _l("The interested side is to act"),
    "to": _l("The other side is to act"),
    "broker": _l("The broker is to act"),
    "both": _l("Both sides are to act"),
}
WHOSE: Mapping[str, LazyString] = {
    "needs": _l("What needs me"),
    "mine": _l("Mine"),
    "unassigned": _l("Nobody's"),
    "all": _l("All"),
}
STEPS: Mapping[str, LazyString] = {
    "take_over": _l("Take over"),
    "pass_on": _l("Pass on to the other side"),
    "give_back": _l("Give back to be written better"),
    "refuse": _l("Refuse with a reason"),
    "message": _l("Write to them"),
    "assign": _l("Assign to a colleague"),
}
AUDIENCES: Mapping[str, LazyString] = {
    "all": _l("Both sides"),
    "from": _l("The interested side alone"),
    "to": _l("The side that is approached alone"),
    "brokers": _l("Brokers alone"),
}


def due_words(step: str, day: str) -> str:
    """Return what happens of itself next, and when."""
    words = {
        "remind": _("Reminder on %(day)s", day=day),
        "escalate": _("Goes one up on %(day)s", day=day),
        "lapse": _("Lapses on %(day)s", day=day),
    }
    return str(words[step])


def why_not(code: str) -> str:
    """Return why a step was not taken, in words; for an unknown code, that it was refused."""
    known = {
        "not_found": _("There is no such introduction."),
        "changed_meanwhile": _("Somebody changed it after you looked; look at it again."),
        "illegal_transition": _("Its stage does not allow this step."),
        "introduction_over": _("It is over."),
        "not_public": _("The listing is public no more."),
        "own_house": _("Your own organisation stands on one of its sides."),
        "somebody_elses": _("A colleague looks after it; ask them, or an operator."),
        "take_over_first": _("Nobody looks after it yet; take it over first."),
        "colleague_own_house": _("The colleague's organisation stands on one of its sides."),
        "said_already": _("You wrote just this a moment ago; it was not sent again."),
        "already_introduced": _("A live introduction of this pair is on its way already."),
        "same_house": _("Both belong to the same organisation."),
        "names_you": _("It names an organisation that is not to be named."),
        "owner_secret": _(
            "Whose need this is, only the broker in charge of it knows; ask them to propose it."
        ),
        "forbidden": _("You may not do this."),
    }
    return str(known.get(code) or _("That was refused."))

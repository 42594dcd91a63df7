"""The operators' page on the ranking: which weights run, how they came about, and the way back."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from matching.ranking import LEARNT, load_weights
from tenon.errors import Conflict, NotFound
from tenon.matches.learning import versions
from tenon.matches.models import RankingVersion
from tenon.matches.views.blueprint import matches
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

FEATURES: Mapping[str, LazyString] = {
    "relevance": _l("Relevance of the text"),
    "fields": _l("Fields and industries"),
    "readiness": _l("Readiness"),
    "requirements": _l("Requirements met"),
    "region": _l("Region"),
    "deal_forms": _l("Deal forms"),
    "price": _l("Budget against price"),
    "freshness": _l("Freshness"),
}
STATES: Mapping[str, LazyString] = {
    "candidate": _l("Candidate"),
    "running": _l("Running"),
    "retired": _l("Retired"),
}


PARTS: Mapping[str, LazyString] = {
    "all": _l("Judged set, all (nDCG@10)"),
    "zh": _l("Judged set, Chinese (nDCG@10)"),
    "en": _l("Judged set, English (nDCG@10)"),
}

Row = tuple[LazyString, float, float]


@matches.get("/operations/ranking")
def ranking() -> str:
    """Show what runs, its figures, and every version."""
    session = current_session()
    running = versions.running_version(session)
    return render_template(
        "matches/ranking.html",
        running=running,
        figures=_figures(running) if running else [],
        weights=_weights(running),
        versions=versions.versions(session),
        fits=versions.fits,
        before=versions.number_before(session) if running else None,
        states=STATES,
    )


@matches.get("/operations/ranking/change")
def change_ranking() -> str | BaseResponse:
    """Ask whether another version shall run."""
    if "version" not in request.args:
        return redirect(url_for(".ranking"))
    number = _wanted(request.args["version"])
    running = versions.running_version(current_session())
    return render_template("matches/ranking_change.html", number=number, running=running)


@matches.post("/operations/ranking/change")
@limiter.limit(WRITE)
def change_ranking_now() -> BaseResponse:
    """Let another version, or the shipped weights, run."""
    number = _wanted(request.form.get("version"))
    try:
        versions.let_run(current_session(), number, by=current_actor(), now=request_now())
    except Conflict as error:
        words = {
            "runs_already": _("That runs already."),
            "other_release": _("That version was learned for the weights of another release."),
        }
        if error.code not in words:
            raise
        flash(words[error.code], "error")
    else:
        flash(
            _("Version %(number)s runs now.", number=number)
            if number
            else _("The shipped weights run now."),
            "success",
        )
    return redirect(url_for(".ranking"), 303)


def _wanted(value: str | None) -> int:
    """Return the number asked for; raises NotFound for what can be none."""
    if value is None or not value.isdecimal() or len(value) > 9:
        raise NotFound
    number = int(value)
    known = {version.number for version in versions.versions(current_session())}
    if number and number not in known:
        raise NotFound
    return number


def _figures(version: RankingVersion) -> list[Row]:
    """Return (what, before, after) of what a version was kept for."""
    held, judged = version.figures["held_out"], version.figures["judged"]
    before, after = held["before"], held["after"]
    return [
        (_l("Held-out pairs in the right order"), before["in_order"], after["in_order"]),
        (_l("Gain on held-out words"), before["gain"], after["gain"]),
        *((PARTS[part], *judged[part]) for part in PARTS if part in judged),
    ]


def _weights(running: RankingVersion | None) -> list[Row]:
    """Return (what, shipped weight, weight that runs) of everything that is learned."""
    shipped, now = load_weights(), versions.weights_of(running)
    return [
        (FEATURES["relevance"], shipped.slope, now.slope),
        *((FEATURES[name], shipped.features[name], now.features[name]) for name in LEARNT),
    ]

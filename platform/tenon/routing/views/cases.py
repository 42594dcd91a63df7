"""Needs on their way: the list with bulk assignment, one case with its log and its verbs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tenon.accounts.models import User
from tenon.accounts.queries import person
from tenon.errors import Conflict, Invalid, NotFound
from tenon.listings.models import Listing
from tenon.listings.permissions import UNSUBMITTED_STATES, may_know_owner, may_see
from tenon.network.models import Station
from tenon.network.queries.heads import headed_stations, manages
from tenon.network.queries.people import brokers_of
from tenon.network.queries.tree import Branch, find_station, knows_inside, places
from tenon.routing import queries, services
from tenon.routing.forms import PassForm, ReplyForm
from tenon.routing.models import CASE_STATES, NeedCase
from tenon.routing.permissions import stands_in
from tenon.routing.services.assigning import MANY
from tenon.routing.views.blueprint import Answer, posted_version, routing
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now

PROPOSED = "proposed"
ANY = "any"


@routing.get("/cases")
def cases() -> str:
    """List the needs in sight, due first; heads give out several at once."""
    session, actor, now = current_session(), current_actor(), request_now()
    station = _asked_place()
    asked = request.args.get("whose", "")
    counts = queries.case_counts(
        session, by=actor, now=now, station_id=None if station is None else station.id
    )
    whose = asked if asked in queries.WHOSE else _first_tab(counts)
    state = request.args.get("state", "open")
    state = state if state in CASE_STATES else ANY
    number = requested_page()
    found, total = queries.cases(
        session,
        queries.CaseFilter(
            whose=whose,
            station_id=None if station is None else station.id,
            state="" if state == ANY else state,
        ),
        by=actor,
        now=now,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )
    keys = [each.listing_id for each in found]
    collected = queries.collected_listings(session, keys)
    return render_template(
        "routing/cases.html",
        page=Page(found, number, PAGE_SIZE, total),
        whose=whose,
        state=state,
        counts=counts,
        station=station,
        branches=_branches(),
        brokers=brokers_of(session, actor) if _gives_out() else [],
        automatic=None if station is None else queries.assigns_by_itself(session, station.id),
        may_choose=station is not None and manages(session, actor, station.id),
        today=queries.site_day(now),
        shows=lambda case: _shows_title(case.listing, collected),
        knows_owner=lambda case: may_know_owner(actor, case.listing),
    )


def _first_tab(counts: Any) -> str:
    """Begin with one's own; who has none begins with all."""
    return "mine" if counts["mine"] else "all"


def _gives_out() -> bool:
    actor = current_actor()
    return actor.operator or bool(headed_stations(current_session(), actor))


def _asked_place() -> Station | None:
    """Return the place that the list is narrowed to; raises NotFound for one out of sight."""
    key = request.args.get("place", "")
    if not key:
        return None
    station = find_station(current_session(), key)
    if not knows_inside(current_actor(), station):
        raise NotFound(kind="station")
    return station


def _branches() -> list[Branch]:
    actor = current_actor()
    within = None if actor.operator else actor.stations
    if within is not None and not within:
        return []
    return list(places(current_session(), within=within))


def _shows_title(listing: Listing, collected: Iterable[int]) -> bool:
    """Whether a broker to whom the case is in sight may read what the need is called."""
    handed_in = listing.submitted_at is not None or listing.published_at is not None
    return listing.id in collected or (handed_in and listing.state not in UNSUBMITTED_STATES)


@routing.post("/cases/assign")
@limiter.limit(WRITE)
def assign_many() -> Answer:
    """Give the ticked cases to one broker, or each to whom the scoring proposes."""
    session, actor = current_session(), current_actor()
    keys = request.form.getlist("case")[:MANY]
    back = url_for("routing.cases", whose="unassigned")
    if not keys:
        flash(_("Tick the needs that you want to give out first."), "error")
        return redirect(back)
    chosen = request.form.get("broker", "")
    if not chosen:
        flash(_("Choose who is to look after them."), "error")
        return redirect(back)
    broker = None if chosen == PROPOSED else person(session, chosen)
    now = request_now()
    found = [queries.find_case(session, key, by=actor, now=now) for key in dict.fromkeys(keys)]
    given, left = services.assign_many(session, found, broker, by=actor, now=now)
    if given:
        words = ngettext("%(num)s need given out.", "%(num)s needs given out.", given)
        flash(words, "success")
    if left:
        flash(
            ngettext(
                "%(num)s need stays as it was: not yours to give, or nobody has room.",
                "%(num)s needs stay as they were: not yours to give, or nobody has room.",
                left,
            ),
            "warning",
        )
    return redirect(back)


@routing.get("/cases/<public_id>")
def case(public_id: str) -> Answer:
    """Show a need's way through the network, and what can be done next."""
    return _page(_find(public_id), ReplyForm(formdata=None), PassForm(formdata=None))


def _find(public_id: str) -> NeedCase:
    return queries.find_case(current_session(), public_id, by=current_actor(), now=request_now())


def _page(
    found: NeedCase,
    reply: ReplyForm,
    passing: PassForm,
    *,
    unsent: ReplyForm | PassForm | None = None,
) -> str:
    session, actor, now = current_session(), current_actor(), request_now()
    disposes = services.may_dispose(session, actor, found)
    proposed = []
    if disposes and found.state != "closed":
        proposed = queries.proposals(
            session, found.listing, station_id=found.station_id, today=queries.site_day(now)
        )[:5]
    log = queries.moves_of(session, found)
    said = [each.reasons for each in log] + [list(each.reasons) for each in proposed]
    keys = {each.user_id for each in proposed}
    keys |= {one["for"] for reasons in said for one in reasons if one.get("for") is not None}
    visit = queries.visit_behind(session, found.listing_id)
    collected = set() if visit is None else {found.listing_id}
    return render_template(
        "routing/case.html",
        case=found,
        log=log,
        replies=queries.replies_of(session, found),
        proposed=proposed,
        names=_names(keys),
        visit=visit,
        brokers=brokers_of(session, actor) if disposes else [],
        branches=_targets(found) if disposes else [],
        disposes=disposes,
        may_take=services.may_take(actor, found, now=now),
        stands_in=stands_in(actor, found, today=queries.site_day(now)),
        may_work=services.may_work(session, actor, found, now=now),
        today=queries.site_day(now),
        shows=_shows_title(found.listing, collected),
        sees_listing=may_see(actor, found.listing, now),
        knows_owner=may_know_owner(actor, found.listing),
        reply=reply,
        passing=passing,
        unsent=unsent,
    )


def _quicker(
    public_id: str, reply: ReplyForm, passing: PassForm, *, unsent: ReplyForm | PassForm
) -> Answer:
    """Show how it stands since somebody was quicker, with what was typed and not sent; 409."""
    current_session().rollback()
    return _page(_find(public_id), reply, passing, unsent=unsent), 409


def _targets(found: NeedCase) -> Sequence[Branch]:
    """Return the places that the actor may send a case to."""
    session, actor = current_session(), current_actor()
    within = None if actor.operator else headed_stations(session, actor)
    return [each for each in places(session, within=within) if each.station.id != found.station_id]


def _names(keys: Iterable[int]) -> dict[int, str]:
    rows = current_session().execute(sa.select(User.id, User.name).where(User.id.in_(list(keys))))
    return {row.id: row.name for row in rows}


@routing.post("/cases/<public_id>/assign")
@limiter.limit(WRITE)
def assign(public_id: str) -> Answer:
    """Give a case to a broker, or to whom the scoring proposes first."""
    session, actor, now = current_session(), current_actor(), request_now()
    found, chosen = _find(public_id), request.form.get("broker", "")
    if chosen == PROPOSED:
        if not services.assign_best(session, found, by=actor, now=now):
            flash(_("Nobody here has room for it; choose somebody yourself."), "error")
    else:
        try:
            broker = person(session, chosen)
            services.assign(
                session, found, broker, by=actor, now=now, expected_version=posted_version()
            )
        except (Invalid, NotFound):
            session.rollback()
            flash(_("Choose who is to look after it."), "error")
    return redirect(url_for("routing.case", public_id=public_id))


@routing.post("/cases/<public_id>/take")
@limiter.limit(WRITE)
def take(public_id: str) -> Answer:
    """Look after a case from now on."""
    services.take(
        current_session(),
        _find(public_id),
        by=current_actor(),
        now=request_now(),
        expected_version=posted_version(),
    )
    flash(_("You look after it now."), "success")
    return redirect(url_for("routing.case", public_id=public_id))


@routing.post("/cases/<public_id>/pass-on")
@limiter.limit(WRITE)
def pass_on(public_id: str) -> Answer:
    """Give a case back to its place with a reason."""
    found, form = _find(public_id), PassForm()
    try:
        services.pass_on(
            current_session(),
            found,
            reason=form.reason.data or "",
            remark=form.remark.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _page(found, ReplyForm(formdata=None), form), 422
    except Conflict:
        return _quicker(public_id, ReplyForm(formdata=None), form, unsent=form)
    flash(_("Passed back: whoever gives out needs here has been told."), "success")
    return redirect(url_for("routing.cases"))


@routing.post("/cases/<public_id>/reply")
@limiter.limit(WRITE)
def reply(public_id: str) -> Answer:
    """Write to the firm."""
    found, form = _find(public_id), ReplyForm()
    try:
        services.reply(
            current_session(),
            found,
            text=form.text.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _page(found, form, PassForm(formdata=None)), 422
    except Conflict:
        return _quicker(public_id, form, PassForm(formdata=None), unsent=form)
    flash(_("Sent: the firm reads it on its need's page."), "success")
    return redirect(url_for("routing.case", public_id=public_id))


@routing.post("/cases/<public_id>/route")
@limiter.limit(WRITE)
def route(public_id: str) -> Answer:
    """Send a case to another place."""
    session, found = current_session(), _find(public_id)
    try:
        services.route(
            session,
            found,
            find_station(session, request.form.get("station", "")),
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except (Invalid, NotFound):
        session.rollback()
        flash(_("Choose the place that it is to go to."), "error")
        return redirect(url_for("routing.case", public_id=public_id))
    flash(_("Sent on."), "success")
    return redirect(url_for("routing.cases"))


@routing.post("/places/<public_id>/automatic")
@limiter.limit(WRITE)
def automatic(public_id: str) -> Answer:
    """Say whether needs are given out by themselves at a place."""
    session = current_session()
    services.choose_automatic(
        session,
        find_station(session, public_id),
        automatic=request.form.get("automatic") == "1",
        by=current_actor(),
        now=request_now(),
    )
    return redirect(url_for("routing.cases", whose="all", place=public_id))

"""The tree for those who manage it: overview, add, describe, move, close, open again."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.errors import Forbidden, Invalid
from tenon.network.forms import CloseForm, MoveForm, NewPlaceForm, PlaceForm, place_choices
from tenon.network.models import LEVELS, Station
from tenon.network.queries import heads, tree
from tenon.network.queries.portfolio import station_counts
from tenon.network.services import closing
from tenon.network.services import tree as services
from tenon.network.services.tree_import import find_organisation
from tenon.network.views.blueprint import Answer, managed_place, network, version_of
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _within() -> frozenset[int] | None:
    """Return the places that the actor manages, None for all; raises Forbidden for none."""
    actor = current_actor()
    if actor.operator:
        return None
    found = heads.headed_stations(current_session(), actor)
    if not found:
        raise Forbidden(action="manage_place")
    return found


@network.get("/manage")
def manage() -> str:
    """List the places in sight, with who and what is there, and what the actor may do with them."""
    session, actor = current_session(), current_actor()
    headed = heads.headed_stations(session, actor)
    within = None if actor.operator else actor.stations
    if within is not None and not within:
        raise Forbidden(action="manage_place")
    closed = request.args.get("closed") == "yes"
    return render_template(
        "network/manage.html",
        branches=tree.places(session, within=within, closed=closed),
        managed=lambda station: actor.operator or station.id in headed,
        manages=actor.operator or bool(headed),
        members=tree.member_counts(session),
        firms=station_counts(session),
        closed=closed,
    )


@network.get("/places/new")
def new() -> str:
    """Show the form for a place, below the one that the address names if it does."""
    form = _new_form(asked=False)
    asked = request.args.get("below", "")
    form.parent.data = asked
    if asked:
        above = tree.find_station(current_session(), asked)
        form.level.data = LEVELS[min(LEVELS.index(above.level) + 1, len(LEVELS) - 1)]
    return render_template("network/new.html", form=form)


def _new_form(*, asked: bool) -> NewPlaceForm:
    form = NewPlaceForm() if asked else NewPlaceForm(formdata=None)
    form.offer(tree.parents_for(current_session(), LEVELS[-1], within=_within()))
    return form


@network.post("/places/new")
@limiter.limit(WRITE)
def add() -> Answer:
    """Add a place."""
    form = _new_form(asked=True)
    if form.validate():
        session = current_session()
        above = tree.find_station(session, form.parent.data) if form.parent.data else None
        try:
            station = services.add_station(
                session,
                form.details(_house(form)),
                level=form.level.data,
                parent=above,
                by=current_actor(),
                now=request_now(),
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("The place is in the tree. Say now who works there."), "success")
            return redirect(url_for("network.place", public_id=station.public_id))
    return render_template("network/new.html", form=form), 422


def _house(form: PlaceForm) -> int | None:
    """Return the host organisation that was named; raises Invalid at ``organisation``."""
    named = form.organisation.data or ""
    found = find_organisation(current_session(), named)
    if named and found is None:
        raise Invalid({"organisation": "unknown_firm"})
    return None if found is None else found.id


@network.get("/places/<public_id>/edit")
def edit(public_id: str) -> str:
    """Show what is said of a place as a form."""
    station, form = managed_place(public_id), PlaceForm(formdata=None)
    form.show(station)
    return render_template("network/edit.html", station=station, form=form)


@network.post("/places/<public_id>/edit")
@limiter.limit(WRITE)
def save(public_id: str) -> Answer:
    """Change what is said of a place."""
    station, form = managed_place(public_id), PlaceForm()
    if form.validate():
        try:
            services.describe(
                current_session(),
                station,
                form.details(_house(form)),
                by=current_actor(),
                now=request_now(),
                expected_version=version_of(form.version.data),
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("network.place", public_id=public_id))
    return render_template("network/edit.html", station=station, form=form), 422


@network.get("/places/<public_id>/move")
def move(public_id: str) -> str:
    """Ask below which place another is to lie."""
    station = _from_above(public_id)
    form = MoveForm(formdata=None, version=station.version)
    return render_template("network/move.html", station=station, form=_offer(form, station))


def _from_above(public_id: str) -> Station:
    station = tree.find_station(current_session(), public_id)
    heads.require_manages_above(current_session(), current_actor(), station)
    return station


def _offer(form: MoveForm, station: Station) -> MoveForm:
    session = current_session()
    own = tree.below(session, station.id)
    branches = tree.parents_for(session, station.level, within=_within())
    form.parent.choices = place_choices(each for each in branches if each.station.id not in own)
    if not form.is_submitted():
        form.parent.data = "" if station.parent is None else station.parent.public_id
    return form


@network.post("/places/<public_id>/move")
@limiter.limit(WRITE)
def move_now(public_id: str) -> Answer:
    """Hang a place, with all below it, under another."""
    station, form = _from_above(public_id), MoveForm()
    try:
        if not form.validate() or not form.parent.data:
            raise Invalid({"parent": "required"})
        services.move_station(
            current_session(),
            station,
            tree.find_station(current_session(), form.parent.data),
            by=current_actor(),
            now=request_now(),
            expected_version=version_of(form.version.data),
        )
    except Invalid as error:
        form.take_errors(error)
        shown = _offer(form, station)
        return render_template("network/move.html", station=station, form=shown), 422
    flash(_("Moved, with everything below it."), "success")
    return redirect(url_for("network.place", public_id=public_id))


@network.get("/places/<public_id>/close")
def close(public_id: str) -> str:
    """Ask whether to close a place, and what becomes of what lies there."""
    station = _from_above(public_id)
    return _closing(station, CloseForm(formdata=None, version=station.version))


def _closing(station: Station, form: CloseForm) -> str:
    return render_template(
        "network/close.html",
        station=station,
        form=form,
        below=tree.children(current_session(), station),
        lying=closing.lying(current_session(), station),
    )


@network.post("/places/<public_id>/close")
@limiter.limit(WRITE)
def close_now(public_id: str) -> Answer:
    """Close a place."""
    station, form = _from_above(public_id), CloseForm()
    try:
        closing.close_station(
            current_session(),
            station,
            hand_up=bool(form.hand_up.data),
            by=current_actor(),
            now=request_now(),
            expected_version=version_of(form.version.data),
        )
    except Invalid as error:
        form.take_errors(error)
        return _closing(station, form), 422
    flash(_("The place is closed."), "success")
    return redirect(url_for("network.manage"))


@network.post("/places/<public_id>/reopen")
@limiter.limit(WRITE)
def reopen(public_id: str) -> Answer:
    """Open a closed place again."""
    station = _from_above(public_id)
    services.reopen(current_session(), station, by=current_actor(), now=request_now())
    return redirect(url_for("network.place", public_id=public_id))

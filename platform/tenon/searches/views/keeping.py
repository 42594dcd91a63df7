"""Keep a search, change it, pause it, drop it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from tenon.errors import Conflict, Invalid
from tenon.matches.engine import engine_of
from tenon.searches import queries
from tenon.searches.forms import SearchForm
from tenon.searches.models import SavedSearch
from tenon.searches.permissions import may_keep_of
from tenon.searches.services import keeping
from tenon.searches.views.asked import Asked, asked_of, lines_of, read_asked, suggest_name
from tenon.searches.views.blueprint import Answer, searches
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now, settings

KEEPS = "20 per minute; 200 per day"


@searches.route("/new", methods=["GET", "POST"])
@limiter.limit(WRITE)
def new() -> str:
    """Show what is to be kept, with a name suggested; a long text comes by POST."""
    asked = read_asked()
    _refuse_foreign(asked)
    form = SearchForm(formdata=None)
    form.name.data = suggest_name(asked, _names())
    return _page(form, asked)


@searches.post("")
@limiter.limit(KEEPS)
def keep() -> Answer:
    """Keep a search."""
    asked = read_asked()
    _refuse_foreign(asked)
    form = SearchForm()
    draft = keeping.Draft(
        kind=asked.kind,
        name=form.name.data or "",
        rhythm=form.rhythm.data or "",
        text=asked.text,
        side=asked.side,
        chosen=asked.chosen,
        listing=asked.listing,
        organisation_id=_firm(form),
    )
    try:
        made = keeping.keep(
            current_session(),
            engine_of(settings()),
            draft,
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _page(form, asked), 422
    flash(_("The search is kept. You are told of what is new from now on."), "success")
    return redirect(url_for("searches.show", public_id=made.public_id), 303)


@searches.get("/<public_id>/change")
def change(public_id: str) -> str:
    """Show a search's name, rhythm and firm to change."""
    search = queries.find_search(current_session(), public_id, by=current_actor())
    form = SearchForm(formdata=None)
    form.name.data, form.rhythm.data = search.name, search.rhythm
    form.version.data = search.version
    if search.organisation is not None:
        form.organisation.data = search.organisation.public_id
    return _page(form, asked_of(search), search)


@searches.post("/<public_id>/change")
@limiter.limit(WRITE)
def change_now(public_id: str) -> Answer:
    """Give a search another name, rhythm or firm."""
    session, actor = current_session(), current_actor()
    search = queries.find_search(session, public_id, by=actor)
    form = SearchForm()
    try:
        keeping.change(
            session,
            search,
            name=form.name.data or "",
            rhythm=form.rhythm.data or "",
            organisation_id=_firm(form),
            version=form.version.data or 0,
            by=actor,
            now=request_now(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _page(form, asked_of(search), search), 422
    flash(_("Saved."), "success")
    return redirect(url_for("searches.mine"), 303)


@searches.post("/<public_id>/pause")
@limiter.limit(WRITE)
def pause(public_id: str) -> Answer:
    """Be told nothing until it is resumed."""
    session, actor = current_session(), current_actor()
    keeping.pause(session, queries.find_search(session, public_id, by=actor), by=actor)
    flash(_("The search is paused."), "success")
    return redirect(url_for("searches.mine"), 303)


@searches.post("/<public_id>/resume")
@limiter.limit(WRITE)
def resume(public_id: str) -> Answer:
    """Go on with a search."""
    session, actor = current_session(), current_actor()
    search = queries.find_search(session, public_id, by=actor)
    try:
        keeping.resume(session, engine_of(settings()), search, by=actor, now=request_now())
    except Conflict as error:
        if error.code != "right_lost":
            raise
        flash(_("You no longer look after the listing or firm that this search is about."), "error")
        return redirect(url_for("searches.mine"), 303)
    flash(_("The search goes on. What came in between is not told."), "success")
    return redirect(url_for("searches.mine"), 303)


@searches.post("/<public_id>/drop")
@limiter.limit(WRITE)
def drop(public_id: str) -> Answer:
    """Delete a search."""
    session, actor = current_session(), current_actor()
    keeping.drop(session, queries.find_search(session, public_id, by=actor), by=actor)
    flash(_("The search is deleted."), "success")
    return redirect(url_for("searches.mine"), 303)


def _page(form: SearchForm, asked: Asked, search: SavedSearch | None = None) -> str:
    firms = queries.possible_firms(current_session(), current_actor())
    named = [(each.public_id, each.name(language())) for each in firms]
    form.offer_firms(named)
    return render_template(
        "searches/form.html", form=form, asked=asked, lines=lines_of(asked), search=search
    )


def _names() -> set[str]:
    user_id = current_actor().user_id
    if user_id is None:
        abort(401)
    kept = queries.mine(current_session(), user_id, now=request_now())
    return {each.search.name for each in kept}


def _firm(form: SearchForm) -> int | None:
    """Return the key of the firm that was chosen; 404 for one that is not in the portfolio."""
    chosen = form.organisation.data
    if not chosen or chosen == "None":
        return None
    firms = queries.possible_firms(current_session(), current_actor())
    found = next((each.id for each in firms if each.public_id == chosen), None)
    if found is None:
        abort(404)
    return found


def _refuse_foreign(asked: Asked) -> None:
    if asked.listing is not None and not may_keep_of(current_actor(), asked.listing, request_now()):
        abort(403)

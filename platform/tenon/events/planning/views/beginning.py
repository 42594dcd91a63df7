"""Begin an event: the kind or an earlier one, and one short form."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.accounts.models import Organisation
from tenon.accounts.queries import organisation
from tenon.errors import Invalid, NotFound
from tenon.events import queries as event_queries
from tenon.events.models import Event
from tenon.events.models.event import KINDS
from tenon.events.planning import queries, services
from tenon.events.planning.forms import OutlineForm
from tenon.events.planning.services.basics import host_named
from tenon.events.planning.views.blueprint import Answer, events
from tenon.web.languages import shown_zone
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@events.get("/new")
def new() -> str:
    """Offer the kinds, earlier events to copy, and the short form."""
    form, source = OutlineForm(formdata=None), _source(request.args.get("copy", ""))
    kind = request.args.get("kind", "")
    hosts = _hosts()
    if source is not None:
        form.begin_copy(source)
    else:
        form.begin(
            kind if kind in KINDS else KINDS[0],
            host=hosts[0].public_id if hosts else "",
            zone=shown_zone().key,
        )
    return _page(form, source, hosts)


def _source(public_id: str) -> Event | None:
    """Return the earlier event to copy; raises NotFound, Forbidden where it is not the actor's."""
    if not public_id:
        return None
    return event_queries.find_to_run(current_session(), public_id, by=current_actor())


def _hosts() -> Sequence[Organisation]:
    """Return the organisations that the actor belongs to, the one acted for first."""
    actor = current_actor()
    first = sa.case((Organisation.id == actor.organisation_id, 0), else_=1)
    return (
        current_session()
        .scalars(
            sa.select(Organisation)
            .where(Organisation.id.in_(actor.memberships), Organisation.state == "approved")
            .order_by(first, Organisation.id)
        )
        .all()
    )


def _page(form: OutlineForm, source: Event | None, hosts: Sequence[Organisation]) -> str:
    if source is not None and source.organisation not in hosts:
        hosts = [*hosts, source.organisation]
    form.offer(hosts, form.zone.data or shown_zone().key)
    return render_template(
        "events/planning/new.html",
        form=form,
        source=source,
        kinds=KINDS,
        today=request_now().astimezone(shown_zone()).date(),
        earlier=queries.earlier(current_session(), by=current_actor()),
    )


@events.post("/new")
@limiter.limit(WRITE)
def create() -> Answer:
    """Begin it; nobody but its organisers sees it yet."""
    form, session = OutlineForm(), current_session()
    source = _source(form.copy.data or "")
    try:
        event = _begin(form, source)
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(form, _source(form.copy.data or ""), _hosts()), 422
    flash(_("The event is prepared. Look through it, and announce it."), "success")
    return redirect(url_for("events.set_up", public_id=event.public_id), 303)


def _begin(form: OutlineForm, source: Event | None) -> Event:
    session, by, now = current_session(), current_actor(), request_now()
    outline = form.outline(_host(form))
    if source is None:
        return services.begin_event(session, outline, by=by, now=now)
    return services.copy_event(session, source, outline, by=by, now=now)


def _host(form: OutlineForm) -> int:
    """Return the host chosen among one's own organisations, or the one named.

    Faults of the other fields are told first: all at once where both are wrong.
    """
    chosen = form.organisation.data or ""
    try:
        if not chosen and form.host_name.data:
            return host_named(current_session(), form.host_name.data).id
        house = organisation(current_session(), chosen)
    except NotFound:
        raise _with_the_rest(form, Invalid({"organisation": "host_needed"})) from None
    except Invalid as error:
        raise _with_the_rest(form, error) from None
    if house.id in current_actor().memberships or _is_sources(form, house):
        return house.id
    raise _with_the_rest(form, Invalid({"organisation": "host_needed"}))


def _is_sources(form: OutlineForm, house: Organisation) -> bool:
    source = _source(form.copy.data or "")
    return source is not None and source.organisation_id == house.id


def _with_the_rest(form: OutlineForm, error: Invalid) -> Invalid:
    try:
        form.outline(0)
    except Invalid as others:
        return Invalid(others.fields | error.fields)
    return error

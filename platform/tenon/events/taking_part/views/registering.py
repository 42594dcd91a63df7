"""Register, for oneself or a colleague, and change what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, lazyload

from tenon.accounts.models import Membership, Organisation, User
from tenon.errors import Conflict, Invalid
from tenon.events.models import Event, Registration
from tenon.events.queries import registration_of
from tenon.events.taking_part import labels, services
from tenon.events.taking_part.forms import Availability, PartForm, said_before
from tenon.events.taking_part.phases import registration_closed
from tenon.events.taking_part.queries.availability import Day, absent_numbers, days_of
from tenon.events.taking_part.queries.people import editor_houses
from tenon.events.taking_part.services.places import free_places
from tenon.events.taking_part.views.blueprint import (
    Answer,
    acted_part,
    event_people,
    seen_event,
)
from tenon.listings.models import SIDES, Listing
from tenon.listings.queries import is_public
from tenon.web.forms import options
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

MYSELF = ""


@dataclass(frozen=True, slots=True)
class _House:
    """What the actor may choose among: their houses, and colleagues for whom they may register."""

    organisations: Sequence[Organisation]
    colleagues: Sequence[Membership]


@event_people.get("/<public_id>/register")
def new(public_id: str) -> Answer:
    """Show the form, filled with what is most likely."""
    event = seen_event(public_id)
    session, actor = current_session(), current_actor()
    own = registration_of(session, event, actor.user_id)
    house = _house()
    if own is not None and not house.colleagues:
        return redirect(url_for(".mine", public_id=public_id))
    organisations = {each.id: each for each in house.organisations}
    acting = organisations.get(actor.organisation_id or 0)
    form = PartForm(
        formdata=None,
        data={
            "organisation": acting.public_id if acting else "",
            "group": _likely_group(event, acting),
            "attends": "on_site",
            "languages": ["zh"] if language() == "zh" else ["zh", "en"],
        },
    )
    days = days_of(session, event)
    return _page(event, form, house, days, Availability.of(frozenset(), days), own=own)


@event_people.post("/<public_id>/register")
@limiter.limit(WRITE)
def create(public_id: str) -> Answer:
    """Register; with ``then`` go on to write a listing."""
    event = seen_event(public_id)
    session, actor = current_session(), current_actor()
    house = _house()
    form, days = PartForm(), days_of(session, event)
    free = Availability.posted(request.form, days)
    try:
        user = _person(form, house)
        made = services.register(
            session,
            event,
            user=user,
            organisation_id=_organisation(form, house),
            answers=form.answers(free.absent(days)),
            by=actor,
            now=request_now(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(seen_event(public_id), form, house, days, free), 422
    except Conflict as error:
        session.rollback()
        form.form_errors.append(labels.why_not(error.code))
        return _page(seen_event(public_id), form, house, days, free), 409
    flash(_registered(made), "success")
    return _go_on(made)


@event_people.get("/parts/<public_id>/edit")
def edit(public_id: str) -> str:
    """Show what was said at registration."""
    part = acted_part(public_id)
    session = current_session()
    days = days_of(session, part.event)
    form = PartForm(formdata=None, data=said_before(part))
    free = Availability.of(absent_numbers(session, part), days)
    return _page(part.event, form, _house(), days, free, part=part)


@event_people.post("/parts/<public_id>/edit")
@limiter.limit(WRITE)
def save(public_id: str) -> Answer:
    """Keep what was changed."""
    part = acted_part(public_id)
    session = current_session()
    form, days = PartForm(), days_of(session, part.event)
    free = Availability.posted(request.form, days)
    try:
        services.change(
            session,
            part,
            answers=form.answers(free.absent(days)),
            by=current_actor(),
            now=request_now(),
            expected_version=form.expected,
        )
    except (Invalid, Conflict) as error:
        session.rollback()
        part = acted_part(public_id)
        if isinstance(error, Invalid):
            form.take_errors(error)
            status = 422
        else:
            form.form_errors.append(labels.why_not(error.code))
            form.version.data, status = str(part.version), 409
        return _page(part.event, form, _house(), days, free, part=part), status
    flash(_("Kept."), "success")
    return _go_on(part)


def _go_on(part: Registration) -> Answer:
    """Lead to the part, or to the wizard where a listing is to be written on the way."""
    side = request.form.get("then", "")
    if side in SIDES:
        flash(
            _("Write the listing now. Once it is published, its page lets you bring it along."),
            "info",
        )
        return redirect(url_for("listings.new", side=side), 303)
    return redirect(url_for(".show_part", public_id=part.public_id), 303)


def _registered(made: Registration) -> str:
    if made.state == "waiting":
        return str(_("The event is full. You stand on the waiting list."))
    if made.state == "pending":
        return str(_("Sent. The organiser looks at your registration and answers."))
    return str(_("Registered. Now say whom you wish to meet."))


def _house() -> _House:
    session, actor = current_session(), current_actor()
    organisations = session.scalars(
        sa.select(Organisation)
        .where(
            Organisation.id.in_(sorted(actor.memberships)),
            Organisation.state.in_(("approved", "pending")),
        )
        .order_by(Organisation.id)
    ).all()
    people = joinedload(Membership.user).options(lazyload(User.roles), lazyload(User.memberships))
    colleagues = session.scalars(
        sa.select(Membership)
        .join(Membership.user)
        .where(
            Membership.organisation_id.in_(editor_houses(actor)),
            Membership.state == "active",
            Membership.user_id != actor.user_id,
            User.active.is_(True),
            User.erased_at.is_(None),
        )
        .options(people)
        .order_by(Membership.organisation_id, User.name, Membership.id)
        .limit(300)
    ).all()
    return _House(organisations, colleagues)


def _person(form: PartForm, house: _House) -> User:
    chosen = form.person.data or MYSELF
    if chosen == MYSELF:
        return current_session().get_one(User, current_actor().user_id)
    for each in house.colleagues:
        if each.user.public_id == chosen:
            return each.user
    raise Invalid({"person": "unknown_code"})


def _organisation(form: PartForm, house: _House) -> int | None:
    chosen = form.organisation.data or ""
    if not chosen:
        return None
    for each in house.organisations:
        if each.public_id == chosen:
            return each.id
    raise Invalid({"organisation": "unknown_code"})


def _likely_group(event: Event, organisation: Organisation | None) -> str:
    """Return the group that fits a kind of organisation by its code; the only one there is."""
    codes = [each.code for each in event.groups]
    if len(codes) == 1:
        return codes[0]
    wanted = {
        "university": "researcher",
        "institute": "researcher",
        "enterprise": "company",
        "finance": "investor",
    }
    code = wanted.get(organisation.kind if organisation else "", "")
    return code if code in codes else ""


def _listing_choices(house: _House, part: Registration | None) -> list[tuple[str, str]]:
    """Return (public id, title) of public listings that may be brought, and those brought."""
    if part is not None:
        ids = [part.organisation_id] if part.organisation_id else []
    else:
        ids = [each.id for each in house.organisations]
    brought = [each.id for each in part.listings] if part else []
    may_come = sa.and_(is_public(request_now()), Listing.anonymous.is_(False))
    unused = (Listing.fields, Listing.deal_forms, Listing.requirements, Listing.contributors)
    rows = (
        current_session()
        .scalars(
            sa.select(Listing)
            .where(Listing.organisation_id.in_(ids), sa.or_(may_come, Listing.id.in_(brought)))
            .options(*(lazyload(each) for each in unused))
            .order_by(Listing.organisation_id, Listing.side.desc(), Listing.id)
            .limit(200)
        )
        .all()
    )
    tongue = language()
    several = len(ids) > 1
    return [
        (
            each.public_id,
            each.text(tongue).title + (f" · {each.organisation.name(tongue)}" if several else ""),
        )
        for each in rows
    ]


def _page(
    event: Event,
    form: PartForm,
    house: _House,
    days: list[Day],
    free: Availability,
    *,
    part: Registration | None = None,
    own: Registration | None = None,
) -> str:
    tongue = language()
    form.offer(event, tongue)
    form.listings.choices = options(_listing_choices(house, part))
    form.organisation.choices = options(
        [*((each.public_id, each.name(tongue)) for each in house.organisations),
         ("", _("For none, for myself"))]
    )  # fmt: skip
    people = [
        (each.user.public_id, f"{each.user.name} · {each.organisation.name(tongue)}")
        for each in house.colleagues
    ]
    myself = [] if own is not None else [(MYSELF, _("I myself"))]
    form.person.choices = options([*myself, *people])
    return render_template(
        "events/taking_part/register.html",
        event=event,
        form=form,
        part=part,
        days=days,
        free=free,
        has_colleagues=bool(people),
        places=free_places(current_session(), event),
        closed="" if part else registration_closed(event, request_now()),
    )

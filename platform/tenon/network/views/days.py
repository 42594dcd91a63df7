"""Absences, own and of those whom one manages; the calendar of days that are special."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.accounts.models import User
from tenon.errors import Invalid, NotFound
from tenon.network.forms import AbsenceForm, DayForm, chosen, people_choices
from tenon.network.queries import days, people, tree
from tenon.network.services import absence as services
from tenon.network.services import calendar as calendars
from tenon.network.views.blueprint import Answer, network, this_day
from tenon.network.views.importing import shown_year
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@network.get("/absence")
def absence() -> str:
    """Show who is away, or will be, with the form for another absence."""
    return _absence_page(AbsenceForm(formdata=None))


def _absence_page(form: AbsenceForm) -> str:
    session = current_session()
    mine = _people()
    _offer(form, mine)
    since = this_day()
    return render_template(
        "network/absence.html",
        form=form,
        mine=mine,
        absences=people.absences_of(session, [each.id for each in mine], since=since),
        standing_in=_stood_in_for(since),
        today=since,
    )


def _people() -> list[User]:
    """Return oneself, if a broker, and the brokers whose absences the actor may enter."""
    session, actor = current_session(), current_actor()
    found = [each for each in people.brokers_of(session, actor) if each.id != actor.user_id]
    own = session.get(User, actor.user_id) if actor.user_id and actor.broker else None
    return [own, *found] if own is not None else found


def _stood_in_for(day: date) -> list[User]:
    session, actor = current_session(), current_actor()
    keys = people.stands_in_for(session, actor.user_id or 0, day)
    return [session.get_one(User, key) for key in sorted(keys)]


def _offer(form: AbsenceForm, mine: list[User]) -> None:
    form.person.choices = people_choices(mine)[1:]
    form.deputy.choices = people_choices(_deputies(), _l("No deputy"))


def _deputies() -> Sequence[User]:
    """Return who may be named: brokers of the places in sight and of those above, else all."""
    session, actor = current_session(), current_actor()
    if actor.operator or not actor.stations:
        return people.brokers(session)
    return people.brokers(session, within=tree.around(session, actor.stations))


@network.post("/absence")
@limiter.limit(WRITE)
def add_absence() -> Answer:
    """Note that somebody is away."""
    form = AbsenceForm()
    if form.validate():
        session = current_session()
        try:
            services.add_absence(
                session,
                _chosen_person(form),
                first_day=_day(form, "first_day"),
                last_day=_day(form, "last_day"),
                deputy=_deputy(form),
                note=form.note.data or "",
                by=current_actor(),
                now=request_now(),
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            told = _("Noted. The deputy was told.") if form.deputy.data else _("Noted.")
            flash(told, "success")
            return redirect(url_for("network.absence"))
    return _absence_page(form), 422


def _chosen_person(form: AbsenceForm) -> User:
    mine = _people()
    found = chosen(mine, form.person.data) or (mine[0] if mine and not form.person.data else None)
    if found is None:
        raise Invalid({"person": "unknown_code"})
    return found


def _deputy(form: AbsenceForm) -> User | None:
    found = chosen(_deputies(), form.deputy.data)
    if found is None and form.deputy.data:
        raise Invalid({"deputy": "unknown_code"})
    return found


def _day(form: AbsenceForm | DayForm, name: str) -> date:
    found = form[name].data
    if not isinstance(found, date):
        raise Invalid({name: "required"})
    return found


@network.post("/absence/<int:absence_id>/cancel")
@limiter.limit(WRITE)
def cancel_absence(absence_id: int) -> Answer:
    """Take an absence back, or let it end yesterday."""
    found = services.find_absence(current_session(), absence_id)
    services.cancel_absence(current_session(), found, by=current_actor(), now=request_now())
    flash(_("The absence is taken back."), "success")
    return redirect(url_for("network.absence"))


@network.get("/calendar")
def calendar() -> str:
    """List the special days of a year."""
    return render_template("network/calendar.html", **_calendar(DayForm(formdata=None)))


def _calendar(form: DayForm) -> dict[str, Any]:
    year = shown_year() or this_day().year
    return {
        "form": form,
        "year": year,
        "days": days.special_days(current_session(), year),
        "published": calendars.published_years(),
    }


@network.post("/calendar")
@limiter.limit(WRITE)
def set_day() -> Answer:
    """Say what a day is."""
    form = DayForm()
    if form.validate():
        try:
            special = calendars.Special(
                day=_day(form, "day"),
                kind=form.kind.data,
                name_zh=form.name_zh.data or "",
                name_en=form.name_en.data or "",
                source=form.source.data or "",
            )
            calendars.set_days(current_session(), [special], by=current_actor())
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("network.calendar", year=special.day.year))
    return render_template("network/calendar.html", **_calendar(form)), 422


@network.post("/calendar/clear")
@limiter.limit(WRITE)
def clear_day() -> Answer:
    """Let a day be what its weekday says."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        raise NotFound(kind="day") from None
    calendars.clear_day(current_session(), day, by=current_actor())
    flash(_("The day is what its weekday says again."), "success")
    return redirect(url_for("network.calendar", year=day.year))


@network.post("/calendar/published")
@limiter.limit(WRITE)
def take_published() -> Answer:
    """Take over the published days of a year."""
    year = request.form.get("year", type=int) or 0
    number = calendars.set_days(current_session(), calendars.published(year), by=current_actor())
    flash(_("Days added or changed: %(number)s.", number=number), "success")
    return redirect(url_for("network.calendar", year=year))

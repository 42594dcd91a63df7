"""My firms, and those of whom one manages: list, take, give, give up, from a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tenon.accounts.models import Organisation, User
from tenon.accounts.queries import organisation as find_organisation
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.network import files, labels
from tenon.network.files import Line
from tenon.network.forms import FileForm, FirmsForm, chosen, people_choices
from tenon.network.queries import heads, people
from tenon.network.queries import portfolio as queries
from tenon.network.services import portfolio as services
from tenon.network.services import row_imports
from tenon.network.services.portfolio import AT_ONCE, Given
from tenon.network.views.blueprint import Answer, broker_in_sight, network
from tenon.network.views.importing import lines_of, take_file_errors, taking_in
from tenon.taxonomy.pickers import as_choices
from tenon.web.languages import language
from tenon.web.limits import UPLOAD, WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now

_NAMED = 5


def _asked() -> queries.FirmFilter:
    return queries.FirmFilter(
        text=request.args.get("q", "")[:100],
        region=request.args.get("region", ""),
        free=request.args.get("free") == "yes",
    )


@network.get("/portfolio")
def portfolio() -> Answer:
    """List the firms that a broker looks after: one's own, or those of a broker in sight."""
    session, actor, where = current_session(), current_actor(), _asked()
    asked = request.args.get("broker", "")
    if not asked and not actor.broker:
        return redirect(url_for("network.firms"))
    user = broker_in_sight(asked) if asked else session.get_one(User, actor.user_id)
    number = requested_page()
    rows, total = queries.portfolio(
        session, user.id, where, by=actor, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    profile = people.profile_of(session, user.id)
    return render_template(
        "network/portfolio.html",
        user=user,
        own=user.id == actor.user_id,
        page=Page(rows, number, PAGE_SIZE, total),
        where=where,
        most=None if profile is None else profile.most_firms,
        manages=heads.manages_anything(session, actor),
    )


@network.get("/firms")
def firms() -> str:
    """Find firms: to take, or to give to a broker."""
    return _firms_page(FirmsForm(formdata=None))


def _same_list(endpoint: str) -> str:
    """Return an address that keeps what the list is narrowed to."""
    where = _asked()
    return url_for(
        endpoint,
        q=where.text or None,
        region=where.region or None,
        free="yes" if where.free else None,
        page=request.args.get("page", type=int),
    )


def _firms_page(form: FirmsForm, given: Given | None = None) -> str:
    session, actor, where = current_session(), current_actor(), _asked()
    number = requested_page()
    rows, total = queries.organisations(
        session, where, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    manages = heads.manages_anything(session, actor)
    form.broker.choices = people_choices(_receivers()) if manages else []
    kept = queries.live_rows(session, [each.id for each in rows])
    return render_template(
        "network/firms.html",
        form=form,
        page=Page(rows, number, PAGE_SIZE, total),
        kept=kept,
        visible={key for key, each in kept.items() if queries.may_see_firm(actor, each)},
        where=where,
        regions=as_choices("region", language(), 2),
        manages=manages,
        given=given,
        ticked=set(form.firms.data or ()),
        target=_same_list("network.give"),
    )


def _receivers() -> list[User]:
    """Return the brokers to whom the actor may give firms; oneself first."""
    session, actor = current_session(), current_actor()
    found = list(people.brokers_of(session, actor))
    return sorted(found, key=lambda each: each.id != actor.user_id)


@network.post("/firms")
@limiter.limit(WRITE)
def give() -> Answer:
    """Take the firms that were ticked, or give them to a broker."""
    form, session, actor = FirmsForm(), current_session(), current_actor()
    manages = heads.manages_anything(session, actor)
    form.broker.choices = people_choices(_receivers()) if manages else []
    try:
        form.validate()
        found = _ticked(form.firms.data or ())
        over = bool(form.even_over_limit.data)
        if request.form.get("go") == "take" or not manages:
            given = services.take(session, found, by=actor, now=request_now(), even_over_limit=over)
        else:
            given = services.give(
                session, found, _receiver(form), by=actor, now=request_now(), even_over_limit=over
            )
    except Invalid as error:
        form.take_errors(error)
        return _firms_page(form), 422
    say_given(given)
    return redirect(_same_list("network.firms"))


def _ticked(public_ids: Sequence[str]) -> list[Organisation]:
    wanted = list(dict.fromkeys(public_ids))[: AT_ONCE + 1]
    rows = current_session().scalars(
        sa.select(Organisation).where(Organisation.public_id.in_(wanted)).order_by(Organisation.id)
    )
    return list(rows)


def _receiver(form: FirmsForm | FileForm) -> User:
    found = chosen(_receivers(), form.broker.data)
    if found is None:
        raise Invalid({"broker": "required"})
    return found


def say_given(given: Given) -> None:
    """Tell how many firms changed hands, and which did not and why."""
    if given.given:
        flash(
            ngettext(
                "%(num)s firm is looked after now.",
                "%(num)s firms are looked after now.",
                len(given.given),
            ),
            "success",
        )
    for firm, code in given.refused[:_NAMED]:
        flash(
            _(
                "%(firm)s: not taken, %(why)s.",
                firm=firm.name(language()),
                why=labels.REFUSALS[code],
            ),
            "warning",
        )
    if len(given.refused) > _NAMED:
        left = len(given.refused) - _NAMED
        flash(
            ngettext("%(num)s more was not taken.", "%(num)s more were not taken.", left), "warning"
        )


@network.post("/firms/<public_id>/give-up")
@limiter.limit(WRITE)
def give_up(public_id: str) -> Answer:
    """Let a firm be nobody's."""
    session = current_session()
    row = queries.live_row(session, find_organisation(session, public_id).id)
    if row is None:
        raise NotFound(kind="portfolio")
    services.give_up(session, row, by=current_actor(), now=request_now())
    flash(_("Nobody looks after this firm now."), "success")
    return redirect(url_for("network.portfolio"))


@network.get("/portfolio/import")
def import_firms() -> str:
    """Ask for a file of firms."""
    return _import_page(FileForm(formdata=None))


def _import_page(form: FileForm, lines: Sequence[Line] = ()) -> str:
    form.broker.choices = people_choices(_receivers())
    columns = row_imports.FIRM_COLUMNS
    return render_template(
        "network/import_firms.html",
        form=form,
        lines=lines,
        columns=columns,
        packed=files.pack(lines, columns) if lines else "",
        changes=sum(each.outcome in ("new", "changed") for each in lines),
        manages=heads.manages_anything(current_session(), current_actor()),
    )


@network.post("/portfolio/import")
@limiter.limit(UPLOAD)
def import_firms_now() -> Answer:
    """Look at a file of firms, or give what was looked at; rows that are wrong stay out."""
    form, session, actor = FileForm(), current_session(), current_actor()
    form.broker.choices = people_choices(_receivers())
    lines: list[Line] = []
    try:
        form.validate()
        user = _import_receiver(form)
        lines = lines_of(form, row_imports.FIRM_COLUMNS)
        found = row_imports.preview_firms(session, lines, user)
        if not taking_in(form):
            services.require_within_limit(
                session, user, len(found), even_over_limit=bool(form.even_over_limit.data)
            )
            return _import_page(form, lines)
        given = row_imports.take_in_firms(
            session,
            lines,
            user,
            by=actor,
            now=request_now(),
            even_over_limit=bool(form.even_over_limit.data),
        )
    except Invalid as error:
        _show_import_error(form, error)
        return _import_page(form, lines), 422
    say_given(given)
    return redirect(url_for("network.portfolio", broker=user.public_id))


def _show_import_error(form: FileForm, error: Invalid) -> None:
    packed: Any = form.rows.data
    take_file_errors(form, error)
    if "file" not in error.fields:
        form.rows.data = packed


def _import_receiver(form: FileForm) -> User:
    """Return for whom the firms are: who was chosen, else oneself."""
    session, actor = current_session(), current_actor()
    if form.broker.data or not actor.broker:
        return _receiver(form)
    own = session.get(User, actor.user_id)
    if own is None:
        raise Forbidden(action="give_firm")
    return own

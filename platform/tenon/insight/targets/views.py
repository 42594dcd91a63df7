"""Pages of targets: the list, one with its figure and what is behind it, the operators' forms."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from tenon.errors import Conflict, Invalid, NotFound
from tenon.insight import labels, measures
from tenon.insight.asking import narrowed
from tenon.insight.charts import Chart
from tenon.insight.measures import Scope
from tenon.insight.models import SCOPES, Target
from tenon.insight.naming import names_of
from tenon.insight.overview.exporting import CSV, comma_separated
from tenon.insight.overview.views import PAGES_OF, sent, today
from tenon.insight.permissions import dimensions_for, may_set_targets, sees_inside
from tenon.insight.targets import drawing, setting
from tenon.insight.targets.forms import TargetForm, words_of
from tenon.insight.targets.progress import Progress, progress, progress_of_many, scope_of
from tenon.insight.targets.queries import STANDINGS, Wanted, find_target, targets, tree, versions
from tenon.web.access import Access, declare
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now

insight_targets = Blueprint("insight_targets", __name__, url_prefix="/targets")

Answer = str | tuple[str, int] | BaseResponse
_OPEN = ("index", "show", "behind", "chart_data")
_OPERATORS = (
    "new", "create", "edit", "save", "withdraw", "import_file", "import_now", "template",
)  # fmt: skip


def install(app: Flask) -> None:
    """Register the pages of targets and their menu entry."""
    from tenon.insight.targets import import_views  # noqa: F401, PLC0415  # adds its routes

    app.register_blueprint(insight_targets)
    declare(app, {f"insight_targets.{name}": Access.PUBLIC for name in _OPEN})
    declare(app, {f"insight_targets.{name}": Access.OPERATOR for name in _OPERATORS})
    entry = Entry(
        "insight_targets.index", _l("Targets"), "desk", 64, when=lambda actor: actor.signed_in
    )
    add_entries(app, [entry])
    add_page_words(
        app,
        target_labels=labels,
        target_part=lambda target: drawing.part_name(target, language()),
        target_amount=lambda value, target: drawing.amount_words(value, target, language()),
        target_about=lambda value, target: drawing.about_words(value, target, language()),
        target_verdict=lambda one: drawing.verdict_words(one, language()),
    )


def _day() -> date | None:
    """Return the as-of day asked for, if it is a past one."""
    try:
        asked = date.fromisoformat(request.args.get("as_of", ""))
    except ValueError:
        return None
    return asked if asked < today() else None


@insight_targets.get("")
def index() -> str:
    """List the targets that the reader may know of, with how far each is."""
    session, number = current_session(), requested_page()
    standing = request.args.get("standing")
    scope, measure = request.args.get("scope"), request.args.get("measure")
    wanted = Wanted(
        standing=standing if standing in STANDINGS else "current",
        scope=scope if scope in SCOPES else None,
        measure=measure if measure in labels.MEASURES else None,
    )
    rows, total = targets(
        session,
        wanted,
        by=current_actor(),
        today=today(),
        offset=(number - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    found = progress_of_many(session, rows, day=today())
    return render_template(
        "insight/targets/index.html",
        page=Page(found, number, PAGE_SIZE, total),
        wanted=wanted,
        may_set=may_set_targets(current_actor()),
        standings=STANDINGS,
    )


@insight_targets.get("/<public_id>")
def show(public_id: str) -> str:
    """Show one target: how far, what to expect, its parts, where it comes from."""
    session, actor = current_session(), current_actor()
    target, found = _progress(public_id)
    inside = sees_inside(actor, target)
    around = tree(session, target, by=actor)
    past = found.scope.as_of is not None
    below = progress_of_many(session, around.below[:PAGE_SIZE], day=found.day, past=past)
    dimensions = [
        each for each in found.measure.dimensions if each in dimensions_for(actor, target)
    ]
    by = request.args.get("by")
    by = by if by in dimensions else next(iter(dimensions), None)
    parts = by and _parts(target, found, by)
    return render_template(
        "insight/targets/show.html",
        target=target,
        found=found,
        as_of=_day() if inside else None,
        inside=inside,
        around=around,
        below=below,
        chart_drawn=drawing.pace_chart(current_session(), found, language()),
        parts=parts,
        dimensions=dimensions,
        by=by,
        versions=versions(session, target) if inside else [],
        may_set=may_set_targets(actor),
    )


def _parts(target: Target, found: Progress, by: str) -> Chart:
    """Return the figure taken apart, each part leading to its list."""
    kept: dict[str, Any] = {"public_id": target.public_id, "by": by}
    if found.scope.as_of is not None:
        kept["as_of"] = found.scope.as_of.isoformat()
    return drawing.parts_chart(
        current_session(),
        found,
        by,
        reader=current_actor(),
        language=language(),
        link=lambda address: url_for("insight_targets.behind", value=address, **kept),
    )


def _progress(public_id: str) -> tuple[Target, Progress]:
    """Return a target and how far it is today, or on the past day asked for by who sees inside."""
    session, actor = current_session(), current_actor()
    target = find_target(session, public_id, by=actor)
    asked = _day() if sees_inside(actor, target) else None
    return target, progress(session, target, day=asked or today(), past=asked is not None)


@insight_targets.get("/<public_id>/list")
def behind(public_id: str) -> str:
    """List what is behind a target's figure, or one part of it, for those who see inside."""
    session, actor, number = current_session(), current_actor(), requested_page()
    target = find_target(session, public_id, by=actor)
    if not sees_inside(actor, target):
        raise NotFound(kind="target")
    scope = scope_of(session, target, day=_day())
    by, value = request.args.get("by"), request.args.get("value")
    if value is not None:
        if by not in dimensions_for(actor, target):
            raise NotFound(kind="dimension")
        scope = narrowed(session, scope, by, value, by=actor)
    found = measures.get(target.measure).rows(
        session, scope, actor, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
    )
    return render_template(
        "insight/targets/list.html",
        target=target,
        found=found,
        page=Page(found.rows, number, PAGE_SIZE, found.open),
        as_of=_day(),
        part=None if by is None or value is None else _part_name(scope, by),
        pages_of=PAGES_OF,
    )


def _part_name(scope: Scope, by: str) -> tuple[str, str]:
    """Return what a part is a part by, and what it is called."""
    keys = {
        "region": scope.region,
        "field": None if scope.field is None else ":".join(scope.field),
        "institution": scope.organisation_id,
        "broker": scope.broker_id,
        "station": next(iter(scope.station_ids or ()), None),
    }
    key = str(keys[by])
    names = names_of(current_session(), by, [key], language=language(), by=current_actor())
    return str(labels.DIMENSIONS[by]), names[key].text


@insight_targets.get("/<public_id>/chart.csv")
@limiter.limit(WRITE)
def chart_data(public_id: str) -> Response:
    """Send what the chart is drawn from."""
    _target, found = _progress(public_id)
    drawn = drawing.pace_chart(current_session(), found, language())
    if drawn is None:
        raise NotFound(kind="chart")
    return sent(comma_separated(drawn), CSV, f"target-{found.day}.csv")


def _form_page(form: TargetForm, target: Target | None) -> str:
    return render_template("insight/targets/form.html", form=form, target=target)


def _form() -> TargetForm:
    form = TargetForm()
    form.offer(current_session(), language())
    return form


@insight_targets.get("/new")
def new() -> str:
    """Ask for a target; what an address names is filled in."""
    form = TargetForm(formdata=None)
    form.offer(current_session(), language())
    form.period.data, form.scope.data = "year", "site"
    form.year.data = str(today().year)
    measure = request.args.get("measure")
    if measure in labels.MEASURES:
        form.measure.data = measure
    return _form_page(form, None)


@insight_targets.post("/new")
@limiter.limit(WRITE)
def create() -> Answer:
    """Set a target."""
    form, session = _form(), current_session()
    if not form.validate():
        return _form_page(form, None), 422
    try:
        target = setting.set_target(
            session, form.said(session), by=current_actor(), now=request_now()
        )
    except (Invalid, Conflict) as error:
        _take(form, error)
        return _form_page(form, None), 422
    flash(_("The target is set."), "success")
    return redirect(url_for("insight_targets.show", public_id=target.public_id), 303)


def _take(form: TargetForm, error: Invalid | Conflict) -> None:
    """Show what was refused; a conflict of versions is the error page's business."""
    if isinstance(error, Invalid):
        form.take_errors(error)
    elif error.code == "target_exists":
        form.form_errors.append(words_of(error.code))
    else:
        raise error


@insight_targets.get("/<public_id>/edit")
def edit(public_id: str) -> str:
    """Ask what a target is to say from now on."""
    target = find_target(current_session(), public_id, by=current_actor())
    form = TargetForm(formdata=None)
    form.offer(current_session(), language())
    form.show(target, language())
    return _form_page(form, target)


@insight_targets.post("/<public_id>/edit")
@limiter.limit(WRITE)
def save(public_id: str) -> Answer:
    """Change a target; what it said stays on record."""
    form, session = _form(), current_session()
    target = find_target(session, public_id, by=current_actor())
    if not form.validate():
        return _form_page(form, target), 422
    try:
        setting.change_target(
            session,
            target,
            form.said(session),
            by=current_actor(),
            now=request_now(),
            expected_version=_version(form.version.data),
        )
    except (Invalid, Conflict) as error:
        _take(form, error)
        return _form_page(form, target), 422
    flash(_("Saved; the earlier version stays on record."), "success")
    return redirect(url_for("insight_targets.show", public_id=target.public_id), 303)


@insight_targets.post("/<public_id>/withdraw")
@limiter.limit(WRITE)
def withdraw(public_id: str) -> Answer:
    """Withdraw a target."""
    session = current_session()
    target = find_target(session, public_id, by=current_actor())
    setting.withdraw_target(
        session,
        target,
        by=current_actor(),
        now=request_now(),
        expected_version=_version(request.form.get("version")),
    )
    flash(_("The target is withdrawn; what it said stays on record."), "success")
    return redirect(url_for("insight_targets.show", public_id=target.public_id), 303)


def _version(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 9 else None

"""The organiser's rules of pairs: ticked or pasted, shown first, then done."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tenon.errors import Invalid
from tenon.events.models import Event, Registration
from tenon.events.queries import slots_of, tables_of
from tenon.events.taking_part import labels
from tenon.events.taking_part.forms import RulesForm
from tenon.events.taking_part.queries import wishes
from tenon.events.taking_part.queries.rules import people_by_id, rules_of
from tenon.events.taking_part.services import ruling
from tenon.events.taking_part.services.ruling import Asked, Ruled
from tenon.events.taking_part.views.blueprint import Answer, event_people, run_event
from tenon.events.views.moments import local_span
from tenon.web.forms import options
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

FILE_LIMIT = 200_000
"""Bytes of a file of pairs; more than AT_ONCE rows are refused anyhow."""


@event_people.get("/<public_id>/pair-rules")
def pair_rules(public_id: str) -> str:
    """Show the rules that stand, pairs that wish to meet, and the form."""
    return _page(run_event(public_id), RulesForm(formdata=None))


@event_people.post("/<public_id>/pair-rules")
@limiter.limit(WRITE)
def make_rules(public_id: str) -> Answer:
    """Show what would become of each row, or do it: by the form's ``go``."""
    event = run_event(public_id)
    session, form = current_session(), RulesForm()
    _take_file(form)
    rows, slot = _rows(form), form.slot.data or ""
    choice: dict[str, Any] = {
        "rule": form.rule.data or "",
        "slot": int(slot) if slot.isdecimal() and len(slot) < 5 else None,
        "table": form.table.data or "",
        "by": current_actor(),
    }
    if request.form.get("go") == "change":
        return _page(event, form)
    done = request.form.get("go") == "do"
    try:
        if done:
            remark, now = form.remark.data or "", request_now()
            ruled = ruling.rule_pairs(session, event, rows, remark=remark, now=now, **choice)
        else:
            ruled = ruling.judge(session, event, rows, **choice)
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(run_event(public_id), form), 422
    if done:
        return _done(event, ruled)
    return _preview(event, form, ruled)


@event_people.post("/<public_id>/pair-rules/remove")
@limiter.limit(WRITE)
def remove_rules(public_id: str) -> Answer:
    """Take rules back that are ticked."""
    event = run_event(public_id)
    try:
        number = ruling.forget_rules(
            current_session(),
            event,
            request.form.getlist("chosen"),
            by=current_actor(),
            now=request_now(),
        )
    except Invalid:
        flash(labels.why_not("nothing_chosen"), "warning")
        return redirect(url_for(".pair_rules", public_id=public_id), 303)
    flash(ngettext("%(num)s rule taken back.", "%(num)s rules taken back.", number), "success")
    return redirect(url_for(".pair_rules", public_id=public_id), 303)


def _take_file(form: RulesForm) -> None:
    """Add the lines of a file to those that were pasted, so that the preview shows both."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return
    content = sent.read(FILE_LIMIT)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")  # what spreadsheets write in Chinese
    form.rows.data = f"{form.rows.data or ''}\n{text.replace(chr(0), '')}".strip()


def _rows(form: RulesForm) -> list[Asked]:
    """Return pasted lines, then ticked pairs (``pair`` holds two codes)."""
    pasted = ruling.read_lines(form.rows.data or "")
    last = max((each.line for each in pasted), default=0)
    ticked = []
    for place, pair in enumerate(dict.fromkeys(request.form.getlist("pair")), start=1):
        first, _space, second = pair.partition(" ")
        ticked.append(Asked(last + place, first.upper(), second.upper()))
    return pasted + ticked


def _done(event: Event, ruled: list[Ruled]) -> Answer:
    made = sum(each.code in ("new", "changed") for each in ruled)
    left = sum(not each.done for each in ruled)
    flash(ngettext("%(num)s pair decided.", "%(num)s pairs decided.", made), "success")
    if left:
        flash(ngettext("%(num)s row was left out.", "%(num)s rows were left out.", left), "warning")
    return redirect(url_for(".pair_rules", public_id=event.public_id), 303)


def _offer(event: Event, form: RulesForm) -> None:
    session = current_session()
    form.rule.choices = options(labels.RULES.items())
    slots = [
        (slot.number + 1, local_span(slot.starts_at, slot.ends_at, event))
        for slot in slots_of(session, event)
    ]
    named = [(str(number), f"{number} · {span}") for number, span in slots]
    form.slot.choices = options([("", _("As the rows say")), *named])
    tables = [(each.name, each.name) for each in tables_of(session, event)]
    form.table.choices = options([("", _("Any table")), *tables])


def _page(event: Event, form: RulesForm) -> str:
    session = current_session()
    _offer(event, form)
    rules = rules_of(session, event)
    ruled = {(each.a_id, each.b_id) for each in rules}
    pairs = [each for each in wishes.wished_pairs(session, event) if each[:2] not in ruled]
    keys = {key for each in rules for key in (each.a_id, each.b_id)}
    keys |= {key for each in pairs for key in each[:2]}
    people: dict[int, Registration] = people_by_id(session, keys)
    return render_template(
        "events/taking_part/pair_rules.html",
        event=event,
        form=form,
        rules=rules,
        pairs=pairs,
        people=people,
        ticked=set(request.form.getlist("pair")),
        slots={slot.id: slot for slot in slots_of(session, event)},
        tables={each.id: each for each in tables_of(session, event)},
    )


def _preview(event: Event, form: RulesForm, ruled: list[Ruled]) -> str:
    _offer(event, form)
    return render_template(
        "events/taking_part/pair_preview.html",
        event=event,
        form=form,
        ruled=ruled,
        pairs=request.form.getlist("pair"),
    )

"""Read what holds where and since when, with the source and whether somebody read it there."""

from __future__ import annotations

from datetime import date, datetime

from flask import render_template, request

from tenon.rules import queries
from tenon.rules.catalogue import catalogue, entry, is_jurisdiction
from tenon.rules.forms import place_choices
from tenon.rules.queries import RuleFilter
from tenon.rules.views.blueprint import rules
from tenon.web.languages import shown_zone
from tenon.web.requests import current_session, request_now


@rules.get("/rules")
def index() -> str:
    """List the rules by topic, as they hold on a day in a place."""
    where = asked_for(today())
    holds = queries.holding(
        current_session(), jurisdiction=where.jurisdiction or None, on=where.on or today()
    )
    found = [
        (topic, [(each, holds.get(each.code)) for each in _entries(topic.code)])
        for topic in catalogue().topics.values()
        if where.topic in {"", topic.code}
    ]
    return render_template(
        "rules/index.html",
        found=found,
        where=where,
        topics=catalogue().topics.values(),
        places=place_choices(),
    )


def _entries(topic: str) -> list[queries.Entry]:
    return [each for each in catalogue().entries.values() if each.topic == topic]


@rules.get("/rules/<code>")
def explain(code: str) -> str:
    """Explain one rule: what it does, and all its rows with their sources."""
    described = entry(code)
    return render_template(
        "rules/rule.html",
        entry=described,
        topic=catalogue().topics[described.topic],
        rows=queries.rows(current_session(), RuleFilter(code=code)),
        today=today(),
    )


def today() -> date:
    """Return the day that it is in the site's zone."""
    now: datetime = request_now()
    return now.astimezone(shown_zone()).date()


def asked_for(day: date | None) -> RuleFilter:
    """Return the filter of the request; ``day`` where no date is asked for."""
    topic = request.args.get("topic", "")
    place = request.args.get("place", "")
    try:
        on = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        on = None
    return RuleFilter(
        topic=topic if topic in catalogue().topics else "",
        jurisdiction=place if is_jurisdiction(place) else "",
        on=on or day,
    )

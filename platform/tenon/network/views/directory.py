"""What everybody may read: whom to ask near them; a place's page, with its inside for who may."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from tenon.errors import NotFound
from tenon.network import lying_here
from tenon.network.forms import MemberForm
from tenon.network.models import Station
from tenon.network.queries import heads, people, tree
from tenon.network.views.blueprint import network, this_day
from tenon.taxonomy import catalogue
from tenon.taxonomy.pickers import as_choices
from tenon.web.languages import language
from tenon.web.requests import current_actor, current_session
from tenon.web.sections import sections


@network.get("")
def index() -> str:
    """List the places as a tree, narrowed to a region."""
    asked = request.args.get("region", "")
    region = asked if asked and catalogue.find("region", asked) is not None else ""
    return render_template(
        "network/index.html",
        branches=tree.places(current_session(), region=region),
        region=region,
        regions=as_choices("region", language(), 2),
    )


@network.get("/places/<public_id>")
def place(public_id: str) -> str:
    """Show a place: where it is, for all; who works there and what lies there, for who may."""
    station = tree.find_station(current_session(), public_id)
    return show_place(station, MemberForm(formdata=None))


def show_place(station: Station, form: MemberForm) -> str:
    """Return a place's page, with the form for somebody who is to work there."""
    session, actor = current_session(), current_actor()
    inside = tree.knows_inside(actor, station)
    if station.state == "closed" and not inside:
        raise NotFound(kind="station")
    shown: dict[str, Any] = {"inside": inside, "manages": False, "above": False}
    if inside:
        shown = {
            "inside": True,
            "manages": heads.manages(session, actor, station.id),
            "above": heads.manages_above(session, actor, station),
            "staff": people.staff_of(session, station, today=this_day()),
            "lying": lying_here.counts(session, station.id),
            "answer_days": tree.answer_days(session, station.id),
            "sections": sections("network.place", session, station, actor),
        }
    return render_template(
        "network/place.html",
        station=station,
        upwards=list(reversed(tree.above(session, station.id))),
        below=tree.children(session, station),
        form=form,
        **shown,
    )

"""The home page, and its one box: a text in, the best public counterparts with reasons out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from matching.documents import Document
from tenon.matches import queries
from tenon.matches.bundled import BundleView
from tenon.matches.engine import engine_of
from tenon.matches.sides import Side, guess_side
from tenon.matches.views.blueprint import matches
from tenon.web.limits import BOX, limiter
from tenon.web.requests import current_actor, current_session, request_now, settings
from tenon.web.sections import card_parts, sections

LONGEST_TEXT = 5_000
LONGEST_SHARED = 400
"""Texts up to this many characters are carried by the address, so that answers can be shared."""

Problem = Literal["", "empty", "too_long"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What came in by the box.

    Attributes:
        text: as written, trimmed.
        side: what the text is: need or achievement.
        guessed: whether the side is a guess.
        past: whether needs whose deadline has passed are wanted too.
        problem: why it cannot be answered; empty if it can.
    """

    text: str
    side: Side
    guessed: bool
    past: bool
    problem: Problem = ""

    @property
    def shared(self) -> str | None:
        """The address at which this answer can be had again; None for a long text."""
        if self.problem or len(self.text) > LONGEST_SHARED:
            return None
        side = None if self.guessed else self.side
        return url_for("matches.box", text=self.text, side=side, past="1" if self.past else None)

    @property
    def other_side(self) -> Side:
        """The side that the text is not taken for."""
        return "achievement" if self.side == "need" else "need"


def examples() -> list[tuple[Side, str]]:
    """Return texts to begin with: what people at either side write, in the page's language."""
    return [
        (
            "need",
            _(
                "Laser welding of our copper busbars spatters and cracks, and one joint in twenty "
                "is scrapped. How can we weld copper cleanly at two metres a minute?"
            ),
        ),
        (
            "need",
            _(
                "Fog stops our driverless trucks at the quay: every sensor sees phantom obstacles. "
                "We need a lidar that sees through fog to 80 m and is safe for the eyes."
            ),
        ),
        (
            "achievement",
            _(
                "We have built an acoustic-emission sensor that hears a two-millimetre cutter "
                "break and stops the machine within a second, so that night shifts can run "
                "unattended."
            ),
        ),
    ]


@matches.get("/")
def home() -> str:
    """Show the box, some live figures and how it works."""
    figures = queries.figures(current_session(), now=request_now())
    return render_template(
        "matches/home.html", figures=figures, examples=examples(), longest=LONGEST_TEXT
    )


@matches.route("/match", methods=["GET", "POST"])
@limiter.limit(BOX)
def box() -> BaseResponse:
    """Answer the box: a page, or for htmx only the results."""
    asked = _read()
    if request.method == "GET" and asked.problem == "empty":
        return redirect(url_for("matches.home"))
    found, bundle = ([], None) if asked.problem else _find(asked)
    partial = request.headers.get("HX-Request") == "true"
    template = "matches/_answer.html" if partial else "matches/box.html"
    cards = [view.listing for view in found]
    response = make_response(
        render_template(
            template,
            asked=asked,
            found=found,
            bundle=bundle,
            longest=LONGEST_TEXT,
            card_parts=card_parts("match", current_session(), cards, None, current_actor()),
            sections=sections("box", current_session(), asked, current_actor()),
        )
    )
    if asked.problem:
        # htmx puts only good answers in place, and this one is meant to be read there.
        response.status_code = 200 if partial else 422
    return _with_address(response, asked, partial=partial)


def _with_address(response: Response, asked: Asked, *, partial: bool) -> Response:
    response.headers.add("Vary", "HX-Request")
    if partial and asked.shared:
        response.headers["HX-Push-Url"] = asked.shared
    return response


def _read() -> Asked:
    values = request.form if request.method == "POST" else request.args
    text = values.get("text", "").replace("\r\n", "\n").strip()
    chosen = values.get("side")
    guessed = chosen not in ("need", "achievement")
    side: Side = guess_side(text) if guessed else ("need" if chosen == "need" else "achievement")
    problem: Problem = "" if any(map(str.isalnum, text)) else "empty"
    if len(text) > LONGEST_TEXT:
        problem = "too_long"
    return Asked(text, side, guessed, values.get("past") == "1", problem)


def _find(asked: Asked) -> tuple[list[queries.MatchView], BundleView | None]:
    engine = engine_of(settings())
    draft: Document = engine.draft(asked.text, asked.side)
    return queries.text_and_bundle(
        current_session(),
        engine,
        draft=draft,
        actor=current_actor(),
        now=request_now(),
        past=asked.past,
    )

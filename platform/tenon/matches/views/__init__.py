"""Pages of the room: the box, search, a listing's matches, the operators' ranking."""

from __future__ import annotations

from flask import Flask, Response
from flask_babel import lazy_gettext as _l

from matching.errors import MatchingError
from tenon.matches.building import ask_for_repair
from tenon.matches.sites import remember_site
from tenon.matches.views import box, pairs, ranking, search, sections, showing
from tenon.matches.views.blueprint import matches
from tenon.web import errors
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.requests import database

__all__ = ["box", "install", "pairs", "ranking", "search"]


def install(app: Flask) -> None:
    """Register the room's pages, and say plainly when the index is not ready."""
    remember_site(app.extensions["tenon.settings"])
    showing.install(app)
    sections.install(app)
    app.register_blueprint(matches)
    app.register_error_handler(MatchingError, _not_ready)
    # Asking changes nothing, and an expired form must not cost anybody the text they wrote.
    app.extensions["csrf"].exempt(box.box)
    declare(
        app,
        {
            "matches.home": Access.PUBLIC,
            "matches.box": Access.PUBLIC,
            "matches.search": Access.PUBLIC,
            "matches.of_listing": Access.PUBLIC,
            "matches.say": Access.EDITOR,
            "matches.unsay": Access.EDITOR,
            "matches.ranking": Access.OPERATOR,
            "matches.change_ranking": Access.OPERATOR,
            "matches.change_ranking_now": Access.OPERATOR,
        },
    )
    add_entries(
        app,
        [
            Entry("matches.search", _l("Browse"), order=10),
            Entry("matches.ranking", _l("Ranking"), "desk", 90),
        ],
    )


def _not_ready(error: MatchingError) -> Response:
    errors.log.error("matching cannot answer: %s", error)
    ask_for_repair(database(), error)
    return errors.answer(503)

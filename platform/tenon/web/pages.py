"""The few pages that belong to no room: language, health, robots."""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from tenon.web import languages
from tenon.web.access import Access, declare
from tenon.web.requests import current_session

pages = Blueprint("pages", __name__)


def safe_target(address: str | None) -> str:
    """Return ``address`` if it stays on this site, else the home page."""
    if address:
        parts = urlsplit(address)
        if (
            not parts.scheme
            and not parts.netloc
            and address.startswith("/")
            and "\\" not in address
        ):
            return address
    return url_for("matches.home")


@pages.post("/language")
def set_language() -> BaseResponse:
    """Keep a choice of language and go back to the page it was made on."""
    languages.remember(request.form.get("language", ""))
    return redirect(safe_target(request.form.get("next")))


@pages.get("/healthz")
def health() -> Response:
    """Answer a load balancer: the process runs and reaches its database."""
    current_session().execute(sa.text("SELECT 1"))
    return jsonify(status="ok")


@pages.get("/robots.txt")
def robots() -> Response:
    """Let search engines read what is public."""
    closed = ("/account", "/review", "/verify/")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def install(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(pages)
    declare(
        app,
        {
            "static": Access.PUBLIC,
            "vendor": Access.PUBLIC,
            "pages.set_language": Access.PUBLIC,
            "pages.health": Access.PUBLIC,
            "pages.robots": Access.PUBLIC,
        },
    )

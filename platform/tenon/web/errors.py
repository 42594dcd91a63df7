"""Domain errors to HTTP: one table of statuses, one page, one JSON form (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask import Flask, Response, jsonify, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from tenon import errors

log = logging.getLogger("tenon.web")

STATUSES: Mapping[type[errors.DomainError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.IllegalTransition: 409,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.Unavailable: 503,
    errors.DomainError: 400,
}


def status_of(error: errors.DomainError) -> int:
    """Return the HTTP status of a domain error, by its nearest listed class."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def words(status: int, code: str = "") -> tuple[str, str]:
    """Return title and advice for a status, in the request's language."""
    by_status = _by_status()
    return _by_code().get(code) or by_status.get(status) or by_status[400 if status < 500 else 500]


def _by_code() -> Mapping[str, tuple[str, str]]:
    return {
        "needs_organisation": (
            _("You need an organisation first"),
            _("Create your organisation or ask to join one; then you can go on here."),
        ),
        "own_review": (
            _("You cannot review your own listing"),
            _("Somebody from another organisation has to look at it."),
        ),
        "changed_meanwhile": (
            _("Somebody else changed this in the meantime"),
            _("Go back, reload the page and look at what is there now."),
        ),
        "csrf": (
            _("The form has expired"),
            _("Go back, reload the page and send it again."),
        ),
        "pdf_libraries": (
            _("This site cannot make PDF files yet"),
            _(
                "Whoever runs it has to install libpango-1.0-0, libpangoft2-1.0-0 and "
                "libharfbuzz-subset0. Nothing was changed; try again after that."
            ),
        ),
        "pdf_fonts": (
            _("This site has no Chinese font for PDF files yet"),
            _(
                "Whoever runs it has to install fonts-noto-cjk. Nothing was changed; try again "
                "after that."
            ),
        ),
        "statement_file_gone": (
            _("The file of this statement is gone"),
            _(
                "It cannot be made again exactly as it was. Revoke this statement and issue a "
                "new one."
            ),
        ),
    }


def _by_status() -> Mapping[int, tuple[str, str]]:
    return {
        400: (
            _("That request makes no sense here"),
            _("Go back, reload the page and try again."),
        ),
        401: (_("Please sign in"), _("This page is for people who have signed in.")),
        403: (
            _("This is not open to you"),
            _(
                "Your role does not allow this. If it should, ask an administrator of your "
                "organisation, or change the organisation you act for in the account menu."
            ),
        ),
        404: (
            _("Nothing here"),
            _("The page does not exist, or is not public. Check the address, or search for it."),
        ),
        409: (
            _("That step is not possible now"),
            _("Somebody may have been quicker. Go back, reload the page and see how it stands."),
        ),
        413: (_("That is too large"), _("Send a smaller file or a shorter text.")),
        422: (_("Some of what you entered does not fit"), _("Go back and mend it.")),
        429: (
            _("Too many requests"),
            _(
                "Wait a minute and try again. If you share an address with others, signing in "
                "gives you a count of your own."
            ),
        ),
        500: (
            _("Something broke on our side"),
            _("It has been noted, and nothing was half saved. Try again in a moment."),
        ),
        503: (_("Not ready yet"), _("The site is just starting. Try again in a moment.")),
    }


def wants_json() -> bool:
    """Whether the client is a program that asked for JSON."""
    accepted = request.accept_mimetypes
    return accepted.best == "application/json" or request.path.startswith("/api/")


def answer(status: int, code: str = "", fields: Mapping[str, str] | None = None) -> Response:
    """Return the error as a page or as a problem document."""
    title, advice = words(status, code)
    if wants_json():
        problem = {"type": f"urn:tenon:error:{code or status}", "title": title, "status": status}
        if fields:
            problem["fields"] = dict(fields)
        response = jsonify(problem)
        response.mimetype = "application/problem+json"
    else:
        # A part of a page that was asked for by htmx gets a message for its place, not a page.
        name = "error_part" if "HX-Request" in request.headers else "error"
        page = render_template(
            f"layout/{name}.html", status=status, code=code, title=title, advice=advice
        )
        response = Response(page)
    response.status_code = status
    return response


def install(app: Flask) -> None:
    """Register the handlers."""

    def domain(error: errors.DomainError) -> Response:
        fields = error.fields if isinstance(error, errors.Invalid) else None
        return answer(status_of(error), error.code, fields)

    def http(error: HTTPException) -> Response:
        if error.code in {301, 302, 303, 307, 308}:
            return error.get_response()  # type: ignore[return-value]  # werkzeug's base class
        return answer(error.code or 500)

    def csrf(_error: CSRFError) -> Response:
        return answer(400, "csrf")

    def unexpected(error: Exception) -> Response:
        log.error("unhandled error at %s", request.path, exc_info=error)
        return answer(500)

    app.register_error_handler(errors.DomainError, domain)
    app.register_error_handler(CSRFError, csrf)
    app.register_error_handler(HTTPException, http)
    if not app.testing:
        app.register_error_handler(Exception, unexpected)

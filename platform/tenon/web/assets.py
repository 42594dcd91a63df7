"""Addresses of the site's own files, with a fingerprint so that browsers may keep them for good."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, send_from_directory, url_for
from werkzeug.exceptions import NotFound

from tenon import paths
from tenon.web.page_words import add_page_words

STATIC = Path(__file__).parent / "static"
FOREVER = 365 * 24 * 3600


@cache
def _fingerprint(path: Path, _changed: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of a file in the static folder."""
    path = STATIC / name
    return url_for("static", filename=name, v=_fingerprint(path, path.stat().st_mtime))


def vendor_asset(name: str) -> str | None:
    """Return the address of a front-end library's file, or None where set-up left it out."""
    folder = paths.vendor()
    if folder is None or not (folder / name).is_file():
        return None
    path = folder / name
    return url_for("vendor", filename=name, v=_fingerprint(path, path.stat().st_mtime))


def install(app: Flask) -> None:
    """Add the route of the libraries' files, and the two functions for templates."""

    def vendor(filename: str) -> Response:
        folder = paths.vendor()
        if folder is None:
            raise NotFound
        return send_from_directory(folder, filename, max_age=FOREVER)

    app.add_url_rule("/vendor/<path:filename>", "vendor", vendor)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = FOREVER
    add_page_words(app, asset=asset, vendor_asset=vendor_asset)

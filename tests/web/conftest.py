"""The site's frame alone: layout, languages, forms, menus; no rooms, no database."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Blueprint, Flask, render_template_string
from flask_wtf.csrf import CSRFProtect

from tenon import paths
from tenon.actors import VISITOR
from tenon.db import Database
from tenon.settings import Settings
from tenon.web import (
    access,
    assets,
    errors,
    headers,
    languages,
    layout,
    navigation,
    pages,
    pagination,
    requests,
)


@pytest.fixture
def frame(tmp_path: Path) -> Flask:
    """An app with everything that pages share and one page, ``/``; nobody is signed in."""
    settings = Settings(
        environment="test",
        var=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'none.db'}",
        secret_key="frame-test-secret-key-of-sufficient-length-012345",
    )
    app = Flask("frame", template_folder=str(paths.templates()), static_folder=str(assets.STATIC))
    app.config.update(SECRET_KEY=settings.secret_key, TESTING=True)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    requests.install(
        app,
        settings=settings,
        database=Database(settings.database_url),
        load_actor=lambda: VISITOR,
    )
    languages.install(app, lambda: None)
    CSRFProtect(app)
    headers.install(app, secure=False)
    for part in (assets, pagination, navigation, layout, errors, pages):
        part.install(app)
    matches = Blueprint("matches", __name__)
    matches.add_url_rule("/", "home", _home)
    app.register_blueprint(matches)
    access.declare(app, {"matches.home": access.Access.PUBLIC})
    access.install(app)
    return app


def _home() -> str:
    return render_template_string(
        '{% extends "layout/base.html" %}{% block main %}<h1>Home</h1>{% endblock %}'
    )

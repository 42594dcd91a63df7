"""Put the site together: extensions, rooms, errors; nothing else.

The only module that knows every room.
"""

from __future__ import annotations

from importlib import import_module

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from tenon import paths
from tenon.accounts import sign_in
from tenon.db import Database
from tenon.notices import delivery
from tenon.notices.services import send_mail
from tenon.settings import Settings
from tenon.web import (
    access,
    assets,
    errors,
    headers,
    languages,
    layout,
    limits,
    navigation,
    pages,
    pagination,
    requests,
)

# In the order in which rooms may import each other; each has install(app).
ROOMS = (
    "tenon.taxonomy.views",
    "tenon.accounts.views",
    "tenon.notices.views",
    "tenon.notices.mail_views",
    "tenon.notices.unsubscribe_views",
    "tenon.credit.views",
    "tenon.credit.statements.views",
    "tenon.rules.views",
    "tenon.network.views",
    "tenon.listings.views",
    "tenon.listings.importing.views",
    "tenon.matches.views",
    "tenon.searches.views",
    "tenon.introductions.views",
    "tenon.rights.views",
    "tenon.deals.views",
    "tenon.compliance.views",
    "tenon.payments.views",
    "tenon.payments.reports.views",
    "tenon.trials.views",
    "tenon.sharing.views",
    "tenon.simulations.views",
    "tenon.figures.views",
    "tenon.equity.views",
    "tenon.events.views",
    "tenon.events.planning.views",
    "tenon.events.taking_part.views",
    "tenon.events.timetables.views",
    "tenon.events.hall.views",
    "tenon.events.results.views",
    "tenon.routing.views",
    "tenon.commissions.views",
    "tenon.insight.overview.views",
    "tenon.insight.funnel.views",
    "tenon.insight.reports.views",
    "tenon.insight.public.views",
    "tenon.insight.targets.views",
    "tenon.desk.views",
)
# Handlers of outbox topics register themselves when these are imported.
TASKS = (
    "tenon.notices.tasks",
    "tenon.credit.tasks",
    "tenon.credit.statements.tasks",
    "tenon.network.tasks",
    "tenon.listings.tasks",
    "tenon.listings.importing.tasks",
    "tenon.matches.tasks",
    "tenon.searches.tasks",
    "tenon.introductions.tasks",
    "tenon.rights.tasks",
    "tenon.deals.tasks",
    "tenon.compliance.tasks",
    "tenon.payments.tasks",
    "tenon.payments.reports.tasks",
    "tenon.trials.tasks",
    "tenon.equity.tasks",
    "tenon.sharing.tasks",
    "tenon.simulations.tasks",
    "tenon.figures.tasks",
    "tenon.events.planning.tasks",
    "tenon.events.taking_part.tasks",
    "tenon.events.timetables.tasks",
    "tenon.events.results.tasks",
    "tenon.routing.tasks",
    "tenon.commissions.tasks",
    "tenon.insight.reports.tasks",
    "tenon.insight.tasks",
    "tenon.desk.tasks",
    "tenon.operations.tasks",
)


def load_tasks() -> None:
    """Register every room's outbox handlers; a dispatcher or worker needs nothing more."""
    for name in TASKS:
        import_module(name)


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """Return the WSGI application for these settings."""
    app = Flask("tenon", template_folder=str(paths.templates()), static_folder=None)
    app.static_folder = str(assets.STATIC)
    app.add_url_rule("/static/<path:filename>", "static", app.send_static_file)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=settings.environment == "test",
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        WTF_CSRF_TIME_LIMIT=12 * 3600,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]  # Flask's documented way
    database = database or Database(settings.database_url)
    requests.install(app, settings=settings, database=database, load_actor=sign_in.load_actor)
    languages.install(app, sign_in.own_language)
    CSRFProtect(app)
    limits.install(app, settings)
    headers.install(app, secure=settings.base_url.startswith("https://"))
    assets.install(app)
    pagination.install(app)
    navigation.install(app)
    layout.install(app)
    errors.install(app)
    pages.install(app)
    delivery.configure(settings)
    sign_in.install(app, settings, send_mail)
    for room in ROOMS:
        import_module(room).install(app)
    load_tasks()
    access.install(app)
    return app

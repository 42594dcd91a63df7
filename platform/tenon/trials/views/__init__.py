"""Pages of the room: the trial of a deal, its milestones, lessons on a result's page."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.actors import Actor
from tenon.deals import forms, permissions
from tenon.deals.models import Deal
from tenon.deals.views.tabs import Tab, add_tab
from tenon.trials.views import lessons, milestones, trial
from tenon.trials.views.blueprint import trials
from tenon.web.access import Access, declare

__all__ = ["install", "lessons", "milestones", "trial"]

_ROUTES = (
    "trial",
    "record_policy",
    "report",
    "confirm",
    "lesson",
    "milestones",
    "deliver",
    "answer",
)


def install(app: Flask) -> None:
    """Register the room's pages, its tabs on a deal's pages, lessons on a listing's."""
    app.register_blueprint(trials)
    declare(app, {f"trials.{name}": Access.SIGNED_IN for name in _ROUTES})
    add_tab(app, Tab("trials.trial", _l("Trial"), 30, shown=_has_trial))
    add_tab(app, Tab("trials.milestones", _l("Milestones"), 32, shown=_has_milestones))
    lessons.install(app)


def _has_trial(actor: Actor, deal: Deal) -> bool:
    return (
        permissions.may_read(actor, deal)
        and forms.get(deal.form).term("trial_months") is not None
        and deal.stage in forms.STAGES[6:10]
    )


def _has_milestones(actor: Actor, deal: Deal) -> bool:
    return (
        permissions.may_read(actor, deal)
        and forms.get(deal.form).term("milestones") is not None
        and deal.stage in forms.STAGES[6:10]
    )

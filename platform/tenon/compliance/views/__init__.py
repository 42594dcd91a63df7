"""Pages of the room; each module registers its routes on the one blueprint when imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.compliance import permissions
from tenon.compliance.services import chains as chain_services
from tenon.compliance.views import approving, chains, declaring, duties, overview, publicity
from tenon.compliance.views.blueprint import compliance
from tenon.deals.views.tabs import Tab, add_tab
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.sections import Section, add_section

__all__ = ["approving", "chains", "declaring", "duties", "install", "overview", "publicity"]

_ROUTES = {
    Access.PUBLIC: ("publicities", "publicity"),
    Access.SIGNED_IN: (
        "object_to",
        "withdraw_objection",
        "objection",
        "decide_objection",
        "of_deal",
        "route",
        "save_route",
        "published",
        "save_published",
        "people",
        "add_contributor",
        "relation",
        "declare_relation",
        "ask_contributors",
        "publish_amendment",
        "no_service",
        "save_no_service",
        "checklist",
        "save_checklist",
        "approvals",
        "approval",
        "decide_approval",
        "first_refusal",
        "answer_first_refusal",
        "answer_by_paper",
        "duty",
        "close_duty",
        "note_applied",
        "waive_duty",
        "take_evidence",
        "deadlines",
        "deadlines_ics",
        "chain",
        "add_chain_step",
        "remove_chain_step",
        "move_chain_step",
    ),
}
_WITHIN = (
    "compliance.route",
    "compliance.published",
    "compliance.people",
    "compliance.relation",
    "compliance.no_service",
    "compliance.checklist",
    "compliance.duty",
    "compliance.objection",
)


def load_chain(session: Session, house: Organisation, actor: Actor) -> Mapping[str, Any] | None:
    """Return what an organisation's page says of its chain, to its administrators."""
    if not permissions.may_keep_chain(actor, house.id):
        return None
    return {"steps": len(chain_services.steps_of(session, house.id))}


def _belongs(actor: Actor) -> bool:
    return bool(actor.memberships) or actor.broker


def install(app: Flask) -> None:
    """Register the room's pages, menu entries, and what it adds to earlier rooms' pages."""
    app.register_blueprint(compliance)
    declare(
        app,
        {f"compliance.{name}": access for access, names in _ROUTES.items() for name in names},
    )
    add_entries(
        app,
        [
            Entry("compliance.publicities", _l("Publicities"), "main", 60),
            Entry("compliance.deadlines", _l("Deadlines"), "desk", 18, when=_belongs),
            Entry(
                "compliance.approvals",
                _l("Approvals"),
                "desk",
                17,
                when=_belongs,
                count=approving.waiting,
            ),
        ],
    )
    add_section(app, "deal", Section("compliance/on_deal.html", overview.load_section, order=20))
    add_section(app, "organisation", Section("compliance/on_organisation.html", load_chain, 70))
    add_tab(app, Tab("compliance.of_deal", _l("Compliance"), 40, within=_WITHIN))

"""Who may open which route: one table, made of what each room declares beside its views.

A route that no room declares stops the site from starting; a test walks every route as every role.
This is the outer fence only: services check what the actor may do to the thing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

from flask import Flask, Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from tenon.actors import Actor
from tenon.errors import Forbidden
from tenon.web.requests import current_actor


class Access(Enum):
    """What an actor must be to open a route."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    MEMBER = "member"  # acts for an organisation
    EDITOR = "editor"  # may write for the organisation acted for
    EDITOR_OR_OPERATOR = "editor_or_operator"
    ADMINISTRATOR = "administrator"
    BROKER = "broker"  # or operator
    OPERATOR = "operator"


_HOLDS: Mapping[Access, Callable[[Actor], bool]] = {
    Access.PUBLIC: lambda actor: True,  # noqa: ARG005
    Access.SIGNED_IN: lambda actor: actor.signed_in,
    Access.MEMBER: lambda actor: actor.role_in(actor.organisation_id) is not None,
    Access.EDITOR: lambda actor: actor.at_least("editor", actor.organisation_id),
    Access.EDITOR_OR_OPERATOR: lambda actor: (
        actor.operator or actor.at_least("editor", actor.organisation_id)
    ),
    Access.ADMINISTRATOR: lambda actor: actor.at_least("administrator", actor.organisation_id),
    Access.BROKER: lambda actor: actor.broker or actor.operator,
    Access.OPERATOR: lambda actor: actor.operator,
}

_NEED_ORGANISATION = frozenset(
    {Access.MEMBER, Access.EDITOR, Access.EDITOR_OR_OPERATOR, Access.ADMINISTRATOR}
)

Routes = Mapping[str, Access]


def holds(actor: Actor, access: Access) -> bool:
    """Whether the actor is what ``access`` asks for."""
    return _HOLDS[access](actor)


def declare(app: Flask, routes: Routes) -> None:
    """Add a room's routes (full endpoint names) to the app's table."""
    table: dict[str, Access] = app.extensions.setdefault("tenon.access", {})
    table.update(routes)


def table(app: Flask) -> Mapping[str, Access]:
    """Return endpoint -> access for the whole app."""
    known: Mapping[str, Access] = app.extensions.get("tenon.access", {})
    return known


def install(app: Flask) -> None:
    """Check that every route is declared, and put the fence up.

    Raises RuntimeError naming routes without a declaration and declarations without a route.
    """
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    declared = set(table(app))
    if routes != declared:
        raise RuntimeError(
            f"routes without access: {sorted(routes - declared)}; "
            f"access without route: {sorted(declared - routes)}"
        )
    app.before_request(_fence)


def _fence() -> BaseResponse | None:
    if request.endpoint is None:
        return None  # no such address: the 404 handler answers
    needed = table(current_app)[request.endpoint]
    actor = current_actor()
    if holds(actor, needed):
        return None
    if not actor.signed_in:
        return _to_sign_in()
    if needed in _NEED_ORGANISATION and not actor.memberships:
        raise Forbidden("needs_organisation")
    raise Forbidden(needs=needed.value)


def _to_sign_in() -> BaseResponse:
    """Send a visitor to the sign-in page and bring them back after it; a program gets 401."""
    if request.accept_mimetypes.best == "application/json":
        return Response(status=401)
    target = request.full_path.rstrip("?") if request.method == "GET" else url_for("matches.home")
    return redirect(url_for("security.login", next=target))

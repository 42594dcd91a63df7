"""Everything that happened to a deal in one line, by kind, page by page."""

from __future__ import annotations

from collections import Counter

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _

from tenon.deals import labels, permissions
from tenon.deals import timeline as line
from tenon.deals.views.blueprint import deals, seen_deal
from tenon.deals.views.talking import authors
from tenon.web.pagination import Page, requested_page
from tenon.web.requests import current_actor, current_session

A_PAGE = 40


@deals.get("/<public_id>/timeline")
def timeline(public_id: str) -> str:
    """Show the line of all rooms, the latest first; each room shows what the actor may see."""
    deal, actor = seen_deal(public_id), current_actor()
    if not permissions.may_see(actor, deal):
        abort(404)
    items = line.line(current_session(), deal, actor)
    kinds = Counter(item.kind for item in items)
    kind = request.args.get("kind")
    wanted = [item for item in items if item.kind == kind] if kind in kinds else items
    number = requested_page()
    shown = wanted[(number - 1) * A_PAGE : number * A_PAGE]
    tabs = [
        (
            url_for("deals.timeline", public_id=public_id),
            _("Everything"),
            kind not in kinds,
            len(items),
        )
    ]
    for code in sorted(kinds, key=lambda each: str(labels.label("item_kind", each))):
        address = url_for("deals.timeline", public_id=public_id, kind=code)
        tabs.append((address, labels.label("item_kind", code), code == kind, kinds[code]))
    return render_template(
        "deals/timeline.html",
        deal=deal,
        page=Page(shown, number, A_PAGE, len(wanted)),
        kinds=tabs,
        authors=authors(item.user_id for item in shown)
        if permissions.may_read(actor, deal)
        else {},
    )

"""A kept version as texts that a reader understands: every code in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from tenon.listings.labels import label
from tenon.taxonomy.queries import label as term_label
from tenon.taxonomy.queries import path_label
from tenon.web.languages import language, write_money

SEPARATOR = "\n"


def parts_in_words(
    snapshot: Mapping[str, Any], *, side: str, tiers: Sequence[str]
) -> dict[str, str]:
    """Return part -> text in the page's language, in the order of a listing's page.

    ``tiers`` are the confidential tiers that the reader may see; others are left out.
    """
    parts = _texts(snapshot, side)
    required = snapshot["requirements"]
    parts[_("Requirements")] = SEPARATOR.join(
        f"{text} ({label('obligation', obligation)})" if obligation == "wish" else text
        for text, obligation in required
    )
    readiness = snapshot["readiness"]
    parts[_("Readiness (TRL)")] = (
        "" if readiness is None else f"{readiness} {term_label('trl', str(readiness), language())}"
    )
    parts[_("Fields and industries")] = SEPARATOR.join(_terms(snapshot["fields"]))
    parts[_("Deal forms")] = _labels("deal_form", snapshot["deal_forms"])
    parts[_("Budget") if side == "need" else _("Price")] = _money(snapshot["money"])
    parts[_("Region")] = path_label("region", snapshot["region"], language())
    parts[_("Deadline")] = snapshot["deadline"] or ""
    parts[_("Contributors")] = SEPARATOR.join(snapshot["contributors"])
    parts[_("IP rights")] = SEPARATOR.join(_right(right) for right in snapshot["rights"])
    files = [name for name, tier, _sha256 in snapshot["files"] if tier in tiers]
    parts[_("Files")] = SEPARATOR.join(files)
    parts[_("Anonymous")] = _("yes") if snapshot["anonymous"] else ""
    for tier, text in snapshot["details"].items():
        if tier in tiers:
            parts[str(label("tier", tier))] = text
    return parts


def _texts(snapshot: Mapping[str, Any], side: str) -> dict[str, str]:
    names = {
        "title": _("Title"),
        "summary": _("Background") if side == "need" else _("Public summary"),
        "problem": _("Problem solved"),
        "advantages": _("Advantages against today's practice"),
        "applications": _("Applications"),
    }
    own = {names[part]: text for part, text in snapshot["words"].items()}
    translated = snapshot["translation"] or {}
    other = {
        _("%(part)s (other language)", part=names[part]): text for part, text in translated.items()
    }
    return own | other


def _terms(codes: Iterable[str]) -> Iterable[str]:
    for each in codes:
        scheme, _colon, code = each.partition(":")
        yield path_label(scheme, code, language())


def _labels(kind: str, codes: Iterable[str]) -> str:
    return SEPARATOR.join(str(label(kind, code)) for code in codes)


def _money(money: Mapping[str, Any]) -> str:
    if money["kind"] in {None, "negotiable"}:
        return str(label("price_kind", money["kind"]))
    bounds = dict.fromkeys(
        write_money(bound, money["currency"]) for bound in (money["low"], money["high"])
    )
    return "–".join(bound or "…" for bound in bounds)


def _right(right: Sequence[str | None]) -> str:
    kind, number, status, filed, granted, owner = right
    words = (
        str(label("ip_kind", kind)),
        number,
        str(label("ip_status", status)),
        filed,
        granted,
        owner,
    )
    return " · ".join(word for word in words if word)

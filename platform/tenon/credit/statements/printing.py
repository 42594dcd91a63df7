"""A statement on paper: one page that says what counts, then every entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tenon.credit.statements.codes import written
from tenon.credit.statements.content import hash_of
from tenon.credit.statements.papers import paper_of
from tenon.documents import qr_path, render_pdf
from tenon.money import Money


def print_statement(content: Mapping[str, Any], name: str) -> bytes:
    """Return the PDF of a statement's content in its language, with the person's name.

    Raises Unavailable where this machine cannot make one.
    """
    address = check_address(content["issuer"], content["code"])
    path, width = qr_path(address)
    context = {
        "name": name,
        "content": content,
        "language": content["language"],
        "zone": ZoneInfo(content["zone"]),
        "since": date.fromisoformat(content["since"]),
        "until": date.fromisoformat(content["until"]),
        "issued_at": datetime.fromisoformat(content["issued_at"]),
        "entries": [
            {**entry, "day": date.fromisoformat(entry["day"])} for entry in content["entries"]
        ],
        "code": written(content["code"]),
        "address": address,
        "digest": hash_of(content),
        "qr": {"path": path, "width": width},
    }
    paper = paper_of(content)
    if paper is not None:
        title = paper.title(content["language"])
        context |= {"said": content["said"], "title": title, "amount": _amount}
    template = "statement.html" if paper is None else paper.template
    return render_pdf(template, context, content["language"])


def _amount(minor: int, currency: str) -> str:
    """Return an amount to the last minor unit, as a paper has it."""
    return f"{Money(minor, currency).amount:,} {currency}"


def check_address(issuer: str, code: str) -> str:
    """Return where anybody can check a statement."""
    return f"{issuer.rstrip('/')}/verify/{written(code)}"

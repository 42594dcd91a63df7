"""Print a paper of a version of terms as a file; its hash enters the deal's history once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals import forms, permissions
from tenon.deals.models import Deal, TermVersion
from tenon.deals.papers.composing import compose
from tenon.deals.papers.docx import write_docx
from tenon.deals.papers.gathering import gather
from tenon.deals.services.signing import may_confirm, required_signers
from tenon.documents import render_pdf
from tenon.errors import Forbidden, NotFound
from tenon.history.models import HistoryEntry
from tenon.history.services import lock

FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
LANGUAGES = ("zh", "en")
PRINTED = "print_paper"
"""The kind of history entry."""


@dataclass(frozen=True, slots=True)
class PrintedPaper:
    """A printed paper: its file name, media type, content, its SHA-256, facts for the history."""

    name: str
    media_type: str
    content: bytes
    sha256: str
    facts: Mapping[str, object]


def may_print(session: Session, actor: Actor, deal: Deal, version: TermVersion) -> bool:
    """Whether the actor may print a version: who reads the terms; who must sign, accepted ones."""
    if permissions.may_read(actor, deal):
        return True
    signs = any(may_confirm(actor, each) for each in required_signers(session, deal))
    return signs and version.state == "accepted"


def print_paper(
    session: Session,
    deal: Deal,
    version: TermVersion,
    *,
    paper: str,
    language: str,
    kind: str,
    by: Actor,
) -> PrintedPaper:
    """Return a paper of a version of the deal's terms: the same bytes as long as its facts stand.

    A session for reading will do. Raises NotFound for a paper, language or kind of file that there
    is not, Forbidden, and Unavailable where this machine cannot print PDF files.
    """
    if version.deal_id != deal.id:
        raise NotFound(kind="terms")
    if not may_print(session, by, deal, version):
        raise Forbidden(action="read") if permissions.may_see(by, deal) else NotFound(kind="deal")
    form = forms.get(version.form)
    found = next((each for each in form.papers if each.code == paper), None)
    if found is None or language not in LANGUAGES or kind not in FORMATS:
        raise NotFound(kind="paper")
    made = compose(found.template, gather(session, deal, version), language)
    if kind == "docx":
        content = write_docx(made)
    else:
        content = render_pdf("deal_paper.html", {"paper": made}, language)
    sha256 = hashlib.sha256(content).hexdigest()
    facts = {"paper": paper, "language": language, "format": kind, "number": version.number}
    name = f"{paper.replace('_', '-')}-v{version.number}-{language}.{kind}"
    more = {"terms": version.sha256, "sha256": sha256}
    return PrintedPaper(name, FORMATS[kind], content, sha256, facts | more)


def record_print(
    session: Session, deal: Deal, printed: PrintedPaper, *, by: Actor, now: datetime
) -> None:
    """Write a printed paper's hash into the deal's history, once for the same bytes."""
    chain = ("deal", deal.public_id)
    lock(session, chain)
    known = session.scalars(
        sa.select(HistoryEntry.facts).where(
            HistoryEntry.chain_kind == chain[0],
            HistoryEntry.chain_id == chain[1],
            HistoryEntry.kind == PRINTED,
        )
    )
    if not any(each.get("sha256") == printed.sha256 for each in known):
        history.record(session, chain=chain, kind=PRINTED, by=by, now=now, facts=printed.facts)

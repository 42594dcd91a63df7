"""An invoice or credit note on paper: its frozen content, in Chinese or English."""

from __future__ import annotations

from datetime import date

from tenon.documents import render_pdf
from tenon.payments.models import Invoice
from tenon.payments.words import amount_in, detail_of, kind_in


def print_invoice(invoice: Invoice, language: str) -> bytes:
    """Return the PDF of an invoice or credit note in ``zh`` or ``en``.

    Its content is what was frozen when it was issued. Raises Unavailable where this machine cannot
    make one.
    """
    content = invoice.content

    def amount(minor: int) -> str:
        return amount_in(minor, content["currency"], language)

    due_on = content["due_on"]
    context = {
        "content": content,
        "language": language,
        "issued_on": date.fromisoformat(content["issued_on"]),
        "due_on": None if due_on is None else date.fromisoformat(due_on),
        "what": kind_in(content["for"]["kind"], language),
        "detail": detail_of(content["for"]["facts"]),
        "amount": amount,
        "digest": invoice.sha256,
    }
    return render_pdf("invoice.html", context, language)

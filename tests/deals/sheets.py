"""Terms of an exclusive licence as a page sends them, and as values."""

from __future__ import annotations

from typing import Any

WHOLE: dict[str, Any] = {
    "t.currency": "CNY",
    "t.territory": ["CN", "SG"],
    "t.territory.more": "",
    "t.fields_of_use": "余热回收\n区域供热",
    "t.manner": ["make", "use", "sell"],
    "t.sublicensing": "none",
    "t.duration": "fixed",
    "t.term_months": "60",
    "t.payment_mode": "entry_and_running",
    "t.up_front": "800,000.50",
    "t.up_front_days": "30",
    "t.royalty_base": "net_sales",
    "t.deductions": ["returns", "discounts"],
    "t.royalty_scheme": "tiers",
    "t.royalty_tiers.rows": "3",
    "t.royalty_tiers.0.from": "0",
    "t.royalty_tiers.0.rate": "5",
    "t.royalty_tiers.1.from": "10,000,000",
    "t.royalty_tiers.1.rate": "3.5",
    "t.royalty_tiers.2.from": "",
    "t.royalty_tiers.2.rate": "",
    "t.tier_mode": "marginal",
    "t.tier_period": "year",
    "t.report_period": "quarter",
    "t.report_days": "30",
    "t.royalty_days": "30",
    "t.one_per_unit": "yes",
    "t.audit": "yes",
    "t.audit_threshold": "5",
    "t.improvements": "own",
    "t.research_reserved": "yes",
    "t.vat_mode": "added",
    "t.vat_rate": "6",
    "t.confidentiality_months": "60",
    "t.disputes": "court_defendant",
    "t.prevailing_language": "zh",
}
"""All that an exclusive licence with an entry fee and royalties requires."""


def sheet(**changes: Any) -> dict[str, Any]:
    """Return the whole sheet with terms changed; None takes one out. Dots are two underscores."""
    sent = dict(WHOLE)
    for name, value in changes.items():
        sent[f"t.{name.replace('__', '.')}"] = value
    return {name: value for name, value in sent.items() if value is not None}

"""Kinds of accounts, and on which side of the books each one grows. Knows no table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "receivable": "debit",  # what is due to the side and not yet paid
        "cash": "debit",  # what came in, less what went back
        "written_off": "debit",  # what the side has waived
        "income": "credit",  # what it earned, net of VAT
        "interest": "credit",  # what it earned for waiting
        "vat": "credit",  # VAT that it collects for the state
        "advance": "credit",  # paid to it and not yet set against anything due
        "clearing": "credit",  # on its way from one place to another
        "share": "debit",  # income that belongs to those who made the result
        "share_payable": "credit",  # what it owes them of it
        "commission": "debit",  # what its brokers cost it, net of VAT
        "commission_vat": "debit",  # the VAT on that
        "commission_unshared": "credit",  # commission that it owes and that is nobody's yet
        "commission_payable": "credit",  # commission that it owes to somebody
    }
)
"""Kind of account -> the side on which its balance grows."""

LONGEST_KEY = 120  # characters of an idempotency key

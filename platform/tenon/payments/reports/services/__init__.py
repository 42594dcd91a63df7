"""Verbs of use reports: expect, write, submit, take back, query, accept, chase."""

from tenon.payments.reports.services.checking import accept, query
from tenon.payments.reports.services.expecting import expect, expect_next
from tenon.payments.reports.services.writing import (
    remove_lines,
    submit,
    take_back,
    take_lines,
    write,
)

__all__ = [
    "accept",
    "expect",
    "expect_next",
    "query",
    "remove_lines",
    "submit",
    "take_back",
    "take_lines",
    "write",
]

"""Two versions of terms side by side: what one says and the other does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenon.deals.forms.schema import Form, Term


@dataclass(frozen=True, slots=True)
class Difference:
    """A term that two versions do not have alike; None where a version leaves it open."""

    term: Term
    old: Any
    new: Any


def differences(old: Mapping[str, Any], new: Mapping[str, Any], form: Form) -> list[Difference]:
    """Return the terms of ``form`` in which two sets of values differ, in the form's order."""
    pairs = ((term, old.get(term.code), new.get(term.code)) for term in form.terms)
    return [Difference(*each) for each in pairs if each[1] != each[2]]

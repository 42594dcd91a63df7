"""The deal forms that the site knows: one TOML file a form, read once.

A new form is a new file; nothing else in the site names a form. Tests and operators add one at run
time with ``add``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tenon.deals.forms.reading import HERE, BrokenForm, read_form
from tenon.deals.forms.schema import STAGES, Form
from tenon.errors import Invalid

__all__ = ["STAGES", "BrokenForm", "Form", "add", "all_forms", "get", "is_form", "remove"]

_added: dict[str, Form] = {}


@cache
def _own() -> dict[str, Form]:
    read = (read_form(path) for path in sorted(HERE.glob("*.toml")) if path.name[0] != "_")
    return {form.code: form for form in sorted(read, key=lambda each: each.order)}


def all_forms() -> list[Form]:
    """Return every form, in the order in which they are offered."""
    return sorted([*_own().values(), *_added.values()], key=lambda each: each.order)


def is_form(code: str) -> bool:
    """Whether a form of this code is known."""
    return code in _own() or code in _added


def get(code: str) -> Form:
    """Return a form; raises Invalid ``form: unknown_code``."""
    found = _own().get(code) or _added.get(code)
    if found is None:
        raise Invalid({"form": "unknown_code"})
    return found


def add(path: Path) -> Form:
    """Read a further form from a file and offer it from now on; raises BrokenForm."""
    form = read_form(path)
    if is_form(form.code):
        raise BrokenForm(f"{form.code} is known already")
    _added[form.code] = form
    return form


def remove(code: str) -> None:
    """Stop offering a form that was added."""
    _added.pop(code, None)

"""What the matching library understands of a requirement, in the figures as they were written.

The library compares in base units; a reader wants to see 200 ℃, not 473.15 K.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from matching import requirements as library
from matching.measures import Measure, measures, quantities
from matching.numerals import plain
from tenon.listings.content import RequirementEntry

WISH_MARKS = ("?", "？")
# Larger or finer figures than the column holds exactly are kept as text alone.
LARGEST = Decimal(10) ** 12
FINEST = Decimal("0.000001")

_COMPARISONS: Mapping[str, str] = {
    "at_least": "at_least",
    "at_most": "at_most",
    "range": "between",
    "about": "around",
    "exactly": "equal",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A requirement as understood.

    Attributes:
        comparison: one of the table's codes; ``free`` where no figure was found.
        quantity: what is measured, in the author's own word; None where it has no known name.
        low, high: in ``unit`` as written; None where open.
        unit: as written; None for a bare number or none.
    """

    comparison: str = "free"
    quantity: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None


KEPT_AS_TEXT = Meaning()


def entry_of(line: str) -> RequirementEntry:
    """Return a line as typed as a requirement; a leading ``?`` marks a wish."""
    text = line.strip()
    if text.startswith(WISH_MARKS):
        return RequirementEntry(text[1:].strip(), "wish")
    return RequirementEntry(text)


def entries_of(text: str) -> tuple[RequirementEntry, ...]:
    """Return one requirement a line, empty lines left out."""
    entries = (entry_of(line) for line in text.splitlines())
    return tuple(entry for entry in entries if entry.text)


def lines_of(entries: tuple[RequirementEntry, ...]) -> str:
    """Return requirements as lines to type on, the reverse of ``entries_of``."""
    return "\n".join(("? " if each.obligation == "wish" else "") + each.text for each in entries)


def understand(text: str) -> Meaning:
    """Return what is understood of one requirement, without its wish mark."""
    read = library.parse_requirement(text)
    if read.comparison is None:
        return KEPT_AS_TEXT
    written = plain(read.figure or "")
    figure = next((each for each in measures(plain(text)) if each.text == written), None)
    if figure is None:
        return KEPT_AS_TEXT
    low, high = read.low, read.high
    if str(read.comparison) in {"about", "exactly"}:
        low, high = figure.low, figure.high  # as written, without the library's tolerance
    try:
        return Meaning(
            comparison=_COMPARISONS[str(read.comparison)],
            quantity=_quantity_word(text, read.quantity),
            low=_as_written(low, figure),
            high=_as_written(high, figure),
            unit=read.unit or None,
        )
    except ArithmeticError:
        return KEPT_AS_TEXT


def _as_written(base: float, figure: Measure) -> Decimal | None:
    """Return a value of base units in the figure's unit; raises ArithmeticError if too large."""
    if math.isinf(base):
        return None
    # The library takes a temperature difference as it stands and shifts the zero of all others.
    shifted = not figure.tolerance and any(
        math.isclose(base, bound, rel_tol=1e-9) for bound in (figure.low, figure.high)
    )
    value = Decimal(repr((base - (figure.unit.offset if shifted else 0.0)) / figure.unit.factor))
    exact = value.quantize(FINEST)
    if abs(exact) >= LARGEST or (value and not exact):
        raise ArithmeticError(value)
    return exact.normalize()


def _quantity_word(text: str, code: str | None) -> str | None:
    """Return the longest name of the quantity that the text itself uses."""
    if code is None:
        return None
    folded = unicodedata.normalize("NFKC", text).lower()
    used = [word for word in quantities()[code].words if word in folded]
    return max(used, key=len, default=None)

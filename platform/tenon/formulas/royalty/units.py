"""One royalty per unit: what is reported under several rights, or twice, counts once.

A unit that several licensed patents cover bears one royalty, not one for each of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable


def once(lots: Iterable[str], *, before: Collection[str] = ()) -> list[bool]:
    """Return for each lot whether its royalty is borne here.

    A lot is what names the units sold (a serial number, an invoice's line). The first time that
    it comes it counts, unless it stands among those that were reported ``before``.
    """
    seen = set(before)
    found = []
    for lot in lots:
        found.append(lot not in seen)
        seen.add(lot)
    return found

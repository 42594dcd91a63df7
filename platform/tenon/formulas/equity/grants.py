"""Public money that enters as a grant and may become equity later (先投后股).

Source: domain-rules.md, section 5: it converts at a market round, at that round's valuation, with
discount and cap; until then its giver holds nothing. Knows only arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant and the terms of its conversion.

    Attributes:
        holder: who gave it and will hold the units.
        amount: minor units.
        discount: part taken off the round's price, 0 <= discount < 1.
        cap: highest valuation to convert at, minor units, over the units that the round's
            pre-money is spread on before conversion and new pool; None means no cap. The lower
            of discounted and capped price holds; a discount on the capped price is a lower cap.
        includes: whether the round's pre-money valuation already includes the units of the
            conversion. None means that nobody has chosen yet, and nothing converts before.
        limit: most of the issued units that the holder may have by it, 0 < limit < 1; what the
            amount would bring beyond is repaid, not converted. The round is priced as if all of
            it converted.
        price: what it pays a unit, once a round has priced it and while the two sides have not
            confirmed the conversion yet.
    """

    holder: str
    amount: int
    granted_on: date
    discount: Fraction = Fraction(0)
    cap: Fraction | None = None
    includes: bool | None = None
    limit: Fraction | None = None
    price: Fraction | None = None

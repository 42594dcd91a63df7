"""The terms of a deal as typed values: read, checked, compared, put into words.

Pure: knows forms and the lists of places, neither database nor pages. How a value of each type
looks is told in ``types``.
"""

from tenon.deals.terms.comparing import Difference, differences
from tenon.deals.terms.reading import carried, currency_of, defaults, ends_on, missing, parse
from tenon.deals.terms.wording import words

__all__ = [
    "Difference",
    "carried",
    "currency_of",
    "defaults",
    "differences",
    "ends_on",
    "missing",
    "parse",
    "words",
]

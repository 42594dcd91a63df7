"""What can be wrong with a file or a row, as codes with facts.

Knows nothing of languages: whoever shows an error words its code. ``FILE_CODES`` and ``ROW_CODES``
are complete, so that a test of the site can prove that every code is worded.

::

    Exception
    └── FileError      the file as a whole cannot be read (code, line, facts)
    RowError           one thing wrong in one row (a value, not an exception)
    Rejected           a row that gave no record, with all its RowErrors
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FILE_CODES = frozenset(
    {
        "bad_quoting",  # a quote was opened and never closed, or text follows a closing quote
        "damaged_archive",  # a .gz or .xlsx that is cut short or broken
        "duplicate_header",  # facts: columns
        "empty_file",
        "encoding_unknown",  # facts: tried
        "encrypted_or_old_excel",  # .xls, or .xlsx with a password
        "expands_too_much",  # facts: limit (bytes)
        "json_array",  # a JSON array where JSON Lines was expected
        "missing_columns",  # facts: columns
        "not_a_workbook",
        "too_many_bytes",  # facts: limit (bytes)
        "too_many_columns",  # facts: limit
        "too_many_rows",  # facts: limit
        "unknown_kind",  # the header fits none of the four kinds
        "unreadable",  # facts: reason
        "unsafe_xml",  # a workbook whose XML declares entities
    }
)

ROW_CODES = frozenset(
    {
        "bad_character",  # NUL or half a surrogate pair; facts: position
        "belongs_to_another",  # the record exists and is not this person's to change
        "currency_missing",  # an amount without a currency
        "duplicate_in_file",  # facts: first_line
        "formula_error",  # the cell shows #REF!, #N/A ...
        "formula_not_calculated",  # a formula without a cached value
        "in_the_past",  # a deadline that is over
        "not_a_boolean",
        "not_a_date",
        "not_a_number",
        "not_a_list",
        "not_a_url",
        "not_an_email",
        "not_an_ip_right",
        "not_an_object",  # a JSON line that is not an object
        "not_json",
        "not_text",
        "not_editable_now",  # the record's state does not allow a change; facts: state
        "one_of_required",  # facts: columns
        "out_of_range",  # facts: low, high
        "range_reversed",  # facts: low, high
        "required",
        "too_long",  # facts: limit, length
        "too_many_cells",  # facts: expected, found
        "too_many_values",  # facts: limit, count
        "too_precise",  # facts: digits
        "unknown_code",  # facts: scheme
        "unknown_reference",  # facts: kind
    }
)

_SHOWN = 60


def shortened(value: object) -> str:
    """Return the value as one line of at most 60 characters, for showing beside an error."""
    text = " ".join(str(value).replace("\x00", "␀").split())
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


class FileError(Exception):
    """The file as a whole cannot be read.

    Attributes:
        code: one of ``FILE_CODES``.
        line: the line it shows at, from 1; None where no line is to blame.
        facts: what the wording of the code needs.
    """

    def __init__(self, code: str, *, line: int | None = None, **facts: object) -> None:
        if code not in FILE_CODES:
            raise ValueError(f"not a file error code: {code}")
        super().__init__(code, line, facts)
        self.code = code
        self.line = line
        self.facts: Mapping[str, object] = facts


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong in one row.

    Attributes:
        line: line of the file (for a workbook: row of the sheet), from 1; 0 for the whole file.
        column: the column's name in the import format, or None where the row itself is wrong.
        code: one of ``ROW_CODES``, or of ``FILE_CODES`` for an error of the whole file.
        value: what stood there, shortened.
        facts: what the wording of the code needs.
    """

    line: int
    column: str | None
    code: str
    value: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in ROW_CODES and self.code not in FILE_CODES:
            raise ValueError(f"not an error code: {self.code}")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that gave no record, with everything that is wrong with it."""

    line: int
    errors: tuple[RowError, ...]

"""What was wrong with a file or a row, in words and in the reader's language.

The library gives codes and facts; a test holds that every code of it has words here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from ingest.format import FORMATS
from ingest.records import Kind
from tenon.listings import labels

KINDS: Mapping[str, LazyString] = {
    "achievements": _l("Achievements"),
    "needs": _l("Needs"),
    "organisations": _l("Organisations"),
    "people": _l("People"),
}
STATES: Mapping[str, LazyString] = {
    "uploaded": _l("Waiting"),
    "checking": _l("Being checked"),
    "checked": _l("Checked"),
    "importing": _l("Being imported"),
    "done": _l("Import finished"),
    "failed": _l("Failed"),
    "cancelled": _l("Cancelled"),
}
FORMS: Mapping[str, LazyString] = {"csv": _l("CSV"), "xlsx": _l("Excel")}

_FILE: Mapping[str, LazyString] = {
    "bad_quoting": _l("A quotation mark is opened here and not closed properly."),
    "damaged_archive": _l("The file is damaged or cut short. Save it again and upload it anew."),
    "duplicate_header": _l("These columns come twice: %(columns)s."),
    "empty_file": _l("The file is empty."),
    "encoding_unknown": _l(
        "The text is neither UTF-8 nor GB18030 (GBK). Save the file as “CSV UTF-8” and upload it "
        "again."
    ),
    "encrypted_or_old_excel": _l(
        "This is a workbook with a password or of the old .xls kind. Save it as .xlsx without a "
        "password."
    ),
    "expands_too_much": _l("Unpacked, the file would be larger than %(limit)s bytes."),
    "json_array": _l("Write one JSON object a line, without the brackets of a list around them."),
    "missing_columns": _l("These columns are missing: %(columns)s."),
    "not_a_workbook": _l("This is not an Excel workbook."),
    "too_many_bytes": _l("The file is larger than %(limit)s bytes."),
    "too_many_columns": _l("There are more than %(limit)s columns."),
    "too_many_rows": _l("There are more than %(limit)s rows. Divide the file."),
    "unknown_kind": _l(
        "The column names fit neither achievements nor needs, organisations or people. Start from "
        "a template."
    ),
    "unreadable": _l("The file cannot be read: %(reason)s"),
    "unsafe_xml": _l("The workbook holds declarations that no spreadsheet writes."),
}
_ROW: Mapping[str, LazyString] = {
    "bad_character": _l("An unreadable character stands at position %(position)s."),
    "belongs_to_another": _l(
        "This belongs to somebody else, or is of another kind. Leave the organisation empty for "
        "your own listings; use another number otherwise."
    ),
    "currency_missing": _l("Say in which currency the amount is."),
    "duplicate_in_file": _l("The same number stands in line %(first_line)s already."),
    "formula_error": _l("The cell shows an error of its formula."),
    "formula_not_calculated": _l(
        "A formula without its result. Open and save the file in a spreadsheet program, or put the "
        "value in its place."
    ),
    "in_the_past": _l("This day has passed."),
    "not_a_boolean": _l("Write yes or no."),
    "not_a_date": _l("Write the date like 2027-03-31."),
    "not_a_list": _l("Write a list, its parts separated by semicolons."),
    "not_a_number": _l("This is not a number."),
    "not_a_url": _l("An address begins with http:// or https://."),
    "not_an_email": _l("This is not an address for mail."),
    "not_an_ip_right": _l("Write number|kind|status|filed|granted|owner; the number is needed."),
    "not_an_object": _l("Each line must be one JSON object."),
    "not_editable_now": _l("The listing is “%(state)s” at present and takes no changes."),
    "not_json": _l("This line is not JSON."),
    "not_text": _l("Text was expected here."),
    "one_of_required": _l("Fill in at least one of: %(columns)s."),
    "out_of_range": _l("This must lie between %(low)s and %(high)s."),
    "range_reversed": _l("The first value must not be above the second."),
    "required": _l("This must be filled in."),
    "too_long": _l("%(length)s characters, where %(limit)s are the most."),
    "too_many_cells": _l("There is text beyond the last named column."),
    "too_many_values": _l("%(count)s values, where %(limit)s are the most."),
    "too_precise": _l("At most %(digits)s digits after the point."),
    "unknown_code": _l("This is not in the list of terms, or names several of them."),
    "unknown_reference": _l("%(kind)s: this number is not known under this source."),
}
MESSAGES: Mapping[str, LazyString] = {**_FILE, **_ROW}


def error_words(error: Mapping[str, Any], kind: str, language: str) -> str:
    """Return what is wrong, as a sentence.

    Args:
        error: code and facts, as a job's report keeps them.
        kind: what the file holds, which gives columns their names.
        language: ``zh`` or ``en``: of the columns' names.
    """
    facts = dict(error.get("facts") or {})
    if "columns" in facts:
        facts["columns"] = ", ".join(
            column_words(str(column), kind, language) for column in facts["columns"]
        )
    if "kind" in facts:
        facts["kind"] = KINDS.get(str(facts["kind"]), facts["kind"])
    if "state" in facts:
        facts["state"] = labels.label("state", str(facts["state"]))
    if error["code"] == "range_reversed":
        facts = {}
    message = MESSAGES.get(str(error["code"]))
    return str(error["code"]) if message is None else str(message) % facts


def column_words(column: str | None, kind: str, language: str) -> str:
    """Return a column's name as the template in ``language`` writes it; empty for no column."""
    if column is None:
        return ""
    known: Kind = kind  # type: ignore[assignment]  # one of FORMATS, or nothing is found
    names = {each.name: each.zh for each in FORMATS.get(known, ())}
    return names.get(column, column) if language == "zh" else column

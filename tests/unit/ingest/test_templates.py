"""Templates are files that the library itself reads."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from ingest.format import FORMATS, match_header
from ingest.records import KINDS, Kind
from ingest.rows import EXAMPLE_ID, RowParser
from ingest.tables import Row, open_table
from ingest.templates import Form, Language, example, header, template
from ingest.vocabulary import CodeShapes
from tests.unit.ingest.files import parsed, written

LANGUAGES: tuple[Language, ...] = ("zh", "en")
FORMS: tuple[Form, ...] = ("csv", "xlsx")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_template_left_as_it_is_imports_nothing(
    tmp_path: Path, kind: Kind, form: Form, language: Language
) -> None:
    path = written(tmp_path / "t", template(kind, form, language))
    assert open_table(path).form == form
    assert parsed(path) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_template_has_every_column_and_a_valid_example(kind: Kind, language: Language) -> None:
    columns = FORMATS[kind]
    names = header(columns, language)
    assert list(match_header(kind, names).columns.values()) == [c.name for c in columns]
    cells = dict(zip(names, example(columns, language), strict=True))
    record = RowParser(kind, "s", CodeShapes(), names).parse(Row(2, cells))
    assert getattr(record, "external_id", record) == EXAMPLE_ID


def test_csv_template_opens_in_excel_as_chinese() -> None:
    assert template("needs", "csv", "zh").startswith(b"\xef\xbb\xbf" + "编号*,语言*".encode())


def test_workbook_template_explains_every_column_and_offers_choices() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template("achievements", "xlsx", "zh")))
    data, guide = book.worksheets
    assert guide.max_row == len(FORMATS["achievements"]) + 1
    choices = {str(rule.sqref): rule.formula1 for rule in data.data_validations.dataValidation}
    assert choices["B2:B10000"] == '"中文,英文"'


def test_filled_template_is_read(tmp_path: Path) -> None:
    text = template("organisations", "csv", "zh").decode("utf-8-sig") + "O1,企业,甲公司\r\n"
    (record,) = parsed(written(tmp_path / "t.csv", text, "gb18030"))
    assert (record.external_id, record.name_zh) == ("O1", "甲公司")  # type: ignore[union-attr]  # an OrganisationRecord

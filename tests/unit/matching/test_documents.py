"""Documents, facets and filters as values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.columns import ColumnsBuilder, load_columns
from matching.documents import Document, Facets, Where
from tests.unit.matching.strategies import documents, filters


@given(documents)
def test_document_survives_its_record(document: Document) -> None:
    record = json.loads(json.dumps(document.to_record()))

    assert Document.from_record(record) == document


def test_document_refuses_an_unknown_side() -> None:
    with pytest.raises(ValueError, match="unknown side 'offer'"):
        Document(1, "offer", "zh", "标题", "正文")  # type: ignore[arg-type]  # the error is meant


def test_document_refuses_an_unknown_language() -> None:
    with pytest.raises(ValueError, match="unknown language 'fr'"):
        Document(1, "need", "fr", "titre", "texte")  # type: ignore[arg-type]  # meant as well


def test_filter_never_admits_the_excluded_organisation() -> None:
    own = Document(1, "achievement", "zh", "标题", "正文", Facets(organisation=7))

    assert not Where(organisation_not=(7,)).admits(own)
    assert Where(organisation_not=(8,)).admits(own)


def test_filter_with_no_keys_finds_nothing() -> None:
    document = Document(1, "need", "zh", "标题", "正文")

    assert not Where(keys=frozenset()).admits(document)


@given(st.lists(documents, max_size=12), filters)
def test_columns_admit_exactly_what_the_filter_does(rows: list[Document], where: Where) -> None:
    builder = ColumnsBuilder()
    for serial, document in enumerate(rows):
        builder.append(document, serial=serial, offset=0, length=0)

    assert builder.view().mask(where).tolist() == [where.admits(d) for d in rows]


@given(st.lists(documents, max_size=6), filters)
def test_columns_admit_the_same_from_files(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Document], where: Where
) -> None:
    folder = tmp_path_factory.mktemp("columns")
    builder = ColumnsBuilder()
    for serial, document in enumerate(rows):
        builder.append(document, serial=serial, offset=0, length=0)
    builder.save(folder)

    assert load_columns(folder).mask(where).tolist() == [where.admits(d) for d in rows]

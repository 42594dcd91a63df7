"""Term sheets and contract drafts: what stands in them, who may print them, what is remembered."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from docx import Document
from flask import Flask
from pypdf import PdfReader
from sqlalchemy.orm import Session

from tenon.deals import forms, papers, terms
from tenon.deals.forms.schema import Words
from tenon.deals.models import Deal, TermVersion
from tenon.deals.papers.printing import PrintedPaper
from tenon.deals.queries import accepted_terms
from tenon.deals.services import signing
from tenon.errors import Forbidden, NotFound
from tenon.history import HistoryEntry
from tests.deals.browsing import browser, words
from tests.deals.cast import Cast
from tests.factories.accounts import (
    actor_for,
    make_membership,
    make_organisation,
    make_user,
    post,
)
from tests.factories.deals import make_terms

ROYALTIES: dict[str, Any] = {
    "payment_mode": "entry_and_running",
    "up_front": {"minor": 50_000_000, "currency": "CNY"},
    "royalty_base": "net_sales",
    "royalty_scheme": "flat",
    "royalty_rate": "5",
    "vat_mode": "added",
    "vat_rate": "6",
    "duration": "fixed",
    "term_months": 60,
    "sublicensing": "none",
    "diligence": "第一年内完成中试",
}


def whole_terms(**changes: Any) -> dict[str, Any]:
    """The terms of an exclusive licence, complete."""
    form = forms.get("licence_exclusive")
    return terms.parse(form, terms.defaults(form, {**ROYALTIES, **changes}))


def agreed_deal(cast: Cast, session: Session) -> tuple[Deal, TermVersion]:
    """A licence whose terms both sides have accepted."""
    deal = cast.deal(session, state="signing", title="高温热泵许可", terms=whole_terms())
    found = accepted_terms(session, deal)
    assert found is not None
    return deal, found


def printed(
    cast: Cast,
    session: Session,
    deal: Deal,
    version: TermVersion,
    *,
    role: str = "seller_editor",
    **which: Any,
) -> PrintedPaper:
    """A paper printed by a role; the Chinese contract as Word unless told."""
    wanted = {"paper": "contract", "language": "zh", "kind": "docx"} | which
    return papers.print_paper(session, deal, version, by=cast.actor(role), **wanted)


def word_text(content: bytes) -> str:
    """All text of a Word file: paragraphs, tables, the footer."""
    document = Document(io.BytesIO(content))
    lines = [each.text for each in document.paragraphs]
    lines += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    lines += [each.text for each in document.sections[0].footer.paragraphs]
    return "\n".join(lines)


def pdf_text(content: bytes) -> str:
    """All text of a PDF, without spaces and line breaks."""
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def test_the_chinese_contract_says_what_was_agreed(cast: Cast, session: Session) -> None:
    deal, version = agreed_deal(cast, session)
    text = word_text(printed(cast, session, deal, version).content)
    for wanted in (
        "独占许可合同",
        "高温热泵许可",
        "示例理工大学",
        "云杉换热设备有限公司",
        cast.result.text("zh").title,
        "许可方自己也不实施",
        "技术合同司法解释第25条",
        "人民币 500,000.00 元（大写：伍拾万元整）",
        "比例为 5%",
        "每季度提交使用报告",
        "第一年内完成中试",
        "自生效日起 60 个月",
        "签字（盖章）",
        f"条款第 {version.number} 版",
        version.sha256,
    ):
        assert wanted in text, wanted


def test_the_english_contract_says_the_same_in_english(cast: Cast, session: Session) -> None:
    deal, version = agreed_deal(cast, session)
    text = word_text(printed(cast, session, deal, version, language="en").content)
    for wanted in (
        "Exclusive licence: contract",
        "Example Polytechnic",
        "not even the licensor",
        "Interpretation on technology contracts, art. 25",
        "CNY 500,000.00",
        "Royalties are 5% of this base: net sales",
        "runs for 60 months",
        "Name and office:",
        version.sha256,
    ):
        assert wanted in text, wanted


def test_clauses_that_do_not_apply_are_left_out(cast: Cast, session: Session) -> None:
    deal, version = agreed_deal(cast, session)
    running = word_text(printed(cast, session, deal, version).content)
    once = {"payment_mode": "single", "vat_mode": "exempt", "sublicensing": "allowed"}
    sold = cast.deal(session, state="signing", terms=whole_terms(**once, sublicence_share="30"))
    other = accepted_terms(session, sold)
    assert other is not None
    text = word_text(printed(cast, session, sold, other).content)
    for part in ("写明数量、销售额", "净销售额", "不得分许可", "增值税，由付款一方"):
        assert part in running, part
        assert part not in text, part
    assert "免征增值税" in text
    assert "可以分许可" in text
    assert "报告从分许可取得的收入" in text  # the share is owed on it, whatever the price
    assert "保密协议" not in text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("paper", ["contract", "term_sheet"])
def test_a_pdf_holds_the_same_words_as_the_word_file(
    cast: Cast, session: Session, paper: str, language: str
) -> None:
    deal, version = agreed_deal(cast, session)
    which = {"paper": paper, "language": language}
    content = printed(cast, session, deal, version, kind="pdf", **which).content
    text = pdf_text(content)
    assert version.sha256 in text
    word = Document(io.BytesIO(printed(cast, session, deal, version, **which).content))
    for paragraph in word.paragraphs:
        told = "".join(paragraph.text.split())
        assert told[:24] in text, paragraph.text  # a page may end within a paragraph
        assert told[-12:] in text, paragraph.text


def test_the_term_sheet_lists_every_term_with_what_the_law_requires(
    cast: Cast, session: Session
) -> None:
    deal, version = agreed_deal(cast, session)
    text = word_text(printed(cast, session, deal, version, paper="term_sheet").content)
    form = forms.get(deal.form)
    for term in form.terms:
        assert (term.names.zh in text) == (version.values.get(term.code) is not None), term.code
    assert "《民法典》第846条" in text
    assert "签字（盖章）" not in text


def test_a_version_that_is_not_accepted_says_so(cast: Cast, session: Session) -> None:
    deal = cast.deal(session, state="terms")
    version = make_terms(
        session, deal, values={"payment_mode": "running"}, state="proposed", side="buyer"
    )
    text = word_text(printed(cast, session, deal, version).content)
    assert "草案：本版本尚未被对方接受" in text
    assert "由被许可方提出" in text
    sheet = word_text(printed(cast, session, deal, version, paper="term_sheet").content)
    assert "尚未约定" in sheet
    assert "提成基数" in sheet
    version.state = "declined"
    assert "本版本未被接受" in word_text(printed(cast, session, deal, version).content)


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_the_same_version_gives_the_same_bytes(cast: Cast, session: Session, kind: str) -> None:
    deal, version = agreed_deal(cast, session)
    first, again = (printed(cast, session, deal, version, kind=kind) for _ in range(2))
    assert first.content == again.content
    assert first.sha256 == again.sha256
    other = printed(cast, session, deal, version, kind=kind, language="en")
    assert other.sha256 != first.sha256


def test_a_word_file_names_no_author_and_no_program_and_no_time_of_printing(
    cast: Cast, session: Session
) -> None:
    deal, version = agreed_deal(cast, session)
    content = printed(cast, session, deal, version).content
    about = Document(io.BytesIO(content)).core_properties
    assert (about.author, about.last_modified_by, about.comments) == ("", "", "")
    assert about.created is not None
    assert about.created.date() == version.proposed_at.date()
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert [each for each in names if each.startswith("docProps/")] == ["docProps/core.xml"]
    assert {each.date_time for each in zipfile.ZipFile(io.BytesIO(content)).infolist()} == {
        (1980, 1, 1, 0, 0, 0)
    }


@pytest.mark.parametrize(
    ("role", "error"),
    [
        ("visitor", NotFound),
        ("stranger", NotFound),
        ("seller_member", NotFound),
        ("other_broker", NotFound),
        ("operator", Forbidden),
    ],
)
def test_only_those_who_read_the_terms_may_print(
    cast: Cast, session: Session, role: str, error: type[Exception]
) -> None:
    deal, version = agreed_deal(cast, session)
    with pytest.raises(error):
        printed(cast, session, deal, version, role=role)
    for reader in ("seller_editor", "buyer_in_charge", "broker"):
        assert printed(cast, session, deal, version, role=reader).content


def test_a_co_owner_who_must_sign_prints_what_was_accepted_and_stands_in_it(
    cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = make_organisation(session, name_zh="示例材料研究院", name_en="Example Institute")
    person = make_user(session, name="Owner")
    make_membership(session, person, owner, "administrator")
    why = Words("共有人", "Co-owner")
    signer = signing.Signer(f"organisation:{owner.id}", owner.id, None, why)
    monkeypatch.setitem(signing._further, "test", lambda _session, _deal: [signer])
    deal, version = agreed_deal(cast, session)
    by = actor_for(person)
    which = {"paper": "contract", "language": "zh", "kind": "docx"}
    text = word_text(papers.print_paper(session, deal, version, by=by, **which).content)
    assert "示例材料研究院  共有人" in text
    proposed = make_terms(session, deal, values=whole_terms(), state="proposed", number=2)
    with pytest.raises(NotFound):
        papers.print_paper(session, deal, proposed, by=by, **which)


def test_a_version_of_another_deal_is_not_printed(cast: Cast, session: Session) -> None:
    deal, _version = agreed_deal(cast, session)
    _other, foreign = agreed_deal(cast, session)
    with pytest.raises(NotFound):
        printed(cast, session, deal, foreign)


def _entries(session: Session, deal: Deal) -> list[HistoryEntry]:
    found = session.query(HistoryEntry).filter_by(chain_id=deal.public_id, kind=papers.PRINTED)
    return found.order_by(HistoryEntry.sequence).all()


def test_a_printed_papers_hash_enters_the_history_once(
    app: Flask, settled: Cast, committed: Session
) -> None:
    deal, version = agreed_deal(settled, committed)
    committed.commit()
    place = f"/deals/{deal.public_id}/papers"
    reader = browser(app, settled, "buyer_editor")
    asked = {"number": version.number, "paper": "contract", "language": "zh", "format": "docx"}
    first = post(reader, place, **asked)
    again = post(reader, place, **asked)
    sheet = post(reader, place, **{**asked, "paper": "term_sheet"})
    assert (first.status_code, again.status_code, sheet.status_code) == (200, 200, 200)
    assert first.data == again.data
    assert first.headers["Content-Disposition"] == 'attachment; filename="contract-v1-zh.docx"'
    committed.rollback()
    facts = [each.facts for each in _entries(committed, deal)]
    assert [each["paper"] for each in facts] == ["contract", "term_sheet"]
    assert facts[0]["terms"] == version.sha256
    page = words(reader.get(place))
    assert facts[0]["sha256"] in page
    assert "Term sheet" in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_offers_the_papers_of_the_accepted_version(
    app: Flask, settled: Cast, committed: Session, language: str
) -> None:
    deal, _version = agreed_deal(settled, committed)
    committed.commit()
    told = words(browser(app, settled, "broker", language).get(f"/deals/{deal.public_id}/papers"))
    assert {"zh": "合同草案", "en": "Contract draft"}[language] in told
    assert told.count('name="format" value="pdf"') == 4


@pytest.mark.parametrize(
    ("role", "status"), [("stranger", 404), ("seller_member", 404), ("operator", 403)]
)
def test_the_wrong_person_gets_no_paper(
    app: Flask, settled: Cast, committed: Session, role: str, status: int
) -> None:
    deal, version = agreed_deal(settled, committed)
    committed.commit()
    client = browser(app, settled, role)
    place = f"/deals/{deal.public_id}/papers"
    asked = {"number": version.number, "paper": "contract", "language": "zh", "format": "docx"}
    assert client.get(place).status_code == status
    assert post(client, place, **asked).status_code == status
    committed.rollback()
    assert _entries(committed, deal) == []


@pytest.mark.parametrize(
    "wrong",
    [{"paper": "letter"}, {"language": "fr"}, {"format": "exe"}, {"number": 9}, {"number": ""}],
)
def test_a_paper_that_there_is_not_is_not_found(
    app: Flask, settled: Cast, committed: Session, wrong: dict[str, Any]
) -> None:
    deal, version = agreed_deal(settled, committed)
    committed.commit()
    asked = {"number": version.number, "paper": "contract", "language": "zh", "format": "docx"}
    place = f"/deals/{deal.public_id}/papers"
    answer = post(browser(app, settled, "seller_editor"), place, **{**asked, **wrong})
    assert answer.status_code == 404
